#!/bin/sh
# Runs configs into a folder of their own, judges their claims, draws their figures and compares their summaries with the
# tracked references. usage: scripts/reproduce.sh PROGRAM FOLDER REFERENCES CONFIG...
# Exit status: 0 all verdicts as expected and all numbers as tracked; otherwise that of the step that said no.
set -u
program=$1 folder=$2 references=$3
shift 3
"$program" run --results "$folder" "$@" || exit $?
echo
"$program" check --results "$folder" "$@"
verdicts=$?
[ $verdicts -le 1 ] || exit $verdicts
"$program" plot --results "$folder" --out "$folder/plots" "$@" || exit $?
echo
different=0
for config in "$@"; do
    name=$(sed -n 's/^name: *//p' "$config")
    if [ ! -f "$references/$name/summary.csv" ]; then
        echo "$name: has no tracked reference"
        different=1
    elif ! awk -f scripts/compare-summaries.awk "$references/$name/summary.csv" "$folder/$name/summary.csv"; then
        different=1
    fi
done
if [ $verdicts = 0 ] && [ $different = 0 ]; then
    echo "reproduced: every verdict as expected, every number as tracked; figures in $folder/plots"
    exit 0
fi
[ $verdicts = 0 ] || echo "NOT reproduced: a verdict is not as expected"
[ $different = 0 ] || echo "NOT reproduced: numbers differ from the tracked references"
exit 1
