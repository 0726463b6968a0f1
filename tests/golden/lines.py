"""Layer lines of a recipe, read by themselves: nothing here was taken from src/nn. Needs no library."""
# Words that a line may hold, with how many words follow each.
OPTIONS = {"stride": 1, "pad": 1, "same": 0, "groups": 1, "nobias": 0, "spectral": 0, "init": 2, "mean": 0, "sum": 0,
           "nearest": 0, "average": 0, "bilinear": 0, "blur": 0, "class": 0}
JOINS = {"add", "mul", "concat", "from", "mod"}


class Line:
    """kind, its numbers, options, activation (its word); joined: the line whose result it reads too (-1: the net's input)."""

    def __init__(self, words, joined):
        self.kind, self.joined, self.options, self.activation, self.slope = words[0], joined, {}, None, None
        words = words[1:] if joined is None else words[2:]
        self.numbers = []
        while words and not words[0][0].isalpha():
            self.numbers.append(words.pop(0))
        while words:
            word = words.pop(0)
            if word in OPTIONS:
                behind = OPTIONS[word] if word != "init" else 1 + (len(words) > 1 and not words[1][0].isalpha())
                self.options[word] = words[:behind]
                words = words[behind:]
            else:
                self.activation, rest = word, words
                self.slope = float(rest[0]) if rest else None
                words = []


def read_lines(text):
    """Blocks written out, names resolved."""
    out, blocks = [], {}

    def use(rows, scopes):
        rows = list(rows)
        while rows:
            words = rows.pop(0)
            if words[0] == "block":
                body = []
                while rows[0] != ["end"]:
                    body.append(rows.pop(0))
                rows.pop(0)
                blocks[words[1]] = (words[2:], body)
            elif words[0] in blocks:
                parameters, body = blocks[words[0]]
                put = dict(zip(parameters, words[1:]))
                use([[put.get(w, w) for w in row] for row in body], [{"in": len(out) - 1}] + scopes)
            else:
                joined, name = None, None
                if words[-1][0] == "@" and not (len(words) == 2 and words[0] in JOINS):
                    name = words[-1][1:]
                    words = words[:-1]
                if words[0] in JOINS:
                    joined = next(s[words[1][1:]] for s in scopes if words[1][1:] in s)
                out.append(Line(list(words), joined))
                if name:
                    scopes[0][name] = len(out) - 1

    rows = [line.split("#")[0].split() for line in text.splitlines()]
    use([r for r in rows if r], [{"in": -1}])
    return out
