/* The 0-1 risk of discriminant analysis on a fresh test set: for any number of classes and any laws. */
#ifndef SCL_EVALUATE_TEST_RISK_H
#define SCL_EVALUATE_TEST_RISK_H

#include "evaluate/evaluate.h"

enum { SCL_TEST_RISK, SCL_TEST_RISK_ERROR, SCL_TEST_RISKS };
extern const scl_metric scl_test_risk_metrics[SCL_TEST_RISKS];

#endif
