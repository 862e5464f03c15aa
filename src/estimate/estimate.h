/* Estimators: the interface, and the registry that the parser, `list` and the manual share.
 *
 * An estimator maps a sample to a linear representation W = diag(scale) Q' (r x d): an orthonormal basis Q (d x r) of
 * its row space, the eigenvalues it ranked them by, and the scales. Not converging is a status, never an error. */
#ifndef SCL_ESTIMATE_ESTIMATE_H
#define SCL_ESTIMATE_ESTIMATE_H

#include "base/memory.h"
#include "base/text.h"
#include "linalg/matrix.h"
#include "sample/sample.h"

#include <stdbool.h>
#include <stddef.h>

#define SCL_MAX_OPTIONS 8

/* One option of an estimator: a number in [low, high], both ends finite and included, or one of a list of words. */
typedef struct scl_option {
    const char *key;
    double fallback; /* the default: what the estimator does when the key is absent */
    double low, high;
    const char *meaning;
    bool whole;               /* whole numbers only */
    const char *const *words; /* NULL: a number; else NULL-terminated, and the value is the index of one of them */
} scl_option;

/* The value as configs write it, a number or a word. */
const char *scl_option_show(char number[SCL_NUMBER_CHARS], const scl_option *option, double value);
/* What configs may say: "one of a, b", "number, 0 to 1", "whole number, 0 to 10"; returns out. */
#define SCL_OPTION_CHARS 160
const char *scl_option_allowed(char out[SCL_OPTION_CHARS], const scl_option *option);

typedef enum scl_fit_status {
    SCL_FIT_OK,
    SCL_FIT_RANK_DEFICIENT, /* fewer than r positive eigenvalues: Q is still the top-r eigenspace */
    SCL_FIT_UNCONVERGED
} scl_fit_status;
extern const char *const scl_fit_status_names[3]; /* "ok", "rank-deficient", "unconverged" */

/* How a fit went: for replay, never for summaries, but for `status`. */
typedef struct scl_fit_info {
    scl_fit_status status;
    int iterations; /* of the estimator's own loop; else block products of the eigen-solver, 0 when LAPACK did it all */
    double residual;  /* largest relative eigen-residual; largest slope of factor-analysis */
    bool lapack;      /* the fallback was used */
    double objective; /* the value of the estimator's `objective`, where it names one */
} scl_fit_info;

typedef struct scl_representation {
    scl_matrix Q;                          /* d x r, orthonormal */
    double *values;                        /* r eigenvalues, descending; NaN where the estimator has none */
    double *scale;                         /* r scales of W's rows, >= 0 */
    const struct scl_estimator *estimator; /* what learned it, with which options; NULL: nobody asks */
    const double *options;
} scl_representation;

/* H of an estimator that learns the leading eigenspace of S - H, up to an O(1/n) diagonal of mean zero: theory speaks of these. */
typedef enum scl_shift {
    SCL_SHIFT_NONE_OF_THESE,
    SCL_SHIFT_ZERO,     /* S itself: PCA */
    SCL_SHIFT_DIAGONAL, /* S without its diagonal */
    SCL_SHIFT_NOISE     /* S - D */
} scl_shift;

/* The estimator's matrix is scale (S - H); NaN where the scale depends on d. */
typedef struct scl_shift_use {
    scl_shift shift;
    double scale;
} scl_shift_use;

/* The labels that an estimator learns from. */
typedef enum scl_label_need {
    SCL_LABELS_UNUSED,
    SCL_LABELS_NUMBERS, /* of tasks with numbers y: regression, or 0 and 1 of two classes */
    SCL_LABELS_CLASSES  /* of classes, two or more */
} scl_label_need;

typedef struct scl_estimator {
    const char *name;
    const char *summary;   /* one line */
    const char *source;    /* docs/theory.md section or citation */
    const char *objective; /* name of what the fit optimised, shown by replay with its value; NULL: none */
    bool uses_stream;      /* draws random numbers of its own, */
    bool (*draws)(const double *options); /* ... with such options; NULL: with any. See scl_estimator_draws */
    size_t n_options;
    scl_option options[SCL_MAX_OPTIONS];
    /* True for options that are each in range and make no sense together; then what is wrong: the index of an option and what
     * is allowed for it beside the others. Defaults never clash. NULL: none do. */
    bool (*clash)(size_t *option, const char **allowed, const double *options);
    /* With such options; NULL: SCL_SHIFT_NONE_OF_THESE with any. */
    scl_shift_use (*shift)(const double *options);
    /* Writes the matrix whose leading eigenspace fit learns into N (d x d), where that is S - H itself, off the diagonal equal
     * to S (a shift of scale 1); false, and N alone, with options for which it is not. N, S and a model without rows ask for
     * that alone. NULL: never. */
    bool (*learned)(scl_matrix N, const scl_sample *sample, const double *options);
    scl_label_need labels;
    /* Dimension of the representation, at most r; NULL: r. */
    size_t (*dimension)(size_t r, size_t n_classes);
    /* Doubles of arena that fit uses, whatever the options. */
    size_t (*workspace)(size_t d, size_t r);
    /*   out representation  allocated with the sample's d and the wanted r
     *   in  options         n_options values in the order of the table
     *   inout stream        ESTIMATOR's stream of the replicate; NULL unless scl_estimator_draws */
    scl_status (*fit)(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err);
} scl_estimator;

/* The registry, in the order of `list`. */
extern const scl_estimator *const scl_estimators[];
extern const size_t scl_n_estimators;

/* The estimator of that name, or NULL. */
const scl_estimator *scl_estimator_find(const char *name);

/* Its shift with these options. */
scl_shift_use scl_estimator_shift(const scl_estimator *estimator, const double *options);

/* The kinds of task, bit SCL_TASK_BIT(kind) for each, that have such labels; none for SCL_LABELS_UNUSED. */
unsigned scl_label_need_tasks(scl_label_need need);

/* Its dimension where the model's is r and the task has so many classes. */
size_t scl_estimator_dimension(const scl_estimator *estimator, size_t r, size_t n_classes);

/* Whether a fit with these options draws random numbers. If not, its value on a population is exact and needs no replicates. */
bool scl_estimator_draws(const scl_estimator *estimator, const double *options);

scl_status scl_representation_new(scl_representation *out, size_t d, size_t r, scl_error *err) SCL_CHECKED;
void scl_representation_free(scl_representation *out);

#endif
