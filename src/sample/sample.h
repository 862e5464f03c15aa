/* A sample: its mean and covariance, sufficient under Gaussian laws, drawn either directly or from data in blocks.
 *
 *   n     samples, at least 2; INFINITY is the population (mean 0, S = C)
 *   mean  xbar, d
 *   S     centred sample covariance, divisor n - 1, d x d, both triangles
 * Source: docs/theory.md, section 7. */
#ifndef SCL_SAMPLE_SAMPLE_H
#define SCL_SAMPLE_SAMPLE_H

#include "base/memory.h"
#include "linalg/matrix.h"
#include "model/model.h"
#include "random/random.h"
#include "sample/labels.h"

#define SCL_SAMPLER_LIST(X)                                                                                            \
    X(SCL_SAMPLER_AUTO, "auto", "moments where latent and noise are Gaussian, data elsewhere")                         \
    X(SCL_SAMPLER_MOMENTS, "moments",                                                                                  \
      "mean and covariance drawn from their own law, for Gaussian laws; cost independent of n")                        \
    X(SCL_SAMPLER_DATA, "data", "all n samples drawn, in blocks of constant size")

#define SCL_ENUM_NAME(kind, name, summary) kind,
typedef enum scl_sampler { SCL_SAMPLER_LIST(SCL_ENUM_NAME) SCL_N_SAMPLERS } scl_sampler;
#undef SCL_ENUM_NAME
extern const char *const scl_sampler_names[SCL_N_SAMPLERS];
extern const char *const scl_sampler_summaries[SCL_N_SAMPLERS];

/* What auto stands for: moments when both laws are Gaussian (the noise's alone with kind classes), else data. Other samplers stand
 * for themselves. */
scl_sampler scl_sampler_resolve(scl_sampler sampler, const scl_model_spec *spec);

typedef struct scl_sample {
    double n;
    double *mean;
    scl_matrix S;
    const scl_model *model; /* the truth: for oracles and for measuring, never for learning */
    scl_labels labels;      /* m = 0: none; a view of scl_labels_within, which the sample does not own */
    scl_label_source test;  /* names the stream of its test set, for metrics that draw one; text NULL: there is none */
} scl_sample;

scl_status scl_sample_new(scl_sample *sample, size_t d, scl_error *err) SCL_CHECKED;
void scl_sample_free(scl_sample *sample);

/* The sizes that a sample's labels have: kept is 0 with the sampler moments. */
scl_label_sizes scl_sample_label_sizes(const scl_model_spec *spec, scl_sampler sampler, double m);

/* Doubles of arena that any sampler below uses for this d, r and n; for kind classes ask scl_sample_labelled_workspace, of m = 0. */
size_t scl_sample_workspace(scl_sampler sampler, size_t d, size_t r, double n);

/* Draws a sample of n >= 2 (or INFINITY) observations of the model into `sample` (allocated with d = model->d).
 *   in    sampler  SCL_SAMPLER_MOMENTS or SCL_SAMPLER_DATA (auto is resolved by the plan); ignored when n is infinite
 *   inout stream   DATA's stream of the replicate
 *   returns SCL_OK, SCL_ERR_SHAPE, SCL_ERR_INPUT (moments of laws that are not Gaussian), SCL_ERR_LAPACK */
scl_status scl_sample_draw(scl_sample *sample, scl_sampler sampler, double n, const scl_model *model,
                           scl_stream *stream, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* The same with labels, of the tasks model->task; plan.m = 0 gives the bits of scl_sample_draw. n = INFINITY: S = C, and the labelled sets of m samples as if apart, or, where
 * plan.m is INFINITY, the labels' population.
 *   inout sample  its labels allocated for scl_sample_label_sizes; those of plan.m = 0 become none
 *   in    n       at least 2; where the sets are not apart, at least their samples altogether
 *   inout stream  DATA's stream of the replicate
 *   in    source  names LABELS' streams
 *   ws    scl_sample_labelled_workspace(sampler, spec, n, plan.m)
 *   returns as scl_sample_draw, and SCL_ERR_SHAPE (more labelled samples than n) */
size_t scl_sample_labelled_workspace(scl_sampler sampler, const scl_model_spec *spec, double n, double m);
scl_status scl_sample_draw_labelled(scl_sample *sample, scl_sampler sampler, double n, scl_label_plan plan,
                                    const scl_model *model, scl_stream *stream, const scl_label_source *source,
                                    scl_arena *ws, scl_error *err) SCL_CHECKED;

#endif
