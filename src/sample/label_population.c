/* The population of labels, m = infinity:
 *
 *   regression        Cov(x, y_s) = U diag(nu) w_s, E y = 0, Var y = 1 + label_noise^2, whatever the laws
 *   logistic, probit  Cov(x, y_s) = kappa U diag(nu) w_s, P(y = 1) = pi (model/label_law.h), E(x | y = 1) = Cov/pi, E(x | y = 0) =
 *                     -Cov/(1 - pi), of Gaussian latents; elsewhere unknown: NaN
 *   classes           P(class) = 1/K, E(x | class k) = U diag(nu) s_k */
#include "sample/samplers.h"

#include "linalg/linalg.h"
#include "model/label_law.h"

#include <math.h>
#include <string.h>

/* out = U diag(nu) T, T r x .. */
static void map_latents(scl_matrix out, const scl_model *model, scl_matrix T)
{
    for (size_t c = 0; c < out.cols; c++)
        for (size_t j = 0; j < out.rows; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < model->r; k++)
                sum += SCL_AT(model->U, j, k) * scl_model_nu(model, k) * SCL_AT(T, k, c);
            SCL_AT(out, j, c) = sum;
        }
}

static scl_status fill_classes(scl_labels *labels, const scl_model *model, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used;
    scl_matrix simplex;
    if (scl_matrix_take(&simplex, ws, model->r, model->r + 1, err)) return SCL_ERR_INTERNAL;
    scl_simplex(simplex);
    map_latents(labels->class_means, model, simplex);
    for (size_t c = 0; c < labels->n_classes; c++) labels->counts[c] = 1.0 / (double)labels->n_classes;
    labels->mean_y[0] = labels->var_y[0] = 0.0;
    ws->used = mark;
    return SCL_OK;
}

/* The class means of the first task. A class of probability 0 has none: zeros. */
static void fill_two_classes(scl_labels *labels, double pi)
{
    labels->counts[0] = 1.0 - pi;
    labels->counts[1] = pi;
    for (size_t j = 0; j < labels->class_means.rows; j++) {
        double cov = SCL_AT(labels->cov_xy, j, 0);
        SCL_AT(labels->class_means, j, 0) = pi == 1.0 ? 0.0 : -cov / (1.0 - pi);
        SCL_AT(labels->class_means, j, 1) = pi == 0.0 ? 0.0 : cov / pi;
    }
}

scl_status scl_labels_population(scl_labels *labels, const scl_model *model, scl_arena *ws, scl_error *err)
{
    const scl_task *task = &model->task;
    size_t d = model->d;
    memset(labels->mean, 0, d * sizeof(double));
    scl_model_covariance(labels->S, model);
    if (task->kind == SCL_TASK_CLASSES) return fill_classes(labels, model, ws, err);
    double kappa = 1.0, mean = 0.0, var = 1.0 + task->label_noise * task->label_noise;
    if (task->kind != SCL_TASK_REGRESSION) {
        scl_label_law law;
        scl_label_law_make(&law, scl_link_of(task->kind), task->offset);
        bool known = model->latent.kind == SCL_LAW_GAUSSIAN;
        mean = known ? law.pi1 : NAN;
        kappa = known ? law.kappa : NAN;
        var = mean * (1.0 - mean);
    }
    map_latents(labels->cov_xy, model, task->w);
    for (size_t s = 0; s < labels->cov_xy.cols; s++) {
        labels->mean_y[s] = mean;
        labels->var_y[s] = var;
        for (size_t j = 0; j < d; j++) SCL_AT(labels->cov_xy, j, s) *= kappa;
    }
    if (labels->n_classes == 2) fill_two_classes(labels, mean);
    return SCL_OK;
}
