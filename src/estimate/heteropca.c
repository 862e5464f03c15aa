/* HeteroPCA: the diagonal that diagonal deletion sets to zero is imputed from the rank-r truncation, again and again.
 *
 *   M_0 = Delta(S);  M_t: M_{t-1} with the diagonal of its rank-r truncation, until it settles (hetero.h)
 *   Q, values        the pairs that the truncation of the last M keeps
 *
 * Truncation by largest modulus is the published one. Near r/d = 1/2 it can settle on negative eigenvalues, or never: the
 * option `psd` keeps the largest eigenvalues instead.
 * Source: docs/theory.md, section 2; Zhang, Cai, Wu (2022), Annals of Statistics 50, 53-80, algorithm 1. */
#include "estimate/estimators.h"
#include "estimate/hetero.h"

enum { TRUNCATION, TOLERANCE, MAX_ITERATIONS };

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)stream;
    size_t mark = ws->used;
    scl_hetero hetero = {.truncation = (scl_truncation)options[TRUNCATION],
                         .tolerance = options[TOLERANCE],
                         .max_iterations = (int)options[MAX_ITERATIONS]};
    scl_status status = scl_hetero_begin(&hetero, out, sample, ws, err);
    if (status == SCL_OK) status = scl_hetero_run(&hetero, out->Q.cols, ws, err);
    if (status == SCL_OK) status = scl_hetero_end(out, info, &hetero, sample, ws, err);
    ws->used = mark;
    return status;
}

const scl_estimator scl_estimator_heteropca = {
    .name = "heteropca",
    .summary = "top-r eigenspace of S with its diagonal imputed from the rank-r truncation until it settles",
    .source = "docs/theory.md, section 2; Zhang, Cai, Wu (2022)",
    .n_options = 3,
    .options =
        {
            [TRUNCATION] = {.key = "truncation",
                            .fallback = SCL_TRUNCATION_MAGNITUDE,
                            .low = 0,
                            .high = 1,
                            .meaning = "eigenvalues kept: largest in modulus (published), or largest and positive",
                            .words = scl_truncation_words},
            [TOLERANCE] = SCL_HETERO_TOLERANCE,
            [MAX_ITERATIONS] = SCL_HETERO_MAX_ITERATIONS,
        },
    .workspace = scl_hetero_workspace,
    .fit = fit,
};
