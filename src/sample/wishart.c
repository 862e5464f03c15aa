/* Bartlett: Wishart(I, k) = T T', T with independent normals off the diagonal and square roots of chi-squares on it.
 *
 * k >= d: T is upper triangular with chi-squares of k - d + 1, ..., k degrees of freedom down the diagonal (the usual lower
 * Bartlett factor with its coordinates reversed; Wishart(I, k) does not change under permutations). It is stored as the lower
 * triangle L = T', and LAPACK's dlauum forms L'L at a third of a full product. k < d: T is trapezoidal, d x k, with
 * chi-squares of k, ..., 1 on the diagonal of its upper k rows and normals below it and in the d - k other rows, exact.
 * Source: Bartlett (1933); Anderson, Multivariate Statistical Analysis, theorem 7.2.1; docs/theory.md, section 7. */
#include "sample/wishart.h"

#include "linalg/linalg.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>

/* Normals are made in pieces of this size and then dealt out to the columns of T; pieces of even size give the bits of one
 * long fill. */
enum { PIECE = 1024 };

static size_t trapezoid_columns(size_t d, double k)
{
    return k < (double)d ? (size_t)k : 0;
}

size_t scl_wishart_workspace(size_t d, double k)
{
    return scl_arena_need(d) + scl_matrix_need(d, trapezoid_columns(d, k));
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

scl_status scl_wishart(scl_matrix G, double k, scl_stream *stream, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = G.rows, columns = trapezoid_columns(d, k);
    scl_status status = SCL_OK;
    if (k < 1.0) {
        memset(G.data, 0, d * d * sizeof(double));
        return SCL_OK;
    }
    double *chi = scl_arena_take(ws, d, err);
    if (!chi) return SCL_ERR_INTERNAL;
    if (columns > 0) {
        scl_matrix T;
        if (scl_matrix_take(&T, ws, d, columns, err)) return SCL_ERR_INTERNAL;
        draw_trapezoidal(G, T, chi, stream);
    } else {
        status = draw_triangular(G, k, chi, stream, err);
    }
    ws->used = mark;
    return status;
}
