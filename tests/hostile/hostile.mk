# SPDX-License-Identifier: GPL-2.0-only
#
# A guest that lies to its recorder, and the recorder with the sanitizers.

HOSTILE := $(B)/tests/hostile.elf
CHECK_DEPS += $(HOSTILE)
LINT_C += tests/hostile/hostile.c

$(HOSTILE): tests/hostile/hostile.c $(GUEST_DIR)/arch/multiboot.S $(GUEST_DIR)/guest.lds \
		$(wildcard include/vmi/*.h) tests/hostile/hostile.mk
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(GUEST_CFLAGS) $(GUEST_LDFLAGS) -Wl,-T,$(GUEST_DIR)/guest.lds \
		$(GUEST_DIR)/arch/multiboot.S tests/hostile/hostile.c -o $@
