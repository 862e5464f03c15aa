#!/bin/sh
# Runs test programs one after another and closes with a line that counts their tests. usage: scripts/run-tests.sh BUILD TEST...
# SCL_UNDER: a command that runs each of them, such as valgrind. A program that fails shows its whole output; one that dies counts as a failed test.
set -u
SCL_BUILD=$1
export SCL_BUILD
shift
passed=0 failed=0 skipped=0
count() { # the sum of the numbers that lines like "[  PASSED  ] 3 test(s)." carry
    printf '%s\n' "$2" | sed -n "s/^\[  $1 *\] \([0-9]*\) test(s).*/\1/p" | awk '{ s += $1 } END { print s + 0 }'
}
for test in "$@"; do
    start=$(date +%s)
    # shellcheck disable=SC2086 # a command with its options
    output=$(${SCL_UNDER:-} "$test" 2>&1)
    status=$?
    p=$(count PASSED "$output") s=$(count SKIPPED "$output") f=$(count FAILED "$output")
    [ $status = 0 ] || [ "$f" -gt 0 ] || f=1
    passed=$((passed + p)) skipped=$((skipped + s)) failed=$((failed + f))
    if [ $status = 0 ] && [ "$((p + s))" -gt 0 ]; then
        printf '%-44s %3d passed%s  %ds\n' "${test#"$SCL_BUILD"/}" "$p" "$([ "$s" = 0 ] || echo ", $s skipped")" $(($(date +%s) - start))
    else
        [ $status != 0 ] || failed=$((failed + 1))
        printf '%s\n' "$output"
        printf '%-44s FAILED (exit status %d)\n' "${test#"$SCL_BUILD"/}" $status
    fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
