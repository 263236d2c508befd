/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ctf_stream.h - append whole packets to a CTF stream: a file, or memory
 *
 * Packets for a file are put together in a buffer small enough to stay in the
 * cache and written many at a time.  Only whole packets ever stay in the file:
 * when the disk is full the torn one is cut off again.  In memory the last
 * packets are kept.
 */
#ifndef CTF_STREAM_H
#define CTF_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flight.h"

/* Packets in the buffer at most. */
#define CTF_STREAM_PENDING	256

struct ctf_stream {
	bool in_memory;		/* else in a file */
	struct flight flight;
	int fd;
	uint8_t *buffer;
	size_t capacity;
	size_t used;
	struct {
		uint32_t bytes;
		uint32_t events;
	} pending[CTF_STREAM_PENDING];
	unsigned int nr_pending;
	/* Appended so far; less than that is in the file after an error. */
	uint64_t events;
	uint64_t bytes;
	uint64_t file_bytes;
	/* No more bytes than this, 0: as many as come.  Then it is full. */
	uint64_t limit;
	bool full;
	uint64_t events_beyond;	/* came when it was full: not in the stream */
	int error;		/* errno of the write that failed, or 0 */
};

/* Create the file.  Returns 0 or an errno value. */
int ctf_stream_open(struct ctf_stream *stream, const char *path);

/* The same in a directory that is open; a link of that name is not followed. */
int ctf_stream_open_at(struct ctf_stream *stream, int dir_fd, const char *name);

/*
 * Keep about the last so many bytes of packets in memory; of 0 bytes, nothing to
 * speak of.  Returns 0 or an errno value.
 */
int ctf_stream_open_memory(struct ctf_stream *stream, size_t bytes);

/*
 * Room for a packet of `bytes` bytes at the end of the stream, or NULL after an
 * error.  It becomes part of the stream with ctf_stream_append.
 */
void *ctf_stream_room(struct ctf_stream *stream, size_t bytes);

/*
 * The first `bytes` bytes of the room are a packet with so many events.  The one
 * that would go past the limit, and all behind it, do not become part of the
 * stream.
 */
void ctf_stream_append(struct ctf_stream *stream, uint32_t bytes,
		       uint32_t events);

/*
 * Write out what is in the buffer.  Returns 0 or stream->error; after an error
 * stream->events and ->bytes are what the file holds, and it takes no more.
 */
int ctf_stream_flush(struct ctf_stream *stream);

/* Of the events that came, those that are in the stream; see stream->error. */
uint64_t ctf_stream_kept(const struct ctf_stream *stream);

/*
 * Write the packets in memory to a new file in a directory that is open.  Returns 0 or an errno value, after
 * which *kept, the events that the file holds, are fewer than in memory.
 */
int ctf_stream_save(const struct ctf_stream *stream, int dir_fd,
		    const char *name, uint64_t *kept);

/* Flush and close.  Returns 0 or the error of this stream. */
int ctf_stream_close(struct ctf_stream *stream);

#endif /* CTF_STREAM_H */
