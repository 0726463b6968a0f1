#!/usr/bin/env python3
"""What it costs a run to be watched: by the doctor, by the page's server, by a browser that shows the page on the same processors.

Two runs of one recipe, one watched and one not (train.doctor = off, no looks inside), take turns of 0.4 s (3 s with a browser) on an otherwise idle machine: the one whose
turn it is not, and all that watches it, are stopped. So both meet the same machine, however its speed drifts. Prints, for each round, how many times as fast
the watched run is. --what doctor: train.doctor = tell and its looks; page: those, and a client that asks the server all that a page asks; browser: those, and
Chromium with the page open at its top. Metrics are logged five times as often as by default, which makes the doctor and the page dearer, not cheaper. What is
done once (the browser's start, the first answers) is not counted. Two runs of one program differ by up to 3 % of speed for as long as they live, by where
their memory lies, so only several rounds tell: --what nothing shows by how much.
Results: bench/results/LOOK-WHAT.json.
"""
import argparse
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
GANDER = os.path.join(os.environ.get("BUILD", os.path.join(HERE, "..", "build")), "gander")
TURN = {"nothing": 0.4, "doctor": 0.4, "page": 0.4, "browser": 3.0}  # seconds; a page asks every three of them, by the clock


def start(command, log):
    return subprocess.Popen(command, stdout=open(log, "w"), stderr=subprocess.STDOUT, start_new_session=True)


def each(processes, number):
    for p in processes:
        try:
            os.killpg(p.pid, number)
        except ProcessLookupError:
            pass


def iterations(run):
    """How many are done, by the last whole line of its log."""
    try:
        with open(os.path.join(run, "timing.jsonl"), "rb") as f:
            f.seek(max(0, os.path.getsize(f.name) - 400))
            whole = f.read().split(b"\n")[:-1]
        return json.loads(whole[-1])["iteration"] if whole else 0
    except (OSError, ValueError):
        return 0


def until(what, process, log, seconds=60):
    """Waits for what `process` is to do; where it ends or does not come to it, what it said is why."""
    end = time.time() + seconds
    while not what():
        if process.poll() is not None or time.time() > end:
            with open(log) as f:
                sys.exit("watched: " + (f.read().strip() or "%s does not answer" % " ".join(process.args)))
        time.sleep(0.05)


def address(log):
    with open(log) as f:
        found = re.search(r"http://\S+", f.read())
    return found and found.group(0)


class Client(threading.Thread):
    """Asks what a page at its top asks: every three seconds for what is new, then for what has changed. Pauses with the server that it asks."""

    def __init__(self, base):
        super().__init__(daemon=True)
        self.base, self.on, self.asked = base, threading.Event(), 0

    def ask(self, what):
        with urllib.request.urlopen(self.base + what, timeout=120) as reply:
            self.asked += 1
            return reply.read()

    def run(self):
        before, lines = {}, 0
        while True:
            self.on.wait()
            now = json.loads(self.ask("status.json?lines=%d" % lines))
            if "doctor" in now:
                lines = now["doctor"]["lines"]
            if now.get("samples") != before.get("samples"):
                self.ask("grids.json")
            if now.get("model") != before.get("model"):
                self.ask("run.json")
                self.ask("views.json")
            before = now
            for _ in range(60):  # three seconds of its turns
                self.on.wait()
                time.sleep(0.05)


def train(options, run, *settings):
    command = [GANDER, "train", options.recipe, "--data", options.data, "-o", run, "-q", "--iterations", "100000000", "--set", "train.log_every=50",
               "--set", "train.spread_every=250"]
    for s in settings:
        command += ["--set", s]
    return start(command, run + ".log")


def watch(options, folder, run, processes):
    """What looks at the run; its client, where that is ours."""
    log = os.path.join(folder, "look.log")
    processes.append(start([GANDER, "look", run], log))
    until(lambda: address(log), processes[-1], log)
    if options.what == "page":
        client = Client(address(log))
        client.start()
        client.on.set()
        until(lambda: client.asked >= 4, processes[-1], log)
        return client
    processes.append(start(["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", "--window-size=1280,900", "--no-first-run",
                            "--disable-background-networking", "--disable-component-update", "--user-data-dir=" + os.path.join(folder, "profile"), address(log)],
                           os.path.join(folder, "browser.log")))
    time.sleep(25)
    return None


def one_round(options, folder, number):
    plain, watched = os.path.join(folder, "plain"), os.path.join(folder, "watched")
    off = ["train.doctor=off", "train.health_every=0"]
    group, client = {"plain": [], "watched": []}, None
    try:
        for name, run in (("plain", plain), ("watched", watched))[::1 if number % 2 else -1]:
            group[name].append(train(options, run, *(off if name == "plain" or options.what == "nothing" else [])))
            until(lambda: iterations(run) >= 200, group[name][0], run + ".log")
            if name == "watched" and options.what in ("page", "browser"):
                client = watch(options, folder, run, group[name])
            each(group[name], signal.SIGSTOP)
        done, took = {"plain": 0, "watched": 0}, {"plain": 0.0, "watched": 0.0}
        end = time.time() + options.seconds
        turns = [("plain", plain), ("watched", watched)]
        while time.time() < end:
            for name, run in turns:
                before, began = iterations(run), time.monotonic()
                if client:
                    client.on.set() if name == "watched" else client.on.clear()
                each(group[name], signal.SIGCONT)
                time.sleep(TURN[options.what])
                each(group[name], signal.SIGSTOP)
                took[name] += time.monotonic() - began
                time.sleep(0.02)
                done[name] += iterations(run) - before
            turns.reverse()
        rates = {name: done[name] / took[name] for name in done}
        return {"ratio": rates["watched"] / rates["plain"], "plain": rates["plain"], "watched": rates["watched"], "asked": client.asked if client else 0}
    finally:
        both = group["plain"] + group["watched"]
        each(both, signal.SIGKILL)
        for p in both:
            p.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="strokes")
    parser.add_argument("--recipe", default="steady")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--what", choices=list(TURN), default="browser")
    options = parser.parse_args()
    if not os.path.exists(GANDER):
        sys.exit("watched: %s is not there; run `make` first" % GANDER)
    if options.what == "browser" and not shutil.which("chromium"):
        sys.exit("watched: there is no chromium; install it, or measure --what page")
    results = os.path.join(HERE, "results")
    os.makedirs(results, exist_ok=True)
    found = []
    for k in range(options.rounds):
        folder = tempfile.mkdtemp(prefix="gander-watched-")
        try:
            found.append(one_round(options, folder, k))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        print("%s, round %d: %.3f (%.1f iterations a second, %.1f without)" % (options.what, k + 1, found[-1]["ratio"], found[-1]["watched"], found[-1]["plain"]), flush=True)
        with open(os.path.join(results, "LOOK-%s.json" % options.what), "w") as f:
            json.dump({"row": "LOOK", "what": options.what, "recipe": options.recipe, "rounds": found}, f, indent=1)
    ratios = [f["ratio"] for f in found]
    print("%s: %.3f (%.3f to %.3f)" % (options.what, statistics.median(ratios), min(ratios), max(ratios)))


if __name__ == "__main__":
    main()
