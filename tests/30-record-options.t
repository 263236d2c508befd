#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vmiprof record refuses what cannot be, says why, and leaves nothing running.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

# shellcheck disable=SC2317 # run by exits
record() { timeout 120 "$BUILD/vmiprof" record "$@"; }

exits '--help' 0 record --help
like '--help has the options' "$OUTPUT" '--lossless'
exits 'no output directory' 64 record
like 'no output directory: says so' "$OUTPUT" '-o DIR is missing'
exits 'unknown accelerator' 64 record -o "$SCRATCH/t" --accel=xen
like 'unknown accelerator: says what there is' "$OUTPUT" 'expected auto, tcg or kvm'
exits 'too much memory' 64 record -o "$SCRATCH/t" --memory 4096
like 'too much memory: says the range' "$OUTPUT" 'expected a number from 16 to 2048'
exits 'memory that is no number' 64 record -o "$SCRATCH/t" --memory 12M
exits 'a stray word' 64 record -o "$SCRATCH/t" linux
like 'a stray word: says where QEMU arguments go' "$OUTPUT" "'linux' is no option; .* behind --"

exits 'more vCPUs than the ROM records' 1 record -o "$SCRATCH/t" --smp 2
like 'more vCPUs: says why' "$OUTPUT" 'records one vCPU'
exits 'the same through QEMU arguments' 5 record -o "$SCRATCH/smp" -- -smp 2
like 'through QEMU arguments: says why' "$OUTPUT" 'the machine has 2 vCPUs; the ROM "trace" records one'
exits 'nothing to be lossless about' 1 record -o "$SCRATCH/t" --rom native --lossless
exits 'icount with KVM' 1 record -o "$SCRATCH/t" --icount --accel kvm
like 'icount with KVM: says why' "$OUTPUT" 'instruction counting needs'
if [ ! -e /sys/module/kvm_intel ] && [ ! -e /sys/module/kvm_amd ]; then
	exits 'KVM without VMX or SVM' 1 record -o "$SCRATCH/t" --accel kvm
	like 'KVM without VMX or SVM: says why' "$OUTPUT" 'neither kvm_intel nor kvm_amd is loaded'
else
	skip 'KVM without VMX or SVM' 'this host has one of them'
fi

exits 'no such guest' 1 record -o "$SCRATCH/t" --guest "$SCRATCH/no-kernel"
like 'no such guest: names it' "$OUTPUT" "guest $SCRATCH/no-kernel: No such file"
exits 'no such initrd' 1 record -o "$SCRATCH/t" --initrd "$SCRATCH/no-initrd"
exits 'no such ROM' 1 record -o "$SCRATCH/t" --rom "$SCRATCH/no-rom"
mkdir "$SCRATCH/lib"
exits 'guest not built' 1 env VMIPROF_LIB="$SCRATCH/lib" "$BUILD/vmiprof" record -o "$SCRATCH/t"
like 'guest not built: says where it was looked for' "$OUTPUT" "$SCRATCH/lib/guest.elf is not there"
mkdir "$SCRATCH/elsewhere"
cp "$BUILD/vmiprof" "$SCRATCH/elsewhere"
if [ ! -e /usr/local/lib/vmiprof ]; then
	exits 'not in a build tree' 1 "$SCRATCH/elsewhere/vmiprof" record -o "$SCRATCH/t"
	like 'not in a build tree: says how to make it' "$OUTPUT" 'make build/guest.elf'
else
	skip 'not in a build tree' 'vmiprof is installed here'
fi

# What QEMU cannot boot would be run all the same.
head -c 65536 /dev/zero > "$SCRATCH/zeros"
{ printf 'MZ'; cat "$SCRATCH/zeros"; } > "$SCRATCH/program.exe"
{ head -c 510 /dev/zero; printf '\x55\xaa'; cat "$SCRATCH/zeros"; } > "$SCRATCH/disk.img"
: > "$SCRATCH/empty"
while read -r file what; do
	exits "$file as a kernel" 1 record -o "$SCRATCH/t" --guest "$SCRATCH/$file"
	like "$file as a kernel: says what it is" "$OUTPUT" "$file is $what.*expected a Linux bzImage"
done <<- END
	zeros nothing but zeros
	program.exe a PE file
	disk.img a disk image
	empty empty
END
for file in zeros program.exe empty; do
	exits "$file as a disk" 1 record -o "$SCRATCH/t" --disk "$SCRATCH/$file"
	like "$file as a disk: says what is expected" "$OUTPUT" "disk .*/$file is .* ends with 55 aa"
done
like 'a disk image as a kernel: the remedy' "$(record -o "$SCRATCH/t" --guest "$SCRATCH/disk.img" 2>&1)" 'with --disk instead'
exits 'a kernel as a disk' 1 record -o "$SCRATCH/t" --disk "$BUILD/guest.elf"
like 'a kernel as a disk: the remedy' "$OUTPUT" 'with --guest instead'
exits 'nothing to boot' 64 record -o "$SCRATCH/t" --guest none
like 'nothing to boot: the remedy' "$OUTPUT" 'nothing to boot; give --disk'
exits 'words for no kernel' 64 record -o "$SCRATCH/t" --disk "$SCRATCH/disk.img" --append quiet

# Behind -- is what our own options say, or another thing to boot.
while read -r words remedy; do
	read -ra args <<< "${words//_/ }"
	exits "QEMU's ${args[0]}" 64 record -o "$SCRATCH/t" -- "${args[@]}"
	like "QEMU's ${args[0]}: the remedy" "$OUTPUT" "'${args[0]}.*' behind --.*$remedy"
done <<- END
	-drive_file=disk.img --guest=none
	-hda_disk.img --disk=FILE
	-cdrom_image.iso --guest=none
	-kernel_bzImage --guest=FILE
	-append_quiet --append=WORDS
	-m_4G --memory=MIB
	-accel_kvm --accel=kvm
	-machine_q35,accel=kvm --accel=tcg
	-icount_shift=0 --icount
END

head -c 40000 "$BUILD/rom-trace.bin" > "$SCRATCH/short.bin"
exits 'a ROM that was cut' 1 record -o "$SCRATCH/t" --rom "$SCRATCH/short.bin"
like 'a ROM that was cut: says so' "$OUTPUT" 'nothing can be recorded with a broken ROM'
exits 'a ROM with a wrong checksum' 1 record -o "$SCRATCH/t" --rom "$BUILD/roms/bad-checksum.bin"
like 'a wrong checksum: says so' "$OUTPUT" 'checksum'
is 'none of these made the directory' "$(ls -d "$SCRATCH/t" 2> /dev/null)" ''

mkdir "$SCRATCH/mine"
echo precious > "$SCRATCH/mine/file"
exits 'a directory of others' 1 record -o "$SCRATCH/mine" --force
like 'a directory of others: says what is there' "$OUTPUT" 'no trace of ours: it has file'
is 'a directory of others is left alone' "$(cat "$SCRATCH/mine/file")" precious
exits 'a file for a directory' 1 record -o "$SCRATCH/mine/file"
like 'a file for a directory: says so' "$OUTPUT" 'cannot create .*/file: Not a directory'
exits 'a file above the directory' 1 record -o "$SCRATCH/mine/file/trace"

exits 'QEMU missing' 5 env QEMU="$SCRATCH/no-qemu" "$BUILD/vmiprof" record -o "$SCRATCH/q"
like 'QEMU missing: says what to install' "$OUTPUT" "cannot run $SCRATCH/no-qemu: No such file.* install qemu-system-x86"
exits 'QEMU refuses an argument' 5 record -o "$SCRATCH/q" -- -no-such-option
like 'QEMU refuses an argument: its message is quoted' "$OUTPUT" 'no-such-option: invalid option'

cat > "$SCRATCH/hanging-qemu" <<-END
	#!/bin/bash
	echo \$\$ > $SCRATCH/pid
	exec sleep 1000
END
chmod +x "$SCRATCH/hanging-qemu"
exits 'QEMU hangs' 5 env QEMU="$SCRATCH/hanging-qemu" "$BUILD/vmiprof" record -o "$SCRATCH/q" --timeout 1
like 'QEMU hangs: says what is missing' "$OUTPUT" 'no QMP greeting within 1000 ms'
ok 'QEMU that hung is gone' test ! -e "/proc/$(cat "$SCRATCH/pid")"
like 'run.json says so, too' "$(cat "$SCRATCH/q/run/run.json")" '"status": "partial"'

done_testing
