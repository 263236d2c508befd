# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion of vmiprof's commands, options and values, for bash-completion.
#
# All comes from what --help prints, so it is never behind the program.

# A help text, one line for each option.
_vmiprof_help() # [COMMAND]
{
	ARGP_HELP_FMT=rmargin=1000 "${words[0]}" "$@" --help 2> /dev/null
}

_vmiprof_commands()
{
	_vmiprof_help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

# What stands behind the "=" of an option.
_vmiprof_values() # COMMAND OPTION
{
	_vmiprof_help "$1" | sed -n "s/^ .*$2\[\{0,1\}=\([^] ]*\).*/\1/p"
}

_vmiprof_options() # COMMAND
{
	_vmiprof_help "$1" |
		sed -n 's/^ *\(-., \)\{0,1\} *\(--[a-z][a-z-]*=\{0,1\}\).*/\2/p'
}

_vmiprof()
{
	local cur prev words cword split command="" word values
	_init_completion -s || return

	for word in "${words[@]:1:cword-1}"; do
		[[ $word == -* ]] || { command=$word; break; }
	done
	if [[ -z $command ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_vmiprof_commands) --help --version" -- "$cur")
		return
	fi
	if $split; then
		values=$(_vmiprof_values "$command" "$prev")
		mapfile -t COMPREPLY < <(compgen -W "$(tr '|' '\n' <<< "$values" | grep '^[a-z]')" -- "$cur")
		[[ $values == *FILE* || $values == *DIR* || $values == *KERNEL* ]] && _filedir
		return
	fi
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_vmiprof_options "$command")" -- "$cur")
		[[ ${COMPREPLY-} == *= ]] && compopt -o nospace
		return
	fi
	_filedir
} &&
	complete -F _vmiprof vmiprof
