# SPDX-License-Identifier: GPL-2.0-only
# Damaged trace directories for all that reads one: a part of "make fuzz".

.PHONY: fuzz-mutate
fuzz: fuzz-mutate
fuzz-mutate: all $(B)/tests/mktrace
	@$(MAKE) --no-print-directory SANITIZE=1 B=$(SAN) $(SAN)/vmiprof
	@mkdir -p $(B)/fuzz/results && python3 tests/synth/mkresults.py $(B)/fuzz/results
	@python3 tests/mutate/mutate.py --vmiprof $(B)/vmiprof --sanitized $(SAN)/vmiprof \
		--mktrace $(B)/tests/mktrace --results $(B)/fuzz/results/base.json \
		--seed "$$(date +%s)" --seconds $(FUZZ_SECONDS)
