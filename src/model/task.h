/* Downstream tasks: what the labels are a function of.
 *
 *   t_s = sum_k w_ks z_k / nu_k, s = 1..T, ||w_s|| = 1: latent scores of variance 1 (with equal spikes <z, w_s>/nu)
 *   regression  y = t + label_noise e, e standard normal
 *   logistic    P(y = 1) = 1/(1 + exp(-(t + offset)))
 *   probit      P(y = 1) = Phi(t + offset)
 *   classes     K = r + 1 equally likely classes 0..r, z = diag(nu) s_y: s_0..s_r the regular simplex in R^r, sum_k s_k = 0 and
 *               sum_k s_k s_k'/(r + 1) = I, so that Cov z is the model's; y is the class
 * Source: docs/theory.md, section 5. */
#ifndef SCL_MODEL_TASK_H
#define SCL_MODEL_TASK_H

#include "base/memory.h"
#include "base/text.h"
#include "linalg/matrix.h"

#include <stdbool.h>
#include <stdint.h>

/* kind, name in configs, one line */
#define SCL_TASK_LIST(X)                                                                                               \
    X(SCL_TASK_NONE, "none", "no labels")                                                                              \
    X(SCL_TASK_REGRESSION, "regression", "y = t + label_noise e, t the latent score, e standard normal")               \
    X(SCL_TASK_LOGISTIC, "logistic", "two classes, P(y = 1) = 1/(1 + exp(-(t + offset)))")                             \
    X(SCL_TASK_PROBIT, "probit", "two classes, P(y = 1) = Phi(t + offset)")                                            \
    X(SCL_TASK_CLASSES, "classes", "r + 1 classes, whose means span the columns of U")

#define SCL_WEIGHTS_LIST(X)                                                                                            \
    X(SCL_WEIGHTS_SPHERE, "sphere", "each w uniform on the unit sphere")                                               \
    X(SCL_WEIGHTS_ORTHOGONAL, "orthogonal", "tasks <= r orthonormal directions, uniform")                              \
    X(SCL_WEIGHTS_DIVERSE, "diverse", "uniform orthonormal frames of r directions, one after another")                 \
    X(SCL_WEIGHTS_AXIS, "axis", "latent directions direction, direction + 1, ..")                                      \
    X(SCL_WEIGHTS_GIVEN, "given", "a list of r numbers, or a file of one row of r numbers for each task")

#define SCL_ENUM_NAME(kind, name, summary) kind,
typedef enum scl_task_kind { SCL_TASK_LIST(SCL_ENUM_NAME) SCL_N_TASK_KINDS } scl_task_kind;
typedef enum scl_weights { SCL_WEIGHTS_LIST(SCL_ENUM_NAME) SCL_N_WEIGHTS } scl_weights;
#undef SCL_ENUM_NAME

/* Sets of kinds: of two classes; of labels that depend on the latents through scores t; of classes, two or more. */
#define SCL_TASK_BIT(kind)      (1u << (kind))
#define SCL_TASKS_OF_TWO        (SCL_TASK_BIT(SCL_TASK_LOGISTIC) | SCL_TASK_BIT(SCL_TASK_PROBIT))
#define SCL_TASKS_OF_SCORES     (SCL_TASK_BIT(SCL_TASK_REGRESSION) | SCL_TASKS_OF_TWO)
#define SCL_TASKS_OF_CLASSES    (SCL_TASKS_OF_TWO | SCL_TASK_BIT(SCL_TASK_CLASSES))
#define SCL_TASKS_OF_ANY_LABELS (SCL_TASKS_OF_SCORES | SCL_TASKS_OF_CLASSES)

/* Names and one-line summaries in the order of the enums, for the parser and `list`. */
extern const char *const scl_task_names[SCL_N_TASK_KINDS];
extern const char *const scl_task_summaries[SCL_N_TASK_KINDS];
extern const char *const scl_weights_names[SCL_N_WEIGHTS];
extern const char *const scl_weights_summaries[SCL_N_WEIGHTS];

typedef struct scl_task_spec {
    scl_task_kind kind;
    scl_weights weights;
    size_t n_tasks;      /* T >= 1; classes: 1 */
    size_t direction;    /* axis: the first task's, from 1 */
    const double *given; /* given: n_tasks rows of r numbers, none all 0, scaled to length 1; else NULL */
    double label_noise;  /* regression: standard deviation of y - t, >= 0 */
    double offset;       /* logistic, probit */
} scl_task_spec;

typedef struct scl_task {
    scl_task_kind kind;
    scl_matrix w; /* r x T, columns of length 1; no rows for classes */
    double label_noise, offset;
} scl_task;

/* Storage for tasks of up to r x n_tasks weights; a task of a smaller size in the storage of a larger one. */
scl_status scl_task_new(scl_task *task, size_t r, size_t n_tasks, scl_error *err) SCL_CHECKED;
void scl_task_free(scl_task *task);

/* Fills a task from TASK's stream of (seed, text).
 *   inout task       of scl_task_new, at least as large; its w becomes r x n_tasks
 *   in    text       NULL when the weights are not random (scl_weights_random)
 *   in    replicate  0 for `redraw: cell`, the replicate's number for `redraw: replicate`
 *   ws    scl_task_workspace(r)
 *   returns SCL_OK, SCL_ERR_SHAPE (orthogonal tasks or directions beyond r), SCL_ERR_INPUT (weights all 0), SCL_ERR_LAPACK */
size_t scl_task_workspace(size_t r);
scl_status scl_task_draw(scl_task *task, const scl_task_spec *spec, size_t r, uint64_t seed, const char *text,
                         uint32_t replicate, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* Whether the weights are drawn at random. */
bool scl_task_random(const scl_task_spec *spec);

/* Whether labels of this kind depend on the latents through scores t. */
bool scl_task_has_scores(scl_task_kind kind);

/* Adds the names of the kinds in a set, "logistic, probit". */
scl_status scl_task_kinds(scl_text *text, unsigned kinds, scl_error *err) SCL_CHECKED;

/* Classes that labels of this kind have: 0 of regression, 2 of logistic and probit, r + 1 of classes. */
size_t scl_task_classes(scl_task_kind kind, size_t r);

/* The regular simplex: column k of S (r x (r + 1)) is s_k; s_0..s_{k-1} are equal in coordinates k.. (from 1), s_k differs from their mean
 * in coordinate k alone. Another turn of it is another model where spikes or noise variances are unequal. */
void scl_simplex(scl_matrix S);

#endif
