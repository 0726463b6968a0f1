#!/usr/bin/env python3
"""The VAE of recipes/vae.ini in PyTorch, to compare with: prints the mean ELBO of each thousand iterations.

usage: vae_reference.py MNIST-DIR [ITERATIONS]      (needs numpy and torch; IDX files, plain or .gz)
"""
import gzip
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F


def images(folder):
    path = os.path.join(folder, "train-images-idx3-ubyte")
    raw = gzip.open(path + ".gz").read() if os.path.exists(path + ".gz") else open(path, "rb").read()
    return torch.tensor(np.frombuffer(raw, np.uint8, offset=16).reshape(-1, 784).astype(np.float32) / 255)


def main():
    x = images(sys.argv[1])
    iterations = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
    torch.set_num_threads(1)  # two fight with an OpenBLAS of threads of its own
    torch.manual_seed(1)
    layers = [torch.nn.Linear(*s) for s in ((784, 512), (512, 40), (20, 512), (512, 784))]
    for l in layers:
        torch.nn.init.xavier_uniform_(l.weight)
        torch.nn.init.zeros_(l.bias)
    optimizer = torch.optim.Adam([p for l in layers for p in l.parameters()], 1e-3, (0.9, 0.999))
    elbo, order = [], torch.randperm(len(x))
    for i in range(iterations):
        at = i * 64 % len(x)
        if at < 64:
            order = torch.randperm(len(x))
        batch = x[order[at:at + 64]]
        mean, log_variance = layers[1](F.relu(layers[0](batch))).chunk(2, 1)
        z = mean + torch.exp(log_variance / 2) * torch.randn_like(mean)
        logits = layers[3](F.relu(layers[2](z)))
        n = len(batch)
        loss = (F.binary_cross_entropy_with_logits(logits, batch, reduction="sum")
                + 0.5 * (log_variance.exp() + mean.square() - 1 - log_variance).sum()) / n
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        elbo.append(-loss.item())
        if (i + 1) % 1000 == 0:
            print(f"{i + 1:6d}  ELBO {np.mean(elbo[-1000:]):.2f}", flush=True)


main()
