#!/bin/sh
# make bench: the program against NumPy and SciPy. usage: bench/run.sh TRIAL_PROGRAM [ROUNDS]
set -eu
python=/usr/bin/python3 # the distribution's, which has the distribution's SciPy
[ -x "$python" ] || python=python3
exec "$python" bench/numpy_trial.py "$1" bench/trial.yaml ${2:-}
