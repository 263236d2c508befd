# SPDX-License-Identifier: GPL-2.0-only
# Fuzz targets: clang's libFuzzer and the sanitizers, in a build tree of their own.

FUZZ_TARGETS := drain results rom symbols trace
FUZZ_PROGRAMS := $(FUZZ_TARGETS:%=$(B)/fuzz/%)
FUZZ_LIB := $(B)/fuzz/lib/analysis/libvmiprof.a
# Of "make fuzz", for each target.
FUZZ_SECONDS ?= 60

LINT_C += $(wildcard tests/fuzz/*.c)
# Where clang's fuzzer runtime is missing, the test says so.
ifneq ($(wildcard /usr/lib/clang/*/lib/linux/libclang_rt.fuzzer-*),)
CHECK_DEPS += fuzz-programs
endif

$(FUZZ_LIB): $(ANALYSIS_C) $(wildcard analysis/*/*.h include/vmi/*.h)
	@$(MAKE) --no-print-directory CC=clang SANITIZE=1 FUZZ=1 B=$(B)/fuzz/lib $@

$(B)/fuzz/%: tests/fuzz/%.c tests/fuzz/fuzz.h tests/unit/fake_rom.h $(FUZZ_LIB)
	$(call say,FUZZ,$@)
	$(Q)clang $(ANALYSIS_CFLAGS) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
		$< $(FUZZ_LIB) -o $@ $(ANALYSIS_LIBS) -lcmocka

.PHONY: fuzz-programs fuzz
fuzz-programs: $(FUZZ_PROGRAMS)

## fuzz: look for input that breaks the drain or a reader (FUZZ_SECONDS for each)
fuzz: fuzz-programs
	@for target in $(FUZZ_TARGETS); do \
		mkdir -p $(B)/fuzz/corpus/$$target && \
		$(B)/fuzz/$$target -close_fd_mask=2 -max_total_time=$(FUZZ_SECONDS) \
			-artifact_prefix=$(B)/fuzz/ $(B)/fuzz/corpus/$$target \
			tests/fuzz/seeds/$$target || exit 1; \
	done
