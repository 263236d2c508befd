// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmiprof-lttng.so: recording sessions of LTTng, through liblttng-ctl
 *
 * Source for what the calls do and return: the manual pages lttng(1) to
 * lttng-enable-channel(1) and the headers of liblttng-ctl 2.13.
 */
#include <lttng/lttng.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lttng/modules.h"

#define CHANNEL		"vmi"
#define EVENTS		"vmi:*"

/*
 * Per CPU of the host 8 MiB: some 30 ms at the rate at which one thread can make
 * events.  A program that may block waits that long for room at most, each time.
 */
#define SUBBUF_BYTES	((uint64_t)2 << 20)
#define NR_SUBBUFS	4
#define BLOCK_US	100000

/*
 * So often what is there is handed on, the metadata too, which LTTng else keeps
 * to the end: a daemon that dies costs about that much of the trace.
 */
#define SWITCH_US	1000000
#define METADATA	"metadata"
#define METADATA_BYTES	4096
#define METADATA_NR	2

#define PENDING_POLL_NS	10000000
#define PENDING_POLLS	2000

static bool fail(char *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, LTTNG_WHY_BYTES, format, args);
	va_end(args);
	return false;
}

static bool daemon_alive(void)
{
	return lttng_session_daemon_alive() == 1;
}

static int nr_sessions(void)
{
	struct lttng_session *sessions = NULL;
	int nr = lttng_list_sessions(&sessions);

	free(sessions);
	return nr < 0 ? -1 : nr;
}

/* Fill in what is known of the session of that name; false: there is none. */
static bool find_session(const char *name, struct lttng_session *found)
{
	struct lttng_session *sessions = NULL;
	int nr = lttng_list_sessions(&sessions);
	bool known = false;

	for (int i = 0; i < nr && !known; i++) {
		if (strcmp(sessions[i].name, name) != 0)
			continue;
		*found = sessions[i];
		known = true;
	}
	free(sessions);
	return known;
}

static struct lttng_handle *user_space(const char *name)
{
	struct lttng_domain domain = {
		.type = LTTNG_DOMAIN_UST,
		.buf_type = LTTNG_BUFFER_PER_UID,
	};

	return lttng_create_handle(name, &domain);
}

/* Whether the session has a channel of user space already, to be left as it is. */
static bool has_channel(const char *name, struct lttng_handle *handle)
{
	struct lttng_channel *channels = NULL;
	int nr = lttng_list_channels(handle, &channels);
	bool found = false;

	for (int i = 0; i < nr; i++)
		found |= !strcmp(channels[i].name, name);
	free(channels);
	return found;
}

/*
 * For sessions of our own that go to a local directory: with such a timer the
 * consumer daemon of 2.13 can lock itself up when the relay of a session dies
 * (consumer_timer_switch_stop() waits for a timer that waits for its lock).
 */
static void set_metadata(struct lttng_handle *handle)
{
	struct lttng_channel *channel = lttng_channel_create(&handle->domain);

	if (!channel)
		return;
	(void)snprintf(channel->name, sizeof(channel->name), METADATA);
	channel->attr.subbuf_size = METADATA_BYTES;
	channel->attr.num_subbuf = METADATA_NR;
	channel->attr.switch_timer_interval = SWITCH_US;
	(void)lttng_enable_channel(handle, channel);
	lttng_channel_destroy(channel);
}

static int add_channel(struct lttng_handle *handle)
{
	struct lttng_channel *channel = lttng_channel_create(&handle->domain);
	int error;

	if (!channel)
		return -LTTNG_ERR_NOMEM;
	(void)snprintf(channel->name, sizeof(channel->name), CHANNEL);
	channel->attr.subbuf_size = SUBBUF_BYTES;
	channel->attr.num_subbuf = NR_SUBBUFS;
	channel->attr.switch_timer_interval = SWITCH_US;
	/* Snapshots overwrite, and so never wait. */
	if (channel->attr.overwrite != 1)
		(void)lttng_channel_set_blocking_timeout(channel, BLOCK_US);
	error = lttng_enable_channel(handle, channel);
	lttng_channel_destroy(channel);
	return error;
}

static bool add_events(const struct lttng_session_state *state, char *why)
{
	struct lttng_handle *handle = user_space(state->name);
	struct lttng_event *event = lttng_event_create();
	int error = -LTTNG_ERR_NOMEM;
	bool ok = false;

	if (!handle || !event)
		goto out;
	if (state->ours && !strstr(state->path, "://"))
		set_metadata(handle);
	error = has_channel(CHANNEL, handle) ? 0 : add_channel(handle);
	if (error < 0) {
		fail(why, "LTTng session '%s': cannot add the channel '%s': %s",
		     state->name, CHANNEL, lttng_strerror(error));
		goto out;
	}
	event->type = LTTNG_EVENT_TRACEPOINT;
	event->loglevel_type = LTTNG_EVENT_LOGLEVEL_ALL;
	(void)snprintf(event->name, sizeof(event->name), EVENTS);
	error = lttng_enable_event(handle, event, CHANNEL);
	if (error < 0 && error != -LTTNG_ERR_UST_EVENT_ENABLED)
		fail(why, "LTTng session '%s': cannot enable %s: %s",
		     state->name, EVENTS, lttng_strerror(error));
	else
		ok = true;
out:
	if (!ok && !*why)
		fail(why, "LTTng session '%s': %s", state->name,
		     lttng_strerror(error));
	lttng_event_destroy(event);
	lttng_destroy_handle(handle);
	return ok;
}

static bool create(struct lttng_session_state *state, const char *url,
		   char *why)
{
	struct lttng_session_descriptor *descriptor =
		url ? lttng_session_descriptor_network_create(state->name, url,
							      NULL)
		    : lttng_session_descriptor_local_create(state->name, NULL);
	enum lttng_error_code error;

	if (!descriptor)
		return fail(why,
			    "LTTng takes no session '%s'%s%s; a URL is net://HOST[:PORT]",
			    state->name, url ? " at " : "", url ? url : "");
	error = lttng_create_session_ext(descriptor);
	lttng_session_descriptor_destroy(descriptor);
	if (error != LTTNG_OK)
		return fail(why, "cannot create the LTTng session '%s'%s%s: %s",
			    state->name, url ? " at " : "", url ? url : "",
			    lttng_strerror(-(int)error));
	state->ours = true;
	return true;
}

static void destroy(const struct lttng_session_state *state)
{
	if (state->ours)
		(void)lttng_destroy_session(state->name);
}

static bool open_session(struct lttng_session_state *state, const char *name,
			 const char *url, char *why)
{
	struct lttng_session session = { 0 };
	bool there = find_session(name, &session);
	int error;

	*why = '\0';
	*state = (struct lttng_session_state){ 0 };
	(void)snprintf(state->name, sizeof(state->name), "%s", name);
	if (there && url)
		return fail(why,
			    "there is an LTTng session '%s' already, which goes to %s; --lttng-url is for a new one",
			    name, session.path);
	if (!there && !create(state, url, why))
		return false;
	if (!there && !find_session(name, &session))
		return fail(why, "the LTTng session '%s' has gone", name);
	(void)snprintf(state->path, sizeof(state->path), "%s", session.path);
	if (!add_events(state, why)) {
		destroy(state);
		return false;
	}
	if (session.enabled)
		return true;
	error = lttng_start_tracing(name);
	if (error < 0) {
		fail(why, "cannot start the LTTng session '%s', which goes to %s: %s",
		     name, state->path, lttng_strerror(error));
		destroy(state);
		return false;
	}
	state->started = true;
	return true;
}

/* Events and packets that the session's channels of user space lost. */
static bool count_discarded(const struct lttng_session_state *state,
			    uint64_t *discarded)
{
	struct lttng_handle *handle = user_space(state->name);
	struct lttng_channel *channels = NULL;
	int nr = handle ? lttng_list_channels(handle, &channels) : -1;

	*discarded = 0;
	for (int i = 0; i < nr; i++) {
		uint64_t events = 0;

		if (!strcmp(channels[i].name, CHANNEL) &&
		    !lttng_channel_get_discarded_event_count(&channels[i],
							     &events))
			*discarded += events;
	}
	free(channels);
	lttng_destroy_handle(handle);
	return nr >= 0;
}

/* A relay that hangs must not keep the program for ever. */
static bool stop(const struct lttng_session_state *state, char *why)
{
	const struct timespec pause = { .tv_nsec = PENDING_POLL_NS };
	int error = lttng_stop_tracing_no_wait(state->name);

	if (error < 0 && error != -LTTNG_ERR_TRACE_ALREADY_STOPPED)
		return fail(why, "cannot stop the LTTng session '%s': %s",
			    state->name, lttng_strerror(error));
	for (int i = 0; i < PENDING_POLLS; i++) {
		error = lttng_data_pending(state->name);
		if (error < 0)
			return fail(why,
				    "LTTng does not tell whether all of the session '%s' is written: %s",
				    state->name, lttng_strerror(error));
		if (!error)
			return true;
		nanosleep(&pause, NULL);
	}
	return fail(why,
		    "the LTTng session '%s' has not written all of its data to %s after %d s",
		    state->name, state->path,
		    (int)((uint64_t)PENDING_POLLS * PENDING_POLL_NS / 1000000000));
}

static bool close_session(const struct lttng_session_state *state,
			  uint64_t *discarded, char *why)
{
	bool counted;
	int error;

	*why = '\0';
	*discarded = 0;
	if (state->started)
		(void)stop(state, why);
	counted = count_discarded(state, discarded);
	if (!counted && !*why)
		fail(why,
		     "LTTng does not tell how many events the session '%s' discarded",
		     state->name);
	if (state->ours) {
		error = lttng_destroy_session_no_wait(state->name);
		if (error < 0 && !*why)
			fail(why, "cannot end the LTTng session '%s': %s",
			     state->name, lttng_strerror(error));
	}
	return !*why;
}

__attribute__((visibility("default")))
const struct lttng_session_control lttng_session_control = {
	.daemon_alive = daemon_alive,
	.nr_sessions = nr_sessions,
	.open = open_session,
	.close = close_session,
};
