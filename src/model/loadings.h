/* Loadings: the orthonormal d x r matrix U. */
#ifndef SCL_MODEL_LOADINGS_H
#define SCL_MODEL_LOADINGS_H

#include "model/model.h"
#include "random/random.h"

/* Fills U (spec's d x r, ld = d). dct needs r < d, coherent r <= d - r. coherent draws V alone from the stream, so one stream
 * gives one V for every mass.
 *   ws       scl_loadings_workspace(d, r)
 *   returns  SCL_OK, SCL_ERR_SHAPE, SCL_ERR_LAPACK */
size_t scl_loadings_workspace(size_t d, size_t r);
scl_status scl_loadings_fill(scl_matrix U, const scl_model_spec *spec, scl_stream *stream, scl_arena *ws,
                             scl_error *err) SCL_CHECKED;

#endif
