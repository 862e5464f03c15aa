/* Leading eigenpairs by LAPACK, at its full accuracy: what scl_leading and scl_modulus fall back on. */
#ifndef SCL_LINALG_LEADING_DENSE_H
#define SCL_LINALG_LEADING_DENSE_H

#include "linalg/linalg.h"

size_t scl_leading_dense_workspace(size_t d, size_t k);

/* Top-k eigenpairs of the symmetric d x d matrix S, values descending, vectors d x k.
 *   out  residual  max_i ||S v_i - w_i v_i|| / max_i |w_i|
 *   returns SCL_OK, SCL_ERR_LAPACK */
scl_status scl_leading_dense(double *values, scl_matrix vectors, double *residual, scl_matrix S, scl_arena *ws,
                             scl_error *err) SCL_CHECKED;

size_t scl_modulus_dense_workspace(size_t d);

/* The k eigenpairs of largest modulus in the same form (of two of one modulus the positive one), and a start for blocks.
 *   inout from  its V is filled with as many leading vectors as it has columns; NULL: not wanted */
scl_status scl_modulus_dense(double *values, scl_matrix vectors, double *residual, scl_leading_start *from,
                             scl_matrix S, scl_arena *ws, scl_error *err) SCL_CHECKED;

#endif
