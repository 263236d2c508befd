/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel-guest.c - runs in the Linux guest of tests/51-kernel-boot.t
 *
 * Prints what the sites of some calls hold, provokes faults in a WRMSR and in an
 * IRET, and turns the machine off if the command line says so.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define SITES "/sys/kernel/debug/vmi/sites"

/* Selector of a code segment that is not there. */
#define BAD_CS 0x1233

/* IA32_PKRS: its high half is reserved, TCG too answers with #GP. */
#define BAD_MSR 0x6e1

static void print_sites(void)
{
	FILE *sites = fopen(SITES, "r");
	char line[256], addr[16], call[32], mode[16], bytes[64];

	if (!sites) {
		printf("test: %s: %s\n", SITES, strerror(errno));
		return;
	}
	while (fgets(line, sizeof(line), sites)) {
		if (sscanf(line, "%15s %31s %15s %63s", addr, call, mode,
			   bytes) != 4)
			printf("test: cannot read '%s'\n", line);
		else if (!strcmp(call, "DisableInterrupts") ||
			 !strcmp(call, "SetPxE") || !strcmp(call, "IRET") ||
			 !strcmp(call, "SYSEXIT"))
			printf("test: site %s %s %s\n", call, mode, bytes);
	}
	(void)fclose(sites);
}

static void write_bad_msr(void)
{
	unsigned long long value = 1ULL << 32;
	int fd = open("/dev/cpu/0/msr", O_WRONLY);

	errno = 0;
	if (fd < 0 || pwrite(fd, &value, sizeof(value), BAD_MSR) < 0)
		printf("test: wrmsr: %s\n", strerror(errno));
	else
		puts("test: wrmsr: no fault");
	if (fd >= 0)
		(void)close(fd);
}

static void spoil_frame(int signal, siginfo_t *info, void *context)
{
	ucontext_t *frame = context;

	(void)signal;
	(void)info;
	frame->uc_mcontext.gregs[REG_CS] = BAD_CS;
}

/* The kernel believes sigreturn, and faults in the IRET to this frame. */
static void return_to_bad_frame(void)
{
	struct sigaction action = {
		.sa_sigaction = spoil_frame, .sa_flags = SA_SIGINFO
	};
	pid_t child;
	int status = 0;

	(void)fflush(stdout);
	child = fork();
	if (!child) {
		(void)sigaction(SIGUSR1, &action, NULL);
		(void)raise(SIGUSR1);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		printf("test: iret: %s\n", strerror(errno));
	else if (WIFSIGNALED(status))
		printf("test: iret: %s\n", strsignal(WTERMSIG(status)));
	else
		puts("test: iret: no fault");
}

int main(void)
{
	char line[1024] = "";
	int fd = open("/proc/cmdline", O_RDONLY);

	if (fd < 0 || read(fd, line, sizeof(line) - 1) < 0)
		perror("test: /proc/cmdline");
	print_sites();
	write_bad_msr();
	return_to_bad_frame();
	puts("test: done");
	(void)fflush(stdout);
	if (strstr(line, "end=off"))
		(void)reboot(RB_POWER_OFF);
	return 0;
}
