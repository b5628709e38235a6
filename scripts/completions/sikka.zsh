#compdef @COMMANDS@
# SPDX-License-Identifier: MIT
# zsh completion for the commands of sikka. What may stand where, the script complete knows.

_sikka() {
	local line value
	local -a before values shown begun begun_shown

	before=("${(@Q)words[1,CURRENT-1]}")
	for line in "${(@f)$(@DATA@/complete "${before[@]}" "${(Q)PREFIX}")}"; do
		value=${line%%$'\t'*}
		[[ $line == *$'\t'* ]] && line="$value  -- ${line#*$'\t'}"
		case $value in
		'') ;;
		:files) compset -P '-*='; _files ;;
		:folders) compset -P '-*='; _files -/ ;;
		:commands) compset -P '-*='; _command_names -e ;;
		*=) begun+=("$value"); begun_shown+=("$line") ;;
		*) values+=("$value"); shown+=("$line") ;;
		esac
	done
	(( $#values )) && compadd -l -d shown -a values
	(( $#begun )) && compadd -l -S '' -d begun_shown -a begun
}

_sikka "$@"
