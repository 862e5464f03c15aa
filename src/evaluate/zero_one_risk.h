/* The 0-1 risk of linear rules on binary labels of a Gaussian score: exact up to quadrature, no samples.
 *
 *   t, y, b0  score, label and offset of model/label_law.h
 *   u, rho    a standardised linear score, N(0, 1), and corr(u, t); s = sqrt(1 - rho^2)
 * Numbers are within 1e-12 for |b0| <= 10. Source: docs/theory.md, section 5. */
#ifndef SCL_EVALUATE_ZERO_ONE_RISK_H
#define SCL_EVALUATE_ZERO_ONE_RISK_H

#include "model/label_law.h"

/* P(rule is wrong) for the rule "1 iff u > h" = E[F(t + b0) Phi((h - rho t)/s) + F(-(t + b0)) Phi(-(h - rho t)/s)].
 *   in  rho  in [-1, 1]; NaN is returned otherwise
 *   in  h    +-INFINITY are the constant rules
 *   cost below 15 us */
double scl_zero_one_risk(const scl_label_law *law, double rho, double h);

/* The least 0-1 risk of a rule with score u or -u: that of h = -b0/|rho|, by Bayes' rule. For P(y = 1 | u) = E F(rho u + b0 + s g),
 * g ~ N(0, 1): F(m + s g) - 1/2 has an odd and increasing expectation in m, so it is 1/2 at m = 0 alone. rho = 0: the constant rules. */
double scl_best_zero_one_risk(const scl_label_law *law, double rho);

#endif
