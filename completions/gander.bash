# Completion of gander for bash: commands, options as the program's own help lists them, recipes.
_gander() {
    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}
    if [ "$COMP_CWORD" = 1 ]; then
        COMPREPLY=($(compgen -W "train sample data recipes info --help --version" -- "$word"))
    elif [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$(gander "$command" --help 2>/dev/null | grep -oE -- '--[a-z-]+')" -- "$word"))
    elif [ "$command" = train ] || [ "$command" = recipes ]; then
        COMPREPLY=($(compgen -W "$(gander recipes 2>/dev/null | cut -d' ' -f1)" -- "$word") $(compgen -f -- "$word"))
    else
        COMPREPLY=($(compgen -f -- "$word"))
    fi
}
complete -o filenames -F _gander gander
