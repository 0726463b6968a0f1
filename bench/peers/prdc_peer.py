"""prdc_peer.py REAL.npy SAMPLES.npy: density and coverage by the `prdc` package, a line of JSON for each line that it reads."""
import json
import resource
import sys
import time

import numpy as np
from prdc import compute_prdc

real, samples = np.load(sys.argv[1]), np.load(sys.argv[2])
print(json.dumps({"seconds": 1.0}), flush=True)
for line in sys.stdin:
    began = time.monotonic()
    found = {k: float(v) for k, v in compute_prdc(real_features=real, fake_features=samples, nearest_k=5).items()}
    print(json.dumps({"seconds": time.monotonic() - began, **found,
                      "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)
