#!/usr/bin/env python3
"""Make small picture files of every kind, and what Pillow makes of them: tests/fuzz/corpus/picture/*, tests/golden/pictures.json.

The files are the fuzz corpus of the decoders too; those that begin with bad_ are refused. Needs Pillow (`make bench-peers` has a Python to
install it in). Usage: make_pictures.py FOLDER_OF_THE_REPOSITORY
"""
import io
import json
import pathlib
import struct
import sys
import zlib

from PIL import Image, ImageOps

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
CORPUS = ROOT / "tests/fuzz/corpus/picture"
H, W = 6, 9


def pixels(mode):
    """A ramp with an edge: not symmetric in any way."""
    image = Image.new("RGBA", (W, H))
    for y in range(H):
        for x in range(W):
            image.putpixel((x, y), (28 * x, 40 * y, 255 if x > 2 * y else 30, 255 if x + y < 10 else 60 * (x % 3)))
    if mode in ("P", "1"):
        return image.convert("RGB").convert(mode)
    return image.convert(mode)


def png(image, **more):
    out = io.BytesIO()
    image.save(out, "PNG", **more)
    return out.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def raw_png(width, height, depth, colour, rows, interlace=0, before=b""):
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace)) + before +
            chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def interlaced(image):
    """Adam7, RGB of 8 bits, filter 0."""
    rows = b""
    for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        for y in range(y0, H, dy):
            line = b"".join(bytes(image.getpixel((x, y))) for x in range(x0, W, dx))
            rows += b"\0" + line if line else b""
    return raw_png(W, H, 8, 2, rows, 1)


def sixteen():
    rows = b""
    for y in range(H):
        rows += b"\0" + b"".join(struct.pack(">HHH", 7001 * x, 13001 * y, 65535 - 7000 * x) for x in range(W))
    return raw_png(W, H, 16, 2, rows)


def jpeg(image, **more):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92, **more)
    return out.getvalue()


def exif(orientation):
    data = Image.Exif()
    data[0x0112] = orientation
    return data.tobytes()


def webp(image, **more):
    out = io.BytesIO()
    image.save(out, "WEBP", **more)
    return out.getvalue()


def good():
    rgb, rgba = pixels("RGB"), pixels("RGBA")
    palette = pixels("P")
    yield "grey.png", png(pixels("L"))
    yield "grey_alpha.png", png(pixels("LA"))
    yield "rgb.png", png(rgb)
    yield "rgba.png", png(rgba)
    yield "one_bit.png", png(pixels("1"))
    yield "palette.png", png(palette)
    yield "palette_transparent.png", png(palette, transparency=3)
    yield "palette_four_bits.png", png(rgb.quantize(12), bits=4)
    yield "colour_key.png", png(rgb, transparency=rgb.getpixel((2, 1)))
    yield "interlaced.png", interlaced(rgb)
    yield "sixteen_bits.png", sixteen()
    yield "gamma.png", raw_png(W, H, 8, 0, b"".join(b"\0" + bytes(28 * x for x in range(W)) for y in range(H)),
                               before=chunk(b"gAMA", struct.pack(">I", 100000)))
    yield "profile.png", png(rgb, icc_profile=b"\0" * 200)
    yield "grey.jpg", jpeg(pixels("L"))
    yield "rgb.jpg", jpeg(rgb)
    yield "progressive.jpg", jpeg(rgb, progressive=True)
    yield "subsampled.jpg", jpeg(rgb, subsampling=2)
    yield "cmyk.jpg", jpeg(rgb.convert("CMYK"))
    yield "profile.jpg", jpeg(rgb, icc_profile=b"\0" * 200)
    whole = jpeg(rgb)
    at = whole.index(b"\xff\xda")
    yield "stray_bytes.jpg", whole[:at] + bytes(5) + whole[at:]
    for o in range(1, 9):
        yield "orientation_%d.jpg" % o, jpeg(rgb, exif=exif(o))
    yield "lossless.webp", webp(rgba, lossless=True, exact=True)
    yield "lossy.webp", webp(rgb, quality=80)
    yield "a_png_named.jpg", png(rgb)
    yield "one_pixel.png", png(Image.new("RGB", (1, 1), (1, 2, 3)))


def bad(files):
    for name in ("rgb.png", "rgb.jpg", "lossy.webp", "progressive.jpg", "interlaced.png"):
        whole = files[name]
        stem, ending = name.split(".")
        yield "bad_cut_%s.%s" % (stem, ending), whole[:len(whole) // 2]
        yield "bad_head_%s.%s" % (stem, ending), whole[:20]
    flipped = bytearray(files["rgb.png"])
    flipped[flipped.index(b"IDAT") + 8] ^= 0x55
    yield "bad_flipped.png", bytes(flipped)
    yield "bad_text.png", b"this is no picture\n"
    yield "bad_empty.png", b""
    yield "bad_huge.png", raw_png(20000, 20000, 8, 2, b"\0" * 100)
    yield "bad_bomb.png", raw_png(16000, 4000, 1, 0, b"\0" * 100)
    yield "bad_zero.png", raw_png(0, 5, 8, 2, b"")
    huge = bytearray(files["rgb.jpg"])
    at = huge.index(b"\xff\xc0")
    huge[at + 5:at + 9] = struct.pack(">HH", 60000, 60000)
    yield "bad_huge.jpg", bytes(huge)
    frames = [pixels("RGB"), pixels("RGB").rotate(180)]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:])
    yield "bad_animated.webp", out.getvalue()
    gif = io.BytesIO()
    pixels("RGB").save(gif, "GIF")
    yield "bad_a_gif.png", gif.getvalue()


def main():
    CORPUS.mkdir(parents=True, exist_ok=True)
    files = dict(good())
    rows = []
    for name, data in sorted(files.items()):
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        if image.mode == "CMYK":
            image = image.convert("RGB")
        rgba = image.convert("RGBA")
        rows.append({"file": name, "height": rgba.height, "width": rgba.width, "rgba": rgba.tobytes().hex(),
                     "profile": "icc_profile" in Image.open(io.BytesIO(data)).info})
    files.update(bad(files))
    for old in CORPUS.iterdir():
        old.unlink()
    for name, data in files.items():
        (CORPUS / name).write_bytes(data)
    text = ",\n".join(json.dumps(row, sort_keys=True) for row in rows)
    (ROOT / "tests/golden/pictures.json").write_text("[\n" + text + "\n]\n")


if __name__ == "__main__":
    main()
