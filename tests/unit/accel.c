// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which accelerator is chosen on machines that a test makes up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/accel.h"
#include "lib/text.h"

#define NOBODY	65534

struct machine {
	const char *module;	/* loaded, or NULL */
	int kvm_mode;		/* of /dev/kvm, -1: there is none */
};

static char root[64];

static void path_of(char *path, size_t bytes, const char *name)
{
	text_set(path, bytes, "%s%s", root, name);
}

static void make_dir(const char *name)
{
	char path[128];

	path_of(path, sizeof(path), name);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void make_machine(struct machine machine)
{
	char path[128];
	int fd;

	text_set(root, sizeof(root), "/tmp/vmiprof-accel-XXXXXX");
	assert_non_null(mkdtemp(root));
	assert_int_equal(chmod(root, 0755), 0);
	make_dir("/sys");
	make_dir("/sys/module");
	make_dir("/dev");
	if (machine.module) {
		text_set(path, sizeof(path), "/sys/module/%s", machine.module);
		make_dir(path);
	}
	if (machine.kvm_mode >= 0) {
		path_of(path, sizeof(path), "/dev/kvm");
		fd = open(path, O_CREAT | O_WRONLY, 0600);
		assert_true(fd >= 0);
		close(fd);
		assert_int_equal(chmod(path, (mode_t)machine.kvm_mode), 0);
	}
}

static int remove_one(const char *path, const struct stat *status, int type,
		      struct FTW *ftw)
{
	(void)status;
	(void)type;
	(void)ftw;
	return remove(path);
}

static struct accel_choice choose(struct machine machine, enum accel wish,
				  bool icount)
{
	struct accel_choice choice;

	make_machine(machine);
	choice = accel_choose(wish, icount, root);
	assert_int_equal(nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	return choice;
}

static void expect(struct accel_choice choice, enum accel accel, bool refused,
		   const char *reason)
{
	assert_int_equal(choice.accel, accel);
	assert_int_equal(choice.refused, refused);
	if (!strstr(choice.reason, reason))
		fail_msg("reason '%s', expected '%s'", choice.reason, reason);
}

static void test_auto(void **state)
{
	(void)state;
	expect(choose((struct machine){ "kvm_intel", 0600 }, ACCEL_AUTO, false),
	       ACCEL_KVM, false, "kvm_intel is loaded");
	expect(choose((struct machine){ "kvm_amd", 0600 }, ACCEL_AUTO, false),
	       ACCEL_KVM, false, "kvm_amd is loaded");
	expect(choose((struct machine){ "kvm_amd", -1 }, ACCEL_AUTO, false),
	       ACCEL_TCG, false, "/dev/kvm: No such file");
	expect(choose((struct machine){ NULL, -1 }, ACCEL_AUTO, false),
	       ACCEL_TCG, false, "neither kvm_intel nor kvm_amd is loaded");
}

/* A KVM without VMX or SVM behind it has a /dev/kvm as well. */
static void test_software_kvm(void **state)
{
	(void)state;
	expect(choose((struct machine){ "kvm_pvm", 0666 }, ACCEL_AUTO, false),
	       ACCEL_TCG, false, "KVM in software");
	expect(choose((struct machine){ "kvm_pvm", 0666 }, ACCEL_KVM, false),
	       ACCEL_TCG, true, "KVM in software");
}

static void test_asked_for(void **state)
{
	(void)state;
	expect(choose((struct machine){ "kvm_intel", 0600 }, ACCEL_TCG, false),
	       ACCEL_TCG, false, "asked for");
	expect(choose((struct machine){ "kvm_intel", 0600 }, ACCEL_KVM, false),
	       ACCEL_KVM, false, "kvm_intel is loaded");
	expect(choose((struct machine){ NULL, -1 }, ACCEL_KVM, false),
	       ACCEL_TCG, true, "neither");
}

static void test_icount(void **state)
{
	(void)state;
	expect(choose((struct machine){ "kvm_intel", 0600 }, ACCEL_AUTO, true),
	       ACCEL_TCG, false, "instruction counting");
	expect(choose((struct machine){ "kvm_intel", 0600 }, ACCEL_KVM, true),
	       ACCEL_TCG, true, "instruction counting");
}

/* access() asks for the real user: be nobody where that is root. */
static void test_no_permission(void **state)
{
	uid_t uid = getuid();
	struct accel_choice choice;

	(void)state;
	if (!uid)
		assert_int_equal(setreuid(NOBODY, (uid_t)-1), 0);
	choice = choose((struct machine){ "kvm_intel", 0 }, ACCEL_AUTO, false);
	if (!uid)
		assert_int_equal(setreuid(uid, (uid_t)-1), 0);
	expect(choice, ACCEL_TCG, false, "/dev/kvm: Permission denied");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_auto),
		cmocka_unit_test(test_software_kvm),
		cmocka_unit_test(test_asked_for),
		cmocka_unit_test(test_icount),
		cmocka_unit_test(test_no_permission),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
