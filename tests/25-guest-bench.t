#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The embedded guest's benchmarks.  Counted in instructions: each form costs what
# its instructions are, to the bit, and a ROM with another body is seen.
# shellcheck source=tests/tap.sh source=tests/guest.sh
. "$(dirname "$0")/tap.sh"
. tests/guest.sh

FOUR=EnableInterrupts,DisableInterrupts,GetInterruptMask,SetInterruptMask

# exact ROM WORDS: boots counting instructions.
# shellcheck disable=SC2317 # called by exits
exact()
{
	boot "$1" pc "exact $2" -no-reboot "${GUEST_EXACT[@]}"
}

# samples TEXT CALL FORM [PADDING]
samples()
{
	sed -n "s/^case call=$2 form=$3 padding=${4:--} .* samples=//p" <<< "$1"
}

# forms TEXT CALL: those measured or said not to be, one line each
forms()
{
	sed -En "s/^(case|skip) call=$2 form=([a-z]+) .*/\2/p" <<< "$1" | sort | uniq -c |
		awk '{ print $2 "*" $1 }' | xargs
}

calls=$(sed -n 's/^\tX([0-9]*, \([A-Za-z0-9]*\), .*/\1/p' include/vmi/calls.h)
ok 'the table of calls is read' test "$(wc -l <<< "$calls")" -eq 84

# All calls, all forms.
exits 'native ROM: all' "$GUEST_DONE" exact "$BUILD/rom-native.bin" 'bench samples=2'
native=$OUTPUT
for again in second third; do
	exits "native ROM: $again run" "$GUEST_DONE" \
		exact "$BUILD/rom-native.bin" 'bench samples=2'
	is "native ROM: the $again run is the same to the byte" "$OUTPUT" "$native"
done
like 'it says that all was done' "$native" '^bench: done$'
is 'each call has each form, or a reason why not' \
	"$(for call in $calls; do forms "$native" "$call"; done | sort -u)" \
	'count*1 inline*1 native*1 padded*3 stub*1'
is 'each reason is given' "$(grep '^skip' <<< "$native" | grep -Evc ' why=.{10}')" 0
is 'each sample is a count of instructions' \
	"$(grep '^case' <<< "$native" | grep -Evc ' unit=instructions group=[A-Za-z0-9]+ samples=([0-9]+),\1$')" 0
like 'a call that faults is left out' "$native" '^skip call=RDPMC form=native why=exception 6$'
like 'a call that ends the guest is left out' "$native" \
	'^skip call=Shutdown form=stub why=it ends the guest$'
ok 'most calls are measured' test "$(grep -c '^case .* form=native ' <<< "$native")" -ge 75

for call in ${FOUR//,/ }; do
	bare=$(samples "$native" "$call" native)
	one=${bare%%,*}
	bare_instructions=1
	[[ $call != *Mask ]] || bare_instructions=2
	is "$call: native" "$bare" "$bare_instructions,$bare_instructions"
	is "$call: inline is native" "$(samples "$native" "$call" inline)" "$bare"
	is "$call: prefixes are no instructions" "$(samples "$native" "$call" padded prefix)" "$bare"
	for form in 'padded 0x66' 'padded nopl' count; do
		# shellcheck disable=SC2086 # form and padding
		is "$call: $form is one more" "$(samples "$native" "$call" $form)" \
			"$((one + 1)),$((one + 1))"
	done
	is "$call: stub is the body and two more" "$(samples "$native" "$call" stub)" \
		"$((one + 2)),$((one + 2))"
done
# To IRET leads a push and a jump, and its slot drops what was pushed.
is 'so is the stub of each call that may be inlined' "$(
	for call in $calls; do
		body=$(samples "$native" "$call" inline)
		stub=$(samples "$native" "$call" stub)
		more=2
		[ "$call" != IRET ] || more=3
		[ -z "$body" ] || [ "${stub%,*}" -eq $((${body%,*} + more)) ] || echo "$call: $body, $stub"
	done)" ""

# differs FORM [PADDING] BY: names the calls whose form does not cost so many
# instructions more than native.
differs()
{
	local by=${!#} call one other
	for call in $calls; do
		one=$(samples "$native" "$call" native)
		other=$(samples "$native" "$call" "$1" "${3:+$2}")
		[ -z "$other" ] || [ "${other%,*}" -eq $((${one%,*} + by)) ] ||
			echo "$call: $one, $other"
	done
}
# What stands behind an IRET is not reached.
is 'padding with a NOP is one more' "$(differs padded nopl 1 | sed 's/:.*//')" IRET
is 'padding with 0x66 is one more' "$(differs padded 0x66 1 | sed 's/:.*//')" IRET
is 'prefixes are no instructions in any call' "$(differs padded prefix 0)" ""
is 'counting is one more in each call' "$(differs count 1)" ""

# Another body is seen, and so is one instruction too many in a stub alone.
exits 'other-cli' "$GUEST_DONE" exact "$BUILD/roms/other-cli.bin" "bench=$FOUR samples=1"
is 'other-cli: native' "$(samples "$OUTPUT" DisableInterrupts native)" 1
is 'other-cli: inline is two more' "$(samples "$OUTPUT" DisableInterrupts inline)" 3
is 'other-cli: stub is the body and two more' "$(samples "$OUTPUT" DisableInterrupts stub)" 5
is 'other-cli: the others are as before' "$(samples "$OUTPUT" EnableInterrupts inline)" 1
exits 'native-extra' "$GUEST_DONE" exact "$BUILD/roms/native-extra.bin" "bench=$FOUR samples=1"
is 'native-extra: inline is native' "$(samples "$OUTPUT" DisableInterrupts inline)" 1
is 'native-extra: the stub is one more' "$(samples "$OUTPUT" DisableInterrupts stub)" 4
is 'native-extra: the others are as before' "$(samples "$OUTPUT" EnableInterrupts stub)" 3

# ROMs that record: one form of each, beside native.
for form in trace stamp aggregate; do
	exits "$form: all" "$GUEST_DONE" exact "$BUILD/rom-$form.bin" 'bench samples=2'
	first=$OUTPUT
	is "$form: its forms" "$(for call in $calls; do forms "$first" "$call"; done | sort -u)" \
		"$(printf '%s\n' "$form*1" 'native*1' | sort | xargs)"
	is "$form: each sample is the common path" \
		"$(grep '^case' <<< "$first" | grep -Evc ' samples=([0-9]+),\1$')" 0
	is "$form: native is the same as with the other ROM" \
		"$(grep '^case .* form=native ' <<< "$first")" \
		"$(grep '^case .* form=native ' <<< "$native")"
	cost=$(samples "$first" DisableInterrupts $form)
	ok "$form: takes time stamps and writes (${cost%,*})" test "${cost%,*}" -gt 15
	exits "$form: again" "$GUEST_DONE" exact "$BUILD/rom-$form.bin" 'bench samples=2'
	is "$form: the same to the byte" "$OUTPUT" "$first"
done

exits 'no ROM' "$GUEST_DONE" exact none "bench=$FOUR samples=1"
is 'no ROM: its forms' "$(for call in ${FOUR//,/ }; do forms "$OUTPUT" "$call"; done | sort -u)" \
	'native*1 padded*3'

# In cycles: labelled, and as many samples as asked for.
exits 'cycles' "$GUEST_DONE" \
	boot "$BUILD/rom-native.bin" pc 'bench=DisableInterrupts samples=3 pads=prefix' -no-reboot
like 'cycles: labelled as emulated' "$OUTPUT" \
	'^case call=DisableInterrupts form=stub padding=- unit=tcg-cycles group=DisableInterrupts samples=-?[0-9.]+,-?[0-9.]+,-?[0-9.]+$'
is 'cycles: only the padding asked for' "$(grep -c ' form=padded ' <<< "$OUTPUT")" 1
is 'cycles: only the call asked for' "$(grep '^case' <<< "$OUTPUT" | grep -vc 'call=DisableInterrupts ')" 0

# What cannot be measured is not.
exits 'exact, with a clock that counts cycles' "$GUEST_FAILED" \
	boot "$BUILD/rom-native.bin" pc 'exact bench' -no-reboot
like 'exact: says what to do' "$OUTPUT" '^bench: exact: found .*, expected .*; boot with .*-icount'
is 'exact: no figures' "$(grep -c '^case' <<< "$OUTPUT")" 0
exits 'without Init' "$GUEST_FAILED" exact "$BUILD/rom-trace.bin" 'bench init=no'
like 'without Init: says so' "$OUTPUT" '^bench: found a ROM whose Init was not called'
# shellcheck disable=SC2016 # Perl's variables
patch_rom "$BUILD/rom-trace.bin" "$SCRATCH/attached.bin" \
	'my $d = unpack("x40 V", $_); my $h = unpack("x" . ($d + 20) . " V", $_); substr($_, $h + 4, 1) = "\x01"'
exits 'a recorder drains the ring' "$GUEST_FAILED" exact "$SCRATCH/attached.bin" "bench=$FOUR samples=1"
like 'a recorder: said so' "$OUTPUT" '^bench: found a recorder attached to the ROM'
is 'a recorder: not done' "$(grep -c '^bench: done$' <<< "$OUTPUT")" 0

for word in bench=NoSuchCall bench=GetCR0,cli pads=int3; do
	exits "$word" "$GUEST_USAGE" boot none pc "bench $word" -no-reboot
	like "$word: named" "$OUTPUT" "command line: ${word%%=*}: found '${word##*[=,]}', expected"
done
for word in samples=0 samples=1001 samples=x; do
	exits "$word" "$GUEST_USAGE" boot none pc "bench $word" -no-reboot
	like "$word: named" "$OUTPUT" "command line: found '$word', expected"
done
for word in exact samples=2 pads=nopl; do
	exits "$word without bench" "$GUEST_USAGE" boot none pc "$word" -no-reboot
	like "$word without bench: said so" "$OUTPUT" "found '${word%%=*}=?', expected 'bench' beside it"
done

done_testing
