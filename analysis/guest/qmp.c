// SPDX-License-Identifier: GPL-2.0-only
#include "qmp.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/text.h"
#include "lib/tsc.h"

/* No answer to our commands comes near this. */
#define LINE_BYTES_MAX	(1u << 20)
/* Nor does what it says at once: who talks without end gets no more of our time. */
#define HEAR_BYTES_MAX	(4u << 20)
#define NS_PER_MS	1000000u

static const char *string_member(json_object *object, const char *name)
{
	json_object *member;

	return json_object_object_get_ex(object, name, &member) &&
			       json_object_is_type(member, json_type_string)
		       ? json_object_get_string(member)
		       : NULL;
}

static void take_greeting(struct qmp *qmp, json_object *greeting)
{
	json_object *version, *qemu, *part;
	int number[3] = { 0 };
	static const char *const name[3] = { "major", "minor", "micro" };
	const char *package;

	if (!json_object_object_get_ex(greeting, "version", &version) ||
	    !json_object_object_get_ex(version, "qemu", &qemu))
		return;
	for (int i = 0; i < 3; i++) {
		if (json_object_object_get_ex(qemu, name[i], &part))
			number[i] = json_object_get_int(part);
	}
	package = string_member(version, "package");
	text_set(qmp->qemu_version, sizeof(qmp->qemu_version),
		 "%d.%d.%d%s%s%s", number[0], number[1], number[2],
		 package && *package ? " (" : "", package ? package : "",
		 package && *package ? ")" : "");
}

static void take_message(struct qmp *qmp, json_object *message)
{
	json_object *member;
	const char *event = string_member(message, "event");

	if (event) {
		if (!json_object_object_get_ex(message, "data", &member))
			member = NULL;
		qmp->on_event(qmp->arg, event, member);
	} else if (json_object_object_get_ex(message, "QMP", &member)) {
		take_greeting(qmp, member);
	} else if (json_object_object_get_ex(message, "id", &member) &&
		   (uint32_t)json_object_get_int64(member) == qmp->last_id) {
		json_object_put(qmp->answer);
		qmp->answer = json_object_get(message);
	}
}

/* What came is no QMP: hear no more of it, and quote how it begins. */
static void nonsense(struct qmp *qmp, const char *what, const char *text)
{
	char begin[41];

	qmp->closed = true;
	text_set(begin, sizeof(begin), "%.40s", text);
	text_clean(begin);
	text_set(qmp->error, sizeof(qmp->error),
		 "QEMU's monitor sent %s, \"%s\", expected a JSON object in each line; is it a QEMU?",
		 what, begin);
}

/* Handle the lines in the input buffer that are complete. */
static void take_lines(struct qmp *qmp)
{
	char *begin = qmp->input;
	char *end = qmp->input + qmp->used;
	char *newline;

	while (!qmp->closed && (newline = memchr(begin, '\n', (size_t)(end - begin)))) {
		json_object *message;

		*newline = '\0';
		message = json_tokener_parse(begin);
		if (json_object_is_type(message, json_type_object))
			take_message(qmp, message);
		else if (begin[strspn(begin, " \r")])
			nonsense(qmp, "what is no JSON object", begin);
		json_object_put(message);
		begin = newline + 1;
	}
	qmp->used = (size_t)(end - begin);
	memmove(qmp->input, begin, qmp->used);
}

/* Read what there is, waiting up to timeout_ms for the first byte. */
static void receive(struct qmp *qmp, int timeout_ms)
{
	struct pollfd ready = { .fd = qmp->fd, .events = POLLIN };
	size_t heard = 0;
	ssize_t n;

	while (!qmp->closed && heard < HEAR_BYTES_MAX &&
	       poll(&ready, 1, timeout_ms) > 0) {
		timeout_ms = 0;
		if (qmp->used == qmp->capacity) {
			qmp->input[qmp->capacity - 1] = '\0';
			nonsense(qmp, "a line of over a MiB", qmp->input);
			break;
		}
		n = read(qmp->fd, qmp->input + qmp->used,
			 qmp->capacity - qmp->used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			qmp->closed = true;
			break;
		}
		heard += (size_t)n;
		qmp->used += (size_t)n;
		qmp->last_heard_ns = clock_ns();
		take_lines(qmp);
	}
}

static bool send_command(struct qmp *qmp, const char *command,
			 const char *arguments)
{
	char line[256];
	int bytes = snprintf(line, sizeof(line),
			     "{\"execute\": \"%s\"%s%s, \"id\": %u}\n", command,
			     arguments ? ", \"arguments\": " : "",
			     arguments ? arguments : "", ++qmp->last_id);

	json_object_put(qmp->answer);
	qmp->answer = NULL;
	return send(qmp->fd, line, (size_t)bytes, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	       bytes;
}

static bool is_greeted(const struct qmp *qmp)
{
	return *qmp->qemu_version;
}

static bool is_answered(const struct qmp *qmp)
{
	return qmp->answer;
}

static bool wait_until(struct qmp *qmp, bool (*done)(const struct qmp *),
		       const char *what, unsigned int timeout_ms)
{
	uint64_t deadline_ns = clock_ns() + (uint64_t)timeout_ms * NS_PER_MS;

	while (!done(qmp)) {
		uint64_t now_ns = clock_ns();

		if (qmp->closed) {
			if (!*qmp->error)
				text_set(qmp->error, sizeof(qmp->error),
					 "QEMU closed its monitor before %s",
					 what);
			return false;
		}
		/* A pause of our own may have taken all of the time. */
		if (now_ns >= deadline_ns) {
			receive(qmp, 0);
			if (done(qmp))
				break;
			text_set(qmp->error, sizeof(qmp->error),
				 "QEMU gave no %s within %u ms", what,
				 timeout_ms);
			return false;
		}
		if (qmp->interrupt && *qmp->interrupt) {
			text_set(qmp->error, sizeof(qmp->error),
				 "interrupted while waiting for QEMU's %s",
				 what);
			return false;
		}
		receive(qmp, (int)((deadline_ns - now_ns) / NS_PER_MS) + 1);
	}
	return true;
}

bool qmp_open(struct qmp *qmp, int fd, unsigned int timeout_ms,
	      qmp_event_fn *on_event, void *arg,
	      const volatile sig_atomic_t *interrupt)
{
	json_object *answer;

	*qmp = (struct qmp){
		.fd = fd,
		.on_event = on_event,
		.arg = arg,
		.interrupt = interrupt,
		.capacity = LINE_BYTES_MAX,
		.last_heard_ns = clock_ns(),
		.input = malloc(LINE_BYTES_MAX),
	};
	if (!qmp->input) {
		text_set(qmp->error, sizeof(qmp->error), "out of memory");
		return false;
	}
	if (!wait_until(qmp, is_greeted, "QMP greeting", timeout_ms))
		return false;
	answer = qmp_execute(qmp, "qmp_capabilities", NULL, timeout_ms);
	json_object_put(answer);
	qmp->interrupt = NULL;
	return answer;
}

json_object *qmp_execute(struct qmp *qmp, const char *command,
			 const char *arguments, unsigned int timeout_ms)
{
	char what[64];
	json_object *result = NULL, *failure;

	text_set(what, sizeof(what), "answer to %s", command);
	qmp->error[0] = '\0';
	if (!send_command(qmp, command, arguments)) {
		text_set(qmp->error, sizeof(qmp->error),
			 "QEMU takes no command %s", command);
		return NULL;
	}
	if (!wait_until(qmp, is_answered, what, timeout_ms))
		return NULL;
	if (json_object_object_get_ex(qmp->answer, "return", &result))
		json_object_get(result);
	else if (json_object_object_get_ex(qmp->answer, "error", &failure))
		text_set(qmp->error, sizeof(qmp->error), "QEMU refuses %s: %s",
			 command, or_unknown(string_member(failure, "desc")));
	else
		text_set(qmp->error, sizeof(qmp->error),
			 "QEMU's answer to %s has neither a result nor an error",
			 command);
	json_object_put(qmp->answer);
	qmp->answer = NULL;
	return result;
}

void qmp_send(struct qmp *qmp, const char *command)
{
	send_command(qmp, command, NULL);
}

void qmp_poll(struct qmp *qmp)
{
	receive(qmp, 0);
}

void qmp_close(struct qmp *qmp)
{
	json_object_put(qmp->answer);
	qmp->answer = NULL;
	free(qmp->input);
	qmp->input = NULL;
	if (qmp->fd >= 0)
		close(qmp->fd);
	qmp->fd = -1;
}
