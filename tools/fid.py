#!/usr/bin/env python3
"""FID on the features of a small classifier of MNIST, and which digits there are.

usage: fid.py MNIST-DIR CACHE-DIR SAMPLES...      SAMPLES: .npy or .idx[.gz], uint8 [N,28,28], N >= 10,000;
                                                  the word "test" stands for the real test digits (the floor)

The classifier has two 5 x 5 convolutions (32 and 64 channels) and two dense layers (128 features, 10
classes); it is trained once, about 99.3 %, and kept in CACHE-DIR, so that all samples are measured by the
same net. The first 10,000 samples against the first 10,000 training images, covariances in float64; then
the share of every digit in per cent, 0 to 9, as the classifier reads them, how many are of the class they
were asked for where their labels lie beside them (X-labels.idx, as `gander sample` of a conditional model
writes), and how many pairs of samples are equal in every pixel. The figures belong to this net alone:
another has another scale. THREADS=N sets the threads (2). Needs numpy and torch; for developers, until
gander measures by itself.
"""
import gzip
import os
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

COUNT = 10000


def idx(path):
    data = (gzip.open if path.endswith(".gz") else open)(path, "rb").read()
    rank = data[3]
    shape = [int.from_bytes(data[4 + 4 * i:8 + 4 * i], "big") for i in range(rank)]
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(1, 32, 5, padding=2), nn.Conv2d(32, 64, 5, padding=2)
        self.c, self.d = nn.Linear(64 * 49, 128), nn.Linear(128, 10)

    def features(self, x):
        x = F.max_pool2d(F.relu(self.a(x)), 2)
        x = F.max_pool2d(F.relu(self.b(x)), 2)
        return F.relu(self.c(x.flatten(1)))

    def forward(self, x):
        return self.d(self.features(x))


def tensor(x):
    return torch.tensor(np.asarray(x), dtype=torch.float32)[:, None] / 255


def classifier(mnist, cache):
    net, path = Classifier(), os.path.join(cache, "classifier.pt")
    if os.path.exists(path):
        net.load_state_dict(torch.load(path))
        return net.eval()
    torch.manual_seed(0)
    net = Classifier()
    x, y = tensor(idx(f"{mnist}/train-images-idx3-ubyte.gz")), \
        torch.tensor(idx(f"{mnist}/train-labels-idx1-ubyte.gz").astype(np.int64))
    epochs, batch = 4, 128
    opt = torch.optim.Adam(net.parameters(), 1e-3)
    steps = epochs * (len(x) // batch)
    rate = torch.optim.lr_scheduler.OneCycleLR(opt, 2e-3, total_steps=steps)
    for _ in range(epochs):
        order = torch.randperm(len(x))
        for i in range(0, len(x) - batch + 1, batch):
            j = order[i:i + batch]
            opt.zero_grad()
            F.cross_entropy(net(x[j]), y[j]).backward()
            opt.step()
            rate.step()
    net.eval()
    tx, ty = tensor(idx(f"{mnist}/t10k-images-idx3-ubyte.gz")), idx(f"{mnist}/t10k-labels-idx1-ubyte.gz")
    with torch.no_grad():
        right = np.mean([np.mean(net(tx[i:i + 500]).argmax(1).numpy() == ty[i:i + 500])
                         for i in range(0, len(tx), 500)])
    print(f"classifier: {100 * right:.2f} % of the test digits")
    os.makedirs(cache, exist_ok=True)
    torch.save(net.state_dict(), path)
    return net


def look(net, x):
    with torch.no_grad():
        f = [net.features(tensor(x[i:i + 500])) for i in range(0, len(x), 500)]
        return torch.cat(f).double().numpy(), torch.cat([net.d(v).argmax(1) for v in f]).numpy()


def fid(a, b):
    """|mu_a - mu_b|^2 + tr(A + B - 2 (A B)^(1/2)); Heusel et al. 2017, equation 6."""
    ca, cb = np.cov(a.T), np.cov(b.T)
    w, v = np.linalg.eigh(ca)
    root = v @ np.diag(np.sqrt(np.maximum(w, 0))) @ v.T
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ cb @ root), 0)).sum()
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca) + np.trace(cb) - 2 * cross)


def equal_pairs(x):
    """Pairs of samples with the same bytes: n alike make n (n - 1) / 2."""
    _, n = np.unique(x.reshape(len(x), -1), axis=0, return_counts=True)
    return int((n * (n - 1) // 2).sum())


def labels_of(mnist, path):
    """The classes that samples should be of; None: nobody said."""
    if path == "test":
        return idx(f"{mnist}/t10k-labels-idx1-ubyte.gz")
    for end in (".idx", ".idx.gz"):
        beside = path[:-len(end)] + "-labels" + end
        if path.endswith(end) and os.path.exists(beside):
            return idx(beside)
    return None


def main():
    if len(sys.argv) < 4:
        sys.exit("usage: fid.py MNIST-DIR CACHE-DIR SAMPLES...   (SAMPLES: .npy, .idx, .idx.gz, or: test)")
    mnist, cache = sys.argv[1:3]
    torch.set_num_threads(int(os.environ.get("THREADS", "2")))
    net = classifier(mnist, cache)
    real, _ = look(net, idx(f"{mnist}/train-images-idx3-ubyte.gz")[:COUNT])
    for path in sys.argv[3:]:
        x = idx(f"{mnist}/t10k-images-idx3-ubyte.gz") if path == "test" else \
            np.load(path) if path.endswith(".npy") else idx(path)
        if len(x) < COUNT:
            sys.exit(f"{path}: {len(x)} samples; FID falls with their number, so {COUNT} are needed")
        x = x[:COUNT].reshape(-1, 28, 28)
        f, digit = look(net, x)
        asked = labels_of(mnist, path)
        right = "" if asked is None else f"{100 * np.mean(digit == asked[:COUNT]):.2f} % of their class, "
        share = 100 * np.bincount(digit, minlength=10) / COUNT
        print(f"{path}: FID {fid(real, f):.2f}, rarest digit {share.min():.1f} % ({share.argmin()}), "
              f"{right}{equal_pairs(x)} equal pairs; digits {' '.join(f'{v:.1f}' for v in share)}", flush=True)


main()
