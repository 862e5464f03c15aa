/* Room-internal: one attempt of Marsaglia and Tsang's method, for the single value and the vectorised fill alike.
 *
 *   df   degrees of freedom; df / 2 is the shape of the gamma law, and chi-square is twice the gamma value
 *   d    df / 2 - 1/3,    c = 1 / sqrt(9 d)
 *   x    a normal, u a uniform,    t = c x,    v = (1 + t)^3
 * d v has the gamma law of shape df / 2 if it is accepted with probability exp(x^2/2 + d (1 - v + log v)), and only if
 * v > 0. That probability is at most 1 for every d > 0, since with v = (1 + t)^3
 *     x^2/2 + d (1 - v + log v) = 3 d (log(1 + t) - t + t^2/2 - t^3/3) <= 0   for t > -1,
 * so shapes from 1/2 to 1 need no second method. The squeeze u < 1 - .0331 x^4 accepts most values without a logarithm;
 * it is proven for shapes >= 1 only.
 * Source: Marsaglia and Tsang, A simple method for generating gamma variables, ACM TOMS 26 (2000), 363-372. */
#ifndef SCL_RANDOM_CHISQUARE_H
#define SCL_RANDOM_CHISQUARE_H

#include "random/elementary.h"

#define SCL_SQUEEZE    0.0331 /* the paper's constant; a larger one accepts less often at once, a smaller one wrongly */
#define SCL_SQUEEZE_DF 2.0    /* the squeeze holds from here on */

SCL_INLINE double scl_chi_d(double df)
{
    return 0.5 * df - 1.0 / 3.0;
}

SCL_INLINE double scl_chi_c(double d)
{
    return 1.0 / sqrt(9.0 * d);
}

SCL_INLINE double scl_chi_cube(double t)
{
    return (1.0 + t) * (1.0 + t) * (1.0 + t);
}

SCL_INLINE int scl_chi_squeeze(double x, double u)
{
    return u < 1.0 - SCL_SQUEEZE * ((x * x) * (x * x));
}

/* Below it log(1 + t) - t + t^2/2 - t^3/3 is summed as a series: the difference would lose it, and with it the
 * acceptance, for degrees of freedom beyond 1e12. The first term left out is t^10 / 10, 2^-67 of the sum. */
#define SCL_SERIES_BELOW 0x1p-11

/* log of the acceptance probability, x^2/2 + d (1 - v + log v), for t > -1. */
SCL_INLINE double scl_chi_log_acceptance(double d, double t)
{
    double square = t * t;
    if (-SCL_SERIES_BELOW < t && t < SCL_SERIES_BELOW) {
        double series = 1.0 / 4.0 - t * (1.0 / 5.0 - t * (1.0 / 6.0 - t * (1.0 / 7.0 - t * (1.0 / 8.0 - t / 9.0))));
        return -3.0 * d * square * square * series;
    }
    return 3.0 * d * (scl_log(1.0 + t) - t + square * (0.5 - t / 3.0));
}

#endif
