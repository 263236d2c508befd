/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace_threads.h - read a trace with several threads
 *
 * Streams are cut into pieces of whole packets, which threads take in turn and
 * visit on their own.  What a piece says to its neighbours is its edge; edges
 * are joined in the order of the trace, whoever visited the pieces.  From the
 * first damage of a stream on one thread reads it in order, so that messages,
 * totals and what is visited do not depend on the number of threads.
 */
#ifndef TRACE_THREADS_H
#define TRACE_THREADS_H

#include "trace_reader.h"

#define TRACE_THREADS_MAX 64

/*
 * How long a piece gets, unless one packet is longer: half of a core's
 * second-level cache, or less.  For tests to make it small.
 */
extern size_t trace_piece_bytes;

/* Room for what a visitor keeps of a piece. */
struct trace_edge {
	const struct trace_stream *stream;	/* NULL: no packet was visited */
	uint64_t word[8];
};

struct trace_visitor {
	/* What one thread adds up in; called before there are threads. */
	void *(*part_new)(void *arg);

	/* A packet; those of a piece come in order. */
	trace_visit_fn *visit;

	/*
	 * The piece is at its end: keep what the next one has to know.  This
	 * and join may be NULL: pieces have nothing to say to each other.
	 */
	void (*end_piece)(void *part, struct trace_edge *edge);

	/*
	 * All pieces in order; never two at a time.  after_gap: as of the
	 * piece's first packet.
	 */
	void (*join)(void *arg, const struct trace_edge *edge, bool after_gap);

	/* Add up a part, and free it; when all was read. */
	void (*merge)(void *arg, void *part);
};

/*
 * trace_read() with so many threads at most; 0: as many as there are CPUs for
 * this process.
 */
void trace_read_threads(struct trace *trace, unsigned int threads,
			const struct trace_visitor *visitor, void *arg);

#endif /* TRACE_THREADS_H */
