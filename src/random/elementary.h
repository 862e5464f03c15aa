/* Room-internal: elementary functions as straight-line arithmetic that a compiler can vectorise, with the same bits
 * everywhere.
 *
 * Only + - * / sqrt of IEEE doubles, integer operations, copies of bits and selections are used; each of them is exact
 * or correctly rounded, so the result depends neither on the C library nor on the vector width. Needed: round to
 * nearest (the default), no contraction (-ffp-contract=off), no -ffast-math. 64-bit integers become doubles through the
 * bits of 2^52 + k, because the direct conversion exists as a vector instruction only in AVX-512DQ. */
#ifndef SCL_RANDOM_ELEMENTARY_H
#define SCL_RANDOM_ELEMENTARY_H

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

_Static_assert(FLT_EVAL_METHOD == 0, "doubles must be computed as doubles, or the bits differ");

#define SCL_INLINE static inline __attribute__((always_inline))

/* Philox4x32: multipliers, key increments (the golden ratio, sqrt(3) - 1) and rounds (Salmon et al. 2011, 4.3). */
#define SCL_PHILOX_M0     0xD2511F53u
#define SCL_PHILOX_M1     0xCD9E8D57u
#define SCL_PHILOX_W0     0x9E3779B9u
#define SCL_PHILOX_W1     0xBB67AE85u
#define SCL_PHILOX_ROUNDS 10

SCL_INLINE uint64_t scl_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

SCL_INLINE double scl_from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

#define SCL_TWO_52      0x1p52
#define SCL_TWO_52_BITS 0x4330000000000000u /* bits of 2^52; k < 2^52 put into the low bits gives 2^52 + k */

/* k < 2^52 as a double, exactly. */
SCL_INLINE double scl_to_double(uint64_t k)
{
    return scl_from_bits(k | SCL_TWO_52_BITS) - SCL_TWO_52;
}

#define SCL_UNIFORM_MAX 0x1.fffffffffffffp-1 /* 1 - 2^-53: k + 1/2 rounds to 2^53 for the largest k only */

/* u = (k + 1/2) 2^-53, k = 2^21 high + floor(low / 2^11): the top 53 bits of high:low. Words stand in the low halves
 * of 64-bit lanes; what is in the high halves is ignored. */
SCL_INLINE double scl_uniform(uint64_t low, uint64_t high)
{
    const uint64_t word = 0xFFFFFFFFu;
    double k = scl_to_double(high & word) * 0x1p21 + scl_to_double((low & word) >> 11);
    double u = (k + 0.5) * 0x1p-53;
    return u < SCL_UNIFORM_MAX ? u : SCL_UNIFORM_MAX;
}

/* log x for positive normal x, within 1 ulp: x = 2^e m, sqrt(1/2) <= m < sqrt(2), f = m - 1, s = f / (2 + f),
 *     log x = e log 2 + f - (f^2/2 - s (f^2/2 + R)),  R = s^2 (L1 + s^2 (L2 + ...)) within 2^-58.45
 * Source: e_log.c of fdlibm (Sun Microsystems 1993), with its coefficients, made free of branches. */
SCL_INLINE double scl_log(double x)
{
    const uint64_t sqrt_half = 0x3FE6A09E667F3BCDu, one = 0x3FF0000000000000u, fraction = 0x000FFFFFFFFFFFFFu;
    const double log2_high = 6.93147180369123816490e-01, log2_low = 1.90821492927058770002e-10;
    const double L1 = 6.666666666666735130e-01, L2 = 3.999999999940941908e-01, L3 = 2.857142874366239149e-01,
                 L4 = 2.222219843214978396e-01, L5 = 1.818357216161805012e-01, L6 = 1.531383769920937332e-01,
                 L7 = 1.479819860511658591e-01;
    uint64_t shifted = scl_bits(x) + (one - sqrt_half);
    double e = scl_from_bits((shifted >> 52) | SCL_TWO_52_BITS) - (SCL_TWO_52 + 1023.0);
    double f = scl_from_bits((shifted & fraction) + sqrt_half) - 1.0;
    double s = f / (2.0 + f), z = s * s, half = 0.5 * f * f;
    double R = z * (L1 + z * (L2 + z * (L3 + z * (L4 + z * (L5 + z * (L6 + z * L7))))));
    return e * log2_high - ((half - (s * (half + R) + e * log2_low)) - f);
}

/* exp(x) - 1 for 0 <= x <= 38, within 1.5 ulp: x = k log 2 + r, |r| <= (log 2)/2, h = r/2, g = r h, R = 1 + g (Q1 + g (Q2 + ..)),
 *     exp(r) - 1 = r - e,  e = r (e' - c) - c - g,  e' = g ((R - (3 - R h))/(6 - r (3 - R h))),  c what r lacks,
 *     exp(x) - 1 = 2^k ((1 - 2^-k) - (e - r))
 * Source: s_expm1.c of fdlibm (Sun Microsystems 1993), with its coefficients; its last line for k < 20 serves all k >= 0. */
SCL_INLINE double scl_expm1(double x)
{
    const double inverse_log2 = 1.44269504088896338700e+00, to_whole = 0x1.8p52;
    const double log2_high = 6.93147180369123816490e-01, log2_low = 1.90821492927058770002e-10;
    const double Q1 = -3.33333333333331316428e-02, Q2 = 1.58730158725481460165e-03, Q3 = -7.93650757867487942473e-05,
                 Q4 = 4.00821782732936239552e-06, Q5 = -2.01099218183624371326e-07;
    double shifted = x * inverse_log2 + to_whole, k = shifted - to_whole;
    uint64_t bits = scl_bits(shifted); /* its low 12 bits are those of k */
    double high = x - k * log2_high, low = k * log2_low, r = high - low, c = (high - r) - low;
    double h = 0.5 * r, g = r * h, R = 1.0 + g * (Q1 + g * (Q2 + g * (Q3 + g * (Q4 + g * Q5))));
    double t = 3.0 - R * h;
    double e = r * (g * ((R - t) / (6.0 - r * t)) - c) - c - g;
    return scl_from_bits((bits + 1023) << 52) * ((1.0 - scl_from_bits((1023 - bits) << 52)) - (e - r));
}

/* Box and Muller's radius, sqrt(-2 log u). */
SCL_INLINE double scl_radius(double u)
{
    return sqrt(-2.0 * scl_log(u));
}

/* Bailey's radius, of a pair with Student's law scaled to variance 1 (laws.h): sqrt((df - 2)(u^(-2/df) - 1)), df > 2. */
SCL_INLINE double scl_student_radius(double u, double df)
{
    return sqrt((df - 2.0) * scl_expm1(-2.0 * scl_log(u) / df));
}

/* cos(2 pi u) and sin(2 pi u), 0 <= u <= 1 a multiple of 2^-54 as all uniforms are, within 1 ulp: 4 u = q + f, q
 * whole, |f| <= 1/2, both exact; with y = f^2
 *     sin(f pi/2) = 3 f / 2 + f S(y),  cos(f pi/2) = (1 - y) + y C(y),  then turned by q quarters
 * The large terms are exact (f has 51 bits, and the rounding of 1 - y is added back), so the errors of the small ones
 * hardly count. S and C come from the minimax polynomials for the relative error of sine and cosine with pi/2 and 1 as
 * leading terms (Remez's exchange in 50 digits: 3.7e-18 and 3.9e-20). */
SCL_INLINE void scl_cos_sin(double *cosine, double *sine, double u)
{
    const double to_whole = 0x1.8p52; /* adding it rounds to whole numbers, which then stand in the lowest bits */
    const double S0 = 0.07079632679489661923, S1 = -0.6459640975062448609, S2 = 0.07969262624605979707,
                 S3 = -0.004681754132562594797, S4 = 0.0001604411521684780316, S5 = -3.598647775755538885e-06,
                 S6 = 5.634463135224491709e-08;
    const double C1 = -0.233700550136169815, C2 = 0.2536695079010468154, C3 = -0.02086348076331256904,
                 C4 = 0.0009192602741910676434, C5 = -2.520203678829246889e-05, C6 = 4.710609669442259229e-07,
                 C7 = -6.321202078869048987e-09;
    double t = 4.0 * u + to_whole;
    uint64_t q = scl_bits(t);
    double f = 4.0 * u - (t - to_whole), y = f * f;
    double S = S0 + y * (S1 + y * (S2 + y * (S3 + y * (S4 + y * (S5 + y * S6)))));
    double C = C1 + y * (C2 + y * (C3 + y * (C4 + y * (C5 + y * (C6 + y * C7)))));
    double near = 1.0 - y, lost = (1.0 - near) - y;
    uint64_t s = scl_bits(1.5 * f + f * S), c = scl_bits(near + (lost + y * C));
    uint64_t swap = (s ^ c) & (0 - (q & 1)); /* odd quarters exchange sine and cosine */
    *cosine = scl_from_bits((c ^ swap) ^ (((q + 1) & 2) << 62));
    *sine = scl_from_bits((s ^ swap) ^ ((q & 2) << 62));
}

#endif
