/* First order in 1/n for the eigenspace of S with its diagonal deleted: H = diag C. */
#ifndef SCL_THEORY_DELETION_H
#define SCL_THEORY_DELETION_H

#include "theory/first_order.h"

/* ||(I - UU')V||_F^2 for d x r frames: exact where it is small. */
scl_status scl_squared_sines(double *sum, const scl_model *model, scl_matrix V, scl_arena *ws,
                             scl_error *err) SCL_CHECKED;

size_t scl_deletion_workspace(size_t d, size_t r);

/* Adds to out->kappa and out->spread, and fills bias2 and gap; 1 <= r < d. SCL_ERR_LAPACK. */
scl_status scl_deletion_first_order(scl_first_order *out, const scl_model *model, scl_arena *ws,
                                    scl_error *err) SCL_CHECKED;

#endif
