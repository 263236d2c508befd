/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * profile.h - a workload that makes a profile
 *
 * The parts of a small kernel, each used by phases that differ in what they call
 * most.  As in a real kernel the four interrupt calls come first by far, since
 * every lock makes three of them.
 */
#ifndef GUEST_PROFILE_H
#define GUEST_PROFILE_H

#include <stdint.h>

/*
 * Runs each phase that many times, and prints what was done and how long it took
 * in ticks and cycles of the guest: two exact runs print the same.
 */
void profile_run(uint32_t rounds);

/* What was done so far. */
struct profile_counts {
	uint32_t system_calls;
	uint32_t switches;
	uint32_t page_faults;
	uint32_t port_reads;
};

extern struct profile_counts profile_counts;

/* The phases, one file for each kind. */
void phase_system_calls(void);	/* system_calls.c */
void phase_pipes(void);
void phase_switches(void);	/* switches.c */
void phase_page_faults(void);	/* memory.c */
void phase_forks(void);
void phase_devices(void);	/* devices.c */
void phase_housekeeping(void);

/* Services of ring 3: system_calls.c. */
enum profile_service {
	SERVICE_GETPID = 1,
	SERVICE_ALLOCATE,
	SERVICE_WRITE,
	SERVICE_READ,
	SERVICE_CLOCK,
	SERVICE_YIELD,
};

uint32_t profile_service(uint32_t number, uint32_t argument);

/* Runs a program of ring 3 that makes one system call over and over. */
void profile_user_loop(void (*program)(void), enum profile_service service,
		       uint32_t argument, uint32_t times);

#endif /* GUEST_PROFILE_H */
