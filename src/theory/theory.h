/* Theory: numbers that are functions of the model alone, each marked exact, limit or bound. */
#ifndef SCL_THEORY_THEORY_H
#define SCL_THEORY_THEORY_H

#include "theory/expression.h"

/* The paper's rates, as a config would write them: the two terms of the recovery rate of contrastive learning (the bound is a constant
 * times their sum, and the constant is not known) and the floor under the autoencoders' error.
 * Source: docs/theory.md, section 3, contrastive-recovery-upper and autoencoder-recovery-lower. */
#define SCL_RATE_SAMPLING "sqrt(d*r/n)"
#define SCL_RATE_BIAS     "r^1.5*log(d)/d"
#define SCL_RATE_FLOOR    "sqrt(r)"

/* A bound is upper, K x (sampling + bias), or lower, c x floor. A term that an upper bound lacks is not claimed: it is one of the
 * other part of the error alone. */
typedef enum scl_bound_kind { SCL_BOUND_UPPER, SCL_BOUND_LOWER, SCL_N_BOUND_KINDS } scl_bound_kind;
typedef enum scl_bound_term { SCL_TERM_SAMPLING, SCL_TERM_BIAS, SCL_TERM_FLOOR, SCL_N_BOUND_TERMS } scl_bound_term;
extern const char *const scl_bound_kind_names[SCL_N_BOUND_KINDS];
extern const char *const scl_bound_term_names[SCL_N_BOUND_TERMS];

/* The bounds that a term may belong to. */
static inline scl_bound_kind scl_bound_kind_of(scl_bound_term term)
{
    return term == SCL_TERM_FLOOR ? SCL_BOUND_LOWER : SCL_BOUND_UPPER;
}

#endif
