/* Binomial numbers: see binomial.h. */
#include "random/binomial.h"

#include <math.h>

static const double FEW = 16.0; /* fewer uniforms cost less than two chi-squares and what follows */

double scl_binomial(scl_stream *substream, double n, double p)
{
    double k = 0.0;
    while (n > FEW) {
        double a = floor(n / 2.0) + 1.0, b = n + 1.0 - a;
        double below = scl_chi_square(substream, 2.0 * a), above = scl_chi_square(substream, 2.0 * b);
        double X = below / (below + above);
        if (X >= p) {
            n = a - 1.0;
            p /= X;
        } else {
            k += a;
            n -= a;
            p = (p - X) * ((below + above) / above); /* 1 - X = above/(below + above) */
        }
    }
    for (; n > 0.0; n -= 1.0) k += scl_stream_uniform(substream) < p;
    return k;
}

void scl_class_counts(double *counts, scl_stream *substream, double n, size_t K)
{
    for (size_t c = 0; c + 1 < K; c++) {
        counts[c] = scl_binomial(substream, n, 1.0 / (double)(K - c));
        n -= counts[c];
    }
    counts[K - 1] = n;
}
