/* The linear autoencoder that reconstructs a sample from a masked view of it, minimised exactly.
 *
 *   mask A = diag(a), a_j iid Bernoulli(q); loss E_A ||x - W2 W1 A x||^2 averaged over the centred sample (divisor n - 1)
 *     = tr S - 2 tr(W2 W1 P) + tr(W2 W1 Q W1' W2'),  P = q S, Q = q^2 Delta(S) + q diag(S) = q^2 (S + kappa diag S)
 *   kappa = (1 - q)/q
 *   decoder W2 = Y, the top-r eigenvectors of P Q^{-1} P = S (S + kappa diag S)^{-1} S; encoder W1 = Y' P Q^{-1}
 *   minimum tr S - the sum of those eigenvalues (the representation's values)
 * The representation is the ENCODER's: the row space is the span of Q^{-1} P Y, which is not that of Y. With S + kappa diag S = L L' and
 * Z = S L^{-T} the matrix is Z Z', and Q^{-1} P Y = L^{-T} Z' Y/q.
 * A coordinate of variance 0, which S + kappa diag S cannot weigh, gets weight 0.
 * Masking alone does not delete the diagonal. q towards 1 is PCA.
 * Source: docs/theory.md, section 2 (derived; the test enumerates all masks). */
#include "estimate/estimators.h"

#include "linalg/linalg.h"

#include <cblas.h>
#include <lapacke.h>

enum { KEEP_PROBABILITY };

static size_t workspace(size_t d, size_t r)
{
    size_t eigen = scl_fit_leading_workspace(d, r), rows = scl_matrix_need(d, r) + scl_fit_row_space_workspace(d, r);
    return 3 * scl_matrix_need(d, d) + scl_arena_need(r) + (eigen > rows ? eigen : rows);
}

/* L, Z and M = Z Z' of the head of this file. */
static scl_status decoder_matrix(scl_matrix M, scl_matrix L, scl_matrix Z, scl_matrix S, double kappa, scl_error *err)
{
    blasint d = (blasint)S.rows;
    scl_matrix_copy(L, S);
    scl_matrix_copy(Z, S);
    for (size_t j = 0; j < S.rows; j++)
        SCL_AT(L, j, j) = SCL_AT(S, j, j) > 0.0 ? SCL_AT(S, j, j) * (1.0 + kappa) : 1.0;
    lapack_int failure = LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', d, L.data, (lapack_int)L.ld);
    if (failure)
        return scl_error_set(err, SCL_ERR_LAPACK, "Cholesky factor of S + kappa diag(S), %zu x %zu, failed (%d)",
                             S.rows, S.rows, (int)failure);
    /* Z = S L^{-T}, M = Z Z' */
    cblas_dtrsm(CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, d, d, 1.0, L.data, (blasint)L.ld,
                Z.data, (blasint)Z.ld);
    scl_syrk(M, 1.0, Z, 0.0);
    return SCL_OK;
}

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)stream;
    size_t mark = ws->used, d = out->Q.rows, r = out->Q.cols;
    double q = options[KEEP_PROBABILITY];
    scl_matrix M, L, Z, B;
    double *weights = scl_arena_take(ws, r, err);
    if (!weights || scl_matrix_take(&M, ws, d, d, err) || scl_matrix_take(&L, ws, d, d, err) ||
        scl_matrix_take(&Z, ws, d, d, err))
        return SCL_ERR_INTERNAL;
    scl_status status = decoder_matrix(M, L, Z, sample->S, (1.0 - q) / q, err);
    if (status == SCL_OK) status = scl_fit_leading(out, info, M, sample, 1.0, ws, err);
    if (status != SCL_OK) return status;
    info->objective = 0.0;
    for (size_t j = 0; j < d; j++) info->objective += SCL_AT(sample->S, j, j);
    for (size_t k = 0; k < r; k++) {
        info->objective -= out->values[k];
        weights[k] = 1.0;
    }
    if (scl_matrix_take(&B, ws, d, r, err)) return SCL_ERR_INTERNAL;
    scl_gemm(B, 1.0 / q, SCL_TRANSPOSED, Z, SCL_PLAIN, out->Q, 0.0); /* B = L^{-T} Z' Y/q */
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, (blasint)d, (blasint)r, 1.0, L.data,
                (blasint)L.ld, B.data, (blasint)B.ld);
    status = scl_fit_row_space(out, B, weights, ws, err);
    ws->used = mark;
    return status;
}

const scl_estimator scl_estimator_masked_autoencoder = {
    .name = "masked-autoencoder",
    .summary = "encoder of the linear autoencoder that reconstructs samples from masked views, averaged over the masks",
    .source = "docs/theory.md, section 2",
    .objective = "loss",
    .n_options = 1,
    .options =
        {
            /* nearer to 1, S + kappa diag S is as singular as S may be; nearer to 0, nothing is left to reconstruct from */
            [KEEP_PROBABILITY] = {.key = "keep-probability",
                                  .fallback = 0.5,
                                  .low = 1e-6,
                                  .high = 1.0 - 1e-6,
                                  .meaning = "probability that a mask keeps a coordinate"},
        },
    .workspace = workspace,
    .fit = fit,
};
