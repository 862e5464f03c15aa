/* The cheap factor of the covariance. */
#ifndef SCL_MODEL_FACTOR_H
#define SCL_MODEL_FACTOR_H

#include "model/model.h"

size_t scl_factor_workspace(size_t d, size_t r);

/* Fills sigma, V and f from U, sigma2, nu and nus. SCL_ERR_LAPACK. */
scl_status scl_factor_fill(scl_model *model, scl_arena *ws, scl_error *err) SCL_CHECKED;

#endif
