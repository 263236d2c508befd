// SPDX-License-Identifier: GPL-2.0-only
/*
 * recording_dump.c - write out what a flight recorder holds while it goes on
 *
 * A forked child writes: it has the memory as it was at that moment, while the
 * guest runs on and the parent drains its ring.  All texts are made before the
 * fork, so the child only creates and writes files.
 */
#include "recording.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/signals.h"
#include "lib/text.h"

void recording_dumps_init(struct recording *r)
{
	const struct record_options *options = &r->options;

	dump_watch_init(&r->dumps.watch, options->dump_on,
			options->nr_dump_on);
	if (options->nr_dump_on)
		drain_observe(&r->drain, dump_watch_packet, &r->dumps.watch);
}

/* The child's part; run.json last, it is what makes a directory a trace. */
static int write_dump(const struct recording *r, struct trace_dir *dir,
		      const char *metadata, const char *run_json)
{
	uint64_t kept;
	int error = trace_dir_make_dump(dir, &r->dir);

	if (!error)
		error = trace_dir_write_metadata(dir, metadata);
	if (!error)
		error = ctf_stream_save(&r->stream, dir->fd, TRACE_DIR_STREAM,
					&kept);
	if (!error)
		error = trace_dir_write_run_json(dir, run_json);
	return error;
}

/*
 * The guest runs: what is neither here nor known to be lost may still be in the
 * ring, if that has room for it.
 */
static void count_dump(struct recording *r, struct run_counts *counts,
		       struct run_dump *dump)
{
	struct drain_totals totals;
	uint64_t known;

	if (!drain_adds_up(&r->drain, &totals, r->dumps.doubt,
			   sizeof(r->dumps.doubt)))
		dump->problem = r->dumps.doubt;
	recording_counts(r, counts);
	counts->lost = r->drain.stream_lost;
	known = counts->recorded + counts->overwritten + counts->lost;
	counts->after_end =
		counts->counted > known ? counts->counted - known : 0;
}

static void start_dump(struct recording *r, const char *why)
{
	struct dumps *dumps = &r->dumps;
	struct run_counts counts;
	struct run_dump dump = { .number = ++dumps->nr, .why = why };
	struct trace_dir dir;
	char *metadata, *run_json;

	trace_dir_name_dump(&dir, &r->dir, dump.number);
	count_dump(r, &counts, &dump);
	r->duration_s = (double)(clock_ns() - r->guest_begin_ns) / NS_PER_S;
	metadata = recording_metadata_text(r);
	run_json = recording_run_json_text(r, &counts, &dump);
	text_set(dumps->what, sizeof(dumps->what), "%s: %llu events, %s",
		 dir.path, (unsigned long long)counts.recorded, why);
	dumps->pid = fork();
	if (!dumps->pid)
		_exit(write_dump(r, &dir, metadata, run_json));
	if (dumps->pid < 0) {
		text_set(dumps->error, sizeof(dumps->error),
			 "cannot write %s: %s", dir.path, strerror(errno));
		dumps->pid = 0;
	}
	free(metadata);
	free(run_json);
	trace_dir_free(&dir);
}

/* How the child that ended did; waits for it if it has to. */
static void reap(struct recording *r, int flags)
{
	struct dumps *dumps = &r->dumps;
	int status;
	pid_t pid;

	if (!dumps->pid)
		return;
	do
		pid = waitpid(dumps->pid, &status, flags);
	while (pid < 0 && errno == EINTR);
	if (!pid)
		return;
	dumps->pid = 0;
	progress_clear(&r->progress);
	if (WIFEXITED(status) && !WEXITSTATUS(status)) {
		if (!r->options.quiet)
			warnx("%s", dumps->what);
		return;
	}
	text_set(dumps->error, sizeof(dumps->error), "cannot write %s: %s",
		 dumps->what,
		 WIFEXITED(status) ? strerror(WEXITSTATUS(status))
				   : "the process that wrote it was killed");
	warnx("%s", dumps->error);
}

static void dump_on_signal(struct recording *r)
{
	dump_signal = 0;
	if (r->options.overwrite_bytes && r->attached) {
		start_dump(r, "SIGUSR2");
		return;
	}
	progress_clear(&r->progress);
	warnx("SIGUSR2: nothing to dump, %s",
	      r->options.overwrite_bytes ? "no call was recorded yet"
					 : "this is no recording with --overwrite");
}

/*
 * One dump for each memory full of packets at most, so that no two hold the same
 * events, and no more than the user wants.
 */
static void dump_on_condition(struct recording *r)
{
	struct dumps *dumps = &r->dumps;

	if (dumps->deaf) {
		if (r->stream.bytes - dumps->bytes_at_last <
		    r->options.overwrite_bytes)
			return;
		dumps->deaf = false;
		dump_watch_rearm(&dumps->watch, dumps->lost_at_last);
		return;
	}
	if (dumps->by_condition == r->options.max_dumps)
		return;
	if (++dumps->by_condition == r->options.max_dumps &&
	    !r->options.quiet) {
		progress_clear(&r->progress);
		warnx("dump %u by --dump-on is the last one, see --max-dumps",
		      r->options.max_dumps);
	}
	dumps->deaf = true;
	dumps->bytes_at_last = r->stream.bytes;
	dumps->lost_at_last = r->drain.last_lost;
	start_dump(r, dumps->watch.met);
}

void recording_dump_poll(struct recording *r)
{
	reap(r, WNOHANG);
	if (r->dumps.pid)
		return;
	if (dump_signal)
		dump_on_signal(r);
	else if (*r->dumps.watch.met)
		dump_on_condition(r);
}

void recording_dumps_end(struct recording *r)
{
	reap(r, 0);
	if (*r->dumps.error)
		recording_partial(r, "%s", r->dumps.error);
	if (*r->dumps.doubt)
		recording_partial(r, "at a dump %s", r->dumps.doubt);
}
