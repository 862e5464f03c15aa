#!/bin/sh
# Runs fuzzers for some seconds each, from the bad configs, the experiments and the tracked results. usage: run.sh SECONDS FUZZER...
# A crash, a leak or a broken promise leaves its input in build/fuzz/<name>-failures and gives exit status 1.
set -eu
seconds=$1
shift
status=0
for fuzzer in "$@"; do
    name=$(basename "$fuzzer")
    corpus=build/fuzz/$name-corpus failures=build/fuzz/$name-failures
    mkdir -p "$corpus" "$failures"
    case $name in
    config) cp tests/study/bad_configs/*.yaml tests/fuzz/seeds/*.yaml experiments/*.yaml "$corpus" ;;
    expression)
        i=0
        sed -n 's/.*\(sampling\|bias\|floor\): *//p' tests/study/bad_configs/bounds-*.yaml tests/fuzz/seeds/*.yaml | while read -r line; do
            i=$((i + 1))
            printf '%s' "$line" | tr -d "\"'{}" >"$corpus/line-$i"
        done
        ;;
    csv) for f in results/*/*.csv; do head -c 2000 "$f" >"$corpus/$(echo "$f" | tr / _)"; done ;;
    check) # the first byte says which file it is
        for f in results/*/summary.csv; do { printf s && head -c 3000 "$f"; } >"$corpus/$(echo "$f" | tr / _)"; done
        for f in results/*/plan.csv; do { printf p && head -c 3000 "$f"; } >"$corpus/$(echo "$f" | tr / _)"; done
        ;;
    set)
        i=0
        sed 's/^ *- *//' experiments/*.yaml | grep : | while read -r line; do
            i=$((i + 1))
            printf '%s' "$line" | sed 's/: */=/' >"$corpus/line-$i"
        done
        ;;
    esac
    if "$fuzzer" -max_total_time="$seconds" -max_len=4096 -timeout=10 -artifact_prefix="$failures/" -print_final_stats=1 \
        "$corpus" >build/fuzz/"$name".log 2>&1; then
        echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' build/fuzz/"$name".log) inputs, nothing found"
    else
        echo "$name: failed, see build/fuzz/$name.log and $failures"
        tail -20 build/fuzz/"$name".log
        status=1
    fi
    rm -rf /tmp/spikedcl-fuzz-*
done
exit $status
