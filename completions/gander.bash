# bash completion for gander; install as /usr/share/bash-completion/completions/gander

_gander() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} words= commands
    commands="$(gander --help 2>/dev/null | sed -n 's/^  \([a-z]*\)  .*/\1/p') help"
    local sets="mnist mnist/test fashion-mnist fashion-mnist/test strokes strokes/test"
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W "$commands --help --version" -- "$current"))
        return
    fi
    case $previous in
    --data)
        COMPREPLY=($(compgen -W "$sets" -- "$current") $(compgen -f -- "$current"))
        return
        ;;
    --resume | --init | -o | --output | --features | --features-from | --real | --held-out | --closest)
        COMPREPLY=($(compgen -f -- "$current"))
        return
        ;;
    --set)
        COMPREPLY=($(compgen -S = -W "$(gander recipes --settings 2>/dev/null | sed -n 's/^\([a-z0-9_.]*\)  (.*/\1/p')" -- "$current"))
        compopt -o nospace
        return
        ;;
    --seed | --seconds | --threads | --iterations | --minutes | -n | --count | --first | --class) return ;;
    esac
    case $command in
    train | sample | eval | recipes | bench | data | look)
        # the command's own --help is the one list of its options
        [[ $current == -* ]] && words=$(gander "$command" --help 2>/dev/null | grep -oE -- '--[a-z-]+' | sort -u)
        ;;
    help) words=$commands ;;
    esac
    case $command in
    train | recipes | bench) words="$words $(gander recipes 2>/dev/null | cut -d' ' -f1)" ;;
    data) words="list fetch $sets" ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
    case $command in
    train | sample | eval | info | data | bench) COMPREPLY+=($(compgen -f -- "$current")) ;;
    esac
}
complete -o filenames -F _gander gander
