/* Chebyshev filters: polynomials of a symmetric matrix that damp an interval of its spectrum, applied to a block. */
#ifndef SCL_LINALG_CHEBYSHEV_H
#define SCL_LINALG_CHEBYSHEV_H

#include "linalg/matrix.h"

/* p is the Chebyshev polynomial of `degree` for [low, cut], scaled to p(top) = 1. */
typedef struct scl_filter {
    double low, cut, top; /* low < cut < top */
    int degree;           /* at least 2 */
} scl_filter;

/* V = p(S) V in degree - 1 products with S.
 *   in    S       d x d, symmetric
 *   inout V, AV   d x b with ld = d; AV = S V on entry, scratch on return; the two may trade their data pointers */
void scl_chebyshev_filter(scl_matrix *V, scl_matrix *AV, scl_matrix S, const scl_filter *filter);

/* The same in single precision, two to three times as fast where S does not fit into the cache; relative error of V's columns
 * about 1e-6. Pointers do not trade.
 *   in  S     d x d, symmetric, single precision, ld = d
 *   ws  work  2 d b floats */
void scl_chebyshev_filter_single(scl_matrix V, scl_matrix AV, const float *S, float *work, const scl_filter *filter);

#endif
