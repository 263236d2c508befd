# SPDX-License-Identifier: GPL-2.0-only
# Shared objects that vmiprof loads when they are needed, each bound to a library that
# need not be there.

MODULE_CFLAGS = $(filter-out -fsanitize=% -fno-sanitize-recover=%,$(HOST_CFLAGS)) \
	-Ianalysis -fPIC -fvisibility=hidden
MODULES :=

have = $(shell pkg-config --exists $(1) && echo yes)
ifeq ($(call have,lttng-ust),yes)
MODULES += $(B)/vmiprof-lttng-ust.so
endif
ifeq ($(call have,lttng-ctl),yes)
MODULES += $(B)/vmiprof-lttng.so
endif
ifeq ($(call have,babeltrace2),yes)
MODULES += $(B)/vmiprof-babeltrace.so
endif

ALL += $(MODULES)
LINT_C += $(wildcard analysis/lttng/*/*.c)

# LTTng's macros are GNU C and shadow names of their own.
$(B)/vmiprof-lttng-ust.so: $(wildcard analysis/lttng/ust/*.[ch])
$(B)/vmiprof-lttng-ust.so: MODULE_CFLAGS += -std=gnu11 -Wno-shadow \
	-Wno-missing-prototypes -Ianalysis/lttng/ust
$(B)/vmiprof-lttng-ust.so: MODULE_LIBS = -llttng-ust -llttng-ust-common -ldl

$(B)/vmiprof-lttng.so: $(wildcard analysis/lttng/session/*.[ch])
$(B)/vmiprof-lttng.so: MODULE_LIBS = -llttng-ctl

$(B)/vmiprof-babeltrace.so: $(wildcard analysis/lttng/reader/*.[ch])
$(B)/vmiprof-babeltrace.so: MODULE_LIBS = -lbabeltrace2

$(MODULES): $(B)/%.so: analysis/lttng/modules.h
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(MODULE_CFLAGS) -shared -o $@ $(filter %.c,$^) $(MODULE_LIBS)
