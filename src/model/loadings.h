/* Loadings: the orthonormal d x r matrix U. */
#ifndef SCL_MODEL_LOADINGS_H
#define SCL_MODEL_LOADINGS_H

#include "model/model.h"
#include "random/random.h"

/* Fills U (d x r, ld = d). dct needs r < d. ws: scl_frame_workspace(d, r). SCL_ERR_LAPACK. */
scl_status scl_loadings_fill(scl_matrix U, scl_loadings loadings, scl_stream *stream, scl_arena *ws,
                             scl_error *err) SCL_CHECKED;

#endif
