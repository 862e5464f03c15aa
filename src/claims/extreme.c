/* The largest or smallest of several estimates. See extreme.h. */
#include "claims/extreme.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

static double margin(const scl_estimate *estimate, double level)
{
    return estimate->se > 0 ? gsl_cdf_tdist_Qinv(level, estimate->df) * estimate->se : 0;
}

/* sign = 1: the largest; sign = -1: the smallest, as minus the largest of the -x_i */
static scl_extreme extreme(const scl_estimate *estimates, size_t k, double level, double sign)
{
    scl_extreme out = {NAN, NAN, NAN, 0, NAN};
    double value = -INFINITY, near = -INFINITY, far = -INFINITY; /* far: the limit on the extreme's own side */
    for (size_t i = 0; i < k; i++) {
        double x = sign * estimates[i].value;
        if (x > value) {
            value = x;
            out.cell = estimates[i].cell;
            out.n = estimates[i].n;
        }
        far = fmax(far, x + margin(&estimates[i], level));
        near = fmax(near, x - margin(&estimates[i], level / (double)k));
    }
    if (k == 0) return out;
    out.value = sign * value;
    out.lower = sign > 0 ? near : -far;
    out.upper = sign > 0 ? far : -near;
    return out;
}

scl_extreme scl_extreme_largest(const scl_estimate *estimates, size_t k, double level)
{
    return extreme(estimates, k, level, 1);
}

scl_extreme scl_extreme_smallest(const scl_estimate *estimates, size_t k, double level)
{
    return extreme(estimates, k, level, -1);
}
