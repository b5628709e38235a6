# fish completion for the commands of sikka
# SPDX-License-Identifier: MIT
# What may stand where, the script complete knows.

function __sikka_complete
    set -l last (commandline -ct)
    set -l value (string replace -r -- '^-[^=]*=' '' $last)
    set -l front (string sub -l (math (string length -- $last) - (string length -- $value)) -- $last)
    for line in (@DATA@/complete (commandline -opc) $last)
        switch $line
            case :files
                printf '%s\n' $front(__fish_complete_path $value)
            case :folders
                printf '%s\n' $front(__fish_complete_directories $value)
            case :commands
                printf '%s\n' $front(__fish_complete_command)
            case '*'
                printf '%s\n' $line
        end
    end
end
complete -c (string replace -r '\.fish$' '' (status basename)) -f -a '(__sikka_complete)'
