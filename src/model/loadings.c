/* Loadings: the orthonormal d x r matrix U. Formulas in SCL_LOADINGS_LIST (model.h); source: docs/theory.md, sections 1, 9. */
#include "model/loadings.h"

#include "linalg/linalg.h"

#include <math.h>
#include <string.h>

#define SCL_ENTRY_NAME(kind, name, summary)    name,
#define SCL_ENTRY_SUMMARY(kind, name, summary) summary,
const char *const scl_loadings_names[SCL_N_LOADINGS] = {SCL_LOADINGS_LIST(SCL_ENTRY_NAME)};
const char *const scl_loadings_summaries[SCL_N_LOADINGS] = {SCL_LOADINGS_LIST(SCL_ENTRY_SUMMARY)};

bool scl_loadings_random(scl_loadings loadings)
{
    return loadings != SCL_LOADINGS_DCT && loadings != SCL_LOADINGS_AXIS && loadings != SCL_LOADINGS_FILE;
}

double scl_loadings_deviation(const double *rows, size_t d, size_t r)
{
    double most = 0.0;
    for (size_t k = 0; k < r; k++)
        for (size_t l = 0; l <= k; l++) {
            double inner = 0.0;
            for (size_t j = 0; j < d; j++) inner += rows[j * r + k] * rows[j * r + l];
            most = fmax(most, fabs(inner - (k == l)));
        }
    return most;
}

size_t scl_loadings_workspace(size_t d, size_t r)
{
    return scl_frame_workspace(d, r) + scl_matrix_need(d, r);
}

/* U_jk = sqrt(2/d) cos(pi k (2j+1)/(2d)), k = 1..r: columns of the DCT-II basis; k = d would be zero everywhere. */
static void fill_dct(scl_matrix U)
{
    const double pi = acos(-1.0);
    size_t d = U.rows;
    for (size_t k = 1; k <= U.cols; k++)
        for (size_t j = 0; j < d; j++)
            SCL_AT(U, j, k - 1) = sqrt(2.0 / (double)d) * cos(pi * (double)k * (double)(2 * j + 1) / (2.0 * (double)d));
}

/* The first r coordinate vectors, times `scale`. */
static void fill_axis(scl_matrix U, double scale)
{
    memset(U.data, 0, U.rows * U.cols * sizeof(double));
    for (size_t k = 0; k < U.cols; k++) SCL_AT(U, k, k) = scale;
}

/* U = [sqrt(mass) I; sqrt(1 - mass) V]: U'U = mass I + (1 - mass) V'V = I. */
static scl_status fill_coherent(scl_matrix U, double mass, scl_stream *stream, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, r = U.cols, others = U.rows - r;
    if (U.rows < 2 * r)
        return scl_error_set(err, SCL_ERR_SHAPE, "coherent loadings need r <= d - r, not r = %zu and d = %zu", r,
                             U.rows);
    scl_matrix V;
    if (scl_matrix_take(&V, ws, others, r, err)) return SCL_ERR_INTERNAL;
    scl_stream_normals(V.data, stream, others * r);
    scl_status status = scl_orthonormalise(V, ws, err);
    fill_axis(U, sqrt(mass));
    for (size_t k = 0; k < r; k++)
        for (size_t j = 0; j < others; j++) SCL_AT(U, r + j, k) = sqrt(1.0 - mass) * SCL_AT(V, j, k);
    ws->used = mark;
    return status;
}

scl_status scl_loadings_fill(scl_matrix U, const scl_model_spec *spec, scl_stream *stream, scl_arena *ws,
                             scl_error *err)
{
    switch (spec->loadings) {
    case SCL_LOADINGS_HAAR:
        scl_stream_normals(U.data, stream, U.rows * U.cols);
        return scl_orthonormalise(U, ws, err);
    case SCL_LOADINGS_DCT:
        fill_dct(U);
        return SCL_OK;
    case SCL_LOADINGS_POSITIVE:
        scl_stream_uniforms(U.data, stream, U.rows * U.cols);
        return scl_polar(U, ws, err);
    case SCL_LOADINGS_AXIS:
        fill_axis(U, 1.0);
        return SCL_OK;
    case SCL_LOADINGS_COHERENT:
        return fill_coherent(U, spec->mass, stream, ws, err);
    case SCL_LOADINGS_FILE:
        for (size_t j = 0; j < U.rows; j++)
            for (size_t k = 0; k < U.cols; k++) SCL_AT(U, j, k) = spec->file_loadings[j * U.cols + k];
        return scl_polar(U, ws, err);
    case SCL_N_LOADINGS:
        break;
    }
    return scl_error_set(err, SCL_ERR_INTERNAL, "unknown loadings %d", (int)spec->loadings);
}
