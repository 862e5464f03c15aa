/* L-BFGS directions: see lbfgs.h. */
#include "linalg/lbfgs.h"

#include <math.h>

/* Pairs whose curvature s'y is this small beside |s||y| hold rounding alone. */
static const double LEAST_CURVATURE = 1e-12;

size_t scl_lbfgs_workspace(size_t d)
{
    return 2 * scl_matrix_need(d, SCL_LBFGS_PAIRS);
}

scl_status scl_lbfgs_take(scl_lbfgs *memory, size_t d, scl_arena *ws, scl_error *err)
{
    memory->count = 0;
    if (scl_matrix_take(&memory->S, ws, d, SCL_LBFGS_PAIRS, err) ||
        scl_matrix_take(&memory->Y, ws, d, SCL_LBFGS_PAIRS, err))
        return SCL_ERR_INTERNAL;
    return SCL_OK;
}

void scl_lbfgs_add(scl_lbfgs *memory, const double *from, const double *to, const double *from_gradient,
                   const double *to_gradient)
{
    size_t d = memory->S.rows, place = memory->count % SCL_LBFGS_PAIRS;
    double sy = 0.0, ss = 0.0, yy = 0.0;
    for (size_t j = 0; j < d; j++) {
        double step = to[j] - from[j], change = to_gradient[j] - from_gradient[j];
        sy += step * change;
        ss += step * step;
        yy += change * change;
    }
    if (!(sy > LEAST_CURVATURE * sqrt(ss * yy))) return;
    for (size_t j = 0; j < d; j++) {
        SCL_AT(memory->S, j, place) = to[j] - from[j];
        SCL_AT(memory->Y, j, place) = to_gradient[j] - from_gradient[j];
    }
    memory->count++;
}

/* a'b over the coordinates that are not frozen */
static double free_inner(const double *a, const double *b, const double *diagonal, size_t d)
{
    double sum = 0.0;
    for (size_t j = 0; j < d; j++) sum += diagonal[j] > 0.0 ? a[j] * b[j] : 0.0;
    return sum;
}

void scl_lbfgs_direction(double *direction, const scl_lbfgs *memory, const double *gradient, const double *diagonal)
{
    size_t d = memory->S.rows, kept = memory->count < SCL_LBFGS_PAIRS ? memory->count : SCL_LBFGS_PAIRS;
    double along[SCL_LBFGS_PAIRS] = {0}, curvature[SCL_LBFGS_PAIRS] = {0};
    for (size_t j = 0; j < d; j++) direction[j] = -gradient[j];
    for (size_t back = 1; back <= kept; back++) {
        size_t place = (memory->count - back) % SCL_LBFGS_PAIRS;
        const double *s = memory->S.data + place * d, *y = memory->Y.data + place * d;
        curvature[place] = free_inner(s, y, diagonal, d);
        if (!(curvature[place] > 0.0)) continue; /* what made it positive is frozen */
        along[place] = free_inner(s, direction, diagonal, d) / curvature[place];
        for (size_t j = 0; j < d; j++) direction[j] -= along[place] * y[j];
    }
    for (size_t j = 0; j < d; j++) direction[j] *= diagonal[j];
    for (size_t back = kept; back >= 1; back--) {
        size_t place = (memory->count - back) % SCL_LBFGS_PAIRS;
        const double *s = memory->S.data + place * d, *y = memory->Y.data + place * d;
        if (!(curvature[place] > 0.0)) continue;
        double step = along[place] - free_inner(y, direction, diagonal, d) / curvature[place];
        for (size_t j = 0; j < d; j++) direction[j] += diagonal[j] > 0.0 ? step * s[j] : 0.0;
    }
}
