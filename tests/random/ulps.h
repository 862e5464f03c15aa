/* Errors in units of the last place, against long double. */
#ifndef SCL_TEST_RANDOM_ULPS_H
#define SCL_TEST_RANDOM_ULPS_H

#include <float.h>
#include <math.h>

/* Where long double is double, the reference itself is wrong by half a unit. */
#define REFERENCE_ULP (LDBL_MANT_DIG > DBL_MANT_DIG ? 0.0 : 0.5)

/* |x - exact| in units of the last place of exact. */
static inline double ulps(double x, long double exact)
{
    double near = fabs((double)exact);
    if (exact == 0) return x == 0 ? 0 : HUGE_VAL;
    return (double)(fabsl((long double)x - exact) / (long double)(nextafter(near, HUGE_VAL) - near));
}

#endif
