"""What TensorBoard reads of an event file, beside what is in the run's own files.
usage: board_read.py FOLDER RUN LATER_RUN GANDER

FOLDER has RUN's file; LATER_RUN is written over it while TensorBoard looks. Ends at the first difference."""
import glob
import json
import math
import os
import struct
import subprocess
import sys
import time

import numpy
from tensorboard.backend.event_processing import event_accumulator, plugin_event_accumulator
from tensorboard.context import RequestContext
from tensorboard.data import provider, server_ingester
from tensorboard.util import tensor_util
from tensorboard.util.grpc_util import ChannelCredsType

START = 1767225600


def lines(path):
    with open(path) as f:
        return [json.loads(line) for line in f if line.endswith("\n")]


def number(path):
    return int(os.path.basename(path).split(".")[0])


def tensors(path):
    data = open(path, "rb").read()
    n = struct.unpack("<Q", data[:8])[0]
    for name, t in json.loads(data[8 : 8 + n]).items():
        if name.startswith("value/"):
            begin, end = t["data_offsets"]
            yield name[6:].replace(".", "/", 1), numpy.frombuffer(data[8 + n + begin : 8 + n + end], "<f4").astype(float)


def same(what, a, b):
    if a != b:
        sys.exit(f"{what}: {a}, not {b}")


def times(run):
    """Seconds of each line; a resumed run's go on from where they were."""
    out, before, last = {}, 0.0, 0.0
    for line in lines(run + "/timing.jsonl"):
        if line["seconds"] < last:
            before += last
        last = line["seconds"]
        out[line["iteration"]] = before + last
    return out


def check_scalars(seen, run):
    keys = {tag.split("/")[1]: tag for tag in seen.Tags()["scalars"]}
    rows, seconds = lines(run + "/metrics.jsonl"), times(run)
    same("keys", sorted(keys), sorted({k for r in rows for k, v in r.items() if v is not None} - {"iteration"}))
    for key, tag in keys.items():
        have = [(e.step, e.value, e.wall_time) for e in seen.Scalars(tag)]
        want = [(r["iteration"], float(numpy.float32(r[key])), START + seconds[r["iteration"]]) for r in rows if r.get(key) is not None]
        same(tag, have, want)
    same("loss", keys["loss_d"], "loss/loss_d")
    same("rate", keys["rate_g"], "rate/rate_g")


def check_images(seen, run):
    files = sorted(glob.glob(run + "/samples/*.png"), key=number)
    same("images' tags", seen.Tags()["images"], ["samples"])
    images = seen.Images("samples")
    same("images' steps", [e.step for e in images], [number(f) for f in files])
    for e, f in zip(images, files):
        data = open(f, "rb").read()
        same(f, e.encoded_image_string, data)
        same(f + " size", (e.width, e.height), struct.unpack(">II", data[16:24]))


def check_histograms(seen, run):
    for f in sorted(glob.glob(run + "/state/*.safetensors")):
        for tag, x in tensors(f):
            h = next(e.histogram_value for e in seen.Histograms(tag) if e.step == number(f))
            same(tag, (h.min, h.max, h.num), (x.min(), x.max(), x.size))
            if not (math.isclose(h.sum, x.sum(), abs_tol=1e-9) and math.isclose(h.sum_squares, (x * x).sum(), abs_tol=1e-9)):
                sys.exit(f"{tag}: other sums")
            same(tag + " total", sum(h.bucket), x.size)
            if x.min() < x.max():  # what numpy rounds otherwise at an edge may lie in the bucket beside
                difference = numpy.abs(numpy.cumsum(numpy.histogram(x, 30)[0]) - numpy.cumsum(h.bucket)).max()
                same(tag + " buckets", (len(h.bucket), difference <= 1), (30, True))


def check_dashboards(folder, run):
    """By the reader behind the dashboards, which turns all kinds into tensors of a plugin's."""
    seen = plugin_event_accumulator.EventAccumulator(folder, {"tensors": 0})
    seen.Reload()
    for tag, plugin in (("loss/loss_d", "scalars"), ("samples", "images"), ("generator/0.weight", "histograms")):
        same(tag, seen.SummaryMetadata(tag).plugin_data.plugin_name, plugin)
    weights = dict(tensors(sorted(glob.glob(run + "/state/*.safetensors"))[-1]))["generator/0.weight"]
    edges = tensor_util.make_ndarray(seen.Tensors("generator/0.weight")[-1].tensor_proto)
    same("edges", (edges.shape, edges[0, 0], edges[-1, 1], edges[:, 2].sum()), ((30, 3), weights.min(), weights.max(), weights.size))


def check_all(folder, run):
    seen = event_accumulator.EventAccumulator(folder, {k: 0 for k in ("scalars", "images", "histograms")})
    seen.Reload()
    for check in (check_scalars, check_images, check_histograms):
        check(seen, run)
        print("ok", check.__name__, run)


def check_looking(folder, run, later, gander):
    """By the server that TensorBoard starts: it goes on to the newer file, without a step twice."""

    def steps(key):
        by_run = server.data_provider.read_scalars(
            RequestContext(), experiment_id="", plugin_name="scalars", downsample=1000, run_tag_filter=provider.RunTagFilter(tags=[key])
        )
        return [e.step for tags in by_run.values() for events in tags.values() for e in events]

    def logged(of):
        return [r["iteration"] for r in lines(of + "/metrics.jsonl")]

    def waits_for(want):
        for _ in range(300):
            if steps("loss/loss_d") == want:
                return
            time.sleep(0.1)
        same("steps", steps("loss/loss_d"), want)

    server = server_ingester.SubprocessServerDataIngester(
        server_binary=server_ingester.get_server_binary(), logdir=folder, reload_interval=1, channel_creds_type=ChannelCredsType.LOCAL
    )
    server.start()
    waits_for(logged(run))
    subprocess.run([gander, "look", later, "--tensorboard", folder], check=True, stdout=subprocess.DEVNULL)
    waits_for(logged(later))


def main(folder, run, later, gander):
    check_all(folder, run)
    check_dashboards(folder, run)
    print("ok dashboards")
    check_looking(folder, run, later, gander)
    print("ok looking")
    check_all(folder, later)


main(*sys.argv[1:])
