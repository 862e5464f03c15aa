/* How much deleting its diagonal enlarges the error matrix of the sample covariance. */
#ifndef SCL_EVALUATE_DELTA_NORM_H
#define SCL_EVALUATE_DELTA_NORM_H

#include "evaluate/evaluate.h"

extern const scl_metric scl_metric_delta_norm_ratio;

#endif
