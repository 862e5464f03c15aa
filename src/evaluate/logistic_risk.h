/* The logistic risk of linear heads on a Gaussian score, and the best head: exact up to quadrature, no samples.
 *
 *   v = s u + c    the head's logit; u, rho, y, pi1, kappa as in model/label_law.h; sp(v) = log(1 + e^v)
 *   G(s, c)        E sp(s u + c)
 *   risk           E log(1 + exp(-(2y-1) v)) = E sp(v) - E y v = G(s, c) - s rho kappa - c pi1
 * since sp(-v) = sp(v) - v and, u being rho t + independent noise, E u y = rho E t F(t + b0) = rho kappa (Stein). The risk is convex in
 * (s, c), strictly. For |s| < WIDE, G is summed over u; otherwise over l, as sp = max(., 0) smoothed by the logistic density q:
 *   G = sum q(l) m(c + l),   m(x) = E max(x + s u, 0) = x Phi(x/s) + |s| phi(x/s)
 * Both sums are trapezoid rules whose integrands are analytic in a strip of half-width pi/s and pi.
 * Numbers are within 1e-10 for |b0| <= 10, |s| <= 1e4, |c| <= 1e3. Source: docs/theory.md, section 5. */
#ifndef SCL_EVALUATE_LOGISTIC_RISK_H
#define SCL_EVALUATE_LOGISTIC_RISK_H

#include "base/error.h"
#include "base/memory.h"
#include "evaluate/zero_one_risk.h"

/* E log(1 + exp(-(2y-1)(s u + c))).
 *   in  rho  in [-1, 1]; NaN is returned otherwise
 *   cost below 10 us */
double scl_logistic_risk(const scl_label_law *law, double rho, double s, double c);

/* Doubles of arena for scl_best_logistic_risk. */
size_t scl_best_logistic_workspace(void);

/* The least logistic risk over all heads, and the head.
 *   out  risk, s, c  s has the sign of rho; c = 0 when b0 = 0; s = 0 and c = log(pi1/pi0) when rho = 0
 *   in   rho         in [-1, 1], else SCL_ERR_INPUT
 *   ws   sized by scl_best_logistic_workspace()
 *   returns SCL_OK, SCL_ERR_INPUT, SCL_ERR_INTERNAL when Newton's method fails (a bug)
 *   cost 5 to 45 us */
scl_status scl_best_logistic_risk(double *risk, double *s, double *c, const scl_label_law *law, double rho,
                                  scl_arena *ws, scl_error *err) SCL_CHECKED;

#endif
