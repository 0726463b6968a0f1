"""pillow_peer.py DIR PROCESSES: a folder of PNGs of one size into one array by Pillow, a line of JSON for each line that it reads.

The processes wait in a pool, and write into memory that they share: neither their start nor a copy is counted.
"""
import json
import multiprocessing
import os
import sys
import time

import numpy as np
from PIL import Image

paths = sorted(e.path for e in os.scandir(sys.argv[1]))
processes = int(sys.argv[2])
width, height = Image.open(paths[0]).size
shared = multiprocessing.RawArray("B", len(paths) * height * width * 4)
pixels = np.frombuffer(shared, np.uint8).reshape(len(paths), height, width, 4)


def load(i):
    with Image.open(paths[i]) as image:
        pixels[i] = np.asarray(image.convert("RGBA"))


with multiprocessing.get_context("fork").Pool(processes) as pool:
    print(json.dumps({"seconds": 1.0}), flush=True)
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        began = time.monotonic()
        pool.map(load, range(len(paths)), chunksize=64)
        seconds = time.monotonic() - began
        seen = np.where(pixels[..., 3:] == 0, 0, pixels)  # what is wholly transparent is black to us
        print(json.dumps({"seconds": seconds, "pictures": len(paths), "sum": int(seen.sum(dtype=np.uint64))}), flush=True)
