#!/usr/bin/env python3
"""gander beside its peers, in interleaved rounds.

Rows  A16 A64 A128  `article` at that batch     S16 S64  `steady`
      B C D R       `dcgan32`, `dcgan64`, `resnet32`, `r3` at batch 64, on made-up pictures
      SAMPLE        the article's generator     START    a fresh process to its first iteration
      NEAR          precision, recall, density, coverage
      LOAD          4,000 PNGs of 72 x 72, RGBA (GANDER_BENCH_PICTURES: a folder of other ones of one size)

A row's first round runs every setting of every peer; then the best two meet gander, all three in each round
(--again: the best two of the last time). Our rate is that of `gander train` itself, metrics and grids on: a run of
2n iterations less one of n; in rows of picture nets that of `gander bench`, whole iterations too. A peer is first
checked for the same mathematics (peers/common.py). Settings with bf16 products are another arithmetic: listed, and
not among the two. Only ratios within a round mean anything on a shared machine; its own peak is measured in every
round too. Results, after every round: bench/results/ROW.json.
"""
import argparse
import json
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("BUILD", os.path.join(HERE, "..", "build"))
GANDER = os.path.join(BUILD, "gander")
CHECKED = 20  # iterations whose losses are compared
DENSE = [("jax_peer.py", s) for s in ("scan", "scan+join", "scan+join+again", "each", "each+join")] + \
        [("pytorch.py", s) for s in ("eager", "fused", "compile")] + \
        [("tensorflow_peer.py", s) for s in ("function", "xla")]
ARTICLE = DENSE + [("keras_peer.py", "train_on_batch")]
NETS = [("pytorch_nets.py", s) for s in ("eager", "compile", "eager+bf16", "compile+bf16")] + [("jax_nets.py", "each")]
FIRST_SECONDS, ROUND_SECONDS, START_SECONDS = 2.0, 4.0, 90.0


class Row:
    """recipe, batch, who is asked; shape: of made-up pictures, None: --data."""

    def __init__(self, recipe, batch, peers, shape=None, checked=CHECKED):
        self.recipe, self.batch, self.peers, self.shape, self.checked = recipe, batch, peers, shape, checked


ROWS = {"A16": Row("article", 16, ARTICLE), "A64": Row("article", 64, ARTICLE), "A128": Row("article", 128, ARTICLE),
        "S16": Row("steady", 16, DENSE), "S64": Row("steady", 64, DENSE),
        "B": Row("dcgan32", 64, NETS, (32, 32), 3), "C": Row("dcgan64", 64, NETS, (64, 64, 3), 2),
        "D": Row("resnet32", 64, NETS, (32, 32, 3), 2), "R": Row("r3", 64, NETS, (32, 32, 3), 2)}


def python():
    own = os.path.join(HERE, ".peers", "bin", "python")
    path = own if os.path.exists(own) else os.environ.get("GANDER_PEERS")
    if not path or not os.path.exists(path):
        sys.exit("bench: no peers; run `make bench-peers` first (or GANDER_PEERS=PYTHON)")
    return path


def processor():
    with open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return "unknown processor"


class Peer:
    """One peer in one setting: a process that answers lines."""

    def __init__(self, start, script, setting):
        self.name = f"{script.split('.')[0].replace('_peer', '')} {setting}"
        command = [python(), os.path.join(HERE, "peers", script), start, setting]
        self.process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.hello = self.read(START_SECONDS)
        self.rate, self.peak_mb = 1 / self.hello.get("seconds", 1), None

    def read(self, seconds=600.0):
        """The next answer; a peer that needs longer is ended."""
        timer = threading.Timer(seconds, self.process.kill)
        timer.start()
        try:
            for line in self.process.stdout:
                if line.startswith("{"):
                    return json.loads(line)
            return {"error": "ended without an answer" if timer.is_alive() else f"no answer within {seconds:.0f} s"}
        finally:
            timer.cancel()

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.read()

    def run_for(self, seconds):
        n = max(1, int(seconds * self.rate))
        a = self.ask(f"run {n}")
        if "error" in a:
            return 0.0
        self.rate, self.peak_mb = a["iterations"] / a["seconds"], a.get("peak_mb")
        return self.rate

    def end(self):
        try:
            self.process.stdin.write("quit\n")
            self.process.stdin.close()
            self.process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
        self.process.wait()


class Gander:
    """Whole runs of the program, as a user starts them. guess: iterations a second, about."""

    def __init__(self, row, data, folder, guess):
        self.command = [GANDER, "train", row.recipe, "--data", data, "--set", f"train.batch={row.batch}", "-q", "--force",
                        "-o", os.path.join(folder, "run")]
        self.peak_mb = None
        self.n = max(100, int(guess * ROUND_SECONDS / 1.5) // 500 * 500)

    def seconds(self, n):
        began = time.perf_counter()
        process = subprocess.Popen(self.command + ["--iterations", str(n)])
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        if status:
            sys.exit("bench: gander train failed")
        self.peak_mb = usage.ru_maxrss / 1024
        return time.perf_counter() - began

    def rate(self):
        """The short run on both sides of the long one: a machine that changes meanwhile misleads less."""
        before, twice, after = self.seconds(self.n), self.seconds(2 * self.n), self.seconds(self.n)
        return self.n / (twice - (before + after) / 2)


class GanderBench:
    """`gander bench`, for nets of which a run of many seconds is a few iterations: whole iterations, without a run's start."""

    def __init__(self, row):
        self.batch = row.batch
        self.command = [GANDER, "bench", row.recipe, "--json", "--seconds", str(ROUND_SECONDS)]
        self.peak_mb = None

    def rate(self):
        process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        out = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = status
        if status:
            sys.exit("bench: gander bench failed")
        self.peak_mb = usage.ru_maxrss / 1024
        trained = json.loads(out)["training"][0]
        if trained["batch"] != self.batch:
            sys.exit(f"bench: gander bench trains batch {trained['batch']}, the row is one of {self.batch}")
        return trained["rate"]


def machine_peak():
    out = subprocess.run([GANDER, "bench", "--peak", "--json", "--seconds", "1"], capture_output=True, text=True)
    return json.loads(out.stdout)


def make_start(folder, row, data):
    subprocess.run([os.path.join(BUILD, "bench_start"), folder, data, str(row.checked), row.recipe,
                    f"train.batch={row.batch}"], check=True)
    with open(os.path.join(folder, "start.json")) as f:
        return json.load(f)


def make_pictures(path, shape, count=1024):
    """An IDX file of noise: what is in a picture changes no time."""
    with open(path, "wb") as f:
        f.write(bytes([0, 0, 8, 1 + len(shape)]) + b"".join(n.to_bytes(4, "big") for n in (count, *shape)))
        f.write(random.Random(1).randbytes(count * math.prod(shape)))


def in_words(rate):
    return f"{rate:7.1f} it/s" if rate >= 20 else f"{1000 / rate:7.1f} ms  "


def first_round(folder, row):
    """Every setting alone. (figures of all, the fastest first; the two fastest in float32, still running)"""
    seen, best = [], []
    for script, setting in row.peers:
        peer = Peer(folder, script, setting)
        if "error" in peer.hello:
            print(f"  {peer.name:26} {peer.hello['error']}", flush=True)
            peer.end()
            continue
        peer.run_for(0.5)
        rate = max(peer.run_for(FIRST_SECONDS), peer.run_for(FIRST_SECONDS))
        seen.append({"script": script, "setting": setting, "peer": peer.hello["peer"],
                     "version": peer.hello["version"], "loss_error": peer.hello["difference"], "rate": rate,
                     "peak_mb": peer.peak_mb})
        print(f"  {peer.name:26} {in_words(rate)}   losses within {peer.hello['difference']:.1e}   "
              f"{peer.peak_mb:5.0f} MB   {peer.hello['version']}", flush=True)
        peer.rate = rate
        if "bf16" not in setting:
            best = sorted(best + [peer], key=lambda p: -p.rate)
        for p in best[2:] + [peer] * ("bf16" in setting):
            p.end()
        best = best[:2]
    if not best:
        sys.exit("bench: no peer ran")
    return sorted(seen, key=lambda p: -p["rate"]), best


def last_choice(name, folder):
    """As first_round, from the results of the last time."""
    if not os.path.exists(results_of(name)):
        sys.exit(f"bench: no results of {name} yet; run it without --again first")
    with open(results_of(name)) as f:
        seen = json.load(f)["first_round"]
    best = [Peer(folder, p["script"], p["setting"]) for p in seen if "bf16" not in p["setting"]][:2]
    return seen, best


def results_of(name):
    return os.path.join(HERE, "results", f"{name}.json")


def save(result):
    with open(results_of(result["row"]), "w") as f:
        json.dump(result, f, indent=1)


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def training_row(name, rounds, data, again, about):
    row = ROWS[name]
    folder = tempfile.mkdtemp(prefix="gander-bench-")
    try:
        if row.shape:
            data = os.path.join(folder, "pictures.idx")
            make_pictures(data, row.shape)
        start = make_start(folder, row, data)
        print(f"{name}: {row.recipe}, batch {row.batch}, {start['mflop']:.0f} MFLOP an iteration in products", flush=True)
        seen, best = last_choice(name, folder) if again else first_round(folder, row)
        us = GanderBench(row) if row.shape else \
            Gander(row, data, folder, 0.6 * machine_peak()["peak_gflops"] * 1e3 / start["mflop"])
        result = {"row": name, "mflop": start["mflop"], "form": start["isa"], "first_round": seen,
                  "best": [p.name for p in best], "rounds": [], **about}
        for i in range(rounds):
            theirs = [p.run_for(ROUND_SECONDS) for p in best]
            peak = machine_peak()
            ours = us.rate()
            r = {"gander": ours, "peers": theirs, "peak_gflops": peak["peak_gflops"], "ratio": ours / max(theirs),
                 "share": ours * start["mflop"] / 1e3 / peak["peak_gflops"]}
            result["rounds"].append(r)
            result["gander_peak_mb"] = us.peak_mb
            save(result)
            print(f"  round {i + 1}: gander {in_words(ours)}   " +
                  "   ".join(f"{p.name} {in_words(t)}" for p, t in zip(best, theirs)) +
                  f"   {r['ratio']:.2f} times, {100 * r['share']:.0f} % of {peak['peak_gflops']:.0f} GFLOP/s", flush=True)
        for p in best:
            p.end()
        print_row(result)
    finally:
        shutil.rmtree(folder)


def print_row(r):
    found = r["rounds"]
    ours = statistics.median(f["gander"] for f in found)
    theirs = statistics.median(max(f["peers"]) for f in found)
    each = [statistics.median(rates) for rates in zip(*(f["peers"] for f in found))]
    name = r["best"][each.index(max(each))]
    other = next((p for p in r["first_round"] if "bf16" in p["setting"]), None)
    print(f"{r['row']:5} gander {in_words(ours).strip()}, best peer {in_words(theirs).strip()} ({name}): "
          f"{spread([f['ratio'] for f in found])} times; {100 * statistics.median(f['share'] for f in found):.0f} % "
          f"of the machine's FMA peak ({100 * min(f['share'] for f in found):.0f} to "
          f"{100 * max(f['share'] for f in found):.0f}); memory {r['gander_peak_mb']:.0f} MB, leanest peer "
          f"{min(p['peak_mb'] for p in r['first_round'] if 'bf16' not in p['setting']):.0f} MB" +
          (f"; with bf16 products {in_words(other['rate']).strip()} ({other['peer']})" if other else "") + "\n")


def sample_row(rounds, data, about):
    folder = tempfile.mkdtemp(prefix="gander-bench-")
    try:
        make_start(folder, ROWS["A16"], data)
        peers = [Peer(folder, "onnx_peer.py", str(t)) for t in (1, 2)]
        found = []
        for i in range(rounds):
            ours = json.loads(subprocess.run([GANDER, "bench", "article", "--json", "--seconds", "1"],
                                             capture_output=True, text=True, check=True).stdout)
            one = min(p.ask("sample 1 5000")["best"] for p in peers) * 1e6
            many = min(p.ask("sample 64 1000")["best"] for p in peers) * 1e6
            bytes_read = 4 * 946688
            found.append({"one_us": ours["sample_us"], "onnx_one_us": one, "many_us": ours["sample_64_us"],
                          "onnx_many_us": many, "ratio_one": one / ours["sample_us"],
                          "ratio_64": many / ours["sample_64_us"],
                          "share_of_read": bytes_read / ours["sample_us"] / 1e3 / ours["read_4mb_gbs"],
                          "bound_64": 121.2e6 / ours["peak_gflops"] / 1e3 / ours["sample_64_us"]})
            print(f"  round {i + 1}: 1 image {ours['sample_us']:.1f} us, ONNX Runtime {one:.1f}; 64 images "
                  f"{ours['sample_64_us']:.0f} us, ONNX Runtime {many:.0f}", flush=True)
        for p in peers:
            p.end()
    finally:
        shutil.rmtree(folder)
    print(f"SAMPLE ONNX Runtime {peers[0].hello['version']}: "
          f"1 image {spread([f['ratio_one'] for f in found])} times as fast "
          f"({100 * statistics.median(f['share_of_read'] for f in found):.0f} % of what 4 MB can be read with), "
          f"64 images {spread([f['ratio_64'] for f in found])} times "
          f"({100 * statistics.median(f['bound_64'] for f in found):.0f} % of the FMA peak)\n")
    save({"row": "SAMPLE", "rounds": found, **about})


NEAR_FEATURES = """
import numpy, sys
for k in (0, 1):
    numpy.save(sys.argv[1 + k], numpy.random.default_rng(k).standard_normal((10000, 64)) + 0.05 * k)
"""


def near_row(rounds, about):
    """Precision, recall, density, coverage of 10,000 against 10,000 features of 64 numbers."""
    folder = tempfile.mkdtemp(prefix="gander-bench-")
    found = []
    try:
        paths = [os.path.join(folder, name) for name in ("real.npy", "samples.npy")]
        subprocess.run([python(), "-c", NEAR_FEATURES, *paths], check=True)
        peer = Peer(paths[0], "prdc_peer.py", paths[1])
        for i in range(rounds):
            theirs = peer.ask("go")
            ours = json.loads(subprocess.run([os.path.join(BUILD, "bench_near"), *paths, "1"], capture_output=True,
                                             text=True, check=True).stdout)
            for key in ("density", "coverage"):  # prdc has one k for all: its precision and recall are of k = 5
                if abs(ours[key] - theirs[key]) > 2e-4:
                    sys.exit(f"bench: {key} is {ours[key]} by us and {theirs[key]} by prdc")
            found.append({"gander": ours, "prdc": theirs, "ratio": theirs["seconds"] / ours["seconds"][0]})
            save({"row": "NEAR", "rounds": found, **about})
            print(f"  round {i + 1}: gander {ours['seconds'][0]:.2f} s, {ours['peak_mb']:.0f} MB; prdc "
                  f"{theirs['seconds']:.2f} s, {theirs['peak_mb']:.0f} MB; {found[-1]['ratio']:.1f} times", flush=True)
        peer.end()
    finally:
        shutil.rmtree(folder)
    print(f"NEAR  {spread([f['ratio'] for f in found])} times as fast as prdc\n")


PICTURES = """
import numpy, sys
from PIL import Image, ImageDraw
for i in range(4000):  # flat shapes with soft edges on nothing, as emoji are
    g = numpy.random.default_rng(i)
    large = Image.new("RGBA", (288, 288))
    draw = ImageDraw.Draw(large)
    for _ in range(6):
        x, y, r, s = g.integers(0, 288, 4)
        draw.ellipse([x - r // 2, y - s // 2, x + r // 2, y + s // 2], fill=tuple(g.integers(0, 256, 3)) + (255,))
    large.resize((72, 72), Image.Resampling.LANCZOS).save(f"{sys.argv[1]}/{i:06d}.png", optimize=True)
"""


def load_row(rounds, about):
    """A folder of PNGs into memory, by as many threads as Pillow has processes."""
    folder = tempfile.mkdtemp(prefix="gander-bench-")
    found = []
    try:
        pictures = os.environ.get("GANDER_BENCH_PICTURES")
        if not pictures:
            pictures = os.path.join(folder, "pictures")
            os.mkdir(pictures)
            subprocess.run([python(), "-c", PICTURES, pictures], check=True)
        threads = len(os.sched_getaffinity(0))
        first = subprocess.run([python(), "-c", "import sys; from PIL import Image; print(*Image.open(sys.argv[1]).size)",
                                next(os.scandir(pictures)).path], capture_output=True, text=True, check=True).stdout.split()
        peer = Peer(pictures, "pillow_peer.py", str(threads))
        peer.ask("go")  # the files are in the page cache from here on
        for i in range(rounds):
            theirs = peer.ask("go")
            cache = os.path.join(folder, f"cache-{i}")
            ours = json.loads(subprocess.run([os.path.join(BUILD, "bench_load"), pictures, first[1], first[0], str(threads)],
                                             env={**os.environ, "XDG_CACHE_HOME": cache}, capture_output=True, text=True,
                                             check=True).stdout)
            if (ours["pictures"], ours["sum"]) != (theirs["pictures"], theirs["sum"]):
                sys.exit(f"bench: other pixels: {ours} by us, {theirs} by Pillow")
            found.append({"gander": ours, "pillow": theirs, "ratio": theirs["seconds"] / ours["seconds"]})
            save({"row": "LOAD", "rounds": found, **about})
            print(f"  round {i + 1}: {ours['pictures']} pictures in {ours['seconds']:.2f} s, again in {ours['again']:.3f}; Pillow "
                  f"{theirs['seconds']:.2f}; {found[-1]['ratio']:.1f} times", flush=True)
        peer.end()
    finally:
        shutil.rmtree(folder)
    print(f"LOAD  {spread([f['ratio'] for f in found])} times as fast as Pillow with {threads} processes\n")


def start_row(rounds, data, about):
    """A fresh process to its first trained iteration."""
    folder = tempfile.mkdtemp(prefix="gander-bench-")
    found = {}
    try:
        make_start(folder, ROWS["A16"], data)
        commands = {"gander": [GANDER, "train", "article", "--data", data, "-q", "--force", "--iterations", "1", "-o",
                               os.path.join(folder, "run")]}
        for script, setting in (("jax_peer.py", "each"), ("pytorch.py", "fused"), ("tensorflow_peer.py", "function")):
            path = os.path.join(HERE, "peers", script)
            commands[f"{script.split('.')[0]} {setting}"] = [python(), path, folder, setting, "--first"]
        for _ in range(rounds):
            for name, command in commands.items():
                began = time.perf_counter()
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                found.setdefault(name, []).append(time.perf_counter() - began)
    finally:
        shutil.rmtree(folder)
    for name, seconds in found.items():
        print(f"START  {name:28} {spread(seconds)} s")
    print()
    save({"row": "START", "seconds": found, **about})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     usage="bench.py [--rounds N] [--data DIR|NAME] [--again] [ROW ...]")
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", default=os.environ.get("GANDER_BENCH_DATA", "mnist"))
    parser.add_argument("--again", action="store_true")
    args = parser.parse_args()
    every = [*ROWS, "SAMPLE", "START", "NEAR", "LOAD"]
    for row in args.rows:
        if row not in every:
            parser.error(f"no row {row}; there are {' '.join(every)}")
    if args.rounds < 1:
        parser.error("--rounds: 1 or more")
    rounds, data = args.rounds, args.data
    python()
    version = subprocess.run([GANDER, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{processor()}; {version}\n")
    os.makedirs(os.path.join(HERE, "results"), exist_ok=True)
    about = {"processor": processor(), "gander": version}
    for row in args.rows or every:
        if row == "SAMPLE":
            sample_row(rounds, data, about)
        elif row == "START":
            start_row(rounds, data, about)
        elif row == "NEAR":
            near_row(rounds, about)
        elif row == "LOAD":
            load_row(rounds, about)
        else:
            training_row(row, rounds, data, args.again, about)


if __name__ == "__main__":
    main()
