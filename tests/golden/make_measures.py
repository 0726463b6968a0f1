#!/usr/bin/env python3
"""measures.json: what other programs say of planted features, for tests/unit/measure/test_oracles.c.

usage: make_measures.py FOLDER

torch-fidelity 0.3 (FID, KID as one block, classifier score with one split, precision and recall), prdc 0.2 (density, coverage),
scipy (Mann-Whitney's U). The features are made by the rule of tests/unit/measure/planted.h, bit for bit. Needs numpy, scipy, torch,
torch-fidelity, prdc: pip install torch-fidelity prdc scipy
"""
import json
import os
import sys

import numpy as np
import prdc
import scipy.stats
import torch
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric

N, DIMS, CLASSES = 600, 16, 5


def uniform(i):
    with np.errstate(over="ignore"):
        i = (i + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        i = (i ^ (i >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        i = (i ^ (i >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((i ^ (i >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * 2.0 ** -53


def normal(seed, n):
    total = np.full(n, -6.0)
    for k in range(12):
        total += uniform(np.uint64(seed << 40) + np.arange(n, dtype=np.uint64) * np.uint64(12) + np.uint64(k))
    return total


def features(seed, n, shift):
    return (normal(seed, n * DIMS).reshape(n, DIMS) + shift) * (1 + np.arange(DIMS) / DIMS)


def odds(seed, n):
    x = np.exp(2 * normal(seed, n * CLASSES).reshape(n, CLASSES))
    return x / x.sum(1, keepdims=True)


def compare(a, b, p):
    """Of samples b against real a; p: the samples' odds."""
    ta, tb = torch.from_numpy(a), torch.from_numpy(b)
    statistics = [fid_features_to_statistics(t) for t in (ta, tb)]
    neighbours = prdc.compute_prdc(real_features=a, fake_features=b, nearest_k=5)
    precise = prc_features_to_metric(tb, ta, verbose=False, prc_neighborhood=3, prc_batch_size=N)
    distances = np.sqrt(((b[:, None] - a[None]) ** 2).sum(2))
    u = scipy.stats.mannwhitneyu(distances.min(1), np.sqrt(((a[:100, None] - b[None]) ** 2).sum(2)).min(1))
    return {
        "fid": float(fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"]),
        "trace": float(np.trace(np.cov(a.T)) + np.trace(np.cov(b.T))),
        "kid": float(kid_features_to_metric(ta, tb, kid_subsets=1, kid_subset_size=N, kid_degree=3, kid_coef0=1, kid_gamma=None,
                                            rng_seed=0, verbose=False)["kernel_inception_distance_mean"]),
        "kernel": float(((a @ b.T / DIMS + 1) ** 3).mean()),
        # the odds' logarithms are logits
        "score": float(isc_features_to_metric(torch.from_numpy(np.log(p)), splits=1, shuffle=False)["inception_score_mean"]),
        "precision": float(precise["precision"]),
        "recall": float(precise["recall"]),
        "density": float(neighbours["density"]),
        "coverage": float(neighbours["coverage"]),
        "nearest_sum": float(distances.min(1).sum()),
        "u": float(u.statistic),
    }


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: make_measures.py FOLDER")
    cases = []
    for seed, shift in ((1, 0.0), (11, 0.3), (21, 1.0)):
        found = compare(features(seed, N, 0.0), features(seed + 1, N, shift), odds(seed + 2, N))
        cases.append({"seed": seed, "shift": shift, **found})
    with open(os.path.join(sys.argv[1], "measures.json"), "w") as out:
        json.dump({"n": N, "dims": DIMS, "classes": CLASSES, "cases": cases}, out, indent=1)
        out.write("\n")


main()
