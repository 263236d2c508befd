/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * state.S - what the stubs write: control block and table
 *
 * Of the control block state, epoch and last are in use, and what a kernel says
 * about counters of its own.
 */
	.section .state, "aw"
state_start:
ctl:
	.fill	VMI_CTL_BYTES, 1, 0
host:
	.fill	VMI_HOST_BYTES, 1, 0
aggregate:
	.fill	VMI_NR_SLOTS * VMI_AGG_BYTES, 1, 0

/* Of GetCycleCounter: what only ever rises. */
	.balign	8
stolen_most:
	.quad	0
available:
	.quad	0
state_end:

.set desc_flags, VMI_DESC_AGGREGATE
.set desc_vcpus, 1
.set desc_ctl, ctl
.set desc_host, host
.set desc_ring, aggregate
.set desc_ring_bytes, VMI_NR_SLOTS * VMI_AGG_BYTES
.irp field, counters, subbuf_bytes, donate, donate_bytes
	.set	desc_\field, 0
.endr
