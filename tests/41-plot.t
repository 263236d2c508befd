#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vmiprof plot: both formats, what the figure says, and what can go wrong.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

vmiprof=$(realpath "$BUILD/vmiprof")
busy=$SCRATCH/busy
"$BUILD/tests/mktrace" "$busy" busy

exits 'a PNG is drawn' 0 "$vmiprof" plot "$busy" -o "$SCRATCH/hot.png"
is 'in silence' "$OUTPUT" ''
ok 'it is one, large and not blank' python3 - "$SCRATCH/hot.png" << 'EOP'
import struct, sys, zlib
data = open(sys.argv[1], "rb").read()
assert data[:8] == b"\x89PNG\r\n\x1a\n"
width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
assert width >= 1200 and height >= 800, (width, height)
pixels, at = b"", 8
while at < len(data):
    size, name = struct.unpack(">I4s", data[at:at + 8])
    if name == b"IDAT":
        pixels += data[at + 8:at + 8 + size]
    at += size + 12
pixels = zlib.decompress(pixels)
assert len(set(pixels)) > 20, "blank"
EOP

exits 'an SVG is drawn' 0 "$vmiprof" plot -o "$SCRATCH/hot.svg" "$busy"
is 'in silence, too' "$OUTPUT" ''
# The texts of the figure, a line each.
python3 - "$SCRATCH/hot.svg" > "$SCRATCH/texts" << 'EOP'
import sys
import xml.etree.ElementTree as tree
for text in tree.parse(sys.argv[1]).iter("{http://www.w3.org/2000/svg}text"):
    print("".join(text.itertext()).strip())
EOP
is 'it is well-formed' $? 0
texts=$(cat "$SCRATCH/texts")
like 'the title has guest and accelerator' "$texts" '^Hot VMI calls of made up, accelerator tcg$'
like 'the unit is labelled as emulated' "$texts" 'Cycles are TCG cycles: emulated, not hardware'
like 'at its axis, too' "$texts" '^TCG cycles \(emulated\) per call$'
like 'CPU, kernel and QEMU' "$texts" '^Level event.  Host: Test CPU, Linux 6.1.0, QEMU 7.2.0; TSC 1000 MHz$'
like 'counts' "$texts" '^Calls recorded \(share of all\)'
like 'distribution' "$texts" '^Cost of the hottest calls: distribution, p50 / p99$'
like 'calls over time' "$texts" '^Calls over time, stacked$'
like 'with its unit' "$texts" '^thousand calls/s$'
"$vmiprof" report --json "$busy" > "$SCRATCH/busy.json"
ok 'the ranking is that of the report, with its numbers' \
	python3 - "$SCRATCH/busy.json" "$SCRATCH/texts" << 'EOP'
import json, sys
calls = json.load(open(sys.argv[1]))["calls"]
texts = open(sys.argv[2]).read().splitlines()
names = {c["name"] for c in calls}
shown = list(dict.fromkeys(t for t in texts if t in names))
assert set(shown) == names, set(shown) ^ names
for c in calls:
    assert any(t.startswith(f"{c['count']:,}  (") for t in texts), c
    if c["total_cycles"] is not None:
        assert any(t.startswith(f"{c['total_cycles']:,}  (") for t in texts), c
EOP

# Damaged: drawn as far as it goes, and marked.
truncate -s -100 "$busy/vcpu0"
exits 'a torn trace is drawn' 2 "$vmiprof" plot "$busy" -o "$SCRATCH/torn.svg"
like 'with a message' "$OUTPUT" 'torn: .* cut off'
ok 'and marked in the title' grep -q 'accelerator tcg *(PARTIAL)' "$SCRATCH/torn.svg"

: > "$busy/vcpu0"
exits 'no events' 1 "$vmiprof" plot "$busy" -o "$SCRATCH/none.png"
like 'is told' "$OUTPUT" 'no events, nothing to draw'
ok 'and leaves no file' test ! -e "$SCRATCH/none.png"

rm -rf "$busy"
"$BUILD/tests/mktrace" "$busy" small
exits 'a few calls are drawn' 0 "$vmiprof" plot "$busy" -o "$SCRATCH/few.png"
is 'without a warning of gnuplot' "$OUTPUT" ''
# Text from outside must not end up as commands.
python3 - "$busy/run/run.json" "$SCRATCH/owned" << 'EOP'
import json, sys
run = json.load(open(sys.argv[1]))
run["guest"] = f"a'b; system 'touch {sys.argv[2]}'\n`touch {sys.argv[2]}` \u00e9"
json.dump(run, open(sys.argv[1], "w"))
EOP
exits 'a guest with a strange name' 0 "$vmiprof" plot "$busy" -o "$SCRATCH/strange.svg"
ok 'is shown as it is' grep -q "Hot VMI calls of a.*b; system" "$SCRATCH/strange.svg"
ok 'and not run' test ! -e "$SCRATCH/owned"
exits 'a strange file name' 0 "$vmiprof" plot "$busy" -o "$SCRATCH/it's \"\$HOME\" \`x\`.png"
ok 'is what is written' test -s "$SCRATCH/it's \"\$HOME\" \`x\`.png"

# A name is a name, whatever gnuplot would make of it.
(cd "$SCRATCH" && "$vmiprof" plot "$busy" -o '|touch owned; cat > owned.png')
ok 'a name that begins with | is one' test -s "$SCRATCH/|touch owned; cat > owned.png"
ok 'and no command' test ! -e "$SCRATCH/owned"
exits 'a name that begins with <' 0 env -C "$SCRATCH" "$vmiprof" plot "$busy" -o '< a.svg'
ok 'is one, too' test -s "$SCRATCH/< a.svg"

ln -s /dev/full "$SCRATCH/full.png"
exits 'a full disk' 1 "$vmiprof" plot "$busy" -o "$SCRATCH/full.png"
like 'is told' "$OUTPUT" 'cannot write .*full.png: No space left'
ln -s hot.png "$SCRATCH/link.png"
cp "$SCRATCH/few.png" "$SCRATCH/hot.png"
exits 'a link' 0 "$vmiprof" plot "$busy" -o "$SCRATCH/link.png"
is 'stays one' "$(readlink "$SCRATCH/link.png")" hot.png

exits 'another format' 64 "$vmiprof" plot "$busy" -o "$SCRATCH/hot.pdf"
like 'is refused' "$OUTPUT" "found '.*hot.pdf', expected a name that ends in .png or .svg"
exits 'no output' 64 "$vmiprof" plot "$busy"
exits 'no trace' 64 "$vmiprof" plot -o "$SCRATCH/hot.png"
exits 'a directory that is not there' 1 "$vmiprof" plot "$busy" -o "$SCRATCH/none/hot.png"
like 'is named' "$OUTPUT" 'none/hot.png: No such file or directory'

mkdir "$SCRATCH/bin"
exits 'gnuplot missing' 1 env PATH="$SCRATCH/bin" "$vmiprof" plot "$busy" -o "$SCRATCH/no.png"
like 'names the package' "$OUTPUT" 'gnuplot not found: install gnuplot-nox'
ok 'leaves no file' test ! -e "$SCRATCH/no.png"
printf '#!/bin/sh\nexit 3\n' > "$SCRATCH/bin/gnuplot"
chmod +x "$SCRATCH/bin/gnuplot"
exits 'gnuplot failing' 1 env PATH="$SCRATCH/bin:$PATH" "$vmiprof" plot "$busy" -o "$SCRATCH/no.png"
like 'is told' "$OUTPUT" 'gnuplot: exit status 3; .*no.png was not drawn'
ok 'leaves no file, too' test ! -e "$SCRATCH/no.png"
echo before > "$SCRATCH/kept.png"
exits 'gnuplot failing where there is a picture' 1 env PATH="$SCRATCH/bin:$PATH" "$vmiprof" plot "$busy" -o "$SCRATCH/kept.png"
is 'leaves it as it is' "$(cat "$SCRATCH/kept.png")" before
printf '#!/bin/sh\ncat > /dev/null\nprintf "\211PNG and no end"\n' > "$SCRATCH/bin/gnuplot"
exits 'half a picture' 1 env PATH="$SCRATCH/bin:$PATH" "$vmiprof" plot "$busy" -o "$SCRATCH/kept.png"
like 'is told' "$OUTPUT" 'gnuplot: 15 bytes of a picture, and not its end'
is 'and kept out, too' "$(cat "$SCRATCH/kept.png")" before
is 'nothing is left over' "$(find "$SCRATCH" -name '.*.tmp')" ''


# A name with quotes, and one that is cut in a character.
cp -r "$busy" "$SCRATCH/quotes"
python3 - "$SCRATCH/quotes/run/run.json" "$(printf 'xé%.0s' {1..61})" << 'EOP'
import json, sys
run = json.load(open(sys.argv[1]))
run["guest"] = "it's \"a\" \\ `id` " + sys.argv[2]
json.dump(run, open(sys.argv[1], "w"))
EOP
exits 'a name with quotes' 0 "$vmiprof" plot -o "$SCRATCH/quotes.svg" "$SCRATCH/quotes"
# shellcheck disable=SC2016 # the quotes are python's
ok 'is drawn, and the SVG is well-formed' python3 -c 'import sys, xml.dom.minidom
text = "".join(t.nodeValue for n in xml.dom.minidom.parse(sys.argv[1]).getElementsByTagName("text")
	for t in n.childNodes if t.nodeType == 3)
assert "it\x27s \"a\" \\ `id` x" in text, text' "$SCRATCH/quotes.svg"

done_testing
