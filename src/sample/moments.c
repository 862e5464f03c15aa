/* Sampling from sufficient statistics, at a cost that does not depend on n:
 *
 *   xbar ~ N(0, C/n),  (n - 1) S ~ Wishart(C, k), k = n - 1, independent        (Gaussian laws)
 *   B = D^{1/2} (I + V F V'), B B' = C, F = diag(f): the model's cheap factor (model/factor.c)
 *
 * With G ~ Wishart(I, k) (sample/wishart.c) and P = V F,
 *   S = D^{1/2} (G + P (V'G) + (G V) P' + P (V'G V) P') D^{1/2} / k
 * is a rank-2r update of G.
 * Source: docs/theory.md, section 7. */
#include "sample/samplers.h"

#include "linalg/linalg.h"
#include "sample/wishart.h"

#include <math.h>
#include <string.h>

size_t scl_sample_moments_workspace(size_t d, size_t r, double n)
{
    return scl_arena_need(d) + scl_wishart_workspace(d, n - 1.0) + 2 * scl_matrix_need(d, r) + scl_matrix_need(r, r);
}

/* xbar = B z / sqrt n, z standard normal */
static void draw_mean(scl_sample *sample, const scl_model *B, double *z, scl_stream *stream)
{
    size_t d = sample->S.rows, r = B->V.cols;
    scl_stream_normals(z, stream, d);
    memcpy(sample->mean, z, d * sizeof(double));
    for (size_t k = 0; k < r; k++) {
        const double *v = B->V.data + k * B->V.ld;
        double inner = 0.0;
        for (size_t j = 0; j < d; j++) inner += v[j] * z[j];
        inner *= B->f[k];
        for (size_t j = 0; j < d; j++) sample->mean[j] += inner * v[j];
    }
    double scale = 1.0 / sqrt(sample->n);
    for (size_t j = 0; j < d; j++) sample->mean[j] *= B->sigma[j] * scale;
}

/* S = D^{1/2} (I + V F V') G (I + V F V') D^{1/2} / k in place of G; symmetric. */
static scl_status colour(scl_matrix G, const scl_model *B, double k, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = G.rows, r = B->V.cols;
    scl_matrix GV, P, M;
    if (scl_matrix_take(&GV, ws, d, r, err) || scl_matrix_take(&P, ws, d, r, err) || scl_matrix_take(&M, ws, r, r, err))
        return SCL_ERR_INTERNAL;
    scl_gemm(GV, 1.0, SCL_PLAIN, G, SCL_PLAIN, B->V, 0.0);
    scl_gemm(M, 0.5, SCL_TRANSPOSED, B->V, SCL_PLAIN, GV, 0.0); /* V'G V / 2 */
    for (size_t c = 0; c < r; c++)
        for (size_t j = 0; j < d; j++) SCL_AT(P, j, c) = B->f[c] * SCL_AT(B->V, j, c); /* P = V F */
    scl_gemm(GV, 1.0, SCL_PLAIN, P, SCL_PLAIN, M, 1.0); /* Y = G V + P (V'G V)/2, so that the update is P Y' + Y P' */
    scl_syr2k_lower(G, P, GV);
    for (size_t j = 0; j < d; j++) {
        double scale = B->sigma[j] / k;
        for (size_t i = j; i < d; i++) SCL_AT(G, i, j) *= B->sigma[i] * scale;
    }
    scl_symmetrise(G);
    ws->used = mark;
    return SCL_OK;
}

scl_status scl_sample_from_moments(scl_sample *sample, scl_stream *stream, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = sample->S.rows;
    double *z = scl_arena_take(ws, d, err), k = sample->n - 1.0;
    if (!z) return SCL_ERR_INTERNAL;
    draw_mean(sample, sample->model, z, stream);
    scl_status status = scl_wishart(sample->S, k, stream, ws, err);
    if (status == SCL_OK && k > 0.0) status = colour(sample->S, sample->model, k, ws, err);
    ws->used = mark;
    return status;
}
