/* Risks of logistic regression fitted on labelled samples of two classes. */
#ifndef SCL_EVALUATE_LOGISTIC_HEAD_RISK_H
#define SCL_EVALUATE_LOGISTIC_HEAD_RISK_H

#include "evaluate/evaluate.h"

enum { SCL_LOGISTIC_HEAD_ZERO_ONE, SCL_LOGISTIC_HEAD_LOG, SCL_LOGISTIC_HEAD_RISKS };

/* In this order. */
extern const scl_metric scl_logistic_head_metrics[SCL_LOGISTIC_HEAD_RISKS];

#endif
