# bash completion for the commands of sikka                                       -*- shell-script -*-
# SPDX-License-Identifier: MIT
# What may stand where, the script complete knows. bash splits words at "=" and ":", so they are joined again first,
# and what stands in front of the last such character isn't part of an answer.

_sikka() {
	local words=() word joins='' line value last split front

	for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
		if [[ ${#words[@]} -gt 1 && ( $joins || $word == [=:]* ) ]]; then
			words[${#words[@]}-1]+=$word
		else
			words+=("$word")
		fi
		joins=
		[[ $word != *[=:] ]] || joins=1
	done
	last=${words[${#words[@]}-1]}
	split=
	case $COMP_WORDBREAKS in
	*=*) [[ $last != *=* ]] || split=${last%"${last##*[=:]}"} ;;
	esac
	COMPREPLY=()
	while IFS= read -r line; do
		value=${line%%$'\t'*}
		case $value in
		:files) line=-f ;;
		:folders) line=-d ;;
		:commands) line=-c ;;
		*)
			COMPREPLY+=("${value#"$split"}")
			[[ $value != *= ]] || compopt -o nospace 2>/dev/null
			continue
			;;
		esac
		compopt -o filenames 2>/dev/null
		value=${last#-*=}
		front=${last%"$value"}
		while IFS= read -r value; do
			COMPREPLY+=("${front#"$split"}$value")
		done < <(compgen "$line" -- "$value")
	done < <(@DATA@/complete "${words[@]}")
}
complete -F _sikka @COMMANDS@
