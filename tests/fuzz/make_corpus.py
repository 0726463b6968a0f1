#!/usr/bin/env python3
"""Make the small corpora of the fuzz targets: tests/fuzz/corpus/TARGET/*.

Well-formed files and the usual ways to spoil them. Deterministic: running it again changes nothing but
what this file says anew. Inputs that a fuzzer found and that mattered are added by hand, as found_*.
"""
import hashlib
import json
import pathlib
import struct
import zlib

CORPUS = pathlib.Path(__file__).parent / "corpus"


def put(target, name, data):
    path = CORPUS / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def gz(data):
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def idx(dims, data=None, kind=8):
    size = 1
    for d in dims:
        size *= d
    body = bytes(i * 7 % 256 for i in range(size)) if data is None else data
    return struct.pack(">BBBB", 0, 0, kind, len(dims)) + struct.pack(">%dI" % len(dims), *dims) + body


def idx_corpus():
    images, labels, colour = idx([3, 4, 5]), idx([6]), idx([2, 3, 3, 3])
    for name, data in {"images": images, "labels": labels, "colour": colour}.items():
        put("idx", name, data)
        put("idx", name + ".gz", gz(data))
        put("idx", name + "_behind", data + b"\0")
        put("idx", name + "_behind.gz", gz(data + b"\0"))
        put("idx", name + "_junk.gz", gz(data) + b"junk")
        put("idx", name + "_crc.gz", gz(data)[:-6] + b"\1\2\3\4\5\6")
    put("idx", "float", idx([1, 2, 2], bytes(16), kind=0x0D))
    put("idx", "rank2", idx([4, 4]))
    put("idx", "none", idx([0, 4, 4]))
    put("idx", "five_channels", idx([1, 2, 2, 5]))
    put("idx", "wide", idx([1, 5000, 1]))
    put("idx", "lies", idx([0x7FFFFFFF, 4096, 4096], b"x"))
    put("idx", "lies.gz", gz(idx([0x7FFFFFFF, 4096, 4096], b"x")))
    put("idx", "bomb.gz", gz(idx([1, 1000, 1000], bytes(1000000))))


def safetensors(head, data=b""):
    text = head if isinstance(head, bytes) else json.dumps(head, separators=(",", ":"), sort_keys=True).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def tensor(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def signed(head, data):
    head["__metadata__"]["sha256"] = "0" * 64
    digest = hashlib.sha256(safetensors(head, data)).hexdigest()
    head["__metadata__"]["sha256"] = digest
    return safetensors(head, data)


def safetensors_corpus():
    def name_it(name, head, data=b""):
        put("safetensors", name, safetensors(head, data))
    data = bytes(range(28))
    whole = {"__metadata__": {"format": "pt"}, "a": tensor("F32", [2, 3], 0, 24), "b": tensor("U8", [4], 24, 28)}
    name_it("whole", whole, data)
    good = signed(json.loads(json.dumps(whole)), data)
    put("safetensors", "signed", good)
    put("safetensors", "altered", good[:-1] + b"\xff")
    put("safetensors", "behind", good + b"\0")
    name_it("empty", {})
    name_it("scalar", {"s": tensor("F32", [], 0, 4)}, bytes(4))
    name_it("zero", {"z": tensor("F32", [0, 5], 0, 0), "y": tensor("U8", [1], 0, 1)}, b"x")
    name_it("overlap", {"a": tensor("U8", [4], 0, 4), "b": tensor("U8", [4], 2, 6)}, bytes(6))
    name_it("gap", {"a": tensor("U8", [4], 0, 4), "b": tensor("U8", [4], 5, 9)}, bytes(9))
    name_it("outside", {"a": tensor("U8", [40], 0, 40)}, bytes(4))
    name_it("overflow", {"a": tensor("F32", [2**62, 2**62], 0, 0)})
    name_it("negative", {"a": tensor("U8", [-1], 0, -1)})
    name_it("backwards", {"a": tensor("U8", [4], 4, 0)}, bytes(4))
    name_it("half", {"a": tensor("F16", [2], 0, 4)}, bytes(4))
    name_it("rank9", {"a": tensor("U8", [1] * 9, 0, 1)}, b"x")
    name_it("extra", {"a": dict(tensor("U8", [1], 0, 1), more=1)}, b"x")
    name_it("number", {"__metadata__": {"step": 3}})
    name_it("twice", b'{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},'
                     b'"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"x")
    name_it("latin1", b'{"\xe9":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"x")
    name_it("array", b"[1,2]")
    name_it("deep", b"[" * 3000)
    name_it("odd_digest", {"__metadata__": {"sha256": "none"}})
    put("safetensors", "claims", struct.pack("<Q", 2**60) + b"{}")
    put("safetensors", "longer", struct.pack("<Q", 100) + b"{}")


def ini_corpus():
    texts = {
        "recipe": "# a recipe\n[train]\nbatch = 16\nrate: 2e-4 ; per step\n\n[generator]\nlayers = dense 256\n"
                  "  relu ; first\n  # between\n\n\tdense 784\n  tanh\n[discriminator]\nlayers = dense 1\n",
        "no_section": "a = 1\nb =\n", "no_end": "[a]\nk = v", "crlf": "[a]\r\nk = v\r\n  w\r\n",
        "bare": "[a]\nword\n", "unclosed": "[a\nk = 1\n", "behind": "[a] b\n", "no_key": "[a]\n= 1\n",
        "long": "[a]\nk = " + "x" * 300 + "\n", "long_comment": "# " + "x" * 5000 + "\n[a]\nk = 1\n",
        "edge": "k = " + "x" * 193 + "\nl = " + "x" * 194 + "\n",
        "section49": "[" + "s" * 49 + "]\nk = 1\n", "section50": "[" + "s" * 50 + "]\nk = 1\n",
        "indented": "  k = 1\n  l = 2\n [x]\n", "comments": "k = ; all\n  ; none\n  a;b ; c\n", "bom": "\ufeff[a]\nk = 1\n",
        "names": "[gr\u00f6\u00dfe]\nk\u00e4se = \u20ac \U0001f600\n", "twice": "[a]\nk = 1\nk = 2\n",
    }
    for name, text in texts.items():
        put("ini", name, text.encode())
    put("ini", "latin1", b"[a]\nk = \xe9\n")
    put("ini", "surrogate", b"k = \xed\xa0\x80\n")
    put("ini", "zero", b"[a]\nk = a\0b\n")


def npy(shape, data, kind="<f8", order="False", major=1, length=None):
    head = f"{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}".encode()
    head += b" " * (118 - len(head) - 1) + b"\n" if major == 1 else b"\n"
    size = len(head) if length is None else length
    return b"\x93NUMPY" + bytes([major, 0]) + struct.pack("<H" if major == 1 else "<I", size) + head + data


def npy_corpus():
    six = struct.pack("<6d", 1, -2, 0.5, float("nan"), float("inf"), 6)
    whole = npy("(2, 3)", six)
    for name, data in (("whole", whole), ("float32", npy("(3, 2)", struct.pack("<6f", *range(6)), "<f4")),
                       ("major2", npy("(2, 3)", six, major=2)), ("major3", npy("(2, 3,)", six, major=3)),
                       ("major9", npy("(2, 3)", six, major=9)), ("cut", whole[:-1]), ("behind", whole + b"\0"),
                       ("no_numbers", whole[:128]), ("half_header", whole[:60]), ("mark", whole[:6]), ("empty", b""),
                       ("one_axis", npy("(6,)", six)), ("three_axes", npy("(1, 2, 3)", six)), ("scalar", npy("()", six[:8])),
                       ("none", npy("(0, 3)", b"")), ("negative", npy("(-2, -3)", six)), ("huge", npy("(999999999, 999999999)", six)),
                       ("bytes", npy("(2, 3)", bytes(6), "|u1")), ("big_endian", npy("(2, 3)", six, ">f8")),
                       ("fortran", npy("(2, 3)", six, order="True")), ("object", npy("(2, 3)", six, "|O")),
                       ("long_header", npy("(2, 3)", six, length=65535)), ("longer", npy("(2, 3)", six, major=2, length=0xFFFFFFFF)),
                       ("no_shape", whole.replace(b"shape", b"shope")), ("no_type", whole.replace(b"descr", b"doscr"))):
        put("npy", name, data)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, extra=b""):
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(rows, 9))
            + chunk(b"IEND", b""))


def png_corpus():
    put("png", "grey", png(3, 2, 8, 0, b"\0abc\0def"))
    put("png", "grey_alpha", png(2, 1, 8, 4, b"\0abcd"))
    put("png", "rgb", png(2, 1, 8, 2, b"\0abcdef"))
    put("png", "rgba", png(1, 2, 8, 6, b"\0abcd\0efgh"))
    put("png", "deep", png(2, 1, 16, 0, b"\0abcd"))
    put("png", "bits", png(9, 1, 1, 0, b"\0ab"))
    put("png", "palette", png(2, 1, 8, 3, b"\0\0\1", chunk(b"PLTE", b"abcdef")))
    put("png", "short", png(3, 3, 8, 0, b"\0abc"))
    put("png", "huge", png(2**31 - 1, 2**31 - 1, 8, 6, b"\0"))
    put("png", "large", png(16000, 16000, 8, 6, b"\0"))


def layers_corpus():
    """The nets of the built-in recipes, a line of each kind, and lines that are nearly right."""
    recipes = pathlib.Path(__file__).parent.parent.parent / "recipes"
    for path in sorted(recipes.glob("*.ini")):
        nets = path.read_text().split("layers =\n")[1:]
        for i, net in enumerate(nets):
            lines = [line.split(";")[0] for line in net.split("\n\n")[0].splitlines()]
            put("layers", f"{path.stem}-{i}", "\n".join(lines).encode())
    ok = ["dense 5 spectral nobias init fan 0.5 leaky 0.1", "conv 7 3 same stride 2 groups 1 @a\nconcat @a",
          "tconv 5 4 stride 2 pad 1 spectral", "dense 9 @w\nfrom @in\nmod @w 5 3 same", "bias\nact silu", "basis 3 3 5",
          "reshape 144", "reshape 2 3 4 6\nconv 5 2", "pool sum", "up 2 bilinear", "up 2 blur", "up 3", "down 2 blur",
          "down 2 nearest", "conv 8 3\nshuffle 2", "batchnorm class", "layernorm\ninstancenorm\npixelnorm", "groupnorm 3",
          "minibatch 3", "conv 8 1\nattention spectral", "dropout 0.5\nnoise", "label\nproject", "label 5 @y\nfrom @in\nconcat @y",
          "block b C N\n conv C N same @h\n add @h\nend\nb 3 3\nb 4 1", "block a C\ndense C\nend\nblock b C\na C\na C\nend\nb 2"]
    for i, text in enumerate(ok):
        put("layers", f"ok{i:02}", text.encode())
        put("layers", f"cut{i:02}", text[: len(text) * 2 // 3].encode())
        put("layers", f"big{i:02}", text.replace("3", "255").replace("5", "99999").encode())
        put("layers", f"twice{i:02}", (text + " " + text).encode())
    put("layers", "deep", b"block a\nconv 3 3\nend\nblock b\na\na\nend\nblock c\nb\nb\nend\nc\nc\n")
    put("layers", "bytes", bytes(range(1, 256)))


def cifar_corpus():
    record = bytes([7]) + bytes(i % 251 for i in range(3072))
    for name, data in (("one", record), ("two", 2 * record), ("cut", record[:-1]), ("class", b"\x0a" + record[1:]), ("empty", b"")):
        put("cifar", name, data)
        put("cifar", name + ".gz", gz(data))
    put("cifar", "cut.gz", gz(record)[:-9])
    put("cifar", "pictures.npy", npy("(2, 3, 4)", bytes(24), "|u1"))
    put("cifar", "colour.npy", npy("(1, 2, 2, 4)", bytes(16), "|u1"))
    put("cifar", "wide.npy", npy("(1, 1, 9999)", bytes(9999), "|u1"))
    put("cifar", "five_axes.npy", npy("(1, 1, 1, 1, 1)", bytes(1), "|u1"))
    put("cifar", "huge.npy", npy("(999999999, 999999999, 999999999)", bytes(9), "|u1"))


def page_corpus():
    put("page", "all", b"\npage.css\nstatus.json\nstatus.json?lines=1\nrun.json\nmetrics.json\ndoctor.json\ngrids.json\nsamples/000006.png\nwalk.png?u=0.5&v=1\nviews.json\nlayers.json\nslopes.png\n")
    put("page", "ways", b"ways.json?kind=0\nways.png?kind=0&first=3\nways.png?kind=2\njudge.json?a=1\nplane.json\npairs.png\nfilters.png\n")
    put("page", "pictures", b"nearest.png?first=4\nwalk.png?side=2&class=-1\n")
    put("page", "paths", b"../secret\nsecret\nsamples/../secret\nsamples/%2e%2e/secret\n/etc/passwd\nsamples/1.png/../../secret\n")
    put("page", "numbers", b"walk.png?u=2\nwalk.png?u=nan\nwalk.png?side=1e9\nwalk.png?first=-1\nnearest.png?first=1e300&&=&x\n")
    put("page", "long", b"a" * 300 + b"?" + b"b=1&" * 40)


def recipe_corpus():
    """Each value for every setting: a byte that picks the setting, the value, a zero byte."""
    values = {
        "zeros": "0.1" + 300 * "0", "blanks": "adam 1e-3 0" + 300 * " " + "0.99", "comment": "dense 1 # " + 300 * "x",
        "indented": " " + "dense " + 190 * "1", "newline": "dense 3\ndense 1", "semicolons": "dense 3 ;; dense 1 ; x",
        "forms": "1e3", "section": "[train]", "key": "batch = 3", "escape": "\033[2J", "delete": "a\x7fb",
        "c1": "a\u009bb", "hash": "#", "euro": "\u20ac", "path": "/a b/c", "hex": "0x1p3",
    }
    for name, value in values.items():
        put("recipe", name, b"\0".join(bytes([i]) + value.encode() for i in range(1, 64)))
    put("recipe", "latin1", b"\0".join(bytes([i]) + b"\xe9" for i in range(1, 64)))


if __name__ == "__main__":
    idx_corpus()
    safetensors_corpus()
    ini_corpus()
    png_corpus()
    npy_corpus()
    cifar_corpus()
    recipe_corpus()
    page_corpus()
    layers_corpus()
