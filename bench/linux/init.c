/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * init.c - first and only program of the Linux guest
 *
 * Mounts what a system needs, does what the kernel command line says, and
 * reboots, which ends QEMU under -no-reboot.  The words:
 *
 *   workload=LIST  "all" (the default), names of the table in workload.c with
 *                  commas between, or "none"
 *   rounds=N       of each workload or sample, instead of the usual number
 *   exact=LIST     instead: measure operations, see exact.c
 *   macro=LIST     instead: measure operations with the kernel's call sites in
 *                  each of forms=LIST, samples=N of each, see macro.c
 *   storm=N        instead: switch the call sites N times under load, see
 *                  storm.c
 *   run=PROGRAM    instead: a program of the initramfs, run as it is
 *
 * Started by hand, as on the host, it takes the words as arguments and neither
 * mounts nor reboots.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "workload.h"

#define COMMAND_LINE_BYTES 4096
#define INIT_PROGRAM	   "/init"

static void mount_all(void)
{
	static const struct {
		const char *type, *where;
	} mounts[] = {
		{"proc", "/proc"},
		{"sysfs", "/sys"},
		{"devtmpfs", "/dev"},
		{"tmpfs", "/tmp"},
		{"debugfs", "/sys/kernel/debug"},
	};

	for (size_t i = 0; i < sizeof(mounts) / sizeof(*mounts); i++) {
		if (mount(mounts[i].type, mounts[i].where, mounts[i].type, 0,
			  NULL) &&
		    errno != EBUSY)
			printf("init: %s is not mounted: %s\n", mounts[i].where,
			       strerror(errno));
	}
}

/* Values of the words of the command line; NULL where there is none. */
enum word {
	WORKLOAD,
	ROUNDS,
	EXACT,
	MACRO,
	FORMS,
	SAMPLES,
	STORM,
	RUN,
	NR_WORDS
};

struct words {
	const char *value[NR_WORDS];
};

static const char *const prefixes[NR_WORDS] = {
	[WORKLOAD] = "workload=", [ROUNDS] = "rounds=", [EXACT] = "exact=",
	[MACRO] = "macro=",	  [FORMS] = "forms=",	[SAMPLES] = "samples=",
	[STORM] = "storm=",	  [RUN] = "run=",
};

/* False when it is none of ours. */
static bool take_word(struct words *words, const char *word)
{
	for (int i = 0; i < NR_WORDS; i++) {
		size_t length = strlen(prefixes[i]);

		if (!strncmp(word, prefixes[i], length)) {
			words->value[i] = word + length;
			return true;
		}
	}
	return false;
}

static void take_command_line(struct words *words)
{
	static char line[COMMAND_LINE_BYTES];
	int fd = open("/proc/cmdline", O_RDONLY);
	char *rest = NULL;
	ssize_t length;

	if (fd < 0)
		return;
	length = read(fd, line, sizeof(line) - 1);
	close(fd);
	line[length > 0 ? length : 0] = '\0';
	for (char *word = strtok_r(line, " \n", &rest); word;
	     word = strtok_r(NULL, " \n", &rest))
		(void)take_word(words, word);
}

static bool take_arguments(struct words *words, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!take_word(words, argv[i])) {
			printf("init: '%s' is not known, expected one of:",
			       argv[i]);
			for (int known = 0; known < NR_WORDS; known++)
				printf(" %s", prefixes[known]);
			printf("\n");
			return false;
		}
	}
	return true;
}

static bool run_program(char *const argv[], char *const environment[])
{
	pid_t child = fork();

	if (!child) {
		execve(argv[0], argv, environment);
		printf("init: %s: %s\n", argv[0], strerror(errno));
		(void)fflush(stdout);
		_exit(127);
	}
	return child > 0 && child_succeeded(child);
}

/*
 * Measures in a program of its own, whose stack holds the same in every kernel:
 * a word that the kernel does not know lands in the environment of init.
 */
static bool exec_words(const struct words *words)
{
	char program[] = INIT_PROGRAM;
	char *argv[1 + NR_WORDS + 1] = {program};
	char *const environment[] = {NULL};
	int nr = 1;

	for (int i = 0; i < NR_WORDS; i++) {
		if (words->value[i] &&
		    asprintf(&argv[nr++], "%s%s", prefixes[i],
			     words->value[i]) < 0)
			return false;
	}
	return run_program(argv, environment);
}

/* The number behind a word, 0 without it; false when it is none. */
static bool number(const struct words *words, enum word word,
		   unsigned int *value)
{
	const char *text = words->value[word];
	unsigned long found;
	char *end;

	*value = 0;
	if (!text)
		return true;
	found = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || found > INT_MAX) {
		printf("init: %s%s, expected a number\n", prefixes[word], text);
		return false;
	}
	*value = (unsigned int)found;
	return true;
}

static bool run_words(const struct words *words, bool is_init)
{
	const char *const *value = words->value;
	unsigned int rounds, samples, switches;

	if (!number(words, ROUNDS, &rounds) ||
	    !number(words, SAMPLES, &samples) ||
	    !number(words, STORM, &switches))
		return false;
	if (value[RUN]) {
		char program[256];
		char *const argv[] = {program, NULL};

		(void)snprintf(program, sizeof(program), "%s", value[RUN]);
		return run_program(argv, environ);
	}
	if (is_init && (value[EXACT] || value[MACRO] || value[STORM]))
		return exec_words(words);
	if (value[EXACT])
		return run_exact(value[EXACT], rounds);
	if (value[MACRO])
		return run_macro(value[MACRO], value[FORMS], samples, rounds);
	if (value[STORM])
		return run_storm(switches);
	if (value[WORKLOAD] && !strcmp(value[WORKLOAD], "none"))
		return true;
	return run_workloads(value[WORKLOAD] ? value[WORKLOAD] : "all", rounds,
			     is_init);
}

int main(int argc, char **argv)
{
	const bool is_init = getpid() == 1;
	struct words words = {0};
	bool good;

	if (is_init) {
		setenv("PATH", "/bin", 1);
		mount_all();
		take_command_line(&words);
	} else if (!take_arguments(&words, argc, argv)) {
		return 1;
	}
	good = run_words(&words, is_init);
	if (is_init)
		printf("workload: %s\n", good ? "done" : "FAILED");
	(void)fflush(stdout);
	if (is_init) {
		reboot(RB_AUTOBOOT);
		printf("init: reboot: %s\n", strerror(errno));
	}
	return !good;
}
