"""ONNX Runtime: sampling with the article's G. usage: onnx_peer.py START_DIR THREADS

Lines: `sample N COUNT` -> seconds for COUNT runs of a batch of N, noise drawn outside the clock.
"""
import sys
import time

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from common import Article, answer

start, threads = Article(sys.argv[1]), int(sys.argv[2])


def model():
    nodes, weights, name = [], [], "z"
    for i, (w, b) in enumerate(start.g):
        weights += [numpy_helper.from_array(w, f"w{i}"), numpy_helper.from_array(b, f"b{i}")]
        nodes.append(helper.make_node("Gemm", [name, f"w{i}", f"b{i}"], [f"h{i}"]))
        nodes.append(helper.make_node("Sigmoid" if i == 2 else "Relu", [f"h{i}"], [f"y{i}"]))
        name = f"y{i}"
    z = helper.make_tensor_value_info("z", TensorProto.FLOAT, ["n", start.latent])
    y = helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", start.pixels])
    graph = helper.make_graph(nodes, "g", [z], [y], weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    made.ir_version = 10
    onnx.checker.check_model(made)
    return made.SerializeToString()


def check(session):
    h = start.z[0, 0]
    got = session.run(None, {"z": h})[0]
    for i, (w, b) in enumerate(start.g):
        h = h @ w + b
        h = np.maximum(h, 0) if i < 2 else 1 / (1 + np.exp(-h))
    return float(np.max(np.abs(got - h)))


def main():
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    session = ort.InferenceSession(model(), options, providers=["CPUExecutionProvider"])
    answer(ready=True, peer=f"ONNX Runtime, {threads} threads", version=ort.__version__, difference=check(session))
    for line in sys.stdin:
        words = line.split()
        if words[0] == "quit":
            break
        n, count = int(words[1]), int(words[2])
        z = np.random.standard_normal((n, start.latent)).astype(np.float32)
        feed, best = {"z": z}, 1e9
        began = time.perf_counter()
        for _ in range(count):
            at = time.perf_counter()
            session.run(None, feed)
            best = min(best, time.perf_counter() - at)
        answer(seconds=time.perf_counter() - began, best=best, images=n * count)


main()
