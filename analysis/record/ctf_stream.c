// SPDX-License-Identifier: GPL-2.0-only
#include "ctf_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Half of a common L2 cache. */
#define BUFFER_BYTES	(256u << 10)

static int open_file(struct ctf_stream *stream, int dir_fd, const char *name,
		     int more_flags)
{
	*stream = (struct ctf_stream){ .capacity = BUFFER_BYTES };
	stream->buffer = malloc(stream->capacity);
	if (!stream->buffer)
		return ENOMEM;
	stream->fd = openat(dir_fd, name,
			    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
				    more_flags,
			    0666);
	if (stream->fd < 0) {
		int error = errno;

		free(stream->buffer);
		return error;
	}
	return 0;
}

int ctf_stream_open(struct ctf_stream *stream, const char *path)
{
	return open_file(stream, AT_FDCWD, path, 0);
}

int ctf_stream_open_at(struct ctf_stream *stream, int dir_fd, const char *name)
{
	return open_file(stream, dir_fd, name, O_NOFOLLOW);
}

int ctf_stream_open_memory(struct ctf_stream *stream, size_t bytes)
{
	*stream = (struct ctf_stream){ .in_memory = true, .fd = -1 };
	return flight_open(&stream->flight, bytes);
}

static void *room_in_memory(struct ctf_stream *stream, size_t bytes)
{
	void *room = flight_room(&stream->flight, bytes);

	if (!room)
		stream->error = ENOMEM;
	return room;
}

void *ctf_stream_room(struct ctf_stream *stream, size_t bytes)
{
	if (stream->in_memory)
		return stream->error ? NULL : room_in_memory(stream, bytes);
	if (stream->used + bytes > stream->capacity ||
	    stream->nr_pending == CTF_STREAM_PENDING)
		ctf_stream_flush(stream);
	if (stream->error)
		return NULL;
	if (bytes > stream->capacity) {
		/* Sub-buffers of a donated ring may be larger than the buffer. */
		uint8_t *larger = realloc(stream->buffer, bytes);

		if (!larger) {
			stream->error = ENOMEM;
			return NULL;
		}
		stream->buffer = larger;
		stream->capacity = bytes;
	}
	return stream->buffer + stream->used;
}

void ctf_stream_append(struct ctf_stream *stream, uint32_t bytes,
		       uint32_t events)
{
	if (stream->limit && stream->bytes + bytes > stream->limit)
		stream->full = true;
	if (stream->full) {
		stream->events_beyond += events;
		return;
	}
	stream->bytes += bytes;
	stream->events += events;
	if (stream->in_memory) {
		flight_append(&stream->flight, bytes, events);
		return;
	}
	stream->pending[stream->nr_pending].bytes = bytes;
	stream->pending[stream->nr_pending].events = events;
	stream->nr_pending++;
	stream->used += bytes;
}

/* The file ends with `written` bytes of the buffer: keep whole packets only. */
static void cut_torn_packet(struct ctf_stream *stream, size_t written)
{
	size_t whole = 0;

	for (unsigned int i = 0; i < stream->nr_pending; i++) {
		if (whole + stream->pending[i].bytes <= written) {
			whole += stream->pending[i].bytes;
			continue;
		}
		written = whole;
		stream->bytes -= stream->pending[i].bytes;
		stream->events -= stream->pending[i].events;
	}
	stream->file_bytes += whole;
	/* Should even that fail, readers cut a torn packet off themselves. */
	if (ftruncate(stream->fd, (off_t)stream->file_bytes))
		stream->error = errno;
}

int ctf_stream_flush(struct ctf_stream *stream)
{
	size_t written = 0;

	if (stream->in_memory)
		return stream->error;
	while (!stream->error && written < stream->used) {
		ssize_t n = write(stream->fd, stream->buffer + written,
				  stream->used - written);

		if (n >= 0)
			written += (size_t)n;
		else if (errno != EINTR)
			stream->error = errno;
	}
	if (stream->error)
		cut_torn_packet(stream, written);
	else
		stream->file_bytes += written;
	stream->used = 0;
	stream->nr_pending = 0;
	return stream->error;
}

uint64_t ctf_stream_kept(const struct ctf_stream *stream)
{
	return stream->in_memory ? stream->flight.events : stream->events;
}

static bool copy_to_file(void *arg, const void *packet, uint32_t bytes,
			 uint32_t events)
{
	struct ctf_stream *file = arg;
	void *room = ctf_stream_room(file, bytes);

	if (!room)
		return false;
	memcpy(room, packet, bytes);
	ctf_stream_append(file, bytes, events);
	return true;
}

int ctf_stream_save(const struct ctf_stream *stream, int dir_fd,
		    const char *name, uint64_t *kept)
{
	struct ctf_stream file;
	int error = ctf_stream_open_at(&file, dir_fd, name);

	*kept = 0;
	if (error)
		return error;
	(void)flight_visit(&stream->flight, copy_to_file, &file);
	error = ctf_stream_close(&file);
	*kept = file.events;
	return error;
}

int ctf_stream_close(struct ctf_stream *stream)
{
	if (stream->in_memory) {
		flight_close(&stream->flight);
		return stream->error;
	}
	ctf_stream_flush(stream);
	if (close(stream->fd) && !stream->error)
		stream->error = errno;
	free(stream->buffer);
	stream->buffer = NULL;
	stream->fd = -1;
	return stream->error;
}
