/* The model as numbers: see model.h. */
#include "model/model.h"

#include "linalg/linalg.h"
#include "model/loadings.h"
#include "model/noise.h"

scl_status scl_model_new(scl_model *model, size_t d, size_t r, scl_error *err)
{
    *model = (scl_model){.d = d, .r = r};
    scl_status status = scl_matrix_new(&model->U, d, r, err);
    if (status == SCL_OK) {
        model->sigma2 = scl_alloc(d, sizeof(double), err);
        if (!model->sigma2) status = SCL_ERR_MEMORY;
    }
    if (status != SCL_OK) scl_model_free(model);
    return status;
}

void scl_model_free(scl_model *model)
{
    scl_matrix_free(&model->U);
    scl_free(model->sigma2);
    *model = (scl_model){0};
}

size_t scl_model_workspace(size_t d, size_t r)
{
    return scl_frame_workspace(d, r);
}

scl_status scl_model_draw(scl_model *model, const scl_model_spec *spec, uint64_t seed, const char *loadings_text,
                          uint32_t replicate, scl_arena *ws, scl_error *err)
{
    if (model->d != spec->d || model->r != spec->r || spec->r < 1 || spec->r > spec->d)
        return scl_error_set(err, SCL_ERR_SHAPE, "model is %zu x %zu, its specification %zu x %zu", model->d, model->r,
                             spec->d, spec->r);
    model->nu = spec->nu;
    scl_status status = scl_noise_fill(model->sigma2, spec, err);
    if (status != SCL_OK) return status;
    scl_stream stream = scl_stream_make(seed, SCL_ROLE_MODEL, loadings_text, replicate);
    return scl_loadings_fill(model->U, spec->loadings, &stream, ws, err);
}

void scl_model_covariance(scl_matrix C, const scl_model *model)
{
    scl_syrk(C, model->nu * model->nu, model->U, 0.0); /* C = nu^2 U U' + D */
    for (size_t j = 0; j < model->d; j++) SCL_AT(C, j, j) += model->sigma2[j];
}
