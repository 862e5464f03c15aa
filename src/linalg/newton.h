/* Newton's method with step halving for a smooth convex function of few variables.
 *
 *   f, g, H     the function, its gradient (p), its Hessian (p x p)
 *   step        -H^{-1} g, halved until f falls by at least SUFFICIENT of what the slope promises (Armijo)
 *   decrement   g'H^{-1} g / 2, how much further f would fall if it were its own quadratic model; no matter how x is scaled
 * A function without a minimum (the likelihood of separable labels) has steps that do not shrink while their decrements do: that is
 * told from convergence. Source: Boyd and Vandenberghe, Convex Optimization (2004), sections 9.2 and 9.5. */
#ifndef SCL_LINALG_NEWTON_H
#define SCL_LINALG_NEWTON_H

#include "base/error.h"
#include "base/memory.h"
#include "linalg/matrix.h"

/* Writes f(x), its gradient and the lower triangle of its Hessian. A value that is not finite says that x is too far: the step is
 * halved. Called at least once before any step. */
typedef void scl_newton_function(double *value, double *gradient, scl_matrix hessian, const double *x, void *context);

typedef struct scl_newton_limits {
    double
        decrement; /* converged at or below it, in units of f; > 0. The error of x is about sqrt(decrement) of its scale */
    double length;  /* diverging when ||x||_2 is above it; INFINITY for no such bound */
    int iterations; /* at most */
} scl_newton_limits;

typedef enum scl_newton_outcome {
    SCL_NEWTON_CONVERGED,
    SCL_NEWTON_DIVERGING, /* ||x|| above its limit, or steps that do not shrink as the decrement vanishes: no minimum */
    SCL_NEWTON_EXHAUSTED, /* out of iterations, or no halving lowered f: not smooth or not convex */
} scl_newton_outcome;

typedef struct scl_newton_result {
    scl_newton_outcome outcome;
    int iterations;       /* steps that were taken */
    double value;         /* f(x) at the x returned */
    double gradient_norm; /* ||g||_2 there */
    double decrement;     /* as of the last Hessian that was factored */
} scl_newton_result;

/* Doubles of arena for p variables. */
size_t scl_newton_workspace(size_t p);

/* Minimises f from a start.
 *   inout x       p; the start, then the last point
 *   out   result  how it went; an outcome other than converged is no error
 *   in    limits  see there
 *   ws    sized by scl_newton_workspace(p)
 *   returns SCL_OK; SCL_ERR_INPUT when f or its derivatives are not finite at the start; SCL_ERR_LAPACK when a Hessian has no
 *           Cholesky factor, however much of the identity is added
 *   cost one call of f and p^3/3 per step, plus a call for each halving */
scl_status scl_newton(double *x, scl_newton_result *result, scl_newton_function *f, void *context, size_t p,
                      const scl_newton_limits *limits, scl_arena *ws, scl_error *err) SCL_CHECKED;

#endif
