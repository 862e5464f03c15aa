/* Risks of the best linear heads of tasks with two classes on a representation, exact up to quadrature. */
#ifndef SCL_EVALUATE_BINARY_RISK_H
#define SCL_EVALUATE_BINARY_RISK_H

#include "evaluate/evaluate.h"
#include "evaluate/zero_one_risk.h"

enum {
    SCL_RISK_ZERO_ONE,
    SCL_RISK_ZERO_ONE_EXCESS,
    SCL_RISK_ZERO_ONE_EXCESS_BEST,
    SCL_RISK_LOG,
    SCL_RISK_LOG_EXCESS,
    SCL_RISK_LOG_EXCESS_BEST,
    SCL_RISK_BINARIES
};

/* In this order; NaN where the model's task has not two classes, or its laws are not Gaussian. */
extern const scl_metric scl_binary_metrics[SCL_RISK_BINARIES];

/* Whether a sample's model has such a task and Gaussian laws; then the law of its labels. */
bool scl_binary_law(scl_label_law *law, const scl_model *model);

/* The score a'Q'x of a head: its standard deviation, and its correlation with the first task's t, 0 where the score is constant.
 *   in  a          k
 *   ws  direction  d */
void scl_binary_score(double *sd, double *correlation, const double *a, scl_matrix Q, const scl_model *model,
                      double *direction);

#endif
