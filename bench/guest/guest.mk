# SPDX-License-Identifier: GPL-2.0-only
#
# The embedded guest: a freestanding 32-bit kernel, $(B)/guest.elf.

GUEST_DIR := bench/guest
GUEST_SOURCES := $(sort $(wildcard $(GUEST_DIR)/*.c $(GUEST_DIR)/*/*.[cS]))
GUEST_OBJECTS := $(GUEST_SOURCES:$(GUEST_DIR)/%=$(B)/guest/%.o)

# Arguments in registers, as the VMI passes them; no FPU, since nothing saves it.
GUEST_CFLAGS := -std=c11 $(WARNINGS) -O2 -g -m32 -march=i586 -mregparm=3 \
	-mgeneral-regs-only -ffreestanding -fno-pie -fno-stack-protector \
	-fno-asynchronous-unwind-tables -fno-strict-aliasing -fcf-protection=none \
	-Iinclude -I$(GUEST_DIR)
GUEST_ASFLAGS := -g -m32 -Iinclude -I$(GUEST_DIR)
GUEST_LDFLAGS := -m32 -nostdlib -static -no-pie -Wl,--build-id=sha1 \
	-Wl,-z,noexecstack -Wl,--no-warn-rwx-segments

$(B)/guest/%.c.o: $(GUEST_DIR)/%.c $(GUEST_DIR)/guest.mk
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/guest/%.S.o: $(GUEST_DIR)/%.S $(GUEST_DIR)/guest.mk
	@mkdir -p $(@D)
	$(call say,AS,$@)
	$(Q)$(CC) $(GUEST_ASFLAGS) -MMD -MP -c -o $@ $<

$(B)/guest.elf: $(GUEST_DIR)/guest.lds $(GUEST_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(GUEST_LDFLAGS) -Wl,-T,$< -o $@ $(GUEST_OBJECTS)

-include $(GUEST_OBJECTS:.o=.d)

ALL += $(B)/guest.elf
