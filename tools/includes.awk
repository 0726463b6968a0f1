# includes.awk - FILE INCLUDED pairs in, one line for each circle among modules out. A module is a file's name without
# .c or .h: room/name. A module that includes itself is its own header.
function module(f) { sub(/\.[ch]$/, "", f); return f }
function visit(m, path,    n, list, i) {
    state[m] = 1
    n = split(to[m], list, " ")
    for (i = 1; i <= n; i++) {
        if (state[list[i]] == 1)
            print "a circle: " substr(path " -> ", index(path " -> ", list[i] " -> ")) list[i]
        else if (!state[list[i]])
            visit(list[i], path " -> " list[i])
    }
    state[m] = 2
}
{
    a = module($1)
    b = module($2)
    if (a != b && !seen[a, b]++) {
        to[a] = to[a] " " b
        all[a] = 1
    }
}
END { for (m in all) if (!state[m]) visit(m, m) }
