# SPDX-License-Identifier: GPL-2.0-only
# vmiprof: main.c and the folders beside it.  All but main.c go into one archive, which the
# unit tests link as well.

ANALYSIS_PKGS := json-c libdw libelf ncursesw
ANALYSIS_CFLAGS = $(HOST_CFLAGS) -Ianalysis $(shell pkg-config --cflags $(ANALYSIS_PKGS))
ANALYSIS_LIBS = $(shell pkg-config --libs $(ANALYSIS_PKGS)) -lm -pthread

ANALYSIS_C := $(sort $(wildcard analysis/*.c analysis/*/*.c))
ANALYSIS_OBJ := $(ANALYSIS_C:%.c=$(B)/%.o)
ANALYSIS_LIB := $(B)/analysis/libvmiprof.a
ANALYSIS_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(sort $(wildcard tests/unit/*.c)))

ALL += $(B)/vmiprof
UNIT_TESTS += $(ANALYSIS_TESTS)
LINT_C += $(ANALYSIS_C)

$(B)/vmiprof: $(B)/analysis/main.o $(ANALYSIS_LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(HOST_LDFLAGS) $^ -o $@ $(ANALYSIS_LIBS)

# A fresh archive each time: no member of a file that was removed stays.
$(ANALYSIS_LIB): $(filter-out %/main.o,$(ANALYSIS_OBJ))
	$(call say,AR,$@)
	$(Q)rm -f $@
	$(Q)ar rc $@ $^

$(B)/analysis/%.o: analysis/%.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ANALYSIS_CFLAGS) -MMD -MP -c $< -o $@

$(B)/tests/%: tests/unit/%.c $(ANALYSIS_LIB)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ANALYSIS_CFLAGS) -MMD -MP $< $(ANALYSIS_LIB) -o $@ \
		$(HOST_LDFLAGS) $(ANALYSIS_LIBS) -lcmocka

# Writes made-up traces for the tests of report and plot.
CHECK_DEPS += $(B)/tests/mktrace
LINT_C += tests/synth/mktrace.c

$(B)/tests/mktrace: tests/synth/mktrace.c tests/synth/synth.h $(ANALYSIS_LIB)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ANALYSIS_CFLAGS) $< $(ANALYSIS_LIB) -o $@ \
		$(HOST_LDFLAGS) $(ANALYSIS_LIBS)

-include $(ANALYSIS_OBJ:.o=.d) $(ANALYSIS_TESTS:=.d)
