/* Noise profiles: the d variances of D. */
#ifndef SCL_MODEL_NOISE_H
#define SCL_MODEL_NOISE_H

#include "model/model.h"
#include "random/random.h"

/* sigma2[0 .. d-1] of the spec's profile; SCL_ERR_INPUT names the first that is not positive and finite. Only uniform draws from
 * the stream: d uniforms, whatever min and max are. */
scl_status scl_noise_fill(double *sigma2, const scl_model_spec *spec, scl_stream *stream, scl_error *err) SCL_CHECKED;

#endif
