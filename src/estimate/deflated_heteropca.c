/* Deflated HeteroPCA: HeteroPCA over a growing rank, so that a large spike's error does not swamp the diagonal that a small one needs.
 *
 *   s_1 >= s_2 >= ...  singular values of G_{k-1} (moduli of its eigenvalues), s_{d+1} = 0
 *   G_0 = Delta(S), r_0 = 0
 *   round k:  r_k  the largest r' in (r_{k-1}, r] with  s_{r_{k-1}+1} <= 4 s_{r'}  and  s_{r'} - s_{r'+1} >= s_{r'}/r,
 *                  r when there is none: a block that is well conditioned and stands apart from the rest;
 *             G_k  HeteroPCA's last iterate from G_{k-1} at rank r_k (hetero.h), by largest modulus as published
 *   until r_k = r.  Q: the top-r space of the last G.
 *
 * Source: Zhou and Chen (2025), Annals of Statistics (arXiv:2303.06198), their algorithm recalled; its two conditions agree with
 * the public implementation HeteroPCA.jl (find_next_block_size), which differs where no r' qualifies (it then takes
 * r_{k-1} + 1) and lets r' = r qualify without a gap. There each round has a fixed number of iterations; here
 * each settles. */
#include "estimate/estimators.h"
#include "estimate/hetero.h"

#include <math.h>

enum { TOLERANCE, MAX_ITERATIONS };

/* Largest condition number of a block; larger: fewer rounds, nearer to plain HeteroPCA. */
static const double CONDITION = 4.0;

typedef struct spectrum {
    size_t n; /* min(r + 1, d) */
    scl_matrix vectors;
    double *values; /* n + 1, moduli descending, then 0 */
} spectrum;

static size_t spectrum_need(size_t d, size_t n)
{
    return scl_matrix_need(d, n) + scl_arena_need(n + 1);
}

static size_t spectrum_size(size_t d, size_t r)
{
    return r < d ? r + 1 : d;
}

static size_t workspace(size_t d, size_t r)
{
    size_t n = spectrum_size(d, r);
    return scl_hetero_workspace(d, r) + spectrum_need(d, n) + scl_modulus_workspace(d, n);
}

static scl_status singular_values(spectrum *s, scl_matrix G, scl_arena *ws, scl_error *err)
{
    scl_leading_info eigen;
    scl_status status = scl_modulus(s->values, s->vectors, &eigen, G, SCL_LEADING_EXACT, NULL, ws, err);
    for (size_t i = 0; status == SCL_OK && i < s->n; i++) { /* insertion: at most r are negative, at the end */
        double value = fabs(s->values[i]);
        size_t at = i;
        for (; at > 0 && s->values[at - 1] < value; at--) s->values[at] = s->values[at - 1];
        s->values[at] = value;
    }
    return status;
}

static size_t next_rank(const spectrum *s, size_t before, size_t r)
{
    size_t next = r;
    for (size_t rank = before + 1; rank <= r; rank++) {
        double value = s->values[rank - 1], below = s->values[rank];
        if (s->values[before] <= CONDITION * value && value - below >= value / (double)r) next = rank;
    }
    return next;
}

static scl_status rounds(scl_hetero *hetero, spectrum *s, size_t r, scl_arena *ws, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t rank = 0; status == SCL_OK && rank < r;) {
        status = singular_values(s, hetero->M, ws, err);
        if (status != SCL_OK) return status;
        rank = next_rank(s, rank, r);
        status = scl_hetero_run(hetero, rank, ws, err);
    }
    return status;
}

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)stream;
    size_t mark = ws->used, d = out->Q.rows, r = out->Q.cols;
    scl_hetero hetero = {.tolerance = options[TOLERANCE], .max_iterations = (int)options[MAX_ITERATIONS]};
    spectrum s = {.n = spectrum_size(d, r)};
    if (scl_matrix_take(&s.vectors, ws, d, s.n, err)) return SCL_ERR_INTERNAL;
    s.values = scl_arena_take(ws, s.n + 1, err);
    if (!s.values) return SCL_ERR_INTERNAL;
    s.values[s.n] = 0.0;
    scl_status status = scl_hetero_begin(&hetero, out, sample, ws, err);
    if (status == SCL_OK) status = rounds(&hetero, &s, r, ws, err);
    if (status == SCL_OK) status = scl_hetero_end(out, info, &hetero, sample, ws, err);
    ws->used = mark;
    return status;
}

const scl_estimator scl_estimator_deflated_heteropca = {
    .name = "deflated-heteropca",
    .summary = "heteropca in rounds of growing rank, for spikes of unequal size",
    .source = "Zhou and Chen (2025), recalled",
    .n_options = 2,
    .options =
        {
            [TOLERANCE] = SCL_HETERO_TOLERANCE,
            [MAX_ITERATIONS] = SCL_HETERO_MAX_ITERATIONS,
        },
    .workspace = workspace,
    .fit = fit,
};
