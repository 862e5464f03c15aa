/* The iteration of heteropca: see hetero.h. Each iteration moves M only a little and only on its diagonal, so its eigenpairs
 * start from those before, and the smallest eigenvalue falls by at most the largest move (Weyl). */
#include "estimate/hetero.h"

#include "estimate/estimators.h"

#include <math.h>

/* Eigen-residual within the iteration, relative to the k-th value, and the share of the iteration's own tolerance that it may be:
 * smaller costs block products, larger is mistaken for a change. */
static const double INNER_TOLERANCE = 1e-8, INNER_SHARE = 1e-2;

const char *const scl_truncation_words[3] = {"magnitude", "psd", NULL};

/* Columns of the widest block for any rank up to r. */
static size_t widest_block(size_t d, size_t r)
{
    size_t most = 0;
    for (size_t k = 1; k <= r; k++) most = scl_leading_block(d, k) > most ? scl_leading_block(d, k) : most;
    return most;
}

size_t scl_hetero_workspace(size_t d, size_t r)
{
    size_t solver = 0;
    for (size_t k = 1; k <= r; k++)
        solver = scl_modulus_workspace(d, k) > solver ? scl_modulus_workspace(d, k) : solver;
    return scl_matrix_need(d, d) + scl_matrix_need(d, r) + scl_arena_need(r) + scl_matrix_need(d, widest_block(d, r)) +
           solver;
}

scl_status scl_hetero_begin(scl_hetero *hetero, const scl_representation *out, const scl_sample *sample, scl_arena *ws,
                            scl_error *err)
{
    size_t d = out->Q.rows, r = out->Q.cols;
    if (scl_matrix_take(&hetero->M, ws, d, d, err) || scl_matrix_take(&hetero->Q, ws, d, r, err) ||
        scl_matrix_take(&hetero->start.V, ws, d, widest_block(d, r), err))
        return SCL_ERR_INTERNAL;
    hetero->values = scl_arena_take(ws, r, err);
    if (!hetero->values) return SCL_ERR_INTERNAL;
    hetero->converged = true;
    scl_matrix_copy(hetero->M, sample->S);
    for (size_t j = 0; j < d; j++) SCL_AT(hetero->M, j, j) = 0.0;
    return SCL_OK;
}

static scl_status kept_pairs(double *values, scl_matrix Q, scl_leading_info *eigen, scl_hetero *hetero,
                             double tolerance, scl_arena *ws, scl_error *err)
{
    return hetero->truncation == SCL_TRUNCATION_PSD
               ? scl_leading_from(values, Q, eigen, hetero->M, tolerance, &hetero->start, ws, err)
               : scl_modulus(values, Q, eigen, hetero->M, tolerance, &hetero->start, ws, err);
}

/* Replaces the diagonal of M by that of the truncation; returns whether it has settled. */
static bool replace_diagonal(scl_hetero *hetero, scl_matrix Q)
{
    double move = 0.0, size = 0.0;
    for (size_t j = 0; j < Q.rows; j++) {
        double sum = 0.0;
        for (size_t i = 0; i < Q.cols; i++) {
            double value = hetero->values[i], entry = SCL_AT(Q, j, i);
            if (hetero->truncation == SCL_TRUNCATION_PSD) value = fmax(value, 0.0);
            sum += value * entry * entry;
        }
        move = fmax(move, fabs(sum - SCL_AT(hetero->M, j, j)));
        size = fmax(size, fabs(sum));
        SCL_AT(hetero->M, j, j) = sum;
    }
    hetero->start.low -= move;
    return move <= hetero->tolerance * size; /* not <: both are 0 when S is diagonal */
}

scl_status scl_hetero_run(scl_hetero *hetero, size_t k, scl_arena *ws, scl_error *err)
{
    scl_matrix Q = scl_matrix_columns(hetero->Q, 0, k);
    double inner = fmin(INNER_TOLERANCE, INNER_SHARE * hetero->tolerance);
    hetero->start.warm = hetero->start.hopeless = false;
    bool settled = false;
    for (int i = 0; i < hetero->max_iterations && !settled; i++) {
        scl_leading_info eigen;
        scl_status status = kept_pairs(hetero->values, Q, &eigen, hetero, inner, ws, err);
        if (status != SCL_OK) return status;
        settled = replace_diagonal(hetero, Q);
        hetero->iterations++;
    }
    hetero->converged = hetero->converged && settled;
    return SCL_OK;
}

scl_status scl_hetero_end(scl_representation *out, scl_fit_info *info, scl_hetero *hetero, const scl_sample *sample,
                          scl_arena *ws, scl_error *err)
{
    scl_leading_info eigen;
    scl_status status = kept_pairs(out->values, out->Q, &eigen, hetero, scl_fit_tolerance(sample), ws, err);
    if (status != SCL_OK) return status;
    scl_fit_report(out, info, &eigen, 1.0);
    info->iterations = hetero->iterations;
    if (!hetero->converged) info->status = SCL_FIT_UNCONVERGED;
    return SCL_OK;
}
