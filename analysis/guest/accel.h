/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * accel.h - TCG or KVM, and why
 */
#ifndef ACCEL_H
#define ACCEL_H

#include <stdbool.h>

enum accel {
	ACCEL_AUTO,
	ACCEL_TCG,
	ACCEL_KVM,
};

struct accel_choice {
	enum accel accel;	/* ACCEL_TCG or ACCEL_KVM */
	bool refused;		/* what was wished for cannot be had */
	char reason[160];
};

/*
 * Choose.  KVM is taken only where VMX or SVM stands behind it (kvm_intel or
 * kvm_amd is loaded) and /dev/kvm may be opened: a KVM in software gives figures
 * of no hardware.  Instruction counting needs TCG.  root is put in front of the
 * paths looked at: "" but for tests.
 */
struct accel_choice accel_choose(enum accel wish, bool icount,
				 const char *root);

/* "tcg" or "kvm", as QEMU, the metadata and run.json say it. */
const char *accel_name(enum accel accel);

#endif /* ACCEL_H */
