# SPDX-License-Identifier: GPL-2.0-only
# The initramfs of the Linux guest: workloads, exact instruction counts and
# macro-benchmarks.

LINUX_INIT_C := $(addprefix bench/linux/,init.c workload.c process.c signal.c \
	memory.c file.c timer.c cpu.c device.c operation.c measure.c rom.c \
	exact.c sites.c macro.c storm.c)
LINUX_INIT_CFLAGS = -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -m32 -static -s \
	-Iinclude

LINUX_GUEST += $(B)/initramfs.cpio.gz
CHECK_DEPS += $(B)/initramfs.cpio.gz
LINT_C += $(LINUX_INIT_C)

$(B)/linux-guest/init: $(LINUX_INIT_C) $(wildcard bench/linux/*.h include/vmi/*.h)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LINUX_INIT_CFLAGS) -o $@ $(LINUX_INIT_C)

# Downloaded once.
$(B)/linux-guest/busybox/busybox: bench/linux/busybox.sh
	$(call say,FETCH,$@)
	$(Q)$< $@

$(B)/initramfs.cpio.gz: bench/linux/mkinitramfs.sh $(B)/linux-guest/init \
		$(B)/linux-guest/busybox/busybox bench/linux/workload.sh
	$(call say,CPIO,$@)
	$(Q)$< $@ $(filter-out $<,$^)

## exact: instructions per operation, one boot per kernel and ROM variant
.PHONY: exact
exact: $(addprefix $(B)/,initramfs.cpio.gz linux/bzImage linux-plain/bzImage \
		rom-native.bin roms/trace-overwrite.bin)
	@BUILD=$(B) bench/linux/exact.sh -c
