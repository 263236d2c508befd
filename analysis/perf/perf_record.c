// SPDX-License-Identifier: GPL-2.0-only
#include "perf_record.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/log_tail.h"
#include "lib/text.h"
#include "lib/tsc.h"

/* Samples a second; a prime, so as not to keep step with a timer. */
#define FREQUENCY	"9973"
#define START_MS	10000
#define STOP_MS		20000
#define STOP_STEP_NS	5000000
#define LOG_LINES	6
#define PARANOID	"/proc/sys/kernel/perf_event_paranoid"

static void run_child(char *const argv[], const char *log_path, pid_t parent)
{
	int null = open("/dev/null", O_RDONLY);
	int log = open(log_path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	if (null < 0 || log < 0 || dup2(null, STDIN_FILENO) < 0 ||
	    dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0 ||
	    prctl(PR_SET_PDEATHSIG, SIGTERM) || getppid() != parent)
		_exit(126);
	execvp(argv[0], argv);
	_exit(errno == ENOENT ? 127 : 126);
}

/* Wait for its end.  False when it has not come within ms. */
static bool reap(struct perf_record *perf, unsigned int ms, int *status)
{
	uint64_t deadline_ns = clock_ns() + ms * 1000000ull;

	while (waitpid(perf->pid, status, WNOHANG) != perf->pid) {
		if (clock_ns() > deadline_ns)
			return false;
		nap(STOP_STEP_NS);
	}
	perf->pid = 0;
	return true;
}

/* 99 when it cannot be read. */
static int paranoid(void)
{
	FILE *file = fopen(PARANOID, "re");
	char line[16] = "99";

	if (file && !fgets(line, sizeof(line), file))
		strcpy(line, "99");
	if (file)
		(void)fclose(file);
	return (int)strtol(line, NULL, 10);
}

static void explain(struct perf_record *perf, const char *program, int status)
{
	char *tail = log_tail(perf->log_path, LOG_LINES);
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;

	if (code == 127)
		text_set(perf->error, sizeof(perf->error),
			 "--perf: cannot run %s: no such program; install linux-perf (Debian) or perf, or name it in the environment: PERF=/path/to/perf",
			 program);
	else if (log_tail_has(perf->log_path, "perf_event_paranoid") ||
		 log_tail_has(perf->log_path, "ermission"))
		text_set(perf->error, sizeof(perf->error),
			 "--perf: %s may not observe QEMU's thread; %s is %d: set it to 2 or less (sysctl kernel.perf_event_paranoid=2), or give perf the capability CAP_PERFMON",
			 program, PARANOID, paranoid());
	else
		text_set(perf->error, sizeof(perf->error),
			 "--perf: %s ended with status %d%s%s", program, code,
			 tail && *tail ? "; it said:\n" : "",
			 tail ? tail : "");
	free(tail);
}

/* Send a command; whether perf answers that it did it. */
static bool command(struct perf_record *perf, const char *text)
{
	struct pollfd answer = { perf->control, POLLIN, 0 };
	char reply[16];
	ssize_t n = send(perf->control, text, strlen(text), MSG_NOSIGNAL);

	if (n != (ssize_t)strlen(text))
		return false;
	do {
		n = poll(&answer, 1, START_MS);
	} while (n < 0 && errno == EINTR);
	return n == 1 && recv(perf->control, reply, sizeof(reply), 0) >= 3 &&
	       !memcmp(reply, "ack", 3);
}

static bool spawn(struct perf_record *perf, const char *program, pid_t tid,
		  const char *data_path)
{
	char tid_text[16], control[40];
	pid_t parent = getpid();
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd)) {
		text_set(perf->error, sizeof(perf->error),
			 "--perf: socketpair: %s", strerror(errno));
		return false;
	}
	fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	text_set(tid_text, sizeof(tid_text), "%d", tid);
	text_set(control, sizeof(control), "--control=fd:%d,%d", fd[1], fd[1]);
	perf->pid = fork();
	if (!perf->pid) {
		char *const argv[] = {
			(char *)program, "record", "-q", "-k", "mono",
			"-F", FREQUENCY, "-D", "-1", control, "-t", tid_text,
			"-o", (char *)data_path, NULL,
		};

		run_child(argv, perf->log_path, parent);
	}
	close(fd[1]);
	perf->control = fd[0];
	if (perf->pid > 0)
		return true;
	text_set(perf->error, sizeof(perf->error), "--perf: fork: %s",
		 strerror(errno));
	close(fd[0]);
	perf->pid = 0;
	return false;
}

static void end(struct perf_record *perf)
{
	int status;

	if (perf->pid) {
		kill(perf->pid, SIGKILL);
		waitpid(perf->pid, &status, 0);
		perf->pid = 0;
	}
	close(perf->control);
	free(perf->log_path);
	perf->log_path = NULL;
}

bool perf_record_start(struct perf_record *perf, pid_t tid,
		       const char *data_path, const char *log_path)
{
	const char *program = getenv("PERF");
	int status = 0;

	if (!program || !*program)
		program = "perf";
	*perf = (struct perf_record){ .log_path = strdup(log_path) };
	if (!perf->log_path)
		abort();
	if (!spawn(perf, program, tid, data_path)) {
		free(perf->log_path);
		perf->log_path = NULL;
		return false;
	}
	if (command(perf, "enable\n"))
		return true;
	if (reap(perf, 1000, &status))
		explain(perf, program, status);
	else
		text_set(perf->error, sizeof(perf->error),
			 "--perf: %s does not answer; it has to know the option --control (perf 5.9 or newer)",
			 program);
	end(perf);
	return false;
}

bool perf_record_stop(struct perf_record *perf)
{
	int status = 0;
	bool ended;

	if (!perf->pid)
		return true;
	/* It ends by itself with the thread. */
	(void)send(perf->control, "stop\n", 5, MSG_NOSIGNAL);
	ended = reap(perf, STOP_MS, &status);
	if (!ended)
		text_set(perf->error, sizeof(perf->error),
			 "--perf: perf did not end within %d s and was killed",
			 STOP_MS / 1000);
	else if (status)
		explain(perf, "perf", status);
	end(perf);
	return ended && !status;
}
