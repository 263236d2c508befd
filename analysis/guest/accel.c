// SPDX-License-Identifier: GPL-2.0-only
#include "accel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/text.h"

const char *accel_name(enum accel accel)
{
	return accel == ACCEL_KVM ? "kvm" : "tcg";
}

static bool exists(const char *root, const char *path, int mode, int *error)
{
	char full[4096];

	text_set(full, sizeof(full), "%s%s", root, path);
	if (!access(full, mode))
		return true;
	*error = errno;
	return false;
}

/* Whether KVM with hardware behind it may be used, and why (not). */
static bool kvm_usable(const char *root, char *reason, size_t bytes)
{
	static const char *const module[] = { "kvm_intel", "kvm_amd" };
	int error = 0;

	for (size_t i = 0; i < sizeof(module) / sizeof(module[0]); i++) {
		char path[64];

		text_set(path, sizeof(path), "/sys/module/%s", module[i]);
		if (!exists(root, path, F_OK, &error))
			continue;
		if (exists(root, "/dev/kvm", R_OK | W_OK, &error)) {
			text_set(reason, bytes,
				 "%s is loaded and /dev/kvm is accessible",
				 module[i]);
			return true;
		}
		text_set(reason, bytes, "%s is loaded, but /dev/kvm: %s",
			 module[i], strerror(error));
		return false;
	}
	text_set(reason, bytes, "neither kvm_intel nor kvm_amd is loaded%s",
		 exists(root, "/dev/kvm", F_OK, &error)
			 ? " (this /dev/kvm is a KVM in software)"
			 : "");
	return false;
}

struct accel_choice accel_choose(enum accel wish, bool icount,
				 const char *root)
{
	struct accel_choice choice = { .accel = ACCEL_TCG };

	if (icount) {
		choice.refused = wish == ACCEL_KVM;
		text_set(choice.reason, sizeof(choice.reason),
			 "instruction counting needs it");
		return choice;
	}
	if (wish == ACCEL_TCG) {
		text_set(choice.reason, sizeof(choice.reason), "asked for");
		return choice;
	}
	if (kvm_usable(root, choice.reason, sizeof(choice.reason)))
		choice.accel = ACCEL_KVM;
	else
		choice.refused = wish == ACCEL_KVM;
	return choice;
}
