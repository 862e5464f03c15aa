/* The laws of a coordinate, all with mean 0 and variance 1.
 *
 *   gaussian    z                                              excess kurtosis 0
 *   rademacher  -1 for u < 1/2, else 1                         -2, the least any law has
 *   uniform     sqrt(3) (2 u - 1)                              -6/5
 *   student     sqrt((df - 2)(u^(-2/df) - 1)) cos(2 pi v)      6/(df - 4), infinite for df <= 4
 *
 * u, v uniforms, z a normal. Student: the pair (N1, N2) sqrt(df/chi2), chi2 of df degrees of freedom, has
 * P(radius^2 > s) = E exp(-s chi2/(2 df)) = (1 + s/df)^(-df/2) and a uniform angle, so its radius is
 * sqrt(df (u^(-2/df) - 1)); a coordinate times sqrt((df - 2)/df) has variance 1. The other coordinate is not used: the two
 * are uncorrelated but not independent. So every law takes a fixed number of draws, all from the bulk, and any of n values can
 * be reached at once; a chi-square for each value would take a variable number, and substreams for only 2^32 values.
 * Source: Bailey, Polar generation of random variates with the t-distribution, Math. Comp. 62 (1994), 779-781;
 * docs/theory.md, sections 1 and 7. */
#ifndef SCL_RANDOM_LAWS_H
#define SCL_RANDOM_LAWS_H

#include "random/random.h"

/* kind, name in configs, one line; the first is what a config means that says nothing */
#define SCL_LAW_LIST(X)                                                                                                \
    X(SCL_LAW_GAUSSIAN, "gaussian", "standard normal")                                                                 \
    X(SCL_LAW_RADEMACHER, "rademacher", "-1 or 1, each with probability 1/2")                                          \
    X(SCL_LAW_UNIFORM, "uniform", "uniform from -sqrt(3) to sqrt(3)")                                                  \
    X(SCL_LAW_STUDENT, "student", "Student's t with df > 2 degrees of freedom, scaled to variance 1")

#define SCL_ENUM_NAME(kind, name, summary) kind,
typedef enum scl_law_kind { SCL_LAW_LIST(SCL_ENUM_NAME) SCL_N_LAWS } scl_law_kind;
#undef SCL_ENUM_NAME
extern const char *const scl_law_names[SCL_N_LAWS];
extern const char *const scl_law_summaries[SCL_N_LAWS];

typedef struct scl_law {
    scl_law_kind kind;
    double df; /* student: degrees of freedom, above 2 */
} scl_law;

/* n independent values of the law. The stream advances by n blocks for student, by ceil(n / 2) for the others, of which an odd n
 * loses the last block's second value.
 *   out  out  n values
 *   cost per value 5.3 ns for student with AVX-512 (2 GHz AMD EPYC, gcc 12), else that of the fills in random.h */
void scl_law_fill(double *out, scl_stream *stream, size_t n, scl_law law);

#endif
