/* The pair matrix: see pair_matrix.h. */
#include "estimate/pair_matrix.h"

/* Factors of S_jl and of P_jl. */
typedef struct factors {
    double covariance, mean;
} factors;

/* C S0 + M (S/n - P) in terms of S and P */
static factors factors_of(double C, double M, double n)
{
    double inverse_n = 1.0 / n;
    return (factors){.covariance = C * (1.0 - inverse_n) + M * inverse_n, .mean = C - M};
}

void scl_pair_matrix_averaged(scl_matrix N, const scl_sample *sample, scl_views views, scl_mask_law law)
{
    size_t d = N.rows;
    double n = sample->n;
    scl_mask_moments p = scl_mask_moments_of(law, d);
    factors off, on; /* the diagonal */
    switch (views) {
    case SCL_VIEWS_COMPLEMENTARY:
        off = factors_of(2.0 * p.differ, 1.0, n);
        on = factors_of(0.0, 1.0, n);
        break;
    case SCL_VIEWS_INDEPENDENT:
        off = factors_of(4.0 * p.one * p.one, 2.0 * p.both + 2.0 * p.one * p.one, n);
        on = factors_of(4.0 * p.one * p.one, 2.0 * p.one + 2.0 * p.one * p.one, n);
        break;
    default: /* SCL_VIEWS_PER_SAMPLE */
        off = on = (factors){.covariance = 4.0 * p.one * p.one};
        break;
    }
    const double *mean = sample->mean;
    for (size_t j = 0; j < d; j++) {
        const double *s = sample->S.data + j * sample->S.ld;
        double *column = N.data + j * N.ld, scaled_mean = off.mean * mean[j];
        for (size_t i = 0; i < d; i++) column[i] = off.covariance * s[i] + scaled_mean * mean[i];
        column[j] = on.covariance * s[j] + on.mean * mean[j] * mean[j];
    }
}

/* The number of ones in a word, by adding neighbours (Warren, Hacker's Delight, section 5-1). */
static double ones(uint64_t word)
{
    word -= (word >> 1) & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + ((word >> 2) & 0x3333333333333333u);
    word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (double)((word * 0x0101010101010101u) >> 56);
}

void scl_pair_matrix_add(scl_matrix N, const scl_sample *sample, const uint64_t *a, const uint64_t *b, double weight)
{
    size_t d = N.rows;
    double inverse_n = 1.0 / sample->n;
    const double *mean = sample->mean;
    for (size_t j = 0; j < d; j++) {
        const double *s = sample->S.data + j * sample->S.ld;
        for (size_t i = 0; i <= j; i++) {
            double c = ones(a[i] & b[j]) + ones(a[j] & b[i]);     /* sum_k c_ij */
            double m = c + ones(a[i] & a[j]) + ones(b[i] & b[j]); /* sum_k m_i m_j */
            double P = mean[i] * mean[j], S0 = (1.0 - inverse_n) * s[i] + P;
            double entry = weight * (2.0 * c * S0 + m * (s[i] * inverse_n - P));
            SCL_AT(N, i, j) += entry;
            if (i < j) SCL_AT(N, j, i) += entry;
        }
    }
}
