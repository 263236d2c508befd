/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * selftest.h - the table of cases, and what a case reports with
 *
 * A case is a row: the call, what it shows, and a function.  One line comes out
 * for each, "ok" or "not ok", with the reasons in front of it as comments.
 */
#ifndef GUEST_SELFTEST_H
#define GUEST_SELFTEST_H

#include <stdbool.h>
#include <stdint.h>

#include "vmi/calls.h"

struct test_case {
	uint8_t call;
	const char *shows;
	void (*run)(uint32_t call);
};

struct test_group {
	const struct test_case *cases;
	uint32_t nr_cases;
};

#define TEST_GROUP(name, rows) \
	const struct test_group name = { rows, sizeof(rows) / sizeof(rows[0]) }

extern const struct test_group clobber_cases, register_cases, table_cases,
	fault_cases, interrupt_cases, user_cases, page_cases, long_cases, port_cases,
	time_cases, rom_cases;

/* By slot number; NULL where there is none. */
extern const char *const call_names[VMI_NR_CALLS];

/*
 * Runs all cases, and all again with the ROM at another linear address.  True
 * if none failed.
 */
bool selftest_run(void);

/* Say so and call Reboot, Shutdown; to return is a failure. */
void selftest_reboot(void);
void selftest_shutdown(void);

/* For cases.  The worst status of a case wins. */
void expect(bool condition, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void expect_equal(const char *what, uint32_t found, uint32_t expected);
void expect_equal64(const char *what, uint64_t found, uint64_t expected);
void skip(const char *why);
bool has_failed(void);

#endif /* GUEST_SELFTEST_H */
