"""Factor analysis: the program against scikit-learn's FactorAnalysis on the same data, timed in turns.

Wanted at d = 200, r = 10, n = 2000: at most a tenth of scikit-learn's time, and a log-likelihood of at least its own (relative 1e-6).
scikit-learn fits X, the program the covariance: the ratio is shown for the fit alone and with the time that NumPy takes to form the
covariance. Seconds are CPU time, one thread each, which other work on the machine disturbs less.
usage: factor_analysis.py FIT_PROGRAM [ROUNDS]
"""
import os
import subprocess
import sys
import tempfile
import time

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
import sklearn
from sklearn.decomposition import FactorAnalysis

RATIO, WANTED = 2.0, 10
CASES = ((40, 10, 20000), (200, 10, 2000), (200, 10, 400), (1000, 10, 10000))
METHODS = {"randomized (default)": {}, "lapack": {"svd_method": "lapack"}}


def timed(function):
    start = time.process_time()
    result = function()
    return time.process_time() - start, result


def main():
    program = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    rng = np.random.default_rng(1)
    print(f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}, one thread; median of {rounds} rounds in turns")
    print("   d   r      n  method                scikit-learn   spikedcl  + covariance   ratio  ratio with  "
          "log-likelihoods per sample")
    missed = 0
    for d, r, n in CASES:
        U, _ = np.linalg.qr(rng.standard_normal((d, r)))
        sigma = 1 - (1 - 1 / RATIO) * np.arange(d) / d
        X = (U @ rng.standard_normal((r, n)) + sigma[:, None] * rng.standard_normal((d, n))).T
        theirs, ours, forming = {m: [] for m in METHODS}, [], []
        with tempfile.NamedTemporaryFile() as file:
            for _ in range(rounds):
                seconds, S = timed(lambda: np.cov(X, rowvar=False))
                forming.append(seconds)
                S.tofile(file.name)
                arguments = [program, file.name, str(d), str(r), str(n), str(max(3, int(2e6 / d**2)))]
                out = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.split()
                ours.append(float(out[0]))
                scores = {}
                for method, options in METHODS.items():
                    seconds, fitted = timed(lambda: FactorAnalysis(r, **options).fit(X))
                    theirs[method].append(seconds)
                    scores[method] = fitted.score(X)
        fit, form, mine = np.median(ours), np.median(forming), float(out[1])
        for method in METHODS:
            their, score = np.median(theirs[method]), scores[method]
            missed += mine < score - 1e-6 * abs(score) or out[3] != "ok"
            missed += (d, n) == (200, 2000) and their < WANTED * fit
            print(f"{d:4d} {r:3d} {n:6d}  {method:20s}  {1e3 * their:9.2f} ms {1e3 * fit:7.2f} ms  {1e3 * (fit + form):9.2f} ms "
                  f"{their / fit:7.1f} {their / (fit + form):11.1f}  {score:.9g} {mine:.9g} ({out[2]} steps)")
    return 1 if missed else 0


sys.exit(main())
