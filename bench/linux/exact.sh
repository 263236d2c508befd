#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# exact.sh [-o DIR] [-n ROUNDS] [-e OPERATIONS] [-c] [-i] [VARIANT...]
# instructions per operation, one boot per kernel and ROM variant
#
# Each boot runs under "-icount shift=0", where a TSC tick is one instruction and
# every boot gives the same figures to the bit; exact.c measures.  Prints a table
# and writes DIR/exact.json (see docs/linux-guest.md) and DIR/VARIANT.log.
# -c also boots once per VMI call with only that call as a stub, and so tells
# what each call adds to an operation.
# -i boots once per VMI call with all calls inline but that one, and so tells what
# inlining each call saves: vmiprof regress --linux judges that.
set -eu
cd "$(dirname "$0")/../.."

build=${BUILD:-build}
qemu=${QEMU:-qemu-system-x86_64}
out=out/exact
rounds=1000
operations=all
classes=
all_but=
boot_timeout_s=300

die()
{
	printf 'exact: %s\n' "$@" >&2
	exit 1
}

# The trace ROM of this measurement has its ring in overwrite mode, so that with
# no host to drain it every call takes the path of a recorded one.
variants()
{
	cat <<-EOF
	unpatched $build/linux-plain/bzImage - off
	no-rom $build/linux/bzImage - inline
	native $build/linux/bzImage $build/rom-native.bin native
	inline $build/linux/bzImage $build/rom-native.bin inline
	stub $build/linux/bzImage $build/rom-native.bin stub
	trace $build/linux/bzImage $build/roms/trace-overwrite.bin stub
	EOF
}

# Without noapictimer the calibration of the APIC timer spins through 100 ms of
# guest time, ten seconds of ours.
append="console=ttyS0 panic=-1 norandmaps noapictimer"
machine=(-accel tcg -icount "shift=0,sleep=off"
	-rtc "base=2006-03-13T18:03:49,clock=vm" -seed 1
	-cpu qemu64 -m 256 -vga none -nic none -display none -monitor none -no-reboot)

# How many call sites the kernel left native, made stubs and inlined, from its
# boot log; nothing when it found no ROM.
sites() # VARIANT
{
	tr -d '\r' < "$out/$1.log" |
		sed -n 's/.*vmi: .* calls: \([0-9]*\) native, \([0-9]*\) stub, \([0-9]*\) inline$/\1 \2 \3/p'
}

# Whether the kernel did what the variant asks for.
check_sites() # NAME ROM MODE
{
	local native="" stub="" inline="" good=
	read -r native stub inline < <(sites "$1") || true
	case $2:$3 in
	-:*) [ -z "$native" ] && good=1 ;;
	*:native) [ "${native:-0}" -gt 0 ] && [ "$stub$inline" = 00 ] && good=1 ;;
	*:inline | *:inline,*) [ "${inline:-0}" -gt 0 ] && good=1 ;;
	*:*stub) [ "${stub:-0}" -gt 0 ] && [ "$inline" = 0 ] && good=1 ;;
	esac
	[ -n "$good" ] && return
	echo "exact: '$1' asks for vmi=$3 with the ROM $2; the kernel says:" >&2
	grep 'vmi: ' "$out/$1.log" >&2 || echo "nothing" >&2
	return 1
}

# boot NAME KERNEL ROM MODE
boot()
{
	local rom=()
	[ "$3" = - ] || rom=(-option-rom "$3")
	timeout -k 5 "$boot_timeout_s" "$qemu" "${machine[@]}" "${rom[@]}" \
		-serial "file:$out/$1.log" -kernel "$2" \
		-initrd "$build/initramfs.cpio.gz" \
		-append "$append exact=$operations rounds=$rounds vmi=$4" \
		< /dev/null > "$out/$1.qemu" 2>&1 || true
	if ! grep -q '^exact: done' "$out/$1.log"; then
		echo "exact: the boot of '$1' did not end; the last of $out/$1.log:" >&2
		tail -n 5 "$out/$1.log" "$out/$1.qemu" >&2
		return 1
	fi
	rm -f "$out/$1.qemu"
	check_sites "$1" "$3" "$4"
}

# Reads lines of boot's arguments; as many boots at once as there are cores.
boot_all()
{
	local pids=() pid failed=0
	while read -r name kernel rom mode; do
		echo "exact: booting $name" >&2
		boot "$name" "$kernel" "$rom" "$mode" &
		pids+=($!)
		if [ ${#pids[@]} -ge "$(nproc)" ]; then
			wait "${pids[0]}" || failed=1
			pids=("${pids[@]:1}")
		fi
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || failed=1
	done
	return $failed
}

# The calls that any operation made, from the counters of the trace ROM.
calls_seen()
{
	figures trace | awk '$2 == "calls" { print $4 }' | sort -u
}

class_variants()
{
	local call
	for call in $(calls_seen); do
		echo "stub:$call $build/linux/bzImage $build/rom-native.bin native,$call:stub"
		echo "trace:$call $build/linux/bzImage $build/roms/trace-overwrite.bin native,$call:stub"
	done
}

# Each call that was seen as a stub, all others inline.
all_but_variants()
{
	local call
	for call in $(calls_seen); do
		echo "inline-but:$call $build/linux/bzImage $build/rom-native.bin inline,$call:stub"
	done
}

# What the guests printed, one figure per line:
# VARIANT least OPERATION INSTRUCTIONS ROUNDS HITS
# VARIANT calls OPERATION CALL COUNT
figures()
{
	local name
	for name in "$@"; do
		tr -d '\r' < "$out/$name.log" |
			sed -n "s/^exact: \(least\|calls\) /$name \1 /p"
	done
}

guest_release() # VARIANT
{
	tr -d '\r' < "$out/$1.log" | sed -n 's/^exact: kernel //p'
}

json_text() # STRING
{
	local text=${1//\\/\\\\}
	printf '"%s"' "${text//\"/\\\"}"
}

host_json()
{
	local cpu
	cpu=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)
	printf '"host": {"cpu": %s, "kernel": %s, "qemu": %s}' \
		"$(json_text "$cpu")" "$(json_text "$(uname -sr)")" \
		"$(json_text "$("$qemu" --version | head -n 1)")"
}

# Of a file: its name and what identifies its content.
file_json()
{
	[ "$1" = - ] && { printf null; return; }
	printf '{"file": %s, "sha256": "%s"}' "$(json_text "$1")" \
		"$(sha256sum "$1" | cut -d' ' -f1)"
}

sites_json() # VARIANT
{
	local native stub inline
	if read -r native stub inline < <(sites "$1"); then
		printf '{"native": %d, "stub": %d, "inline": %d}' \
			"$native" "$stub" "$inline"
	else
		printf null
	fi
}

# The same for each call that has sites.
call_sites_json() # VARIANT
{
	tr -d '\r' < "$out/$1.log" | awk '
		/ vmi: [A-Za-z0-9]+ +[0-9]+ native +[0-9]+ stub +[0-9]+ inline$/ {
			printf "%s\"%s\": {\"native\": %d, \"stub\": %d, \"inline\": %d}",
				separator, $(NF - 6), $(NF - 5), $(NF - 3), $(NF - 1)
			separator = ", "
		}'
}

variant_json() # NAME KERNEL ROM MODE
{
	printf '{"name": "%s", "kernel": %s, "release": %s, "rom": %s, "vmi": "%s", "sites": %s, "call_sites": {%s}, "operations": {' \
		"$1" "$(file_json "$2")" "$(json_text "$(guest_release "$1")")" \
		"$(file_json "$3")" "$4" "$(sites_json "$1")" \
		"$(call_sites_json "$1")"
	figures "$1" | awk -f bench/linux/exact-json.awk
	printf '}}'
}

write_json() # reads lines of boot's arguments
{
	local separator=""
	printf '{"format": "vmiprof-exact", "version": 1, %s,\n' "$(host_json)"
	printf ' "unit": "instructions", "accelerator": "tcg", "qemu_args": %s, "append": %s,\n' \
		"$(json_text "${machine[*]}")" "$(json_text "$append")"
	printf ' "variants": [\n'
	while read -r name kernel rom mode; do
		printf '%s  ' "$separator"
		variant_json "$name" "$kernel" "$rom" "$mode"
		separator=$',\n'
	done
	printf '\n ]}\n'
}

print_heading()
{
	echo "Instructions per operation: the least of $rounds rounds, one boot per column;"
	echo "behind each figure the difference to the first column."
	echo "$("$qemu" --version | head -n 1), TCG, -icount shift=0: exact counts, no times."
	echo "Guest kernel $(guest_release "${columns[0]}"), host $(uname -sr)."
	for name in "${columns[@]}"; do
		read -r native stub inline < <(sites "$name") || continue
		echo "Call sites of '$name': $native native, $stub stub, $inline inline."
	done
	echo
}

while getopts o:n:e:ci option; do
	case $option in
	o) out=$OPTARG ;;
	n) rounds=$OPTARG ;;
	e) operations=$OPTARG ;;
	c) classes=1 ;;
	i) all_but=1 ;;
	*) die "usage: exact.sh [-o DIR] [-n ROUNDS] [-e OPERATIONS] [-c] [-i] [VARIANT...]" ;;
	esac
done
shift $((OPTIND - 1))

list=$(variants)
for name in "$@"; do
	grep -q "^$name " <<< "$list" ||
		die "no variant is called '$name'; there are: $(variants | cut -d' ' -f1 | xargs)"
done
[ $# -eq 0 ] || list=$(for name in "$@"; do grep "^$name " <<< "$list"; done)
command -v "$qemu" > /dev/null ||
	die "$qemu is missing; install qemu-system-x86 or name it with QEMU="
while read -r name kernel rom mode; do
	for file in "$kernel" "$rom" "$build/initramfs.cpio.gz"; do
		[ "$file" = - ] || [ -r "$file" ] ||
			die "$name needs $file; make exact builds it"
	done
done <<< "$list"

mkdir -p "$out"
rm -f "$out"/*.log "$out"/*.qemu
boot_all <<< "$list"
if [ -n "$classes" ]; then
	[ -r "$out/trace.log" ] || die "-c needs the variants native, stub and trace"
	list=$(printf '%s\n%s\n' "$list" "$(class_variants)")
	boot_all <<< "$(class_variants)"
fi
if [ -n "$all_but" ]; then
	[ -r "$out/trace.log" ] || die "-i needs the variant trace"
	all_but=$(all_but_variants)
	list=$(printf '%s\n%s\n' "$list" "$all_but")
	boot_all <<< "$all_but"
fi
write_json <<< "$list" > "$out/exact.json"

mapfile -t names < <(cut -d' ' -f1 <<< "$list")
mapfile -t columns < <(printf '%s\n' "${names[@]}" | grep -v :)
{
	print_heading
	figures "${columns[@]}" |
		awk -v columns="${columns[*]}" -f bench/linux/exact-table.awk
	figures "${names[@]}" |
		awk -v classes="$classes" -f bench/linux/exact-calls.awk
} | tee "$out/table.txt"
