// SPDX-License-Identifier: GPL-2.0-only
#include "qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/log_tail.h"
#include "lib/text.h"
#include "lib/tsc.h"
#include "qemu_argv.h"
#include "qemu_guard.h"

#define NS_PER_S		1000000000ull
#define NS_PER_MS		1000000ull
#define ANSWER_MS		10000	/* for a command while nothing is wrong */
#define ASK_AFTER_NS		(5 * NS_PER_S)
#define HUNG_AFTER_NS		(30 * NS_PER_S)
#define EXIT_WAIT_MS		5000	/* from the SHUTDOWN event to the exit */
#define QUIT_WAIT_MS		2000	/* from "quit" to force */
#define LOG_LINES		5
/* Two looks this far apart: it was this process that did not run. */
#define OWN_PAUSE_NS		(2 * NS_PER_S)
#define CPU_LOG_BYTES		(1 << 20)

/* In the child: what may fail tells its errno through the pipe. */
static void run_child(char **argv, const char *log_file, pid_t parent,
		      int error_fd)
{
	int null = open("/dev/null", O_RDONLY);
	int log = open(log_file, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	sigset_t none;
	int error;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	if (null >= 0 && log >= 0 && dup2(null, STDIN_FILENO) >= 0 &&
	    dup2(log, STDOUT_FILENO) >= 0 && dup2(log, STDERR_FILENO) >= 0 &&
	    !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	    !prctl(PR_SET_PDEATHSIG, SIGKILL)) {
		/* The parent may have died before the line above. */
		if (getppid() != parent)
			_exit(1);
		execvp(argv[0], argv);
	}
	error = errno;
	if (write(error_fd, &error, sizeof(error)) < 0)
		_exit(2);
	_exit(1);
}

static int spawn(struct qemu *qemu)
{
	int pipe_fd[2];
	int error = 0;
	pid_t parent = getpid();

	if (pipe2(pipe_fd, O_CLOEXEC))
		return errno;
	qemu->pid = fork();
	if (qemu->pid == 0)
		run_child(qemu->argv, qemu->log_file, parent, pipe_fd[1]);
	close(pipe_fd[1]);
	if (qemu->pid < 0) {
		error = errno;
		qemu->pid = 0;
	} else {
		ssize_t n;

		do {
			n = read(pipe_fd[0], &error, sizeof(error));
		} while (n < 0 && errno == EINTR);
		if (n != sizeof(error)) {
			error = 0;
		} else {
			waitpid(qemu->pid, NULL, 0);
			qemu->pid = 0;
		}
	}
	close(pipe_fd[0]);
	return error;
}

/* Wait for the end of QEMU, but not longer than so many milliseconds. */
static bool reap(struct qemu *qemu, unsigned int wait_ms, int *status)
{
	uint64_t deadline_ns = clock_ns() + wait_ms * NS_PER_MS;

	while (waitpid(qemu->pid, status, WNOHANG) != qemu->pid) {
		if (clock_ns() >= deadline_ns)
			return false;
		usleep(2000);
	}
	qemu->pid = 0;
	return true;
}

/* A member that is a text; else what stands in its place. */
static const char *text_of(json_object *data, const char *name,
			   const char *otherwise)
{
	json_object *member;

	return json_object_object_get_ex(data, name, &member) &&
			       json_object_is_type(member, json_type_string)
		       ? json_object_get_string(member)
		       : otherwise;
}

static void on_event(void *arg, const char *name, json_object *data)
{
	struct qemu *qemu = arg;

	if (!strcmp(name, "RESET")) {
		qemu->was_reset = true;
	} else if (!strcmp(name, "STOP")) {
		qemu->stopped = true;
	} else if (!strcmp(name, "RESUME")) {
		qemu->stopped = false;
	} else if (!strcmp(name, "SHUTDOWN") && !*qemu->shutdown_reason) {
		text_set(qemu->shutdown_reason, sizeof(qemu->shutdown_reason),
			 "%s", text_of(data, "reason", "unknown"));
		qemu->shutdown_ns = clock_ns();
	}
}

/* Add the last lines of QEMU's own messages to the error. */
static void quote_log(struct qemu *qemu)
{
	char *tail = log_tail(qemu->log_file, LOG_LINES);

	if (tail && *tail)
		text_append(qemu->error, sizeof(qemu->error),
			    "; %s ends with:\n%s", qemu->log_path, tail);
	free(tail);
}

/* Whether QEMU itself reported an error, which warnings are not. */
static bool log_has_error(const struct qemu *qemu)
{
	const char *slash = strrchr(qemu->argv[0], '/');
	const char *name = slash ? slash + 1 : qemu->argv[0];
	char *text = log_tail(qemu->log_file, LOG_LINES);
	char *rest = text, *line;
	bool found = false;

	while (text && (line = strsep(&rest, "\n"))) {
		size_t n = strlen(name);

		if (!strncmp(line, name, n) && !strncmp(line + n, ": ", 2) &&
		    strncmp(line + n + 2, "warning: ", 9) != 0 &&
		    strncmp(line + n + 2, "info: ", 6) != 0)
			found = true;
	}
	free(text);
	return found;
}

static enum qemu_status died(struct qemu *qemu, int status)
{
	if (WIFSIGNALED(status))
		text_set(qemu->error, sizeof(qemu->error),
			 "QEMU was killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else
		text_set(qemu->error, sizeof(qemu->error),
			 "QEMU exited with status %d", WEXITSTATUS(status));
	quote_log(qemu);
	return QEMU_DIED;
}

/* QEMU writes this for each processor that is reset by one, see qemu_start. */
static bool tripled_a_fault(const struct qemu *qemu)
{
	char path[40];

	if (qemu->cpu_log < 0)
		return false;
	text_set(path, sizeof(path), "/proc/self/fd/%d", qemu->cpu_log);
	return log_tail_has(path, "Triple fault");
}

/* What the reason of a SHUTDOWN event says. */
static enum qemu_status by_reason(struct qemu *qemu)
{
	static const struct {
		const char *reason;
		enum qemu_status status;
	} known[] = {
		{ "guest-reset", QEMU_RESET },
		{ "guest-shutdown", QEMU_SHUTDOWN },
		{ "guest-panic", QEMU_PANIC },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(qemu->shutdown_reason, known[i].reason) != 0)
			continue;
		if (known[i].status == QEMU_RESET && tripled_a_fault(qemu))
			return QEMU_TRIPLE_FAULT;
		return known[i].status;
	}
	text_set(qemu->error, sizeof(qemu->error), "QEMU was ended (%s)",
		 qemu->shutdown_reason);
	return QEMU_QUIT;
}

static enum qemu_status how_it_ended(struct qemu *qemu, int status)
{
	/* It had said that the guest ended, and did not end itself. */
	if (qemu->forced && *qemu->shutdown_reason)
		return by_reason(qemu);
	if (WIFSIGNALED(status))
		return died(qemu, status);
	/*
	 * isa-debug-exit makes the status odd; QEMU's own errors make it 1, too,
	 * but not without a message.
	 */
	if (WEXITSTATUS(status) & 1 && !log_has_error(qemu)) {
		qemu->code = WEXITSTATUS(status) >> 1;
		return QEMU_DEBUG_EXIT;
	}
	if (WEXITSTATUS(status) || !*qemu->shutdown_reason)
		return died(qemu, status);
	return by_reason(qemu);
}

/*
 * The emulator tells in a log of its own why a processor was reset, which the
 * machine does not.  No file: it is of no use afterwards.
 */
static void open_cpu_log(struct qemu *qemu, const struct qemu_config *config)
{
	qemu->cpu_log = config->accel == ACCEL_TCG
				? memfd_create("vmiprof-cpu-log", 0)
				: -1;
}

/* Its end is enough, and a guest may make it long. */
static void bound_cpu_log(const struct qemu *qemu)
{
	if (qemu->cpu_log >= 0)
		(void)log_bound_fd(qemu->cpu_log, CPU_LOG_BYTES);
}

/* Run the program with a monitor on fd[1]; false with an error. */
static bool start_program(struct qemu *qemu, const struct qemu_config *config,
			  const struct guest_ram *ram, const int fd[2])
{
	struct qemu_argv args;
	int error = 0;
	bool built = qemu_argv_build(&args, config, ram, fd[1], qemu->cpu_log);

	qemu->argv = args.argv;
	if (built)
		error = spawn(qemu);
	qemu_argv_close(&args);
	if (!built)
		text_set(qemu->error, sizeof(qemu->error), "%s", args.error);
	else if (error)
		text_set(qemu->error, sizeof(qemu->error),
			 "cannot run %s: %s; install qemu-system-x86 or name QEMU in the environment: QEMU=/path/to/qemu-system-x86_64",
			 config->program, strerror(error));
	if (!built || error)
		return false;
	if (qemu->cpu_log >= 0)
		fcntl(qemu->cpu_log, F_SETFD, FD_CLOEXEC);
	qemu->group = qemu->pid;
	qemu->guard = qemu_guard_start(qemu->group);
	return true;
}

/* What the machine has for vCPUs; false with an error. */
static bool ask_for_vcpus(struct qemu *qemu, unsigned int timeout_ms)
{
	json_object *cpus = qmp_execute(&qemu->qmp, "query-cpus-fast", NULL,
					timeout_ms);
	json_object *tid;

	if (!cpus) {
		text_set(qemu->error, sizeof(qemu->error), "%s",
			 qemu->qmp.error);
		return false;
	}
	if (json_object_is_type(cpus, json_type_array) &&
	    json_object_array_length(cpus) &&
	    json_object_object_get_ex(json_object_array_get_idx(cpus, 0),
				      "thread-id", &tid)) {
		qemu->vcpu_tid = json_object_get_int(tid);
		qemu->nr_vcpus = (unsigned int)json_object_array_length(cpus);
	}
	json_object_put(cpus);
	if (qemu->vcpu_tid <= 0)
		text_set(qemu->error, sizeof(qemu->error),
			 "QEMU answers query-cpus-fast with something else than a list of vCPUs; is %s a QEMU?",
			 qemu->argv[0]);
	return qemu->vcpu_tid > 0;
}

/*
 * A recording ends when the guest does, whatever the further arguments say: a
 * machine that is reset in the middle would overwrite what is not read yet.  A
 * QEMU that does not know the command tells by an event.
 */
static void end_with_guest(struct qemu *qemu)
{
	json_object_put(qmp_execute(&qemu->qmp, "set-action",
				    "{\"reboot\": \"shutdown\", \"shutdown\": \"poweroff\"}",
				    ANSWER_MS));
}

bool qemu_start(struct qemu *qemu, const struct qemu_config *config,
		const struct guest_ram *ram, unsigned int timeout_ms,
		const volatile sig_atomic_t *interrupt)
{
	int fd[2];
	int status;

	*qemu = (struct qemu){
		.log_path = config->log_path,
		.log_file = config->log_file ? config->log_file
					     : config->log_path,
		.qmp.fd = -1,
		.cpu_log = -1,
		.looked_ns = clock_ns(),
	};
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd)) {
		text_set(qemu->error, sizeof(qemu->error), "socketpair: %s",
			 strerror(errno));
		return false;
	}
	fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	open_cpu_log(qemu, config);
	if (!start_program(qemu, config, ram, fd)) {
		close(fd[0]);
		close(fd[1]);
		return false;
	}
	close(fd[1]);
	if (!qmp_open(&qemu->qmp, fd[0], timeout_ms, on_event, qemu, interrupt))
		text_set(qemu->error, sizeof(qemu->error), "%s",
			 qemu->qmp.error);
	else if (ask_for_vcpus(qemu, timeout_ms))
		goto started;
	/* If it is on its way out, its status says more. */
	if (qemu->qmp.closed && reap(qemu, EXIT_WAIT_MS, &status))
		died(qemu, status);
	else
		quote_log(qemu);
	return false;

started:
	end_with_guest(qemu);
	/* Every guest begins as a stopped one. */
	qemu->stopped = false;
	return true;
}

static bool command(struct qemu *qemu, const char *name)
{
	json_object *answer = qmp_execute(&qemu->qmp, name, NULL, ANSWER_MS);

	if (!answer)
		text_set(qemu->error, sizeof(qemu->error), "%s",
			 qemu->qmp.error);
	json_object_put(answer);
	return answer;
}

bool qemu_cont(struct qemu *qemu)
{
	qemu->halted = false;
	return command(qemu, "cont");
}

bool qemu_stop(struct qemu *qemu)
{
	qemu->halted = true;
	return command(qemu, "stop");
}

bool qemu_was_reset(struct qemu *qemu)
{
	/* What happened before the answer was told before it. */
	if (qemu->pid && !qemu->was_reset && !qemu->qmp.closed)
		json_object_put(qmp_execute(&qemu->qmp, "query-status", NULL,
					    ANSWER_MS));
	return qemu->was_reset;
}

/*
 * The guest stands and we did not ask for it.  A debugger may hold it, and lets it
 * go on; all else is the end.
 */
static enum qemu_status why_stopped(struct qemu *qemu)
{
	static const struct {
		const char *state;
		enum qemu_status status;
	} ends[] = {
		{ "shutdown", QEMU_SHUTDOWN },
		{ "guest-panicked", QEMU_PANIC },
	};
	json_object *answer =
		qmp_execute(&qemu->qmp, "query-status", NULL, ANSWER_MS);
	char state[40];

	text_set(state, sizeof(state), "%s",
		 text_of(answer, "status", "unknown"));
	text_clean(state);
	json_object_put(answer);
	/* It may run again, or QEMU may be on its way out. */
	if (!answer || !qemu->stopped || *qemu->shutdown_reason ||
	    !strcmp(state, "debug") || !strcmp(state, "running"))
		return QEMU_RUNS;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (!strcmp(state, ends[i].state))
			return ends[i].status;
	}
	text_set(qemu->error, sizeof(qemu->error),
		 "QEMU stopped the guest, which nobody here asked for: its state is \"%s\"%s",
		 state,
		 !strcmp(state, "paused")
			 ? "; another monitor did that: leave the guest to the recording"
			 : "");
	quote_log(qemu);
	return QEMU_STOPPED;
}

enum qemu_status qemu_poll(struct qemu *qemu)
{
	int status;

	qmp_poll(&qemu->qmp);
	if (reap(qemu, 0, &status)) {
		/* Its last words may have come between the two lines above. */
		qmp_poll(&qemu->qmp);
		return how_it_ended(qemu, status);
	}
	if (qemu->shutdown_ns && !qemu->forced &&
	    clock_ns() - qemu->shutdown_ns > EXIT_WAIT_MS * NS_PER_MS) {
		qemu->forced = true;
		kill(-qemu->group, SIGKILL);
	}
	if (qemu->was_reset)
		return QEMU_REBOOTED;
	if (qemu->stopped && !qemu->halted && !qemu->shutdown_ns)
		return why_stopped(qemu);
	return QEMU_RUNS;
}

/* QEMU runs, but its monitor is gone, or tells nonsense: for long enough? */
static bool monitor_lost(struct qemu *qemu, uint64_t now_ns)
{
	if (!qemu->qmp.closed)
		return false;
	if (!qemu->closed_ns)
		qemu->closed_ns = now_ns;
	if (now_ns - qemu->closed_ns < EXIT_WAIT_MS * NS_PER_MS)
		return false;
	text_set(qemu->error, sizeof(qemu->error), "%s",
		 *qemu->qmp.error ? qemu->qmp.error
				  : "QEMU closed its monitor, but runs on");
	quote_log(qemu);
	return true;
}

bool qemu_answers(struct qemu *qemu)
{
	uint64_t now_ns = clock_ns();

	bound_cpu_log(qemu);
	/* Stopped, or waiting for a disk: nobody was there to hear an answer. */
	if (now_ns - qemu->looked_ns > OWN_PAUSE_NS) {
		qemu->qmp.last_heard_ns = now_ns;
		qemu->asked_ns = now_ns;
		qmp_send(&qemu->qmp, "query-status");
	}
	qemu->looked_ns = now_ns;
	if (monitor_lost(qemu, now_ns))
		return false;
	if (now_ns - qemu->qmp.last_heard_ns > HUNG_AFTER_NS) {
		text_set(qemu->error, sizeof(qemu->error),
			 "QEMU has not answered for %llu s",
			 HUNG_AFTER_NS / NS_PER_S);
		quote_log(qemu);
		return false;
	}
	if (now_ns - qemu->qmp.last_heard_ns > ASK_AFTER_NS &&
	    now_ns - qemu->asked_ns > ASK_AFTER_NS) {
		qemu->asked_ns = now_ns;
		qmp_send(&qemu->qmp, "query-status");
	}
	return true;
}

void qemu_kill(struct qemu *qemu)
{
	int status;

	if (qemu->pid) {
		qmp_send(&qemu->qmp, "quit");
		if (!reap(qemu, QUIT_WAIT_MS, &status)) {
			kill(-qemu->group, SIGKILL);
			waitpid(qemu->pid, &status, 0);
			qemu->pid = 0;
		}
	}
	/* What a wrapper left behind. */
	if (qemu->group)
		kill(-qemu->group, SIGKILL);
	qemu->group = 0;
	qemu_guard_end(qemu->guard);
	qemu->guard = 0;
}

void qemu_free(struct qemu *qemu)
{
	qemu_kill(qemu);
	if (qemu->qmp.fd >= 0)
		qmp_close(&qemu->qmp);
	/* 0: qemu_start was never called. */
	if (qemu->cpu_log > 0)
		close(qemu->cpu_log);
	qemu->cpu_log = -1;
	qemu_argv_free(qemu->argv);
	qemu->argv = NULL;
}
