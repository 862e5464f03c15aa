/* Metrics: numbers that say how good a representation is, and their registry. */
#ifndef SCL_EVALUATE_EVALUATE_H
#define SCL_EVALUATE_EVALUATE_H

#include "base/memory.h"
#include "estimate/estimate.h"
#include "sample/sample.h"

#define SCL_MAX_METRICS 16 /* of one study: the store keeps a row's values in one blob */

/* A summary's status of a value that is infinite begins so, and says why; whether one does. */
#define SCL_INFINITE "infinite: "
bool scl_metric_status_is_infinite(const char *status);

/* A metric of the sample or of the model is evaluated once for all rows that share it, with W = NULL; the model's sample is its
 * population. */
typedef enum scl_metric_of { SCL_OF_FIT, SCL_OF_SAMPLE, SCL_OF_MODEL } scl_metric_of;

/* Metrics that share their costly parts: one call gives all their numbers, those of one fit. */
typedef struct scl_metric_family {
    size_t n; /* numbers, at most SCL_MAX_METRICS */
    /* as a metric's own evaluate, n values */
    scl_status (*evaluate)(double *values, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err);
} scl_metric_family;

typedef struct scl_metric {
    const char *name;
    const char *summary; /* one line, with the formula */
    const char *label;   /* for an axis: short, plain text */
    bool positive;       /* a magnitude: log-ratios of it make sense */
    bool distance;       /* a distance to U: the recovery rate's terms are shown beside it */
    double (*of_angles)(const double *sines2,
                        size_t r); /* the metric of r principal angles, squared sines descending; or NULL */
    bool of_top_eigenvalue;        /* the largest eigenvalue itself */
    /* Of an error, a magnitude that is 0 when U is found: the largest value that it can have. NULL: it is none. Bounds are about errors. */
    double (*largest)(double r);
    scl_metric_of of; /* what it is a function of */
    /* Kinds of task that it is about, bit SCL_TASK_BIT(kind) for each; 0: it is about no task. */
    unsigned tasks;
    bool draws;        /* random numbers of its own, from the sample's stream of test sets: never exact */
    bool needs_labels; /* of labelled samples; */
    bool needs_rows;   /* ... the samples themselves, which the sampler data keeps */
    const char
        *infinite; /* of one that can be INFINITY: the summary's status there, SCL_INFINITE and why; NULL: none is */
    /* Doubles of arena that evaluate uses. */
    size_t (*workspace)(size_t d, size_t r);
    const scl_metric_family *family; /* NULL: evaluate alone gives the number; */
    size_t place;                    /* ... else it is the one at this place, and evaluate is NULL */
    /*   out value   NaN when the representation has no such number ("not applicable")
     *   in  sample  what W was learned from; sample->model is the truth that it is measured by */
    scl_status (*evaluate)(double *value, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err);
} scl_metric;

extern const scl_metric *const scl_metrics[];
extern const size_t scl_n_metrics;

const scl_metric *scl_metric_find(const char *name);

/* The values of those of n_metrics metrics that are `of` this, each family evaluated once; the others' values stay.
 *   inout values  n_metrics
 *   in    W       NULL unless of SCL_OF_FIT
 *   ws    the largest of the metrics' workspaces
 *   returns SCL_OK, or what the first metric that failed returned */
scl_status scl_metrics_evaluate(double *values, const scl_metric *const *metrics, size_t n_metrics, scl_metric_of of,
                                const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                                scl_error *err) SCL_CHECKED;

#endif
