/* The ends of a symmetric matrix's spectrum from a few Lanczos steps, and the fixed numbers that iterations start from. */
#ifndef SCL_LINALG_LANCZOS_H
#define SCL_LINALG_LANCZOS_H

#include "linalg/matrix.h"

#include <stdint.h>

/* Fixed numbers in [-1, 1): the finaliser of splitmix64 applied to a counter. */
double scl_fixed_noise(uint64_t counter);

/* sqrt(x'x). Not dnrm2, whose care against overflow costs more than the product it follows. */
double scl_length(const double *x, size_t d);

/* Estimates of the ends of the spectrum of S (d x d, symmetric): smallest Ritz value minus its residual, largest Ritz value.
 * `low` can lie above the true end: a
 * filter then damps what is below less than it could.
 *   returns SCL_OK, SCL_ERR_LAPACK */
size_t scl_spectrum_ends_workspace(size_t d);
scl_status scl_spectrum_ends(double *low, double *top, scl_matrix S, scl_arena *ws, scl_error *err) SCL_CHECKED;

#endif
