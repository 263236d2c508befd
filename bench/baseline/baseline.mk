# SPDX-License-Identifier: GPL-2.0-only
# The gate: exact counts by the baseline beside this file, Linux by itself.

REGRESS ?= guest linux

## regress: judge exact counts by bench/baseline/ and Linux by itself (REGRESS=guest|linux, UPDATE='why')
.PHONY: regress regress-guest-inputs regress-linux-inputs
regress: $(REGRESS:%=regress-%-inputs)
	@BUILD=$(B) scripts/regress.sh $(if $(UPDATE),-u '$(UPDATE)') $(REGRESS)

regress-guest-inputs: all

regress-linux-inputs: all $(addprefix $(B)/,initramfs.cpio.gz linux/bzImage \
		roms/trace-overwrite.bin)
