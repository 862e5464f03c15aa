/* Noise profiles: the d variances of D. */
#ifndef SCL_MODEL_NOISE_H
#define SCL_MODEL_NOISE_H

#include "model/model.h"

/* sigma2[0 .. d-1] of the spec's profile; SCL_ERR_INPUT names the first that is not positive and finite. */
scl_status scl_noise_fill(double *sigma2, const scl_model_spec *spec, scl_error *err) SCL_CHECKED;

#endif
