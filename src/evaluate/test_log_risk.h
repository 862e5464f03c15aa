/* The logistic risk of logistic regression on a fresh test set: for any laws. */
#ifndef SCL_EVALUATE_TEST_LOG_RISK_H
#define SCL_EVALUATE_TEST_LOG_RISK_H

#include "evaluate/evaluate.h"

enum { SCL_TEST_LOG_RISK, SCL_TEST_LOG_RISK_ERROR, SCL_TEST_LOG_RISKS };
extern const scl_metric scl_test_log_risk_metrics[SCL_TEST_LOG_RISKS];

#endif
