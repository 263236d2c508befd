// SPDX-License-Identifier: GPL-2.0-only
#include "ctf_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Half of a common L2 cache. */
#define BUFFER_BYTES	(256u << 10)

int ctf_stream_open(struct ctf_stream *stream, const char *path)
{
	*stream = (struct ctf_stream){ .capacity = BUFFER_BYTES };
	stream->buffer = malloc(stream->capacity);
	if (!stream->buffer)
		return ENOMEM;
	stream->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (stream->fd < 0) {
		free(stream->buffer);
		return errno;
	}
	return 0;
}

void *ctf_stream_room(struct ctf_stream *stream, size_t bytes)
{
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
	stream->pending[stream->nr_pending].bytes = bytes;
	stream->pending[stream->nr_pending].events = events;
	stream->nr_pending++;
	stream->used += bytes;
	stream->bytes += bytes;
	stream->events += events;
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

int ctf_stream_close(struct ctf_stream *stream)
{
	ctf_stream_flush(stream);
	if (close(stream->fd) && !stream->error)
		stream->error = errno;
	free(stream->buffer);
	stream->buffer = NULL;
	stream->fd = -1;
	return stream->error;
}
