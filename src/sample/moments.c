/* Sampling from sufficient statistics, at a cost that does not depend on n:
 *
 *   xbar ~ N(0, C/n),  (n - 1) S ~ Wishart(C, k), k = n - 1, independent        (Gaussian laws)
 *   Bartlett: Wishart(I, k) = T T', T with independent normals off the diagonal and square roots of chi-squares on it
 *   B = D^{1/2} (I + V F V'), B B' = C, F = diag(f): the model's cheap factor (model/factor.c)
 *
 * k >= d: T is upper triangular with chi-squares of k - d + 1, ..., k degrees of freedom down the diagonal (the usual lower
 * Bartlett factor with its coordinates reversed; Wishart(I, k) does not change under permutations). It is stored as the lower
 * triangle L = T', and LAPACK's dlauum forms L'L at a third of a full product. k < d: T is trapezoidal, d x k, with
 * chi-squares of k, ..., 1 on the diagonal of its upper k rows and normals below it and in the d - k other rows, exact. Then,
 * with G = T T' and P = V F,
 *   S = D^{1/2} (G + P (V'G) + (G V) P' + P (V'G V) P') D^{1/2} / k
 * is a rank-2r update of G.
 * Source: Bartlett (1933); Anderson, Multivariate Statistical Analysis, theorem 7.2.1; docs/theory.md, section 7. */
#include "sample/samplers.h"

#include "linalg/linalg.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>

/* Normals are made in pieces of this size and then dealt out to the columns of T; pieces of even size give the bits of one
 * long fill. */
enum { PIECE = 1024 };

static size_t trapezoid_columns(size_t d, double n)
{
    return n - 1.0 < (double)d ? (size_t)(n - 1.0) : 0;
}

size_t scl_sample_moments_workspace(size_t d, size_t r, double n)
{
    return 2 * scl_arena_need(d) + scl_matrix_need(d, trapezoid_columns(d, n)) + 2 * scl_matrix_need(d, r) +
           scl_matrix_need(r, r);
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

/* Deals one long sequence of normals out, column by column. */
typedef struct dealer {
    scl_stream *stream;
    size_t next;
    double piece[PIECE];
} dealer;

static void deal(double *out, size_t count, dealer *from)
{
    while (count > 0) {
        if (from->next == PIECE) {
            scl_stream_normals(from->piece, from->stream, PIECE);
            from->next = 0;
        }
        size_t take = PIECE - from->next < count ? PIECE - from->next : count;
        memcpy(out, from->piece + from->next, take * sizeof(double));
        from->next += take;
        out += take;
        count -= take;
    }
}

/* G = L'L for k >= d degrees of freedom, in place of L; both triangles. */
static scl_status draw_triangular(scl_matrix G, double k, double *chi, scl_stream *stream, scl_error *err)
{
    size_t d = G.rows;
    dealer normals = {.stream = stream, .next = PIECE};
    scl_chi_squares(chi, stream, d, k);
    for (size_t j = 0; j < d; j++) {
        SCL_AT(G, j, j) = sqrt(chi[d - 1 - j]); /* k - d + 1 + j degrees of freedom */
        deal(&SCL_AT(G, j, j) + 1, d - 1 - j, &normals);
    }
    lapack_int failure = LAPACKE_dlauum_work(LAPACK_COL_MAJOR, 'L', (lapack_int)d, G.data, (lapack_int)G.ld);
    if (failure)
        return scl_error_set(err, SCL_ERR_LAPACK, "L'L of a %zu x %zu triangle failed (%d)", d, d, (int)failure);
    scl_symmetrise(G);
    return SCL_OK;
}

/* G = T T' for k < d degrees of freedom, T d x k. */
static void draw_trapezoidal(scl_matrix G, scl_matrix T, double *chi, scl_stream *stream)
{
    size_t d = T.rows, k = T.cols;
    dealer normals = {.stream = stream, .next = PIECE};
    scl_chi_squares(chi, stream, k, (double)k);
    for (size_t j = 0; j < k; j++) {
        double *column = T.data + j * T.ld;
        memset(column, 0, j * sizeof(double));
        column[j] = sqrt(chi[j]);
        deal(column + j + 1, d - j - 1, &normals);
    }
    scl_syrk(G, 1.0, T, 0.0);
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
    size_t mark = ws->used, d = sample->S.rows, columns = trapezoid_columns(d, sample->n);
    scl_status status = SCL_OK;
    double *z = scl_arena_take(ws, d, err), *chi = scl_arena_take(ws, d, err);
    if (!z || !chi) return SCL_ERR_INTERNAL;
    draw_mean(sample, sample->model, z, stream);
    if (columns > 0) {
        scl_matrix T;
        if (scl_matrix_take(&T, ws, d, columns, err)) return SCL_ERR_INTERNAL;
        draw_trapezoidal(sample->S, T, chi, stream);
    } else {
        status = draw_triangular(sample->S, sample->n - 1.0, chi, stream, err);
    }
    if (status == SCL_OK) status = colour(sample->S, sample->model, sample->n - 1.0, ws, err);
    ws->used = mark;
    return status;
}
