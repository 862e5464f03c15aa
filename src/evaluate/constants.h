/* Metrics of the model alone: the constants of the theorems' assumptions A1 to A5, and which of these hold. */
#ifndef SCL_EVALUATE_CONSTANTS_H
#define SCL_EVALUATE_CONSTANTS_H

#include "evaluate/evaluate.h"

extern const scl_metric scl_metric_incoherence;
extern const scl_metric scl_metric_condition;
extern const scl_metric scl_metric_signal_to_noise;
extern const scl_metric scl_metric_eigengap;
extern const scl_metric scl_metric_noise_gap;
extern const scl_metric scl_metric_holds_a1;
extern const scl_metric scl_metric_holds_a2;
extern const scl_metric scl_metric_holds_a3;
extern const scl_metric scl_metric_holds_a4;
extern const scl_metric scl_metric_holds_a5;

#endif
