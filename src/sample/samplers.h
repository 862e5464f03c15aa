/* The two samplers behind scl_sample_draw. Both fill sample->mean and sample->S from sample->model and sample->n. */
#ifndef SCL_SAMPLE_SAMPLERS_H
#define SCL_SAMPLE_SAMPLERS_H

#include "sample/sample.h"

size_t scl_sample_data_workspace(size_t d, size_t r);
scl_status scl_sample_from_data(scl_sample *sample, scl_stream *stream, scl_arena *ws, scl_error *err) SCL_CHECKED;

size_t scl_sample_moments_workspace(size_t d, size_t r, double n);
scl_status scl_sample_from_moments(scl_sample *sample, scl_stream *stream, scl_arena *ws, scl_error *err) SCL_CHECKED;

#endif
