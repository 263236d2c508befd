/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * state.S - what the recorder writes: control block, counters, ring
 *
 * Everything that does not change is set here, at link time.  Init only makes
 * the region writable and sets ctl.state; the first record opens a packet.
 */
	.section .state, "aw"
	/* struct vmi_trace_ctl */
state_start:
ctl:
	.org	ctl - state_start + VMI_CTL_RING_MASK
	.long	RING_BYTES - 1
	.long	ring
#ifdef ROM_STAMP
	.org	ctl - state_start + VMI_CTL_COUNTDOWN
	.long	1
#endif
	.org	ctl - state_start + VMI_CTL_RING_BYTES
	.long	RING_BYTES
	.long	SUBBUF_BYTES
	.org	ctl - state_start + VMI_CTL_BYTES
host:
	.long	0
#ifdef ROM_OVERWRITE
	.long	VMI_HOST_OVERWRITE
#else
	.long	0
#endif
#ifdef ROM_STAMP
	.org	host - state_start + VMI_HOST_EVERY
	.long	VMI_STAMP_EVERY
#endif
	.org	host - state_start + VMI_HOST_BYTES
counters:
	.fill	VMI_NR_SLOTS, 4, 0

/* The slow path's registers and intermediate results, guarded by ctl.busy. */
save_ebx:
	.long	0
save_esi:
	.long	0
save_edi:
	.long	0
what:					/* ecx on entry to slow */
	.long	0
word:					/* VMI_REC_INTERRUPTED or 0 */
	.long	0
cycles:
	.quad	0
stolen:
	.quad	0
wait:
	.quad	0
wait_start:
	.quad	0
/* Not guarded: every writer stores the same. */
code_segment:
	.long	0

/* Of GetCycleCounter: what only ever rises. */
	.balign	8
stolen_most:
	.quad	0
available:
	.quad	0

	.balign	64
ring:
	.fill	RING_BYTES, 1, 0
state_end:

#ifdef ROM_STAMP
.set desc_flags, VMI_DESC_TRACE | VMI_DESC_STAMP
#else
.set desc_flags, VMI_DESC_TRACE
#endif
.set desc_vcpus, 1
.set desc_ctl, ctl
.set desc_host, host
.set desc_counters, counters
.set desc_ring, ring
.set desc_ring_bytes, RING_BYTES
.set desc_subbuf_bytes, SUBBUF_BYTES
.set desc_donate, donate
.set desc_donate_bytes, DONATE_BYTES
