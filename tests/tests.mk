# SPDX-License-Identifier: GPL-2.0-only
#
# Tests are TAP programs: shell scripts in tests/, and unit tests that are built
# with the sanitizers in a build tree of their own.

SAN := $(B)/san
TESTS ?= $(sort $(wildcard tests/*.t))

.PHONY: check-inputs unit-tests run-tests
check-inputs: all $(CHECK_DEPS)
	@$(MAKE) --no-print-directory SANITIZE=1 B=$(SAN) unit-tests $(SAN)/vmiprof

unit-tests: $(UNIT_TESTS)

# TESTS='tests/30-record.t' runs one.
run-tests:
	@CMOCKA_MESSAGE_OUTPUT=TAP BUILD=$(B) prove --timer $(TESTS) \
		$(if $(filter command%,$(origin TESTS)),,$(UNIT_TESTS:$(B)/%=$(SAN)/%))

# LTTng-UST events at the test's word.
ifeq ($(shell pkg-config --exists lttng-ust && echo yes),yes)
CHECK_DEPS += $(B)/tests/mark
LINT_C += tests/clock/mark.c
endif

$(B)/tests/mark: tests/clock/mark.c
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HOST_CFLAGS) $< -o $@ $(HOST_LDFLAGS) -llttng-ust -llttng-ust-common -ldl
