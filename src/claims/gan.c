/* Judges gan-equals-pca: the linear GAN with quadratic transport cost learns the principal subspace.
 *
 * Equal subspaces have equal errors in every replicate, so no mean is tested but the largest root mean square of the paired difference,
 * sqrt(mean^2 + sd^2 (n_ok - 1)/n_ok), over all cells: at most 1e-6 sqrt r (an eigen-solver that takes another way moves an error
 * by about 1e-8). An identity holds in a single replicate and under any model, so all cells judge that have a difference, redrawn models
 * and single replicates too. Refuted: a cell above it. Confirmed: none, and in some cell PCA's error is neither 0 nor at its maximum sqrt r, where
 * many subspaces share it. Source: docs/theory.md, section 2; Feizi, Farnia, Ginart, Tse (2017). */
#include "claims/gan.h"

#include "claims/ruling.h"

#include <math.h>

static const double TOLERANCE = 1e-6; /* of sqrt r */
static const double TELLING = .01;    /* of sqrt r: errors this far from both ends tell subspaces apart */

#define NUMBER(value) scl_number_digits((char[SCL_NUMBER_CHARS]){0}, value, 4)

typedef struct findings {
    double most; /* rms over sqrt r */
    size_t n_telling, n_missing, n_troubled;
} findings;

static void look_over(findings *F, const scl_evidence *given, size_t n_given)
{
    for (size_t i = 0; i < n_given; i++) {
        const scl_evidence *cell = &given[i];
        F->n_troubled += cell->pairs[0].difference.n_bad > 0;
        double root = sqrt(cell->r), rms = scl_seen_rms(&cell->pairs[0].difference) / root;
        double pca = cell->pairs[0].right.mean / root;
        if (!isfinite(rms)) {
            F->n_missing++;
            continue;
        }
        F->most = fmax(F->most, rms);
        F->n_telling += pca > TELLING && pca < 1 - TELLING;
    }
}

static scl_status weigh(scl_ruling *ruling, const findings *F, size_t n_given, scl_error *err)
{
    size_t n_used = n_given - F->n_missing;
    scl_status status =
        scl_text_add(&ruling->judgement->evidence, err,
                     "cells: %zu given, %zu judge\n"
                     "largest rms difference of the errors over sqrt r: %s (tolerance 1e-6); cells whose error tells "
                     "subspaces apart: %zu\n",
                     n_given, n_used, NUMBER(F->most), F->n_telling);
    if (status == SCL_OK && F->most > TOLERANCE)
        status = scl_ruling_add(&ruling->refuting, err, "the errors of the GAN and of PCA differ beyond the tolerance");
    if (status == SCL_OK && F->n_telling == 0)
        status = scl_ruling_add(&ruling->lacking, err, "no cell has an error of PCA that tells subspaces apart");
    if (status == SCL_OK && F->n_missing > 0)
        status = scl_ruling_add(&ruling->lacking, err, "%zu cell%s no difference", F->n_missing,
                                F->n_missing == 1 ? " has" : "s have");
    return status == SCL_OK ? scl_ruling_trouble(ruling, F->n_troubled, err) : status;
}

scl_status scl_judge_gan(scl_judgement *out, const scl_claim *claim, const scl_evidence *given, size_t n_given,
                         scl_error *err)
{
    (void)claim;
    findings F = {0};
    look_over(&F, given, n_given);
    scl_ruling ruling = scl_ruling_open(out, 0);
    out->n_used = n_given - F.n_missing;
    scl_status status = weigh(&ruling, &F, n_given, err);
    return scl_ruling_close(&ruling, "the errors of the GAN and of PCA agree in every cell, to rounding", status, err);
}
