/* Limited-memory quasi-Newton directions (L-BFGS) from a diagonal first guess, within bounds that freeze coordinates.
 *
 *   s, y      steps and the changes of the gradient over them; the last SCL_LBFGS_PAIRS with s'y > 0 are kept
 *   diagonal  inverse of the diagonal of the Hessian's first guess; 0 freezes a coordinate: as if it were not there
 * Source: Nocedal and Wright, Numerical Optimization (2006), algorithm 7.4; Byrd, Lu, Nocedal, Zhu (1995) for the bounds. */
#ifndef SCL_LINALG_LBFGS_H
#define SCL_LINALG_LBFGS_H

#include "base/error.h"
#include "base/memory.h"
#include "linalg/matrix.h"

enum { SCL_LBFGS_PAIRS = 10 }; /* more: fewer steps on badly conditioned problems, more memory and work for each */

typedef struct scl_lbfgs {
    scl_matrix S, Y; /* d x SCL_LBFGS_PAIRS, in a ring */
    size_t count;    /* pairs added so far and not forgotten */
} scl_lbfgs;

size_t scl_lbfgs_workspace(size_t d);
/* Takes the room for d coordinates from the arena; no pairs yet. */
scl_status scl_lbfgs_take(scl_lbfgs *memory, size_t d, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* Adds the pair s = to - from, y = to_gradient - from_gradient, unless the curvature along it is not positive. */
void scl_lbfgs_add(scl_lbfgs *memory, const double *from, const double *to, const double *from_gradient,
                   const double *to_gradient);

/* direction = - H gradient, H the inverse Hessian that the pairs imply; 0 where the diagonal is 0. All of d entries. */
void scl_lbfgs_direction(double *direction, const scl_lbfgs *memory, const double *gradient, const double *diagonal);

#endif
