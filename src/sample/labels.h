/* Labels of a sample: the moments that heads and supervised estimators are functions of.
 *
 * Task s has m labelled samples, a labelled set: either all tasks share one set, or each has its own. The sets are part of the n
 * samples unless they are apart. Source: docs/theory.md, sections 5 to 7. */
#ifndef SCL_SAMPLE_LABELS_H
#define SCL_SAMPLE_LABELS_H

#include "base/memory.h"
#include "linalg/matrix.h"
#include "model/model.h"
#include "random/random.h"

#include <stdbool.h>

/* How labelled samples are drawn. */
typedef struct scl_label_plan {
    double m;    /* labelled samples of a set: 0 (none) or at least 1 */
    bool apart;  /* the sets are not among the n */
    bool shared; /* all tasks label the same set */
} scl_label_plan;

typedef struct scl_labels {
    double m; /* samples of a set; 0: no labels; INFINITY: their population */
    double
        head_m; /* samples that a head is fitted on: m, but of a population the m of the cell (INFINITY: none was asked) */
    bool apart;       /* see scl_label_plan */
    size_t n_tasks;   /* T, at least 1 where there are labels */
    size_t n_classes; /* K: 0 of regression, 2 of logistic and probit, r + 1 of classes */
    /* the first set */
    double *mean;           /* d: xbar */
    scl_matrix S;           /* d x d, centred, divisor m - 1 (zeros where m = 1) */
    double *counts;         /* K: samples of each class of the first task; in a population the classes' probabilities */
    scl_matrix class_means; /* d x K: mean of x in each class of the first task, zeros in one without samples */
    /* task s, over its own set */
    scl_matrix cov_xy;      /* d x T: sample Cov(x, y_s), divisor m - 1 (no columns with kind classes) */
    double *mean_y, *var_y; /* T: of y_s, var with divisor m - 1 (kind classes: zeros) */
    /* the first set itself, of the sampler data alone; else X has no rows */
    scl_matrix X; /* d x m */
    double *y;    /* m labels of the first task: 0 or 1 of two classes, the class of more */
} scl_labels;

/* Sizes of the storage of labels. */
typedef struct scl_label_sizes {
    size_t d;
    size_t tasks; /* T; 0 with kind classes */
    size_t classes;
    size_t kept; /* samples of the first set that are kept themselves */
} scl_label_sizes;

/* Storage, and labels of a smaller size in a larger storage (each product of sizes at most the storage's), which keeps owning it. */
scl_status scl_labels_new(scl_labels *labels, scl_label_sizes sizes, scl_error *err) SCL_CHECKED;
void scl_labels_free(scl_labels *labels);
size_t scl_labels_doubles(scl_label_sizes sizes); /* what scl_labels_new allocates */
scl_labels scl_labels_within(const scl_labels *storage, scl_label_sizes sizes);

/* The stream of a set is named after its draw: role, and the text of DATA with the set's number before it. */
typedef struct scl_label_source {
    uint64_t seed;
    scl_role role; /* LABELS, or PILOT */
    const char *text;
    uint32_t replicate;
} scl_label_source;

#endif
