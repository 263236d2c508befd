// SPDX-License-Identifier: GPL-2.0-only
#include "qemu.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
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

#define NS_PER_S		1000000000ull
#define NS_PER_MS		1000000ull
#define ANSWER_MS		10000	/* for a command while nothing is wrong */
#define ASK_AFTER_NS		(5 * NS_PER_S)
#define HUNG_AFTER_NS		(30 * NS_PER_S)
#define EXIT_WAIT_MS		5000	/* from the SHUTDOWN event to the exit */
#define QUIT_WAIT_MS		2000	/* from "quit" to force */
#define LOG_LINES		5

/*
 * For counting instructions: a clock that starts at a fixed date and follows the
 * instructions, or a Linux boot differs by some per cent from run to run.
 */
#define ICOUNT			"shift=0,sleep=off"
#define ICOUNT_RTC		"base=2006-03-13T18:03:49,clock=vm"

#define MAX_ARGS		64

struct arg_list {
	char **argv;
	size_t nr;
};

__attribute__((format(printf, 2, 3)))
static void add(struct arg_list *list, const char *format, ...)
{
	va_list args;
	char *arg;

	va_start(args, format);
	if (vasprintf(&arg, format, args) < 0)
		abort();
	va_end(args);
	list->argv[list->nr++] = arg;
	list->argv[list->nr] = NULL;
}

/* QEMU ends a value at a comma; two commas are one. */
static void add_path(struct arg_list *list, const char *prefix,
		     const char *path)
{
	size_t n = strlen(prefix);
	char *arg = malloc(n + 2 * strlen(path) + 1);

	if (!arg)
		abort();
	memcpy(arg, prefix, n);
	for (; *path; path++) {
		arg[n++] = *path;
		if (*path == ',')
			arg[n++] = ',';
	}
	arg[n] = '\0';
	list->argv[list->nr++] = arg;
	list->argv[list->nr] = NULL;
}

static void add_option(struct arg_list *list, const char *name,
		       const char *value)
{
	add(list, "%s", name);
	add(list, "%s", value);
}

static char **build_argv(const struct qemu_config *config,
			 const struct guest_ram *ram, int qmp_fd)
{
	struct arg_list list = { 0 };
	size_t nr_extra = 0;

	while (config->extra && config->extra[nr_extra])
		nr_extra++;
	list.argv = calloc(MAX_ARGS + nr_extra, sizeof(*list.argv));
	if (!list.argv)
		abort();
	add(&list, "%s", config->program);
	add_option(&list, "-name", "vmiprof");
	add_option(&list, "-display", "none");
	/* No other option ROM: theirs is all of the area that guests scan. */
	add_option(&list, "-vga", "none");
	add_option(&list, "-nic", "none");
	add(&list, "-no-reboot");
	add(&list, "-S");
	add_option(&list, "-accel", accel_name(config->accel));
	if (config->accel == ACCEL_KVM)
		add_option(&list, "-cpu", "host");
	if (config->icount) {
		add_option(&list, "-icount", ICOUNT);
		add_option(&list, "-rtc", ICOUNT_RTC);
		add_option(&list, "-seed", "1");
	}
	add(&list, "-smp");
	add(&list, "%u", config->smp);
	add(&list, "-m");
	add(&list, "%zuM", ram->bytes >> 20);
	add(&list, "-object");
	add(&list,
	    "memory-backend-file,id=ram,share=on,size=%zuM,mem-path=/proc/self/fd/%d",
	    ram->bytes >> 20, ram->fd);
	add_option(&list, "-machine", "pc,memory-backend=ram");
	add(&list, "-chardev");
	add(&list, "socket,id=qmp,fd=%d", qmp_fd);
	add_option(&list, "-mon", "chardev=qmp,mode=control");
	add(&list, "-chardev");
	add_path(&list, "file,id=console,path=", config->console_path);
	add_option(&list, "-serial", "chardev:console");
	add_option(&list, "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04");
	if (config->rom) {
		add(&list, "-option-rom");
		add_path(&list, "", config->rom);
	}
	add_option(&list, "-kernel", config->kernel);
	if (config->initrd)
		add_option(&list, "-initrd", config->initrd);
	if (*config->append)
		add_option(&list, "-append", config->append);
	for (size_t i = 0; i < nr_extra; i++)
		add(&list, "%s", config->extra[i]);
	return list.argv;
}

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

static void on_event(void *arg, const char *name, json_object *data)
{
	struct qemu *qemu = arg;
	json_object *reason;

	if (strcmp(name, "SHUTDOWN") != 0 || *qemu->shutdown_reason)
		return;
	text_set(qemu->shutdown_reason, sizeof(qemu->shutdown_reason), "%s",
		 json_object_object_get_ex(data, "reason", &reason)
			 ? json_object_get_string(reason)
			 : "unknown");
	qemu->shutdown_ns = clock_ns();
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

static enum qemu_status how_it_ended(struct qemu *qemu, int status)
{
	static const struct {
		const char *reason;
		enum qemu_status status;
	} known[] = {
		{ "guest-reset", QEMU_RESET },
		{ "guest-shutdown", QEMU_SHUTDOWN },
		{ "guest-panic", QEMU_PANIC },
	};

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
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strcmp(qemu->shutdown_reason, known[i].reason))
			return known[i].status;
	}
	text_set(qemu->error, sizeof(qemu->error), "QEMU was ended (%s)",
		 qemu->shutdown_reason);
	return QEMU_QUIT;
}

bool qemu_start(struct qemu *qemu, const struct qemu_config *config,
		const struct guest_ram *ram, unsigned int timeout_ms,
		const volatile sig_atomic_t *interrupt)
{
	int fd[2];
	int error, status;
	json_object *cpus, *tid;

	*qemu = (struct qemu){
		.log_path = config->log_path,
		.log_file = config->log_file ? config->log_file
					     : config->log_path,
		.qmp.fd = -1,
	};
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd)) {
		text_set(qemu->error, sizeof(qemu->error), "socketpair: %s",
			 strerror(errno));
		return false;
	}
	fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	qemu->argv = build_argv(config, ram, fd[1]);
	error = spawn(qemu);
	close(fd[1]);
	if (error) {
		close(fd[0]);
		text_set(qemu->error, sizeof(qemu->error),
			 "cannot run %s: %s; install qemu-system-x86 or name QEMU in the environment: QEMU=/path/to/qemu-system-x86_64",
			 config->program, strerror(error));
		return false;
	}
	if (!qmp_open(&qemu->qmp, fd[0], timeout_ms, on_event, qemu, interrupt))
		goto fail;
	cpus = qmp_execute(&qemu->qmp, "query-cpus-fast", timeout_ms);
	if (!cpus)
		goto fail;
	if (json_object_object_get_ex(json_object_array_get_idx(cpus, 0),
				      "thread-id", &tid))
		qemu->vcpu_tid = json_object_get_int(tid);
	qemu->nr_vcpus = (unsigned int)json_object_array_length(cpus);
	json_object_put(cpus);
	return true;

fail:
	text_set(qemu->error, sizeof(qemu->error), "%s", qemu->qmp.error);
	/* If it is on its way out, its status says more. */
	if (qemu->qmp.closed && reap(qemu, EXIT_WAIT_MS, &status))
		died(qemu, status);
	else
		quote_log(qemu);
	return false;
}

static bool command(struct qemu *qemu, const char *name)
{
	json_object *answer = qmp_execute(&qemu->qmp, name, ANSWER_MS);

	if (!answer)
		text_set(qemu->error, sizeof(qemu->error), "%s",
			 qemu->qmp.error);
	json_object_put(answer);
	return answer;
}

bool qemu_cont(struct qemu *qemu)
{
	return command(qemu, "cont");
}

bool qemu_stop(struct qemu *qemu)
{
	return command(qemu, "stop");
}

enum qemu_status qemu_poll(struct qemu *qemu)
{
	int status;

	qmp_poll(&qemu->qmp);
	if (qemu->shutdown_ns &&
	    clock_ns() - qemu->shutdown_ns > EXIT_WAIT_MS * NS_PER_MS)
		kill(qemu->pid, SIGKILL);
	if (!reap(qemu, 0, &status))
		return QEMU_RUNS;
	/* Its last words may have come between the two lines above. */
	qmp_poll(&qemu->qmp);
	return how_it_ended(qemu, status);
}

bool qemu_answers(struct qemu *qemu)
{
	uint64_t now_ns = clock_ns();

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

	if (!qemu->pid)
		return;
	qmp_send(&qemu->qmp, "quit");
	if (reap(qemu, QUIT_WAIT_MS, &status))
		return;
	kill(qemu->pid, SIGKILL);
	waitpid(qemu->pid, &status, 0);
	qemu->pid = 0;
}

void qemu_free(struct qemu *qemu)
{
	qemu_kill(qemu);
	if (qemu->qmp.fd >= 0)
		qmp_close(&qemu->qmp);
	for (char **arg = qemu->argv; arg && *arg; arg++)
		free(*arg);
	free(qemu->argv);
	qemu->argv = NULL;
}
