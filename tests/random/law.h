/* Statistical checks with a stated false-alarm rate. Seeds are fixed, so a check that passed once passes for ever; the
 * rate says how often another seed would have failed although the code is right. */
#ifndef SCL_TEST_RANDOM_LAW_H
#define SCL_TEST_RANDOM_LAW_H

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

#define FALSE_ALARM 1e-6      /* of each check, two-sided */
#define Z_LIMIT     4.8916385 /* standard normal quantile of 1 - FALSE_ALARM / 2 */

static inline int law_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* (mean of x - expected) / (sd / sqrt(n)). */
static inline double law_z(const double *x, size_t n, double expected, double sd)
{
    long double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (long double)x[i] - (long double)expected;
    return (double)sum / (sd * sqrt((double)n));
}

/* The Kolmogorov-Smirnov p-value of u against the uniform law; sorts u.
 * D = max |F_n - F|; p = 2 sum (-1)^(j-1) exp(-2 j^2 t^2), t = D (sqrt(n) + .12 + .11 / sqrt(n))  (Stephens 1970). */
static inline double law_ks(double *u, size_t n)
{
    qsort(u, n, sizeof *u, law_compare);
    double D = 0, root = sqrt((double)n);
    for (size_t i = 0; i < n; i++) {
        D = fmax(D, fmax(u[i] - (double)i / (double)n, (double)(i + 1) / (double)n - u[i]));
    }
    double t = D * (root + 0.12 + 0.11 / root), p = 0;
    if (t < 0.3) return 1.0; /* the series converges slowly where p is 1 - 1e-5 and more */
    for (int j = 1; j <= 20; j++) p += (j % 2 ? 2 : -2) * exp(-2.0 * j * j * t * t);
    return p;
}

/* Two-sample Kolmogorov-Smirnov p-value by the asymptotic law at n m/(n + m) (Stephens 1970); sorts both. */
static inline double law_two_sample(double *x, double *y, size_t n)
{
    qsort(x, n, sizeof *x, law_compare);
    qsort(y, n, sizeof *y, law_compare);
    double most = 0, p = 0, root = sqrt((double)n / 2);
    for (size_t i = 0, j = 0; i < n && j < n;) {
        double at = fmin(x[i], y[j]);
        while (i < n && x[i] <= at) i++;
        while (j < n && y[j] <= at) j++;
        most = fmax(most, fabs((double)i - (double)j) / (double)n);
    }
    double t = most * (root + 0.12 + 0.11 / root);
    if (t < 0.3) return 1.0;
    for (int j = 1; j <= 20; j++) p += (j % 2 ? 2 : -2) * exp(-2.0 * j * j * t * t);
    return p;
}

#endif
