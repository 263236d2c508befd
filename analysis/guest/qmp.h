/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * qmp.h - a small client of the QEMU Machine Protocol
 *
 * One connected stream socket; a command and its answer are JSON objects, a line
 * each, and events come in between.
 */
#ifndef QMP_H
#define QMP_H

#include <json-c/json.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* data is NULL for an event without. */
typedef void qmp_event_fn(void *arg, const char *name, json_object *data);

struct qmp {
	int fd;
	char *input;
	size_t used, capacity;
	uint32_t last_id;
	json_object *answer;		/* to last_id, until it is fetched */
	bool closed;			/* QEMU closed its end, or sent nonsense */
	uint64_t last_heard_ns;
	qmp_event_fn *on_event;
	void *arg;
	const volatile sig_atomic_t *interrupt;
	char qemu_version[64];
	char error[240];		/* why the last call failed */
};

/*
 * Take over fd: greeting and capabilities.  Returns false, with qmp->error set,
 * when QEMU does not speak QMP within timeout_ms or *interrupt becomes nonzero.
 */
bool qmp_open(struct qmp *qmp, int fd, unsigned int timeout_ms,
	      qmp_event_fn *on_event, void *arg,
	      const volatile sig_atomic_t *interrupt);

/*
 * Execute a command and wait for its answer.  arguments: a JSON object, or NULL for
 * none.  Returns what it returned, of whatever type (to be put with
 * json_object_put), or NULL with qmp->error set.
 */
json_object *qmp_execute(struct qmp *qmp, const char *command,
			 const char *arguments, unsigned int timeout_ms);

/* Send a command whose answer nobody waits for. */
void qmp_send(struct qmp *qmp, const char *command);

/* Hand out events that have arrived; does not wait. */
void qmp_poll(struct qmp *qmp);

void qmp_close(struct qmp *qmp);

#endif /* QMP_H */
