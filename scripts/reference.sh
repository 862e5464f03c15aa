#!/bin/sh
# Renews the tracked references from a fresh run. usage: scripts/reference.sh PROGRAM RESULTS PLOTS CONFIG...
# The trial databases stay in build/; only config, plan, provenance and summary are tracked.
set -eu
program=$1 results=$2 plots=$3
shift 3
rm -rf build/reference
"$program" run --results build/reference "$@"
"$program" check --results build/reference "$@"
for config in "$@"; do
    name=$(sed -n 's/^name: *//p' "$config")
    mkdir -p "$results/$name"
    for file in config.yaml plan.csv provenance.txt summary.csv; do
        cp "build/reference/$name/$file" "$results/$name/$file"
    done
done
"$program" plot --results "$results" --out "$plots" "$@"
