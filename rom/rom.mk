# SPDX-License-Identifier: GPL-2.0-only
# The ROMs, and the images that only tests use.

ROM_ASFLAGS := -m32 -Iinclude -I. -Wa,--fatal-warnings
ROM_SOURCES := $(wildcard rom/*.S rom/*.h include/vmi/*.h)
ROM_BROKEN := $(addprefix $(B)/roms/bad-,$(addsuffix .bin,checksum signature length major))
ROM_TESTS := $(B)/roms/other-cli.bin $(B)/roms/native-extra.bin \
	$(B)/roms/trace-overwrite.bin $(ROM_BROKEN)

ALL += $(addprefix $(B)/rom-,native.bin trace.bin stamp.bin aggregate.bin)
CHECK_DEPS += $(ROM_TESTS)
LINT_C += rom/rom_image.c

$(B)/rom/rom_image: rom/rom_image.c include/vmi/abi.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(HOST_CFLAGS) -o $@ $< $(HOST_LDFLAGS)

$(B)/rom/rom.lds: rom/rom.lds.S include/vmi/abi.h include/vmi/calls.h
	@mkdir -p $(@D)
	$(call say,CPP,$@)
	$(Q)$(CC) -E -P -x assembler-with-cpp -Iinclude -o $@ $<

$(B)/rom/native.o: rom-native/rom-native.S $(ROM_SOURCES)
$(B)/rom/other-cli.o: rom-native/rom-native.S $(ROM_SOURCES)
$(B)/rom/other-cli.o: ROM_ASFLAGS += -DROM_OTHER_CLI
$(B)/rom/native-extra.o: rom-native/rom-native.S $(ROM_SOURCES)
$(B)/rom/native-extra.o: ROM_ASFLAGS += -DROM_EXTRA_INSTRUCTION
$(B)/rom/trace.o: rom-trace/rom-trace.S $(wildcard rom-trace/*) $(ROM_SOURCES)
$(B)/rom/trace-overwrite.o: rom-trace/rom-trace.S $(wildcard rom-trace/*) $(ROM_SOURCES)
$(B)/rom/stamp.o: rom-stamped/rom-stamped.S $(wildcard rom-stamped/* rom-trace/*) $(ROM_SOURCES)
$(B)/rom/aggregate.o: rom-aggregate/rom-aggregate.S $(wildcard rom-aggregate/*) $(ROM_SOURCES)
$(B)/rom/trace-overwrite.o: ROM_ASFLAGS += -DROM_OVERWRITE

$(B)/rom/%.o:
	@mkdir -p $(@D)
	$(call say,AS,$@)
	$(Q)$(CC) $(ROM_ASFLAGS) -c -o $@ $<

$(B)/rom/%.elf: $(B)/rom/%.o $(B)/rom/rom.lds
	$(call say,LD,$@)
	$(Q)ld -m elf_i386 --build-id=none -nostdlib -T $(B)/rom/rom.lds -o $@ $<

$(B)/rom/%.raw: $(B)/rom/%.elf
	$(Q)objcopy -O binary --gap-fill 0 $< $@

$(B)/rom-%.bin: $(B)/rom/%.raw $(B)/rom/rom_image
	$(call say,IMAGE,$@)
	$(Q)$(B)/rom/rom_image $< $@

$(B)/roms/bad-%.bin: $(B)/rom-native.bin $(B)/rom/rom_image
	@mkdir -p $(@D)
	$(call say,IMAGE,$@)
	$(Q)$(B)/rom/rom_image --break $* $< $@

$(B)/roms/%.bin: $(B)/rom/%.raw $(B)/rom/rom_image
	@mkdir -p $(@D)
	$(call say,IMAGE,$@)
	$(Q)$(B)/rom/rom_image $< $@

.PRECIOUS: $(B)/rom/%.elf $(B)/rom/%.raw $(B)/rom/%.o
