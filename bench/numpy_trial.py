"""The trial of bench/trial.yaml in NumPy and SciPy, timed against the program's, run about.

Draw X with standard_normal, form X'X, take the r leading eigenvectors of the covariance (PCA) and of the covariance with
the contrastive diagonal by scipy.linalg.eigh with subset_by_index, and both subspace errors. One core, one thread.
usage: numpy_trial.py TRIAL_PROGRAM CONFIG [ROUNDS]
"""
import os
import subprocess
import sys
import time

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np
import scipy
import scipy.linalg

R, N, RATIO = 10, 20000, 2.0
WANTED = {40: 60, 100: 60, 200: 50, 1000: 15}


def error(U, M):
    d = len(M)
    _, V = scipy.linalg.eigh(M, subset_by_index=[d - R, d - 1])
    return np.linalg.norm(V - U @ (U.T @ V))


def trial(rng, U, sigma):
    d = len(sigma)
    X = U @ rng.standard_normal((R, N)) + sigma[:, None] * rng.standard_normal((d, N))
    mean = X.mean(axis=1)
    S = (X @ X.T - N * np.outer(mean, mean)) / (N - 1)
    pairs = S.copy()
    np.fill_diagonal(pairs, np.diag(S) / N - mean**2)
    return error(U, S), error(U, pairs)


def main():
    program, config = sys.argv[1:3]
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 15
    rng = np.random.default_rng(1)
    print(f"NumPy {np.__version__}, SciPy {scipy.__version__}, one thread; n = {N}, r = {R}; median of interleaved runs")
    print("    d   NumPy/SciPy      spikedcl   ratio  wanted")
    missed = 0
    for d, wanted in WANTED.items():
        U, _ = np.linalg.qr(rng.standard_normal((d, R)))
        sigma = 1 - (1 - 1 / RATIO) * np.arange(d) / d
        count = max(5, int(2e6 / d**2))
        trial(rng, U, sigma)
        theirs, ours = [], []
        for _ in range(max(3, rounds if d < 1000 else rounds // 3)):
            start = time.perf_counter()
            trial(rng, U, sigma)
            theirs.append(time.perf_counter() - start)
            out = subprocess.run([program, config, str(d), str(N), str(count)], check=True, capture_output=True, text=True)
            ours.append(float(out.stdout.split()[0]))
        ratio = np.median(np.array(theirs) / np.array(ours))
        missed += ratio < wanted
        print(f"{d:5d}  {1e3 * np.median(theirs):9.2f} ms  {1e3 * np.median(ours):9.3f} ms  {ratio:6.1f}  {wanted:6d}")
    for d in (40, 200, 1000):
        times = {1e4: [], 1e9: []}
        for _ in range(rounds):
            for n, seconds in times.items():
                out = subprocess.run([program, config, str(d), str(n), str(max(5, int(2e6 / d**2)))], check=True,
                                     capture_output=True, text=True)
                seconds.append(float(out.stdout.split()[0]))
        ratio = np.median(np.array(times[1e9]) / np.array(times[1e4]))
        print(f"d = {d}: n = 1e9 takes {ratio:.3f} of n = 1e4 (wanted below 1.2)")
        missed += ratio >= 1.2
    return 1 if missed else 0


sys.exit(main())
