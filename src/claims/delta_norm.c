/* Judges delta-norm-lemma: ||Delta(M)||_2 <= 2 ||M||_2, on M = S - C of every replicate.
 *
 * An inequality of a lemma holds in each replicate or not at all, so no level and no margin decide, and a summary of k ratios x_i with mean m
 * and standard deviation s says enough:
 *
 *   max_i x_i <= m + s (k - 1)/sqrt k        Samuelson (1968): confirmed where that is at most 2 in every cell; m for k = 1
 *   max_i x_i >= m                            refuted where that is above 2 in some cell
 *
 * Both hold up to rounding. Between them: undecided. Source: docs/theory.md, section 3. */
#include "claims/delta_norm.h"

#include <math.h>

static const double BOUND = 2;
static const double ROUNDING = 1e-9; /* summaries have 10 digits */

#define NUMBER(value) scl_number_digits((char[SCL_NUMBER_CHARS]){0}, value, 4)

static double largest_possible(const scl_evidence *cell)
{
    return cell->n_ok < 2 ? cell->mean : cell->mean + cell->sd * (cell->n_ok - 1) / sqrt(cell->n_ok);
}

static bool says_something(const scl_evidence *cell)
{
    return cell->n_ok >= 1 && isfinite(cell->mean) && (cell->n_ok < 2 || isfinite(cell->sd));
}

/* "largest mean .98 (n = 1000, d = 40)" */
static scl_status report(scl_text *evidence, const char *what, double value, const scl_evidence *at, scl_error *err)
{
    return scl_text_add(evidence, err, "%s: %s, at n = %s, d = %s, r = %s (%s)\n", what, NUMBER(value), NUMBER(at->n),
                        NUMBER(at->d), NUMBER(at->r), at->experiment ? at->experiment : "");
}

scl_status scl_judge_delta_norm(scl_judgement *out, const scl_claim *claim, const scl_evidence *given, size_t n_given,
                                scl_error *err)
{
    (void)claim;
    *out = (scl_judgement){.verdict = SCL_UNDECIDED};
    const scl_evidence *mean = NULL, *most = NULL;
    size_t n_missing = 0; /* sampled cells without a ratio; S = C has none */
    for (size_t i = 0; i < n_given; i++) {
        n_missing += isfinite(given[i].n) && !says_something(&given[i]);
        if (!says_something(&given[i])) continue;
        out->n_used++;
        if (!mean || given[i].mean > mean->mean) mean = &given[i];
        if (!most || largest_possible(&given[i]) > largest_possible(most)) most = &given[i];
    }
    scl_status status = scl_text_add(&out->evidence, err, "cells: %zu given, %zu judge\n", n_given, out->n_used);
    if (status == SCL_OK && mean) status = report(&out->evidence, "largest mean ratio", mean->mean, mean, err);
    if (status == SCL_OK && most)
        status = report(&out->evidence, "largest possible", largest_possible(most), most, err);
    if (status != SCL_OK) return status;
    if (!mean) return scl_text_add(&out->evidence, err, "undecided: no cell has a ratio\n");
    if (mean->mean > BOUND * (1 + ROUNDING)) {
        out->verdict = SCL_REFUTED;
        return scl_text_add(&out->evidence, err, "refuted: a mean ratio is above 2, so one of its replicates is\n");
    }
    if (n_missing > 0)
        return scl_text_add(&out->evidence, err, "undecided: %zu sampled cell%s no ratio\n", n_missing,
                            n_missing == 1 ? " has" : "s have");
    if (largest_possible(most) > BOUND)
        return scl_text_add(&out->evidence, err,
                            "undecided: the ratios scatter too much to exclude that one is above 2\n");
    out->verdict = SCL_CONFIRMED;
    return scl_text_add(&out->evidence, err,
                        "confirmed: no ratio of any cell is above 2; that 2 cannot be improved is "
                        "shown by I - (2/d) 11', whose ratio is 2 (1 - 1/d)\n");
}
