/* Risks of heads that are fitted on labelled samples: least squares and ridge on W x. */
#ifndef SCL_EVALUATE_REGRESSION_HEADS_H
#define SCL_EVALUATE_REGRESSION_HEADS_H

#include "evaluate/evaluate.h"

extern const scl_metric scl_metric_ols_risk;
extern const scl_metric scl_metric_ols_risk_expected;
extern const scl_metric scl_metric_ridge_risk;

#endif
