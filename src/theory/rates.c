/* Rates of the recovery theorems: see theory.h. */
#include "theory/theory.h"

#include <math.h>

double scl_rate_bias_bound(double d, double r)
{
    return r * sqrt(r) * log(d) / d;
}

double scl_rate_sampling_bound(double n, double d, double r)
{
    return sqrt(d * r / n);
}
