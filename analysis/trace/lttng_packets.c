// SPDX-License-Identifier: GPL-2.0-only
#include "lttng_packets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int temporary_file(void)
{
	const char *tmp = getenv("TMPDIR");
	char path[4096];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/vmiprof-lttng-XXXXXX",
		       tmp && *tmp ? tmp : "/tmp");
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		(void)unlink(path);
	return fd;
}

struct lttng_packets *lttng_packets_new(const uint8_t uuid[16], uint8_t vcpu)
{
	struct lttng_packets *packets = calloc(1, sizeof(*packets));

	if (!packets)
		return NULL;
	packets->fd = temporary_file();
	if (packets->fd < 0) {
		free(packets);
		return NULL;
	}
	memcpy(packets->uuid, uuid, sizeof(packets->uuid));
	packets->vcpu = vcpu;
	packets->begin = UINT64_MAX;
	return packets;
}

void lttng_packets_free(struct lttng_packets *packets)
{
	if (!packets)
		return;
	close(packets->fd);
	free(packets);
}

static void write_all(struct lttng_packets *packets, size_t bytes)
{
	const char *p = packets->packet;

	while (bytes && !packets->error) {
		ssize_t n = write(packets->fd, p, bytes);

		if (n < 0 && errno != EINTR)
			packets->error = errno;
		if (n > 0) {
			p += n;
			bytes -= (size_t)n;
		}
	}
}

static struct vmi_packet *header(struct lttng_packets *packets)
{
	return (struct vmi_packet *)packets->packet;
}

static void open_packet(struct lttng_packets *packets, uint64_t time)
{
	*header(packets) = (struct vmi_packet){
		.magic = VMI_PKT_CTF_MAGIC,
		.time_begin = time,
		.time_end = time,
		.vcpu = packets->vcpu,
	};
	memcpy(header(packets)->uuid, packets->uuid, sizeof(packets->uuid));
	packets->used = VMI_PKT_HEADER_BYTES;
}

static void close_packet(struct lttng_packets *packets)
{
	if (!packets->used)
		return;
	header(packets)->content_bits = packets->used * 8;
	header(packets)->packet_bits = packets->used * 8;
	header(packets)->lost = packets->lost;
	header(packets)->seq = packets->seq++;
	write_all(packets, packets->used);
	packets->used = 0;
}

static void put_record(struct lttng_packets *packets,
		       const struct lttng_call *call)
{
	const bool wide = call->cycles >= VMI_REC_CYCLES_LIMIT ||
			  call->stolen_cycles || call->wait_cycles;
	const size_t bytes = wide ? VMI_REC_WIDE_BYTES : VMI_REC_BYTES;
	struct vmi_record_wide record = {
		.head = {
			.time = (uint32_t)call->time,
			.word = (uint32_t)(wide ? VMI_REC_WIDE
						: call->cycles
						  << VMI_REC_CYCLES_SHIFT) |
				(uint32_t)call->call << VMI_REC_CALL_SHIFT |
				(call->interrupted ? VMI_REC_INTERRUPTED : 0),
			.ret = call->ret,
			.arg = call->arg,
		},
		.cycles = call->cycles,
		.stolen_cycles = call->stolen_cycles,
		.wait_cycles = call->wait_cycles,
	};

	if (packets->used &&
	    (packets->used + bytes > LTTNG_PACKET_BYTES ||
	     header(packets)->time_begin >> 32 != call->time >> 32))
		close_packet(packets);
	if (!packets->used)
		open_packet(packets, call->time);
	memcpy(packets->packet + packets->used, &record, bytes);
	packets->used += (uint32_t)bytes;
	header(packets)->time_end = call->time;
	packets->last = call->time;
}

/* The i-th of those that wait, by time. */
static struct lttng_call *waiting(struct lttng_packets *packets, unsigned int i)
{
	return &packets->window[(packets->oldest + i) % LTTNG_WINDOW];
}

/* The oldest one of those that wait. */
static void put_oldest(struct lttng_packets *packets)
{
	put_record(packets, waiting(packets, 0));
	packets->oldest = (packets->oldest + 1) % LTTNG_WINDOW;
	packets->waiting--;
}

static void put_all(struct lttng_packets *packets)
{
	while (packets->waiting)
		put_oldest(packets);
}

/* Among those that wait; there is room. */
static void insert(struct lttng_packets *packets, const struct lttng_call *call)
{
	unsigned int at = packets->waiting++;

	for (; at && waiting(packets, at - 1)->time > call->time; at--)
		*waiting(packets, at) = *waiting(packets, at - 1);
	*waiting(packets, at) = *call;
}

/*
 * What waits are the latest events so far, so one that comes behind as many as
 * the window holds is older than all of them, and still next.
 */
void lttng_packets_call(struct lttng_packets *packets,
			const struct lttng_call *call)
{
	const uint64_t begin =
		call->cycles < call->time ? call->time - call->cycles : 0;

	if (call->time < packets->last) {
		packets->late++;
		return;
	}
	packets->events++;
	if (begin < packets->begin)
		packets->begin = begin;
	if (packets->waiting == LTTNG_WINDOW) {
		if (call->time < waiting(packets, 0)->time) {
			put_record(packets, call);
			return;
		}
		put_oldest(packets);
	}
	insert(packets, call);
}

void lttng_packets_lost(struct lttng_packets *packets, uint64_t time,
			uint64_t lost)
{
	put_all(packets);
	if (!packets->used)
		open_packet(packets, packets->last ? packets->last : time);
	/* A reader books the loss on the packet that tells it first. */
	packets->lost += lost;
	if (time >> 32 == header(packets)->time_end >> 32 &&
	    time > header(packets)->time_end) {
		header(packets)->time_end = time;
		packets->last = time;
	}
	close_packet(packets);
}

int lttng_packets_finish(struct lttng_packets *packets)
{
	put_all(packets);
	close_packet(packets);
	return packets->error;
}
