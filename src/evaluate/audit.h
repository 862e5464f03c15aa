/* The proof audit: both sides of every inequality that a proof of the recovery bounds chains, as numbers of one fit. */
#ifndef SCL_EVALUATE_AUDIT_H
#define SCL_EVALUATE_AUDIT_H

#include "evaluate/evaluate.h"

/* Two chains of bounds, each from what it bounds upwards, and what is said about them. */
typedef enum scl_audit_number {
    SCL_AUDIT_BIAS,
    SCL_AUDIT_BIAS_DAVIS_KAHAN,
    SCL_AUDIT_BIAS_RESIDUAL,
    SCL_AUDIT_BIAS_GAP,
    SCL_AUDIT_BIAS_INCOHERENCE, /* the last of the bias */
    SCL_AUDIT_SAMPLING,
    SCL_AUDIT_SAMPLING_DAVIS_KAHAN,
    SCL_AUDIT_SAMPLING_RESIDUAL,
    SCL_AUDIT_SAMPLING_NORM,
    SCL_AUDIT_SAMPLING_GAP,
    SCL_AUDIT_SAMPLING_DELETION, /* the last of the sampling error that is a theorem */
    SCL_AUDIT_SAMPLING_RATE,
    SCL_AUDIT_SEPARATION,
    SCL_AUDIT_VIOLATIONS,
    SCL_AUDIT_NUMBERS
} scl_audit_number;

#define SCL_AUDIT_BOUNDS   SCL_AUDIT_SEPARATION /* the first so many are the chains' */
#define SCL_AUDIT_MEASURED "sin-theta-f"        /* the metric that both together bound */

/* In this order; NaN for estimators that learn no eigenspace (scl_estimator.learned), and for r = d. */
extern const scl_metric scl_audit_metrics[SCL_AUDIT_NUMBERS];

#endif
