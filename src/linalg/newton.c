/* Newton's method: see newton.h. */
#include "linalg/newton.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

static const double SUFFICIENT = 1e-4;          /* of the slope's promise; more: shorter steps */
static const double ROUNDING = 8 * DBL_EPSILON; /* of |f|: a rise that small is none; more: noise passes for progress */
static const double SHRINKS = .5;               /* of the step before; quadratic convergence is far below */
enum {
    HALVINGS = 60, /* 2^-60 of a step moves nothing */
    LASTING = 3,   /* steps in a row that did not shrink mean no minimum; more: a slow one is less likely called none */
    SHIFTS = 12,   /* tries to make a singular Hessian definite, each with a hundred times more of the identity */
};

typedef struct point {
    double value, *x, *gradient;
    scl_matrix H;
} point;

size_t scl_newton_workspace(size_t p)
{
    return 2 * scl_arena_need(2 * p) + 2 * scl_arena_need(p) + 3 * scl_matrix_need(p, p);
}

static double inner(const double *a, const double *b, size_t p)
{
    double sum = 0.0;
    for (size_t j = 0; j < p; j++) sum += a[j] * b[j];
    return sum;
}

static double length(const double *a, size_t p)
{
    return sqrt(inner(a, a, p));
}

static bool finite_at(const point *at, size_t p)
{
    bool finite = isfinite(at->value);
    for (size_t j = 0; j < p; j++) {
        finite = finite && isfinite(at->gradient[j]);
        for (size_t i = j; i < p; i++) finite = finite && isfinite(SCL_AT(at->H, i, j));
    }
    return finite;
}

/* step = -(H + shift I)^{-1} g. The shift is 0 unless H is singular to rounding, which flat directions of a convex f make it. */
static scl_status newton_step(double *step, scl_matrix factor, const point *at, size_t p, scl_error *err)
{
    double largest = DBL_MIN;
    for (size_t j = 0; j < p; j++) largest = fmax(largest, SCL_AT(at->H, j, j));
    double shift = 0.0;
    for (int tried = 0; tried <= SHIFTS; tried++) {
        scl_matrix_copy(factor, at->H);
        for (size_t j = 0; j < p; j++) SCL_AT(factor, j, j) += shift;
        lapack_int failure =
            LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, 'L', (lapack_int)p, factor.data, (lapack_int)factor.ld);
        if (failure == 0) {
            for (size_t j = 0; j < p; j++) step[j] = -at->gradient[j];
            failure = LAPACKE_dpotrs_work(LAPACK_COL_MAJOR, 'L', (lapack_int)p, 1, factor.data, (lapack_int)factor.ld,
                                          step, (lapack_int)p);
            if (failure == 0) return SCL_OK;
        }
        shift = shift > 0.0 ? 100.0 * shift : (double)p * DBL_EPSILON * largest;
    }
    return scl_error_set(err, SCL_ERR_LAPACK, "a Hessian of %zu variables has no Cholesky factor, even with %.3g added",
                         p, shift / 100.0);
}

/* Moves `to` along the step, as far as f falls enough; false when it nowhere does. */
static bool search(point *to, const point *from, const double *step, double slope, size_t p, scl_newton_function *f,
                   void *context)
{
    double part = 1.0;
    for (int halved = 0; halved <= HALVINGS; halved++, part /= 2.0) {
        for (size_t j = 0; j < p; j++) to->x[j] = from->x[j] + part * step[j];
        f(&to->value, to->gradient, to->H, to->x, context);
        if (finite_at(to, p) && to->value <= from->value + SUFFICIENT * part * slope + ROUNDING * fabs(from->value))
            return true;
    }
    return false;
}

static scl_status minimise(point *now, point *next, double *step, double *before, scl_matrix factor,
                           scl_newton_result *result, scl_newton_function *f, void *context, size_t p,
                           const scl_newton_limits *limits, scl_error *err)
{
    int lasting =
        0; /* whole steps in a row that go on the way of the one before and are not shorter than a part of it */
    result->outcome = SCL_NEWTON_EXHAUSTED;
    for (;;) {
        if (newton_step(step, factor, now, p, err)) return SCL_ERR_LAPACK;
        double slope = inner(now->gradient, step, p);
        result->decrement = -slope / 2.0;
        if (!isfinite(length(step, p))) { /* f falls along a line on which H vanishes */
            result->outcome = SCL_NEWTON_DIVERGING;
            return SCL_OK;
        }
        bool goes_on = result->iterations > 0 && inner(step, before, p) > 0.0;
        lasting = goes_on && length(step, p) > SHRINKS * length(before, p) ? lasting + 1 : 0;
        if (result->decrement <= limits->decrement) {
            result->outcome = lasting >= LASTING ? SCL_NEWTON_DIVERGING : SCL_NEWTON_CONVERGED;
            return SCL_OK;
        }
        if (result->iterations >= limits->iterations) return SCL_OK;
        if (!search(next, now, step, slope, p, f, context)) return SCL_OK;
        memcpy(before, step, p * sizeof *step);
        point swap = *now;
        *now = *next;
        *next = swap;
        result->iterations++;
        if (length(now->x, p) > limits->length) {
            result->outcome = SCL_NEWTON_DIVERGING;
            return SCL_OK;
        }
    }
}

scl_status scl_newton(double *x, scl_newton_result *result, scl_newton_function *f, void *context, size_t p,
                      const scl_newton_limits *limits, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used;
    *result = (scl_newton_result){.outcome = SCL_NEWTON_EXHAUSTED};
    scl_matrix factor, now_H, next_H;
    double *gradients = scl_arena_take(ws, 2 * p, err), *points = scl_arena_take(ws, 2 * p, err);
    double *step = scl_arena_take(ws, p, err), *before = scl_arena_take(ws, p, err);
    if (!gradients || !points || !step || !before || scl_matrix_take(&factor, ws, p, p, err) ||
        scl_matrix_take(&now_H, ws, p, p, err) || scl_matrix_take(&next_H, ws, p, p, err))
        return SCL_ERR_INTERNAL;
    point now = {.x = points, .gradient = gradients, .H = now_H};
    point next = {.x = points + p, .gradient = gradients + p, .H = next_H};
    memcpy(now.x, x, p * sizeof *x);
    f(&now.value, now.gradient, now.H, now.x, context);
    scl_status status = SCL_OK;
    if (!finite_at(&now, p))
        status =
            scl_error_set(err, SCL_ERR_INPUT, "the function to minimise is not finite at the start: %g", now.value);
    else
        status = minimise(&now, &next, step, before, factor, result, f, context, p, limits, err);
    memcpy(x, now.x, p * sizeof *x);
    result->value = now.value;
    result->gradient_norm = length(now.gradient, p);
    ws->used = mark;
    return status;
}
