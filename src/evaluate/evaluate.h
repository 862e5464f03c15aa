/* Metrics: numbers that say how good a representation is, and their registry. */
#ifndef SCL_EVALUATE_EVALUATE_H
#define SCL_EVALUATE_EVALUATE_H

#include "base/memory.h"
#include "estimate/estimate.h"
#include "sample/sample.h"

#define SCL_MAX_METRICS 16 /* of one study: the store keeps a row's values in one blob */

/* A metric of the sample or of the model is evaluated once for all rows that share it, with W = NULL; the model's sample is its
 * population. */
typedef enum scl_metric_of { SCL_OF_FIT, SCL_OF_SAMPLE, SCL_OF_MODEL } scl_metric_of;

typedef struct scl_metric {
    const char *name;
    const char *summary; /* one line, with the formula */
    const char *label;   /* for an axis: short, plain text */
    bool positive;       /* a magnitude: log-ratios of it make sense */
    bool distance;       /* a distance to U: the recovery rate's terms are shown beside it */
    /* Of an error, a magnitude that is 0 when U is found: the largest value that it can have. NULL: it is none. Bounds are about errors. */
    double (*largest)(double r);
    scl_metric_of of; /* what it is a function of */
    /* Doubles of arena that evaluate uses. */
    size_t (*workspace)(size_t d, size_t r);
    /*   out value   NaN when the representation has no such number ("not applicable")
     *   in  sample  what W was learned from; sample->model is the truth that it is measured by */
    scl_status (*evaluate)(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err);
} scl_metric;

extern const scl_metric *const scl_metrics[];
extern const size_t scl_n_metrics;

const scl_metric *scl_metric_find(const char *name);

#endif
