/* The model as numbers: see model.h. */
#include "model/model.h"

#include "linalg/linalg.h"
#include "model/factor.h"
#include "model/loadings.h"
#include "model/noise.h"

#include <math.h>

scl_status scl_model_new(scl_model *model, size_t d, size_t r, scl_error *err)
{
    *model = (scl_model){.d = d, .r = r};
    scl_status status = scl_matrix_new(&model->U, d, r, err);
    if (status == SCL_OK) status = scl_matrix_new(&model->V, d, r, err);
    if (status == SCL_OK) {
        model->sigma2 = scl_alloc(d, sizeof(double), err);
        model->sigma = scl_alloc(d, sizeof(double), err);
        model->f = scl_alloc(r, sizeof(double), err);
        if (!model->sigma2 || !model->sigma || !model->f) status = SCL_ERR_MEMORY;
    }
    if (status != SCL_OK) scl_model_free(model);
    return status;
}

void scl_model_free(scl_model *model)
{
    scl_matrix_free(&model->U);
    scl_matrix_free(&model->V);
    scl_free(model->sigma2);
    scl_free(model->sigma);
    scl_free(model->f);
    *model = (scl_model){0};
}

scl_model scl_model_within(const scl_model *storage, size_t d, size_t r)
{
    scl_model model = *storage;
    model.d = d;
    model.r = r;
    model.U = (scl_matrix){.rows = d, .cols = r, .ld = d, .data = storage->U.data};
    model.V = (scl_matrix){.rows = d, .cols = r, .ld = d, .data = storage->V.data};
    return model;
}

size_t scl_model_workspace(size_t d, size_t r)
{
    size_t loadings = scl_loadings_workspace(d, r), factor = scl_factor_workspace(d, r);
    return loadings > factor ? loadings : factor;
}

scl_status scl_model_draw(scl_model *model, const scl_model_spec *spec, uint64_t seed, const char *loadings_text,
                          const char *noise_text, uint32_t replicate, scl_arena *ws, scl_error *err)
{
    if (model->d != spec->d || model->r != spec->r || spec->r < 1 || spec->r > spec->d)
        return scl_error_set(err, SCL_ERR_SHAPE, "model is %zu x %zu, its specification %zu x %zu", model->d, model->r,
                             spec->d, spec->r);
    model->nu = spec->nu;
    model->latent = spec->latent;
    model->noise_law = spec->noise_law;
    model->nus = spec->nus;
    if (scl_noise_random(spec->noise) && !noise_text)
        return scl_error_set(err, SCL_ERR_INTERNAL, "random noise has no draw text");
    scl_stream stream = scl_stream_make(seed, SCL_ROLE_MODEL, noise_text ? noise_text : "", replicate);
    scl_status status = scl_noise_fill(model->sigma2, spec, &stream, err);
    if (status != SCL_OK) return status;
    stream = scl_stream_make(seed, SCL_ROLE_MODEL, loadings_text, replicate);
    status = scl_loadings_fill(model->U, spec, &stream, ws, err);
    return status == SCL_OK ? scl_factor_fill(model, ws, err) : status;
}

bool scl_model_random(const scl_model_spec *spec)
{
    return scl_loadings_random(spec->loadings) || scl_noise_random(spec->noise) || scl_task_random(&spec->task);
}

bool scl_laws_gaussian(scl_law latent, scl_law noise_law)
{
    return latent.kind == SCL_LAW_GAUSSIAN && noise_law.kind == SCL_LAW_GAUSSIAN;
}

double scl_model_nu(const scl_model *model, size_t k)
{
    return model->nus ? model->nus[k] : model->nu;
}

double scl_model_largest_nu(const scl_model *model)
{
    double largest = model->nu;
    for (size_t k = 0; k < model->r; k++) largest = fmax(largest, scl_model_nu(model, k));
    return largest;
}

void scl_model_covariance(scl_matrix C, const scl_model *model)
{
    if (!model->nus) scl_syrk(C, model->nu * model->nu, model->U, 0.0); /* C = nu^2 U U' + D */
    for (size_t k = 0; model->nus && k < model->r; k++)                 /* C = sum_k nu_k^2 u_k u_k' + D */
        scl_syrk(C, model->nus[k] * model->nus[k], scl_matrix_columns(model->U, k, 1), k ? 1.0 : 0.0);
    for (size_t j = 0; j < model->d; j++) SCL_AT(C, j, j) += model->sigma2[j];
}
