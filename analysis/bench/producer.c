// SPDX-License-Identifier: GPL-2.0-only
#include "producer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/locate.h"
#include "lib/text.h"
#include "lib/tsc.h"

#define PROGRAM		"vmiprof-bench-producer"
/* As much as the ROM says would be welcome, and the patched kernel gives. */
#define RING_BYTES	(4u << 20)
#define LOOK_NS		10000000
/* What is timed does not wait here; the CPU may be needed elsewhere. */
#define NAP_NS		50000

static bool failed(struct producer *producer, const char *what)
{
	text_set(producer->error, sizeof(producer->error), "%s", what);
	return false;
}

bool producer_start(struct producer *producer, int cpu)
{
	char memory[64], cpu_text[16];
	char *program = locate(PROGRAM);
	char *argv[] = { program, memory, cpu_text, NULL };
	int error;

	*producer = (struct producer){ 0 };
	if (!program)
		return failed(producer, PROGRAM " is missing");
	error = guest_ram_create(&producer->ram,
				 PRODUCER_RING_PHYS + RING_BYTES);
	if (error) {
		producer->ram.base = NULL;
		free(program);
		text_set(producer->error, sizeof(producer->error),
			 "no memory to share: %s", guest_ram_why(error));
		return false;
	}
	text_set(memory, sizeof(memory), "/proc/%d/fd/%d", getpid(),
		 producer->ram.fd);
	text_set(cpu_text, sizeof(cpu_text), "%d", cpu);
	error = child_open(&producer->child, argv, CHILD_STDIN);
	free(program);
	if (!error)
		return true;
	producer->child.pid = 0;
	text_set(producer->error, sizeof(producer->error),
		 "cannot run " PROGRAM ": %s", strerror(error));
	return false;
}

const struct producer_control *producer_control(const struct producer *producer)
{
	return (const struct producer_control *)(producer->ram.base +
						 PRODUCER_CONTROL_PHYS);
}

static bool command(struct producer *producer, const char *text)
{
	producer->done++;
	if (fputs(text, producer->child.pipe) < 0 ||
	    fflush(producer->child.pipe))
		return failed(producer, PROGRAM " takes no command: it ended");
	return true;
}

bool producer_is_done(const struct producer *producer)
{
	return __atomic_load_n(&producer_control(producer)->done,
			       __ATOMIC_ACQUIRE) == producer->done;
}

bool producer_runs(struct producer *producer)
{
	siginfo_t info = { 0 };

	/* It stays to be waited for. */
	if (!waitid(P_PID, (id_t)producer->child.pid, &info,
		    WEXITED | WNOHANG | WNOWAIT) &&
	    info.si_pid)
		return failed(producer, PROGRAM " ended in the middle");
	return true;
}

bool producer_wait(struct producer *producer, const volatile sig_atomic_t *stop)
{
	uint64_t look_ns = 0;

	while (!producer_is_done(producer)) {
		if (*stop)
			return failed(producer, "interrupted");
		if (clock_ns() > look_ns) {
			if (!producer_runs(producer))
				return false;
			look_ns = clock_ns() + LOOK_NS;
		}
		nap(NAP_NS);
	}
	return true;
}

bool producer_open(struct producer *producer, const char *rom_file,
		   const volatile sig_atomic_t *stop)
{
	char line[4200], why[200];

	text_set(line, sizeof(line), "open %s\n", rom_file);
	if (!command(producer, line) || !producer_wait(producer, stop))
		return false;
	if (trace_rom_search(&producer->rom, NULL, &producer->ram, why,
			     sizeof(why)) != TRACE_ROM_ON ||
	    !producer->rom.traces) {
		text_set(producer->error, sizeof(producer->error),
			 "%s does not record in " PROGRAM, rom_file);
		return false;
	}
	return true;
}

bool producer_begin(struct producer *producer, uint32_t calls)
{
	char line[32];

	text_set(line, sizeof(line), "run %u\n", calls);
	return command(producer, line);
}

struct vmi_trace_ctl *producer_ctl(const struct producer *producer)
{
	return guest_ram_at(&producer->ram,
			    producer->rom.phys + producer->rom.ctl_offset,
			    VMI_CTL_BYTES, 64);
}

struct vmi_trace_host *producer_host(const struct producer *producer)
{
	return guest_ram_at(&producer->ram,
			    producer->rom.phys + producer->rom.host_offset,
			    VMI_HOST_BYTES, 64);
}

void producer_end(struct producer *producer)
{
	if (producer->child.pid) {
		kill(producer->child.pid, SIGKILL);
		(void)child_close(&producer->child);
	}
	if (producer->ram.base)
		guest_ram_destroy(&producer->ram);
	*producer = (struct producer){ 0 };
}
