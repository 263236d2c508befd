#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The bash completion: what it offers is what --help lists, for each command.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

for place in /usr/share/bash-completion/bash_completion /etc/bash_completion; do
	[ -r "$place" ] && break
done
[ -r "$place" ] || skip_all "bash-completion is not installed"
mkdir "$SCRATCH/trace"
touch "$SCRATCH/a-file"

# complete WORDS...: what is offered for the last one.
complete_words()
{
	(PATH=$PWD/$BUILD:$PATH bash -c '
		. "$1"
		. "$2"
		cd "$3" || exit
		shift 3
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*"
		COMP_LINE=${COMP_LINE/ = /=} COMP_POINT=${#COMP_LINE}
		compopt() { :; }
		_vmiprof
		printf "%s\n" "${COMPREPLY[@]}"' _ "$place" "$PWD/completion/vmiprof.bash" "$SCRATCH" "$@")
}

is "commands" "$(complete_words vmiprof re | sort | tr '\n' ' ')" "record regress report "
for command in $("$BUILD/vmiprof" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
	is "$command: all its options" \
		"$(complete_words vmiprof "$command" -- | sed 's/=$//' | sort -u)" \
		"$("$BUILD/vmiprof" "$command" --help | grep -o -e '^ [ ,a-zA-Z0-9?-]*' |
			grep -o -e '--[a-z][a-z-]*' | sort -u)"
done
is "values of an option" "$(complete_words vmiprof record --accel = '' | tr '\n' ' ')" "auto tcg kvm "
is "files, too, where one may be named" "$(complete_words vmiprof record --rom = a | sort | tr '\n' ' ')" \
	"a-file aggregate "
is "a trace" "$(complete_words vmiprof report t)" "trace"

done_testing
