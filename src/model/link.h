/* The links of two classes, F(t + offset) = P(y = 1 | t), averaged over a standard normal score t.
 * Source: docs/theory.md, section 5. */
#ifndef SCL_MODEL_LINK_H
#define SCL_MODEL_LINK_H

#include "model/task.h"

/* pi = E F(t + offset) = P(y = 1) and kappa = E F'(t + offset) = E t F(t + offset) (Stein), to about 1e-13.
 *   in  kind  SCL_TASK_LOGISTIC or SCL_TASK_PROBIT
 *   returns SCL_OK, SCL_ERR_INTERNAL (the quadrature failed) */
scl_status scl_link_moments(double *pi, double *kappa, scl_task_kind kind, double offset, scl_error *err) SCL_CHECKED;

#endif
