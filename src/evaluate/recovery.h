/* Metrics of subspace recovery. */
#ifndef SCL_EVALUATE_RECOVERY_H
#define SCL_EVALUATE_RECOVERY_H

#include "evaluate/evaluate.h"

extern const scl_metric scl_metric_sin_theta_f;
extern const scl_metric scl_metric_sin_theta_2;
extern const scl_metric scl_metric_cos2;
extern const scl_metric scl_metric_top_eigenvalue;

#endif
