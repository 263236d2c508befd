/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * init.c - first and only program of the Linux guest
 *
 * Mounts what a system needs, does what the kernel command line says, and
 * reboots, which ends QEMU under -no-reboot.  The words:
 *
 *   workload=LIST  "all" (the default), names of the table in workload.c with
 *                  commas between, or "none"
 *   rounds=N       of each workload, instead of the table's number
 *   exact=LIST     instead: measure operations, see exact.c
 *   run=PROGRAM    instead: a program of the initramfs, run as it is
 *
 * Started by hand, as on the host, it takes the words as arguments and neither
 * mounts nor reboots.
 */
#include <errno.h>
#include <fcntl.h>
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

struct words {
	char *workload, *rounds, *exact, *run;
};

/* False when it is none of ours. */
static bool take_word(struct words *words, char *word)
{
	const struct {
		const char *prefix;
		char **value;
	} known[] = {
		{"workload=", &words->workload},
		{"rounds=", &words->rounds},
		{"exact=", &words->exact},
		{"run=", &words->run},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		size_t length = strlen(known[i].prefix);

		if (!strncmp(word, known[i].prefix, length)) {
			*known[i].value = word + length;
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
			printf("init: '%s' is not known, expected workload=, "
			       "rounds=, exact= or run=\n",
			       argv[i]);
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
static bool exec_exact(const char *list, const char *rounds)
{
	char program[] = INIT_PROGRAM;
	char exact_word[256], rounds_word[32];
	char *const argv[] = {program, exact_word, rounds_word, NULL};
	char *const environment[] = {NULL};

	(void)snprintf(exact_word, sizeof(exact_word), "exact=%s", list);
	(void)snprintf(rounds_word, sizeof(rounds_word), "rounds=%s",
		       rounds ? rounds : "0");
	return run_program(argv, environment);
}

static bool run_words(const struct words *words, bool is_init)
{
	unsigned int rounds = 0;
	char *end;

	if (words->rounds) {
		rounds = strtoul(words->rounds, &end, 10);
		if (end == words->rounds || *end) {
			printf("init: rounds=%s, expected a number\n",
			       words->rounds);
			return false;
		}
	}
	if (words->run) {
		char *const argv[] = {words->run, NULL};

		return run_program(argv, environ);
	}
	if (words->exact)
		return is_init ? exec_exact(words->exact, words->rounds)
			       : run_exact(words->exact, rounds);
	if (words->workload && !strcmp(words->workload, "none"))
		return true;
	return run_workloads(words->workload ? words->workload : "all", rounds,
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
