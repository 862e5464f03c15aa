/* The samplers behind scl_sample_draw and scl_sample_draw_labelled. They fill sample->mean and sample->S from sample->model and
 * sample->n. */
#ifndef SCL_SAMPLE_SAMPLERS_H
#define SCL_SAMPLE_SAMPLERS_H

#include "sample/label_rows.h"
#include "sample/sample.h"

/* Fills n and model, no labels, after checking shapes: SCL_ERR_SHAPE. */
scl_status scl_sample_begin(scl_sample *sample, double n, const scl_model *model, scl_error *err) SCL_CHECKED;

/* SCL_ERR_INPUT: the model's laws have no moments that can be drawn directly. */
scl_status scl_sample_check(scl_sampler sampler, const scl_model *model, scl_error *err) SCL_CHECKED;

/* rows: labels the first samples, or NULL. */
size_t scl_sample_data_workspace(size_t d, size_t r, bool classes);
scl_status scl_sample_from_data(scl_sample *sample, scl_label_rows *rows, scl_stream *stream, scl_arena *ws,
                                scl_error *err) SCL_CHECKED;

/* Gaussian laws; n = 1 is a mean alone, with S = 0. */
size_t scl_sample_moments_workspace(size_t d, size_t r, double n);
scl_status scl_sample_from_moments(scl_sample *sample, scl_stream *stream, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* Latents of kind classes, Gaussian noise. */
size_t scl_sample_classes_workspace(const scl_model_spec *spec);
scl_status scl_sample_from_classes(scl_sample *sample, scl_stream *stream, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* Labelled sets by moments. Where they are part of the sample, its other n - m (number of sets) samples come from `stream`; else the
 * sample is left alone. */
size_t scl_label_moments_workspace(const scl_model_spec *spec);
scl_status scl_sample_label_moments(scl_sample *sample, scl_label_plan plan, bool apart, scl_stream *stream,
                                    const scl_label_source *source, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* The labels' population (label_population.c). Logistic and probit labels of latents that are not Gaussian have none that is known: NaN.
 *   ws  scl_matrix_need(r, r + 1)
 *   returns SCL_OK, SCL_ERR_INTERNAL (a quadrature failed) */
scl_status scl_labels_population(scl_labels *labels, const scl_model *model, scl_arena *ws, scl_error *err) SCL_CHECKED;

#endif
