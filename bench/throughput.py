"""make throughput: two workers of one run against two runs of one worker, and what store and scheduling cost.

usage: throughput.py SPIKEDCL TRIAL_PROGRAM [PAIRS]
Prints, for jobs of about 1 ms and 100 ms, the ratio of throughputs (median of interleaved pairs; at least .95 is promised), and the
share of CPU time that `run` takes beyond the jobs themselves (below 3 % is promised). Nothing else should run meanwhile.
"""
import math
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

CONFIG = """name: {name}
seed: {seed}
replicates: {replicates}
model: {{d: {d}, r: 10, loadings: haar, noise: {{profile: linear, ratio: 2}}}}
sample: {{n: 20000}}
estimators: [pca, contrastive]
metrics: [sin-theta-f]
"""


def config(folder, name, d, replicates, seed):
    path = os.path.join(folder, name + ".yaml")
    with open(path, "w") as file:
        file.write(CONFIG.format(name=name, d=d, replicates=replicates, seed=seed))
    return path


def run(program, folder, path, jobs):
    return subprocess.Popen([program, "run", path, "--results", folder, "--jobs", str(jobs), "--fresh"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def seconds(processes_of):
    start = time.monotonic()
    processes = processes_of()
    if any([p.wait() for p in processes]):
        sys.exit("a run failed")
    return time.monotonic() - start


def throughput(program, d, replicates, pairs):
    folder = tempfile.mkdtemp()
    whole = config(folder, "whole", d, replicates, 1)
    halves = [config(folder, "half%d" % i, d, replicates // 2, 2 + i) for i in (0, 1)]
    ratios = []
    for _ in range(pairs):
        one = seconds(lambda: [run(program, folder, whole, 2)])
        two = seconds(lambda: [run(program, folder, half, 1) for half in halves])
        ratios.append(two / one)
    shutil.rmtree(folder)
    return statistics.median(ratios), one


def cpu_of_run(program, folder, path):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds(lambda: [run(program, folder, path, 1)])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def overhead(program, trial, d, replicates, pairs):
    folder = tempfile.mkdtemp()
    many = config(folder, "many", d, replicates, 1)
    few = config(folder, "few", d, 2, 1)
    shares = []
    for _ in range(pairs):
        per_run = (cpu_of_run(program, folder, many) - cpu_of_run(program, folder, few)) / (replicates - 2)
        out = subprocess.run([trial, many, str(d), "20000", str(replicates - 2)], capture_output=True, text=True, check=True)
        per_job = float(out.stdout.split()[2])
        shares.append(1 - per_job / per_run)
    shutil.rmtree(folder)
    return statistics.median(shares), per_job


def job_seconds(trial, folder, d, count):
    out = subprocess.run([trial, config(folder, "size", d, count, 1), str(d), "20000", str(count)], capture_output=True, text=True,
                         check=True)
    return float(out.stdout.split()[0])


def size_of(trial, target, sizes):
    """The d whose jobs come closest to the target in seconds, on this machine today."""
    folder = tempfile.mkdtemp()
    d = min(sizes, key=lambda d: abs(math.log(job_seconds(trial, folder, d, 5) / target)))
    shutil.rmtree(folder)
    return d


def main():
    program, trial = sys.argv[1:3]
    pairs = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    short = size_of(trial, 1e-3, range(100, 301, 20))
    long = size_of(trial, .1, range(800, 1801, 100))
    for d, replicates in ((short, 4000), (long, 40)):
        ratio, whole = throughput(program, d, replicates, pairs)
        print("d = %d, jobs of %.3g ms: two workers reach %.3f of two processes' throughput (median of %d pairs)"
              % (d, 2e3 * whole / replicates, ratio, pairs), flush=True)
    share, per_job = overhead(program, trial, short, 4000, max(pairs // 2, 1))
    print("jobs of %.3g ms: store and scheduling take %.1f %% of CPU time" % (1e3 * per_job, 100 * share))


main()
