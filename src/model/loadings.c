/* Loadings: the orthonormal d x r matrix U. Formulas in SCL_LOADINGS_LIST (model.h); source: docs/theory.md, sections 1, 9. */
#include "model/loadings.h"

#include "linalg/linalg.h"

#include <math.h>

#define SCL_ENTRY_NAME(kind, name, summary)    name,
#define SCL_ENTRY_SUMMARY(kind, name, summary) summary,
const char *const scl_loadings_names[SCL_N_LOADINGS] = {SCL_LOADINGS_LIST(SCL_ENTRY_NAME)};
const char *const scl_loadings_summaries[SCL_N_LOADINGS] = {SCL_LOADINGS_LIST(SCL_ENTRY_SUMMARY)};

bool scl_loadings_random(scl_loadings loadings)
{
    return loadings != SCL_LOADINGS_DCT;
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

scl_status scl_loadings_fill(scl_matrix U, scl_loadings loadings, scl_stream *stream, scl_arena *ws, scl_error *err)
{
    switch (loadings) {
    case SCL_LOADINGS_HAAR:
        scl_stream_normals(U.data, stream, U.rows * U.cols);
        return scl_orthonormalise(U, ws, err);
    case SCL_LOADINGS_DCT:
        fill_dct(U);
        return SCL_OK;
    case SCL_LOADINGS_POSITIVE:
        scl_stream_uniforms(U.data, stream, U.rows * U.cols);
        return scl_polar(U, ws, err);
    case SCL_N_LOADINGS:
        break;
    }
    return scl_error_set(err, SCL_ERR_INTERNAL, "unknown loadings %d", (int)loadings);
}
