#!/bin/sh
# make bench-audit: what metrics of matrices add to a trial of PCA and contrastive learning, d = 200, r = 5, n = 1e4, in milliseconds of CPU
# time. One audit metric costs as much as all. usage: bench/audit.sh TRIAL_PROGRAM
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for metrics in sin-theta-f "sin-theta-f, delta-norm-ratio" "sin-theta-f, concentration-ratio" "sin-theta-f, audit-violations"; do
    sed "s/^metrics:.*/metrics: [$metrics]/" bench/audit.yaml >"$folder/audit.yaml"
    set -- "$1" $("$1" "$folder/audit.yaml" 200 1e4 300)
    echo "$4 $metrics" | awk '{ printf "%7.2f ms  %s\n", 1000 * $1, substr($0, length($1) + 2) }'
done
