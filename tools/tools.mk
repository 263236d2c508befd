# SPDX-License-Identifier: GPL-2.0-only
# vmigen prints what is generated from the call table.

ALL += $(B)/vmigen
LINT_C += tools/vmigen.c

$(B)/vmigen: tools/vmigen.c include/vmi/calls.h include/vmi/abi.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(HOST_CFLAGS) $< -o $@ $(HOST_LDFLAGS)

## docs/calls.md: the call reference, from include/vmi/calls.h
docs/calls.md: $(B)/vmigen
	$(call say,GEN,$@)
	$(Q)$< calls-md > $@
