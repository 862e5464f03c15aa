/* The linear contrastive loss, averaged over complementary masks, minimised exactly.
 *
 *   views A x and (I - A) x, A = diag(a), a_j iid Bernoulli(p);  S0 = X X'/n;  Delta(M) = M - diag M
 *   N_p = 4 p (1-p) Delta(S0) + (S0 - n xbar xbar')/(n - 1)
 *   E_A L(W) = -1/4 tr(W N_p W') + (lambda/2) ||W W'||_F^2,  minimised by W = diag(sqrt(max(mu_i, 0)/(4 lambda))) U_r'
 *   with the top-r eigenpairs (mu_i, U_r) of N_p.
 *
 * In the sample's own terms, S0 = ((n-1)/n) S + xbar xbar': off the diagonal
 *   N_p = (4 p (1-p) (n-1)/n + 1/n) S + (4 p (1-p) - 1) xbar xbar',     on it  N_p = S_jj/n - xbar_j^2,
 * so that p = 1/2 gives Delta(S) + diag(S_jj/n - xbar_j^2). Population: 4 p (1-p) Delta(C).
 * Source: docs/theory.md, section 2 (derived; the test enumerates all masks). */
#include "estimate/estimators.h"

enum { KEEP_PROBABILITY, LAMBDA };

static void pair_matrix(scl_matrix N, const scl_sample *sample, double p)
{
    size_t d = N.rows;
    double n = sample->n, inverse_n = 1.0 / n, different = 4.0 * p * (1.0 - p);
    double off_covariance = different * (1.0 - inverse_n) + inverse_n, off_mean = different - 1.0;
    const double *mean = sample->mean;
    for (size_t j = 0; j < d; j++) {
        const double *s = sample->S.data + j * sample->S.ld;
        double *column = N.data + j * N.ld, scaled_mean = off_mean * mean[j];
        for (size_t i = 0; i < d; i++) column[i] = off_covariance * s[i] + scaled_mean * mean[i];
        column[j] = s[j] * inverse_n - mean[j] * mean[j];
    }
}

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)stream;
    size_t mark = ws->used, d = out->Q.rows;
    scl_matrix N;
    if (scl_matrix_take(&N, ws, d, d, err)) return SCL_ERR_INTERNAL;
    pair_matrix(N, sample, options[KEEP_PROBABILITY]);
    scl_status status = scl_fit_leading(out, info, N, sample, 1.0 / (4.0 * options[LAMBDA]), ws, err);
    ws->used = mark;
    return status;
}

const scl_estimator scl_estimator_contrastive = {
    .name = "contrastive",
    .summary = "minimiser of the linear contrastive loss averaged over complementary random masks",
    .source = "docs/theory.md, section 2; Ji, Deng, Nakada, Zou, Zhang (2023)",
    .n_options = 2,
    .options =
        {
            /* nearer to 0 or 1, rounding drowns the pairs' part 4 p (1 - p) Delta(S0) */
            [KEEP_PROBABILITY] = {"keep-probability", 0.5, 1e-6, 1.0 - 1e-6,
                                  "probability that a mask keeps a coordinate"},
            [LAMBDA] = {"lambda", 1.0, 1e-50, 1e50, "weight of the penalty; scales W, never moves its row space"},
        },
    .workspace = scl_fit_matrix_workspace,
    .fit = fit,
};
