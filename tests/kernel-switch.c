/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel-switch.c - runs in the Linux guest of tests/52-kernel-switch.t
 *
 * Writes modes to the kernel's debugfs file and prints what its sites hold then,
 * gives it words that it must refuse, switches as often as storm=N says while
 * processes fork and write to pipes, and counts the calls of one operation, in
 * the call sites and in a ROM that counts too.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vmi/abi.h>
#include <vmi/descriptor.h>

#define SITES  "/sys/kernel/debug/vmi/sites"
#define MODE   "/sys/kernel/debug/vmi/mode"
#define COUNTS "/sys/kernel/debug/vmi/counts"

#define PAIRS	     3
#define COUNT_ROUNDS 200
#define COUNT_TIMES  20

/* 0, or what the kernel says to the words. */
static int write_mode(const char *words)
{
	size_t length = strlen(words);
	int fd = open(MODE, O_WRONLY), error = 0;

	errno = 0;
	if (fd < 0 || write(fd, words, length) != (ssize_t)length)
		error = errno ? errno : EIO;
	if (fd >= 0)
		(void)close(fd);
	return error;
}

/* The file's lines behind what was written, those of a few calls only. */
static void print_file(const char *path, const char *words, const char *what)
{
	static const char *const calls[] = {
		"EnableInterrupts", "DisableInterrupts", "GetInterruptMask",
		"SetInterruptMask", "SetPxE", "IRET", "RDTSC", "WRMSR",
	};
	FILE *file = fopen(path, "r");
	char line[256];

	if (!file) {
		printf("test: %s: %s\n", path, strerror(errno));
		return;
	}
	while (fgets(line, sizeof(line), file)) {
		for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
			const char *at = strstr(line, calls[i]);

			if (at && at[strlen(calls[i])] == ' ')
				printf("test: %s: %s %s", words, what, at);
		}
	}
	(void)fclose(file);
}

/* How many sites the code has that writes sites, and what it is called from. */
static void print_functions(void)
{
	static const char *const names[] = {
		"vmi_switch_cpu+", "vmi_write_sites+", "vmi_note_modes+",
		"multi_cpu_stop+",
	};
	unsigned int sites[sizeof(names) / sizeof(*names)] = { 0 };
	FILE *file = fopen(SITES, "r");
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			sites[i] += strstr(line, names[i]) != NULL;
	}
	if (file)
		(void)fclose(file);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		printf("test: sites in %s %u\n", names[i], sites[i]);
}

static void switch_and_print(const char *words)
{
	int error = write_mode(words);

	printf("test: %s: %s\n", words, error ? strerror(error) : "written");
	print_file(MODE, words, "mode");
	print_file(SITES, words, "site");
}

static void refuse(const char *words)
{
	printf("test: refuse %s: %s\n", words, strerror(write_mode(words)));
}

/* A fault of an instruction that is in the site itself, or in a slot. */
static void write_bad_msr(const char *words)
{
	unsigned long long value = 1ULL << 32;
	int fd = open("/dev/cpu/0/msr", O_WRONLY);

	errno = 0;
	if (fd < 0 || pwrite(fd, &value, sizeof(value), 0x6e1) < 0)
		printf("test: %s: wrmsr %s\n", words, strerror(errno));
	if (fd >= 0)
		(void)close(fd);
}

static volatile sig_atomic_t stop;

static void end_load(int signal)
{
	(void)signal;
	stop = 1;
}

/* A word through a pipe to a child, and its complement back. */
static unsigned int talk(int to, int from)
{
	unsigned int rounds = 0, answer;

	for (; !stop; rounds++) {
		if (write(to, &rounds, sizeof(rounds)) != sizeof(rounds) ||
		    read(from, &answer, sizeof(answer)) != sizeof(answer))
			break;
		if (answer != ~rounds)
			exit(2);
	}
	return rounds;
}

static void answer_all(int from, int to)
{
	unsigned int word;

	while (read(from, &word, sizeof(word)) == sizeof(word)) {
		word = ~word;
		if (write(to, &word, sizeof(word)) != sizeof(word))
			exit(3);
	}
	exit(0);
}

/* Until SIGTERM; a status of 0 says that all was as it should be. */
static void pipe_load(void)
{
	int there[2], back[2], status;
	pid_t child;

	if (pipe(there) || pipe(back))
		exit(4);
	child = fork();
	if (!child) {
		(void)signal(SIGTERM, SIG_IGN);
		(void)close(there[1]);
		answer_all(there[0], back[1]);
	}
	if (!talk(there[1], back[0]))
		exit(5);
	(void)close(there[1]);
	if (waitpid(child, &status, 0) != child || status)
		exit(6);
	exit(0);
}

/* Children that write to fresh memory and end with a known status. */
static void fork_load(void)
{
	unsigned int rounds;
	int status;

	for (rounds = 0; !stop; rounds++) {
		pid_t child = fork();

		if (!child) {
			volatile char *page = mmap(NULL, 65536,
						   PROT_READ | PROT_WRITE,
						   MAP_PRIVATE | MAP_ANONYMOUS,
						   -1, 0);

			for (size_t i = 0; i < 65536; i += 4096)
				page[i] = (char)i;
			_exit(42);
		}
		if (child < 0)
			exit(7);
		while (waitpid(child, &status, 0) != child)
			if (errno != EINTR)
				exit(8);
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 42)
			exit(9);
	}
	exit(rounds ? 0 : 10);
}

static pid_t start(void (*load)(void))
{
	struct sigaction action = { .sa_handler = end_load };
	pid_t child = fork();

	if (!child) {
		(void)sigaction(SIGTERM, &action, NULL);
		load();
	}
	return child;
}

static void storm(unsigned long times)
{
	static const char *const modes[] = {
		"inline", "native", "stub", "count", "native,cli:count",
		"inline,sti:stub,SetPxE:native", "stub,popf:count,pushf:inline",
	};
	pid_t children[2 * PAIRS];
	unsigned int refused = 0, bad = 0;
	int status;

	(void)fflush(stdout);
	for (int i = 0; i < PAIRS; i++) {
		children[2 * i] = start(pipe_load);
		children[2 * i + 1] = start(fork_load);
	}
	for (unsigned long i = 0; i < times; i++) {
		refused += write_mode(modes[i % 7]) != 0;
		/* Let the others run in this mode. */
		(void)usleep(1000);
	}
	for (int i = 0; i < 2 * PAIRS; i++)
		(void)kill(children[i], SIGTERM);
	for (int i = 0; i < 2 * PAIRS; i++) {
		if (waitpid(children[i], &status, 0) != children[i] || status) {
			printf("test: storm: child %d ended with %#x\n", i,
			       (unsigned int)status);
			bad++;
		}
	}
	printf("test: storm: %lu switches, %u refused, %u children failed\n",
	       times, refused, bad);
}

/* The counts of the call sites, of all processors together. */
static void read_counts(uint32_t counts[VMI_NR_SLOTS])
{
	static const char *const names[VMI_NR_SLOTS] = {
#define X(nr, name, ...) [nr] = #name,
		VMI_CALLS(X)
#undef X
	};
	FILE *file = fopen(COUNTS, "r");
	char line[256];

	(void)memset(counts, 0, VMI_NR_SLOTS * sizeof(*counts));
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		char *at = strchr(line, ' ');

		if (!at)
			continue;
		*at++ = '\0';
		for (int nr = 0; nr < VMI_NR_SLOTS; nr++)
			if (names[nr] && !strcmp(line, names[nr]))
				while (*at && *at != '\n')
					counts[nr] += strtoul(at, &at, 10);
	}
	(void)fclose(file);
}

/* Those of a tracing ROM, in the option ROM area; NULL if there is none. */
static const volatile uint32_t *rom_counters;

static void find_rom_counters(void)
{
	const size_t bytes = VMI_ROM_SCAN_END - VMI_ROM_SCAN_START;
	int fd = open("/dev/mem", O_RDONLY);
	const uint8_t *area = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd,
				   VMI_ROM_SCAN_START);

	if (fd < 0 || area == MAP_FAILED)
		return;
	for (size_t at = 0; at < bytes; at += VMI_ROM_SCAN_STEP) {
		const struct vmi_rom_header *rom = (const void *)(area + at);
		const struct vmi_locator *locator =
			(const void *)rom->locator;
		const struct vmi_descriptor *descriptor;

		if (rom->vmi_signature != VMI_SIGNATURE ||
		    !(locator->flags & VMI_DESC_TRACE))
			continue;
		descriptor = (const void *)(area + at + locator->offset);
		rom_counters = (const void *)(area + at +
					      descriptor->counters_offset);
	}
}

static void read_rom(uint32_t counts[VMI_NR_SLOTS])
{
	for (int nr = 0; nr < VMI_NR_SLOTS; nr++)
		counts[nr] = rom_counters[nr];
}

static int ends[2];

static void pipe_word(unsigned int times)
{
	char word[4];

	while (times--)
		if (write(ends[1], "word", 4) != 4 ||
		    read(ends[0], word, 4) != 4)
			puts("test: pipe failed");
}

/* The fewest calls between two readings, over many rounds. */
static void least(void (*read_all)(uint32_t *), unsigned int times,
		  uint32_t least[VMI_NR_SLOTS])
{
	uint32_t before[VMI_NR_SLOTS], after[VMI_NR_SLOTS];

	(void)memset(least, 0xff, VMI_NR_SLOTS * sizeof(*least));
	for (int round = 0; round < COUNT_ROUNDS; round++) {
		read_all(before);
		pipe_word(times);
		read_all(after);
		for (int nr = 0; nr < VMI_NR_SLOTS; nr++)
			if (after[nr] - before[nr] < least[nr])
				least[nr] = after[nr] - before[nr];
	}
}

static void count_pipe(const char *who, void (*read_all)(uint32_t *))
{
	static const struct {
		const char *name;
		int nr;
	} calls[] = {
		{ "DisableInterrupts", VMI_CALL_DisableInterrupts },
		{ "EnableInterrupts", VMI_CALL_EnableInterrupts },
		{ "GetInterruptMask", VMI_CALL_GetInterruptMask },
		{ "SetInterruptMask", VMI_CALL_SetInterruptMask },
	};
	uint32_t none[VMI_NR_SLOTS], some[VMI_NR_SLOTS];

	least(read_all, 0, none);
	least(read_all, COUNT_TIMES, some);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		printf("test: %s of %d pipe words: %s %u\n", who, COUNT_TIMES,
		       calls[i].name, some[calls[i].nr] - none[calls[i].nr]);
}

static void count(void)
{
	uint32_t frozen[VMI_NR_SLOTS];

	if (pipe(ends))
		return;
	(void)write_mode("count");
	count_pipe("sites", read_counts);
	find_rom_counters();
	if (rom_counters) {
		(void)write_mode("stub");
		count_pipe("ROM", read_rom);
	}
	/* From here on nothing counts: the host sees the same. */
	(void)write_mode("native");
	print_file(COUNTS, "frozen", "each");
	read_counts(frozen);
	printf("test: frozen: DisableInterrupts %u\n",
	       frozen[VMI_CALL_DisableInterrupts]);
}

int main(void)
{
	static const char *const modes[] = {
		"stub", "inline", "native", "count",
		"stub,cli:inline,SetPxE:native", "sti:inline", "native",
	};
	char line[1024] = "", *word;
	int fd = open("/proc/cmdline", O_RDONLY);

	if (fd < 0 || read(fd, line, sizeof(line) - 1) < 0)
		perror("test: /proc/cmdline");
	if (strstr(line, "switch=all")) {
		print_functions();
		for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
			switch_and_print(modes[i]);
			write_bad_msr(modes[i]);
		}
		refuse("nonsense");
		refuse("inline,cli:fast");
		refuse("off");
		refuse("Nothing:stub");
		refuse("INVD:stub");
		refuse("stub,cli:off");
		refuse("");
		(void)write_mode("inline,fast");
		print_file(MODE, "after refusal", "mode");
	}
	word = strstr(line, "storm=");
	if (word)
		storm(strtoul(word + strlen("storm="), NULL, 10));
	if (strstr(line, "switch=count"))
		count();
	if (strstr(line, "switch=none"))
		refuse("stub");
	puts("test: done");
	return 0;
}
