# Compares two summaries cell by cell: texts must be equal, numbers within 1e-6 relative plus 1e-9 (other BLAS kernels and
# libraries round differently). usage: awk -f compare-summaries.awk REFERENCE SUMMARY; exit status 1 when they differ.
BEGIN { FS = "," }
FNR == NR { reference[FNR] = $0; n_reference = FNR; next }
{
    n = FNR
    fields = split(reference[FNR], want, ",")
    if (fields != NF) { report("has " NF " columns, the reference " fields); next }
    for (i = 1; i <= NF; i++) {
        if ($i == want[i]) continue
        difference = $i - want[i]; if (difference < 0) difference = -difference
        size = want[i] + 0; if (size < 0) size = -size
        if ($i ~ /^[-+0-9.e]+$/ && want[i] ~ /^[-+0-9.e]+$/ && difference <= 1e-6 * size + 1e-9) continue
        report("column " i ": " $i ", the reference has " want[i])
        next
    }
}
function report(what) {
    if (differences++ < 5) print FILENAME ":" FNR ": " what
}
END {
    if (n != n_reference) { print FILENAME ": has " n " rows, the reference " n_reference; differences++ }
    if (differences) { print FILENAME ": " differences " rows differ from the reference"; exit 1 }
    print FILENAME ": as tracked (" n - 1 " rows)"
}
