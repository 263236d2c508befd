// SPDX-License-Identifier: GPL-2.0-only
/*
 * The QMP client against QEMUs that a test plays: a thread that sends a greeting
 * and then, for each line that it gets, the next line of a script.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guest/qemu.h"
#include "guest/qmp.h"
#include "lib/text.h"
#include "lib/tsc.h"

#define GREETING                                                               \
	"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 22, \"minor\": 2, "    \
	"\"major\": 7}, \"package\": \"Debian\"}, \"capabilities\": []}}\r\n"
#define OK_1 "{\"return\": {}, \"id\": 1}\r\n"

static int fd[2];
static struct qmp qmp;
static char events[256];

static void on_event(void *arg, const char *name, json_object *data)
{
	json_object *reason;

	assert_ptr_equal(arg, events);
	text_append(events, sizeof(events), "%s", name);
	if (json_object_object_get_ex(data, "reason", &reason))
		text_append(events, sizeof(events), ":%s",
			    json_object_get_string(reason));
	text_append(events, sizeof(events), " ");
}

static void say(const char *text)
{
	if (write(fd[1], text, strlen(text)) != (ssize_t)strlen(text))
		fail_msg("cannot write to the socket");
}

/* What QEMU says: the greeting, and behind each command one more; ends with 0. */
static const char *const *script;
static char heard[1024];
static pthread_t thread;

static void *play(void *arg)
{
	size_t used = 0;
	ssize_t n;

	(void)arg;
	say(*script++);
	while (*script && used + 1 < sizeof(heard) &&
	       (n = read(fd[1], heard + used, sizeof(heard) - 1 - used)) > 0) {
		used += (size_t)n;
		heard[used] = '\0';
		/* The client waits for each answer: one line at a time. */
		if (heard[used - 1] == '\n')
			say(*script++);
	}
	return NULL;
}

/* The same text, until nobody hears it. */
static void *talk(void *text)
{
	while (send(fd[1], text, strlen(text), MSG_NOSIGNAL) > 0)
		continue;
	return NULL;
}

static bool open_qmp(unsigned int timeout_ms)
{
	return qmp_open(&qmp, fd[0], timeout_ms, on_event, events, NULL);
}

static void begin_play(const char *const *lines)
{
	script = lines;
	heard[0] = '\0';
	assert_int_equal(pthread_create(&thread, NULL, play, NULL), 0);
	assert_true(open_qmp(10000));
}

static void end_play(void)
{
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static int begin(void **state)
{
	(void)state;
	events[0] = '\0';
	return socketpair(AF_UNIX, SOCK_STREAM, 0, fd);
}

static int end(void **state)
{
	(void)state;
	qmp_close(&qmp);
	if (fd[1] >= 0)
		close(fd[1]);
	return 0;
}

static void test_greeting(void **state)
{
	static const char *const lines[] = { GREETING, OK_1, NULL };

	(void)state;
	begin_play(lines);
	end_play();
	assert_string_equal(qmp.qemu_version, "7.2.22 (Debian)");
	assert_non_null(strstr(heard, "qmp_capabilities"));
}

static void test_command_between_events(void **state)
{
	static const char *const lines[] = {
		GREETING, OK_1,
		"{\"event\": \"STOP\"}\r\n"
		"{\"return\": {\"status\": \"late\"}, \"id\": 1}\r\n"
		"{\"return\": {\"status\": \"paused\"}, \"id\": 2}\r\n"
		"{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true, \"reason\": \"guest-reset\"}}\r\n",
		NULL
	};
	json_object *answer, *status;

	(void)state;
	begin_play(lines);
	answer = qmp_execute(&qmp, "query-status", NULL, 10000);
	assert_true(json_object_object_get_ex(answer, "status", &status));
	assert_string_equal(json_object_get_string(status), "paused");
	json_object_put(answer);
	end_play();
	qmp_poll(&qmp);
	assert_string_equal(events, "STOP SHUTDOWN:guest-reset ");
}

static void test_refused_command(void **state)
{
	static const char *const lines[] = {
		GREETING, OK_1,
		"{\"id\": 2, \"error\": {\"class\": \"GenericError\", \"desc\": \"no way\"}}\r\n",
		NULL
	};

	(void)state;
	begin_play(lines);
	assert_null(qmp_execute(&qmp, "cont", NULL, 10000));
	end_play();
	assert_string_equal(qmp.error, "QEMU refuses cont: no way");
}

static void test_line_in_pieces(void **state)
{
	static const char *const lines[] = { GREETING, OK_1, NULL };

	(void)state;
	begin_play(lines);
	end_play();
	say("{\"event\": \"RES");
	qmp_poll(&qmp);
	assert_string_equal(events, "");
	say("UME\"}\r\n{");
	qmp_poll(&qmp);
	assert_string_equal(events, "RESUME ");
}

static void test_silence(void **state)
{
	(void)state;
	assert_false(open_qmp(20));
	assert_string_equal(qmp.error,
			    "QEMU gave no QMP greeting within 20 ms");
}

static void test_interrupted(void **state)
{
	static volatile sig_atomic_t interrupt = 1;

	(void)state;
	assert_false(
		qmp_open(&qmp, fd[0], 60000, on_event, events, &interrupt));
	assert_non_null(strstr(qmp.error, "interrupted"));
}

static void test_death(void **state)
{
	(void)state;
	say(GREETING);
	close(fd[1]);
	fd[1] = -1;
	assert_false(open_qmp(10000));
	/* Whether the command or its answer fails is a matter of timing. */
	assert_true(strstr(qmp.error, "closed its monitor") ||
		    strstr(qmp.error, "takes no command"));
}

static void test_garbage(void **state)
{
	(void)state;
	say("SSH-2.0-OpenSSH\r\n");
	assert_false(open_qmp(10000));
	assert_non_null(strstr(qmp.error, "no JSON object, \"SSH-2.0-OpenSSH"));
}

/* Answers that are JSON and no answers. */
static void test_odd_answers(void **state)
{
	static const char greeting[] = GREETING;
	const char *const lines[] = {
		greeting, OK_1, "{\"id\": 2}\r\n",
		"{\"id\": 3, \"error\": {\"desc\": 5}}\r\n",
		"[1, 2]\r\n", NULL
	};

	(void)state;
	begin_play(lines);
	assert_null(qmp_execute(&qmp, "stop", NULL, 10000));
	assert_non_null(strstr(qmp.error, "neither a result nor an error"));
	assert_null(qmp_execute(&qmp, "stop", NULL, 10000));
	assert_non_null(strstr(qmp.error, "not known"));
	assert_null(qmp_execute(&qmp, "stop", NULL, 10000));
	assert_non_null(strstr(qmp.error, "no JSON object"));
	end_play();
}

static void test_endless_line(void **state)
{
	static char text[65536];

	(void)state;
	memset(text, ' ', sizeof(text) - 1);
	assert_int_equal(pthread_create(&thread, NULL, talk, text), 0);
	assert_false(open_qmp(60000));
	assert_non_null(strstr(qmp.error, "a line of over a MiB"));
	close(fd[0]);
	qmp.fd = -1;
	end_play();
}

/*
 * A minute's silence is QEMU's fault only if this process was there to hear it; a
 * pause of its own is told by the time since it looked last.
 */
static void test_whose_silence(void **state)
{
	const uint64_t minute_ns = 60000000000ull;
	struct qemu qemu = { .cpu_log = -1, .log_file = "/dev/null" };
	static const char *const lines[] = { GREETING, OK_1, NULL };

	(void)state;
	begin_play(lines);
	end_play();
	qemu.qmp = qmp;
	qemu.looked_ns = clock_ns() - minute_ns;
	qemu.qmp.last_heard_ns = clock_ns() - minute_ns;
	assert_true(qemu_answers(&qemu));
	assert_true(qemu.asked_ns);
	qemu.looked_ns = clock_ns();
	qemu.qmp.last_heard_ns = clock_ns() - minute_ns;
	assert_false(qemu_answers(&qemu));
	assert_non_null(strstr(qemu.error, "has not answered"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_greeting, begin, end),
		cmocka_unit_test_setup_teardown(test_command_between_events,
						begin, end),
		cmocka_unit_test_setup_teardown(test_line_in_pieces, begin, end),
		cmocka_unit_test_setup_teardown(test_refused_command, begin, end),
		cmocka_unit_test_setup_teardown(test_silence, begin, end),
		cmocka_unit_test_setup_teardown(test_interrupted, begin, end),
		cmocka_unit_test_setup_teardown(test_death, begin, end),
		cmocka_unit_test_setup_teardown(test_garbage, begin, end),
		cmocka_unit_test_setup_teardown(test_odd_answers, begin, end),
		cmocka_unit_test_setup_teardown(test_endless_line, begin, end),
		cmocka_unit_test_setup_teardown(test_whose_silence, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
