# SPDX-License-Identifier: GPL-2.0-only
# The ROMs' own stubs in a 32-bit process on the real CPU: cost, and tests.

HOST32_CFLAGS := -m32 -no-pie -fno-pie -std=c11 -D_GNU_SOURCE $(WARNINGS) -O2 -g -Iinclude -Ibench/host
HOST32_SOURCES := $(addprefix bench/host/,rom_map.c cost.c raw.c cold.c trap.c lttng.c) \
	analysis/lib/tsc_step.c
HOST32_HEADERS := $(wildcard bench/host/*.h include/vmi/*.h) \
	analysis/lib/tsc_step.h

ALL += $(B)/vmiprof-bench-host
LINT_C += $(wildcard bench/host/*.c)

$(B)/vmiprof-bench-host: bench/host/bench.c $(HOST32_SOURCES) $(HOST32_HEADERS)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(HOST32_CFLAGS) -Ianalysis -o $@ $(filter %.c,$^) -lm

ALL += $(B)/vmiprof-bench-producer

$(B)/vmiprof-bench-producer: bench/host/producer.c bench/host/rom_map.c \
		$(HOST32_HEADERS) analysis/bench/producer_control.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(HOST32_CFLAGS) -Ianalysis -o $@ $(filter %.c,$^)

# The peers of vmiprof report; libbabeltrace2 is there to be compared with.
ifeq ($(shell pkg-config --exists babeltrace2 && echo yes),yes)
ALL += $(B)/vmiprof-bench-babeltrace
endif
LINT_C += $(wildcard bench/host/babeltrace/*.c)

$(B)/vmiprof-bench-babeltrace: $(wildcard bench/host/babeltrace/*.c)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE $(WARNINGS) -O2 -g \
		$(shell pkg-config --cflags babeltrace2) -o $@ $(filter %.c,$^) \
		$(shell pkg-config --libs babeltrace2)

# LTTng is there as a 64-bit library only, and to be compared with only.
ifeq ($(shell pkg-config --exists lttng-ust && echo yes),yes)
ALL += $(B)/vmiprof-bench-lttng
endif

$(B)/vmiprof-bench-lttng: $(wildcard bench/host/lttng-ust/*.[ch])
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Ibench/host/lttng-ust -o $@ \
		$(filter %.c,$^) -llttng-ust -llttng-ust-common -ldl

RECORDER_TEST := $(B)/tests/recorder_test
CHECK_DEPS += $(RECORDER_TEST)
LINT_C += $(wildcard tests/recorder/*.c)

$(RECORDER_TEST): $(wildcard tests/recorder/*.c) bench/host/rom_map.c \
		$(HOST32_HEADERS) tests/recorder/recorder.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(HOST32_CFLAGS) -o $@ $(filter %.c,$^) -lpthread

## bench-host: cost of a traced call on this CPU, beside two bare rdtsc
.PHONY: bench-host
bench-host: $(B)/vmiprof-bench-host $(B)/rom-native.bin $(B)/rom-trace.bin
	@$(B)/vmiprof-bench-host $(B)/rom-native.bin $(B)/rom-trace.bin
