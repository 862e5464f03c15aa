/* Wishart matrices by Bartlett's decomposition. */
#ifndef SCL_SAMPLE_WISHART_H
#define SCL_SAMPLE_WISHART_H

#include "base/memory.h"
#include "linalg/matrix.h"
#include "random/random.h"

size_t scl_wishart_workspace(size_t d, double k);

/* G ~ Wishart(I_d, k): the sum of k outer products of independent standard normal vectors.
 *   out   G       d x d, both triangles
 *   in    k       degrees of freedom, a whole number; 0 gives zeros
 *   inout stream  its first substreams, d or fewer, are used up: one matrix to a stream
 *   ws    scl_wishart_workspace(d, k)
 *   returns SCL_OK, SCL_ERR_LAPACK; cost O(d^3), d^2 k where k < d */
scl_status scl_wishart(scl_matrix G, double k, scl_stream *stream, scl_arena *ws, scl_error *err) SCL_CHECKED;

#endif
