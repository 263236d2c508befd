// SPDX-License-Identifier: GPL-2.0-only
#include "lttng_output.h"

#include <err.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/module.h"
#include "lib/text.h"
#include "lib/tsc.h"
#include "lttng_daemon.h"
#include "packet_queue.h"
#include "relay_watch.h"

#define QUEUE_BYTES		((size_t)32 << 20)
#define BEAT_MS			1000
#define NS_PER_MS		1000000ull
#define CLOSE_S			30
#define CLOSE_BROKEN_S		5	/* something was wrong before */
#define REGISTER_TIMEOUT_MS	"20000"

/*
 * Records emitted between two looks at the clock.  One that finds LTTng's
 * buffers full waits BLOCK_US of session/session.c: a slice that takes longer
 * than SLOW got nothing through.
 */
#define SLICE_RECORDS		16
#define SLOW_NS			(1000 * NS_PER_MS)
#define STALL_NS		(5000 * NS_PER_MS)

struct mode_change {
	uint64_t time;
	const char *mode;
	uint8_t call;
};

struct lttng_output {
	const struct lttng_session_control *control;
	const struct lttng_provider *provider;
	struct lttng_session_state session;
	pid_t daemon;			/* that we started; 0: none */
	bool quiet, lossless;
	int relay;			/* relay_watch */

	struct packet_queue queue;
	pthread_t thread;

	/* The thread's own until it ends. */
	uint64_t emitted;
	uint64_t lost, skipped;		/* told in vmi:lost */
	uint64_t beat_ns;
	uint64_t stalled_ns;
	char problem[LTTNG_WHY_BYTES];	/* set: nothing is emitted any more */

	/* Both threads', under lock. */
	pthread_mutex_t lock;
	struct lttng_run run;
	struct mode_change *modes;	/* not emitted yet */
	size_t nr_modes;
};

__attribute__((format(printf, 2, 3)))
static void give_up(struct lttng_output *out, const char *format, ...)
{
	va_list args;

	if (*out->problem)
		return;
	va_start(args, format);
	text_vappend(out->problem, sizeof(out->problem), format, args);
	va_end(args);
	packet_queue_break(&out->queue);
}

/* What would otherwise end without a word. */
static void look_after(struct lttng_output *out)
{
	if (*out->problem)
		return;
	if (relay_watch_gone(out->relay))
		give_up(out, "the LTTng relay at %s has gone", out->session.path);
	else if (!out->control->daemon_alive())
		give_up(out, "the LTTng session daemon has gone");
	else if (!out->provider->enabled())
		give_up(out, "the LTTng session '%s' takes no events any more",
			out->session.name);
}

static void emit_modes(struct lttng_output *out)
{
	for (size_t i = 0; i < out->nr_modes; i++)
		out->provider->mode(out->run.run, out->modes[i].time,
				    out->modes[i].call, out->modes[i].mode);
	out->nr_modes = 0;
}

static void beat(struct lttng_output *out)
{
	look_after(out);
	if (*out->problem)
		return;
	pthread_mutex_lock(&out->lock);
	out->provider->run(&out->run);
	pthread_mutex_unlock(&out->lock);
}

static const char *slice_end(const char *p, const char *end)
{
	for (int i = 0; i < SLICE_RECORDS && p < end; i++)
		p += ((const struct vmi_record *)p)->word & VMI_REC_WIDE
			     ? VMI_REC_WIDE_BYTES
			     : VMI_REC_BYTES;
	return p < end ? p : end;
}

/* Full buffers of which nobody takes anything: do not wait for ever. */
static void note_stall(struct lttng_output *out, uint64_t ns)
{
	out->stalled_ns = ns > SLOW_NS ? out->stalled_ns + ns : 0;
	if (out->stalled_ns)
		look_after(out);
	if (out->stalled_ns > STALL_NS)
		give_up(out,
			"LTTng's buffers have been full for %" PRIu64
			" s: its consumer daemon takes nothing",
			(uint64_t)(out->stalled_ns / 1000 / NS_PER_MS));
}

static void emit(struct lttng_output *out, const struct queued_packet *entry)
{
	const struct vmi_packet *packet = &entry->packet;
	const uint64_t epoch = packet->time_begin >> 32 << 32;
	const char *end = (const char *)packet + entry->bytes;
	const char *p = (const char *)packet + VMI_PKT_HEADER_BYTES;
	uint64_t now = clock_ns();

	while (p < end && !*out->problem) {
		const char *next = slice_end(p, end);
		uint64_t before = now;

		out->emitted += out->provider->records(
			out->run.run, (uint8_t)packet->vcpu, epoch, p, next);
		p = next;
		now = clock_ns();
		note_stall(out, now - before);
	}
	if (packet->lost == out->lost && !entry->skipped)
		return;
	out->provider->lost(out->run.run, (uint8_t)packet->vcpu,
			    packet->time_end, packet->lost - out->lost,
			    entry->skipped);
	out->lost = packet->lost;
	out->skipped += entry->skipped;
}

static void *emit_all(void *arg)
{
	struct lttng_output *out = arg;
	const struct queued_packet *entry;

	for (;;) {
		entry = packet_queue_take(&out->queue, BEAT_MS);
		if (clock_ns() - out->beat_ns >= BEAT_MS * NS_PER_MS) {
			beat(out);
			out->beat_ns = clock_ns();
		}
		pthread_mutex_lock(&out->lock);
		if (!*out->problem)
			emit_modes(out);
		pthread_mutex_unlock(&out->lock);
		if (entry) {
			if (!*out->problem)
				emit(out, entry);
			packet_queue_release(&out->queue, entry);
		} else if (packet_queue_closed(&out->queue)) {
			return NULL;
		}
	}
}

/*
 * Loading the tracepoints waits until the session daemon has enabled them.  The
 * library reads both variables while it is loaded; QEMU is not to have them.
 */
static bool load_provider(struct lttng_output *out)
{
	(void)setenv("LTTNG_UST_REGISTER_TIMEOUT", REGISTER_TIMEOUT_MS, 1);
	(void)setenv("LTTNG_UST_ALLOW_BLOCKING", "1", 1);
	out->provider = module_load("vmiprof-lttng-ust.so", "lttng_provider",
				    "liblttng-ust-dev");
	(void)unsetenv("LTTNG_UST_REGISTER_TIMEOUT");
	(void)unsetenv("LTTNG_UST_ALLOW_BLOCKING");
	if (!out->provider)
		return false;
	if (out->provider->enabled())
		return true;
	warnx("the LTTng session '%s' did not enable vmi:call", out->session.name);
	return false;
}

/* Signals are for the recorder's thread. */
static bool start_thread(struct lttng_output *out)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&out->thread, NULL, emit_all, out);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error)
		warnx("cannot start a thread: %s", strerror(error));
	return !error;
}

static bool open_session(struct lttng_output *out,
			 const struct lttng_output_config *config)
{
	char why[LTTNG_WHY_BYTES];
	char name[64];
	time_t now = time(NULL);
	struct tm tm;

	localtime_r(&now, &tm);
	(void)strftime(name, sizeof(name), "vmiprof-%Y%m%d-%H%M%S", &tm);
	text_append(name, sizeof(name), "-%d", (int)getpid());
	if (out->control->open(&out->session,
			       config->session && *config->session
				       ? config->session
				       : name,
			       config->url, why))
		return true;
	warnx("%s", why);
	return false;
}

/* A call that may never return: a daemon that hangs keeps its clients waiting. */
struct closing {
	struct lttng_output *out;
	uint64_t discarded;
	bool ok;
	char why[LTTNG_WHY_BYTES];
};

static void *close_in_thread(void *arg)
{
	struct closing *closing = arg;

	closing->ok = closing->out->control->close(&closing->out->session,
						   &closing->discarded,
						   closing->why);
	return NULL;
}

static void tell_closing(const struct lttng_output *out,
			 const struct closing *closing, char *problem,
			 size_t bytes)
{
	const uint64_t discarded = closing->discarded;

	if (discarded)
		text_append(problem, bytes,
			    "%sLTTng discarded %" PRIu64 " events of the session '%s': its buffers were full",
			    *problem ? "; " : "", discarded, out->session.name);
	if (!closing->ok)
		text_append(problem, bytes, "%s%s", *problem ? "; " : "",
			    closing->why);
	if (relay_watch_gone(out->relay) && !*out->problem)
		text_append(problem, bytes, "%sthe LTTng relay at %s has gone",
			    *problem ? "; " : "", out->session.path);
}

/*
 * Returns false when the session daemon does not answer.  The thread is left to
 * itself then, and with it all that it uses.
 */
static bool close_session(struct lttng_output *out, char *problem, size_t bytes)
{
	struct closing *closing = calloc(1, sizeof(*closing));
	struct timespec until;
	pthread_t thread;

	if (!closing)
		err(EXIT_FAILURE, "memory");
	closing->out = out;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += *out->problem ? CLOSE_BROKEN_S : CLOSE_S;
	if (pthread_create(&thread, NULL, close_in_thread, closing))
		err(EXIT_FAILURE, "thread");
	if (pthread_timedjoin_np(thread, NULL, &until)) {
		(void)pthread_detach(thread);
		text_append(problem, bytes,
			    "%sthe LTTng session daemon does not answer, so the session '%s' stays",
			    *problem ? "; " : "", out->session.name);
		return false;
	}
	tell_closing(out, closing, problem, bytes);
	free(closing);
	return true;
}

static void output_free(struct lttng_output *out)
{
	if (out->relay >= 0)
		close(out->relay);
	packet_queue_free(&out->queue);
	free(out->modes);
	pthread_mutex_destroy(&out->lock);
	free(out);
}

struct lttng_output *lttng_output_open(const struct lttng_output_config *config,
				       const struct lttng_run *run)
{
	struct lttng_output *out = calloc(1, sizeof(*out));
	char ignored[LTTNG_WHY_BYTES] = "";

	if (!out)
		err(EXIT_FAILURE, "memory");
	out->relay = -1;
	out->run = *run;
	out->quiet = config->quiet;
	out->lossless = config->lossless;
	pthread_mutex_init(&out->lock, NULL);
	if (packet_queue_init(&out->queue, QUEUE_BYTES))
		err(EXIT_FAILURE, "memory");
	out->control = module_load("vmiprof-lttng.so", "lttng_session_control",
				   "liblttng-ctl-dev");
	if (!out->control ||
	    !lttng_daemon_start(out->control, config->quiet, &out->daemon))
		goto fail;
	if (!open_session(out, config))
		goto end_daemon;
	out->relay = relay_watch_open(out->session.path);
	if (!load_provider(out) || !start_thread(out))
		goto close;
	return out;

close:
	if (!close_session(out, ignored, sizeof(ignored)))
		return NULL;
end_daemon:
	lttng_daemon_end(out->control, config->quiet, out->daemon);
fail:
	output_free(out);
	return NULL;
}

void lttng_output_packet(void *output, const struct vmi_packet *packet)
{
	struct lttng_output *out = output;

	packet_queue_put(&out->queue, packet, out->lossless);
}

void lttng_output_mode(struct lttng_output *output, uint64_t time,
		       uint8_t call, const char *mode)
{
	pthread_mutex_lock(&output->lock);
	output->modes = reallocarray(output->modes, output->nr_modes + 1,
				     sizeof(*output->modes));
	if (!output->modes)
		err(EXIT_FAILURE, "memory");
	output->modes[output->nr_modes++] = (struct mode_change){
		.time = time, .mode = mode, .call = call
	};
	pthread_mutex_unlock(&output->lock);
}

void lttng_output_clock(struct lttng_output *output, uint64_t tsc_hz,
			int64_t offset_ns, int64_t error_ns)
{
	pthread_mutex_lock(&output->lock);
	output->run.tsc_hz = tsc_hz;
	output->run.clock_offset_ns = offset_ns;
	output->run.clock_error_ns = error_ns;
	pthread_mutex_unlock(&output->lock);
}

const char *lttng_output_session(const struct lttng_output *output)
{
	return output->session.name;
}

const char *lttng_output_path(const struct lttng_output *output)
{
	return output->session.path;
}

/* The thread has ended: its events are all out. */
static void emit_end(struct lttng_output *out, struct lttng_end *end,
		     const uint64_t *counted)
{
	const struct lttng_provider *provider = out->provider;

	beat(out);
	end->run = out->run.run;
	end->events_recorded = out->emitted;
	if (*out->problem)
		return;
	emit_modes(out);
	for (unsigned int nr = 0; nr < VMI_NR_SLOTS; nr++) {
		if (counted[nr])
			provider->counted(out->run.run, end->vcpu, (uint8_t)nr,
					  counted[nr]);
	}
	if (out->queue.skipped) {
		provider->lost(out->run.run, end->vcpu, 0, 0, out->queue.skipped);
		out->skipped += out->queue.skipped;
	}
	provider->end(end);
}

void lttng_output_close(struct lttng_output *output, struct lttng_end *end,
			const uint64_t *counted, char *problem, size_t bytes)
{
	*problem = '\0';
	packet_queue_close(&output->queue);
	pthread_join(output->thread, NULL);
	if (end)
		emit_end(output, end, counted);
	if (*output->problem)
		text_set(problem, bytes, "%s: events are missing in the session '%s'",
			 output->problem, output->session.name);
	if (output->skipped)
		text_append(problem, bytes,
			    "%s%" PRIu64 " events were not given to LTTng, which was too slow",
			    *problem ? "; " : "", output->skipped);
	if (!close_session(output, problem, bytes)) {
		lttng_daemon_kill(output->daemon);
		return;
	}
	lttng_daemon_end(output->control, output->quiet, output->daemon);
	output_free(output);
}
