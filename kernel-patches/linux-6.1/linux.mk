# SPDX-License-Identifier: GPL-2.0-only
#
# The Linux guest: patched in $(B)/linux, unpatched with the same configuration
# in $(B)/linux-plain.

LINUX_DIR := kernel-patches/linux-6.1
LINUX_PATCHED := $(B)/linux/bzImage $(B)/linux/vmlinux
LINUX_PLAIN := $(B)/linux-plain/bzImage $(B)/linux-plain/vmlinux
LINUX_GUEST += $(LINUX_PATCHED)
CHECK_DEPS += $(LINUX_PATCHED) $(LINUX_PLAIN)

$(LINUX_PATCHED) &: $(LINUX_DIR)/build.sh $(LINUX_DIR)/vmi.config $(wildcard $(LINUX_DIR)/*.patch)
	$(Q)JOBS=$(JOBS) $(LINUX_DIR)/build.sh --build $(B)

$(LINUX_PLAIN) &: $(LINUX_DIR)/build.sh $(LINUX_DIR)/vmi.config
	$(Q)JOBS=$(JOBS) $(LINUX_DIR)/build.sh --plain --build $(B)

## linux: the Linux guest, patched and unpatched
.PHONY: linux
linux: $(LINUX_PATCHED) $(LINUX_PLAIN)
