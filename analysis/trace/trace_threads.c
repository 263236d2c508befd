// SPDX-License-Identifier: GPL-2.0-only
/*
 * Under the lock a thread walks from header to header to find the packets of
 * the next piece, and checks all that a packet's header says with regard to the
 * one before.  Reading the piece, its records and adding them up need no lock.
 * A header that is not plainly right ends the walk of its stream: the rest, its
 * tail, is read in order when all pieces before it are settled.
 */
#include "trace_threads.h"

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/input_file.h"
#include "packet_check.h"
#include "stream_read.h"

/* Pieces that may be taken but not settled; a power of two. */
#define WINDOW 256

/* Each thread holds a packet: larger ones are read by one of them, in order. */
#define PLAIN_BYTES_MAX (1u << 20)

/* Read at once in the walk, when packets are small. */
#define WALK_BYTES 4096

size_t trace_piece_bytes = (size_t)1 << 19;

struct piece {
	struct trace_stream *stream;
	int fd;
	bool first;	    /* of its stream */
	bool tail;	    /* all that is left of the stream */
	bool done;	    /* visited, but not settled */
	uint64_t offset;    /* of its first packet in the file */
	size_t bytes;	    /* of its packets */
	uint64_t lost;	    /* before it, as the packet before says */
	uint64_t time_last; /* end of the packet before */

	/* What visiting it has shown. */
	struct trace_totals totals;
	struct stream_state end;
	struct problems problems;
	struct trace_edge edge;
};

/* Where the pieces of a stream are found. */
struct walk {
	size_t nr; /* of the stream */
	int fd;	   /* -1: the stream is not open yet */
	uint64_t size;
	bool first;
	uint64_t offset;
	struct vmi_packet before; /* unless first */
	size_t buffer_bytes;
	uint64_t buffer_offset;
	char buffer[WALK_BYTES];
};

struct reader {
	struct trace *trace;
	struct problems *problems; /* NULL: they were told before */
	const struct trace_visitor *visitor;
	void *arg;

	pthread_mutex_t lock;	/* for all below */
	pthread_cond_t settled; /* a piece more is */
	struct walk walk;
	struct stream_state state; /* behind the last piece settled */
	uint64_t nr_taken, nr_settled;
	struct piece window[WINDOW];
};

struct worker {
	struct reader *reader;
	void *part;
	pthread_t thread;
};

/* Read so many bytes from there; false, with errno 0 at the end of the file. */
static bool read_at(int fd, void *buffer, size_t bytes, uint64_t offset)
{
	size_t done = 0;

	while (done < bytes) {
		ssize_t n = pread(fd, (char *)buffer + done, bytes - done,
				  (off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n ? errno : 0;
			return false;
		}
		done += (size_t)n;
	}
	return true;
}

/* The header at the walk's offset; false: there is none. */
static bool walk_header(struct walk *w, struct vmi_packet *header)
{
	const uint64_t end = w->offset + sizeof(*header);
	size_t bytes = sizeof(*header);

	if (end > w->size)
		return false;
	if (w->offset < w->buffer_offset ||
	    end > w->buffer_offset + w->buffer_bytes) {
		if (!w->first && w->before.content_bits / 8 < WALK_BYTES)
			bytes = w->size - w->offset < WALK_BYTES
					? (size_t)(w->size - w->offset)
					: WALK_BYTES;
		w->buffer_offset = w->offset;
		w->buffer_bytes = 0;
		if (!read_at(w->fd, w->buffer, bytes, w->offset))
			return false;
		w->buffer_bytes = bytes;
	}
	memcpy(header, w->buffer + (w->offset - w->buffer_offset),
	       sizeof(*header));
	return true;
}

/*
 * Whether the header is right and follows on the one before.  Stricter than
 * reading in order: begin is compared with the end of the packet before, not
 * with its last record.
 */
static bool is_plain(const struct reader *r, const struct vmi_packet *header)
{
	const struct walk *w = &r->walk;
	const struct packet_place at = {.trace = r->trace,
					.stream = &r->trace->streams[w->nr]};

	return packet_bounds(&at, header) &&
	       header->content_bits / 8 <= PLAIN_BYTES_MAX &&
	       header->content_bits / 8 <= w->size - w->offset &&
	       packet_header(&at, header, w->first ? 0 : w->before.time_end) &&
	       (w->first || (header->seq == w->before.seq + 1 &&
			     header->lost >= w->before.lost));
}

/* Open the stream that is next; false: there is none. */
static bool walk_stream(struct reader *r)
{
	struct walk *w = &r->walk;
	char why[INPUT_WHY_BYTES];

	if (w->nr == r->trace->nr_streams)
		return false;
	/* Why it cannot be opened is told by who reads its tail. */
	w->size = 0;
	w->fd = input_open(r->trace->streams[w->nr].path, &w->size, why);
	w->first = true;
	w->offset = 0;
	w->buffer_offset = 0;
	w->buffer_bytes = 0;
	return true;
}

/*
 * The next piece: packets until they are enough, else the tail, which may be
 * empty.  False: there are no more streams.
 */
static bool walk_piece(struct reader *r, struct piece *piece)
{
	struct walk *w = &r->walk;
	struct vmi_packet header;
	bool more;

	if (w->fd < 0 && !walk_stream(r))
		return false;
	*piece = (struct piece){
		.stream = &r->trace->streams[w->nr],
		.fd = w->fd,
		.first = w->first,
		.offset = w->offset,
		.lost = w->first ? 0 : w->before.lost,
		.time_last = w->first ? 0 : w->before.time_end,
		.problems.quiet = true,
	};
	while ((more = walk_header(w, &header) && is_plain(r, &header)) &&
	       (!piece->bytes ||
		piece->bytes + header.content_bits / 8 <= trace_piece_bytes)) {
		piece->bytes += header.content_bits / 8;
		w->offset += header.content_bits / 8;
		w->before = header;
		w->first = false;
	}
	piece->end.seq = w->first ? 0 : w->before.seq;
	if (!more && !piece->bytes) {
		piece->tail = true;
		w->fd = -1;
		w->nr++;
	}
	return true;
}

static void end_piece(const struct worker *worker, struct piece *piece)
{
	const struct trace_visitor *visitor = worker->reader->visitor;

	if (visitor->end_piece)
		visitor->end_piece(worker->part, &piece->edge);
}

static void join(const struct reader *r, const struct piece *piece,
		 bool after_gap)
{
	if (r->visitor->join)
		r->visitor->join(r->arg, &piece->edge, after_gap);
}

/* A packet of the piece, whole in memory. */
static void visit_packet(struct worker *worker, struct piece *piece,
			 const struct packet_place *at,
			 const struct vmi_packet *header)
{
	struct trace_packet packet = trace_packet_of(header, at->stream);
	struct stream_state *end = &piece->end;
	struct packet_content content;

	if (!packet_records(at, header, &content)) {
		piece->totals.bad_packets++;
		end->gap = true;
		return;
	}
	packet.lost = header->lost - end->lost;
	packet.first = end->first;
	packet.after_gap = end->gap;
	end->first = false;
	end->gap = false;
	end->lost = header->lost;
	end->time = packet.epoch | content.last;
	end->events += content.events;
	piece->totals.packets++;
	worker->reader->visitor->visit(worker->part, &packet);
}

/*
 * The packets of a piece in the buffer.  They were walked, but that was another
 * read: nothing is believed.  Returns how many bytes of them are packets.
 */
static size_t visit_packets(struct worker *worker, struct piece *piece,
			    const char *buffer)
{
	struct packet_place at = {
		.problems = &piece->problems,
		.trace = worker->reader->trace,
		.stream = piece->stream,
	};
	uint64_t time = piece->time_last;
	size_t done = 0;

	while (done < piece->bytes) {
		const struct vmi_packet *header =
			(const struct vmi_packet *)(buffer + done);

		at.offset = piece->offset + done;
		if (piece->bytes - done < sizeof(*header) ||
		    !packet_bounds(&at, header) ||
		    !packet_header(&at, header, time) ||
		    header->content_bits / 8 > piece->bytes - done ||
		    header->lost < piece->end.lost) {
			packet_problem(&at,
				       "the file has changed while it "
				       "was read%s",
				       "");
			return done;
		}
		time = header->time_end;
		done += header->content_bits / 8;
		visit_packet(worker, piece, &at, header);
	}
	return done;
}

/* The buffer has room for the piece. */
static void visit_piece(struct worker *worker, struct piece *piece,
			char *buffer)
{
	const struct packet_place at = {&piece->problems, worker->reader->trace,
					piece->stream, piece->offset};
	size_t done = 0;

	piece->end.first = piece->first;
	piece->end.lost = piece->lost;
	if (read_at(piece->fd, buffer, piece->bytes, piece->offset))
		done = visit_packets(worker, piece, buffer);
	else
		packet_problem(&at, "cannot be read: %s",
			       errno ? strerror(errno)
				     : "the file has become shorter");
	piece->totals.bytes = done;
	piece->totals.bytes_cut = piece->bytes - done;
	piece->end.gap |= done < piece->bytes;
	end_piece(worker, piece);
}

/* The end of a stream: what could not be walked, in order. */
static void settle_tail(struct worker *worker, struct piece *piece)
{
	struct reader *r = worker->reader;

	if (piece->fd >= 0)
		close(piece->fd);
	r->state.offset = piece->offset;
	stream_read(r->trace, piece->stream, &r->state, r->problems,
		    r->visitor->visit, worker->part);
	end_piece(worker, piece);
	join(r, piece, false);
	trace_stream_end(r->trace, piece->stream, &r->state);
	r->state = STREAM_BEGIN;
}

static void settle_piece(struct reader *r, struct piece *piece)
{
	struct trace_totals *totals = &r->trace->totals;
	const bool after_gap = r->state.gap;

	if (r->problems)
		problems_take(r->problems, &piece->problems);
	problems_free(&piece->problems);
	totals->packets += piece->totals.packets;
	totals->bytes += piece->totals.bytes;
	totals->bad_packets += piece->totals.bad_packets;
	totals->bytes_cut += piece->totals.bytes_cut;
	if (!piece->totals.packets) {
		/* Time and loss stay those of the last packet visited. */
		piece->end.time = r->state.time;
		piece->end.lost = r->state.lost;
		piece->end.first = r->state.first;
	}
	piece->end.events += r->state.events;
	r->state = piece->end;
	join(r, piece, after_gap);
}

/* All pieces from the oldest one on that are done.  Locked. */
static void settle(struct worker *worker)
{
	struct reader *r = worker->reader;

	while (r->nr_settled < r->nr_taken) {
		struct piece *piece = &r->window[r->nr_settled % WINDOW];

		if (!piece->done)
			break;
		if (piece->tail)
			settle_tail(worker, piece);
		else
			settle_piece(r, piece);
		r->nr_settled++;
	}
	(void)pthread_cond_broadcast(&r->settled);
}

/* Room for a piece; what was in the buffer is of no interest. */
static char *make_room(char *buffer, size_t *size, size_t bytes)
{
	if (bytes <= *size)
		return buffer;
	free(buffer);
	buffer = calloc(1, bytes);
	if (!buffer)
		err(EXIT_FAILURE, "memory");
	*size = bytes;
	return buffer;
}

static void *work(void *arg)
{
	struct worker *worker = arg;
	struct reader *r = worker->reader;
	char *buffer = NULL;
	size_t size = 0;

	(void)pthread_mutex_lock(&r->lock);
	for (;;) {
		struct piece *piece = &r->window[r->nr_taken % WINDOW];

		if (r->nr_taken - r->nr_settled == WINDOW) {
			(void)pthread_cond_wait(&r->settled, &r->lock);
			continue;
		}
		if (!walk_piece(r, piece))
			break;
		r->nr_taken++;
		if (!piece->tail) {
			(void)pthread_mutex_unlock(&r->lock);
			buffer = make_room(buffer, &size, piece->bytes);
			visit_piece(worker, piece, buffer);
			(void)pthread_mutex_lock(&r->lock);
		}
		piece->done = true;
		settle(worker);
	}
	(void)pthread_mutex_unlock(&r->lock);
	free(buffer);
	return NULL;
}

/* How many pieces there are, about. */
static uint64_t count_pieces(const struct trace *trace)
{
	uint64_t bytes = 0;
	struct stat st;

	for (size_t i = 0; i < trace->nr_streams; i++) {
		if (!stat(trace->streams[i].path, &st))
			bytes += (uint64_t)st.st_size;
	}
	return bytes / trace_piece_bytes + 1;
}

/* How many threads are of use. */
static unsigned int count_threads(const struct trace *trace,
				  unsigned int threads)
{
	const uint64_t pieces = count_pieces(trace);
	cpu_set_t cpus;

	if (!threads)
		threads = sched_getaffinity(0, sizeof(cpus), &cpus)
				  ? 1
				  : (unsigned int)CPU_COUNT(&cpus);
	if (threads > TRACE_THREADS_MAX)
		threads = TRACE_THREADS_MAX;
	return threads < pieces ? threads : (unsigned int)pieces;
}

/* In order, by this thread. */
static void read_alone(struct trace *trace, const struct trace_visitor *visitor,
		       void *arg)
{
	void *part = visitor->part_new(arg);
	struct trace_edge edge;

	trace_read(trace, visitor->visit, part);
	if (visitor->join) {
		visitor->end_piece(part, &edge);
		visitor->join(arg, &edge, false);
	}
	visitor->merge(arg, part);
}

/* This thread works, too; fewer threads than wished do as well. */
static void run_workers(struct reader *r, struct worker *workers,
			unsigned int nr)
{
	unsigned int started = 1;

	for (unsigned int i = 0; i < nr; i++) {
		workers[i].reader = r;
		workers[i].part = r->visitor->part_new(r->arg);
	}
	while (started < nr && !pthread_create(&workers[started].thread, NULL,
					       work, &workers[started]))
		started++;
	(void)work(&workers[0]);
	for (unsigned int i = 1; i < started; i++)
		(void)pthread_join(workers[i].thread, NULL);
	for (unsigned int i = 0; i < nr; i++)
		r->visitor->merge(r->arg, workers[i].part);
}

void trace_read_threads(struct trace *trace, unsigned int threads,
			const struct trace_visitor *visitor, void *arg)
{
	struct worker workers[TRACE_THREADS_MAX] = {0};
	struct reader *r;

	threads = count_threads(trace, threads);
	if (threads <= 1) {
		read_alone(trace, visitor, arg);
		return;
	}
	r = calloc(1, sizeof(*r));
	if (!r)
		err(EXIT_FAILURE, "memory");
	r->trace = trace;
	r->problems = trace_read_begin(trace);
	r->visitor = visitor;
	r->arg = arg;
	r->walk.fd = -1;
	r->state = STREAM_BEGIN;
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_cond_init(&r->settled, NULL);
	run_workers(r, workers, threads);
	if (r->problems)
		problems_close(r->problems);
	(void)pthread_cond_destroy(&r->settled);
	(void)pthread_mutex_destroy(&r->lock);
	free(r);
}
