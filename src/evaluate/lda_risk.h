/* The 0-1 risk of linear discriminant analysis fitted on labelled samples of two classes. */
#ifndef SCL_EVALUATE_LDA_RISK_H
#define SCL_EVALUATE_LDA_RISK_H

#include "evaluate/evaluate.h"

extern const scl_metric scl_metric_lda_risk;

#endif
