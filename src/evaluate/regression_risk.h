/* Risks of the best linear heads of regression tasks on a representation, in closed form. */
#ifndef SCL_EVALUATE_REGRESSION_RISK_H
#define SCL_EVALUATE_REGRESSION_RISK_H

#include "evaluate/evaluate.h"

enum {
    SCL_RISK_REGRESSION,
    SCL_RISK_REGRESSION_EXCESS,
    SCL_RISK_REGRESSION_EXCESS_BEST,
    SCL_RISK_TRANSFER,
    SCL_RISK_TRANSFER_EXCESS,
    SCL_RISK_REGRESSIONS
};

/* In this order; NaN where the model's task is no regression. */
extern const scl_metric scl_regression_metrics[SCL_RISK_REGRESSIONS];

#endif
