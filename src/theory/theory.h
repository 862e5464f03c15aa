/* Theory: numbers that are functions of the model alone, each marked exact, limit or bound. */
#ifndef SCL_THEORY_THEORY_H
#define SCL_THEORY_THEORY_H

#include <stddef.h>

/* The two terms of the recovery rate of contrastive learning, r^{3/2} log d / d and sqrt(d r / n) (0 for n infinite); the
 * bound is a constant times their sum, and the constant is not known.
 * Source: docs/theory.md, section 3, contrastive-recovery-upper. */
double scl_rate_bias_bound(double d, double r);
double scl_rate_sampling_bound(double n, double d, double r);

#endif
