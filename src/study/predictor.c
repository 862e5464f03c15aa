/* Predictions of a plan's cells: see predictor.h. */
#include "study/predictor.h"

#include "base/memory.h"

#include <math.h>
#include <string.h>

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static const scl_settings *settings_of(const scl_predictor *p)
{
    return &p->plan->cells[p->cell].settings;
}

/* Latents of classes are the points of a simplex. */
static bool has_gaussian_laws(const scl_model_spec *spec)
{
    return scl_laws_gaussian(spec->latent, spec->noise_law) && spec->task.kind != SCL_TASK_CLASSES;
}

static bool has_first_order(const scl_model_spec *spec)
{
    return spec->r <= SCL_FIRST_ORDER_MOST_R && has_gaussian_laws(spec);
}

scl_status scl_predictor_new(scl_predictor *p, const scl_plan *plan, scl_error *err)
{
    const scl_config *config = plan->config;
    size_t most_d = 0, arena = 0;
    *p = (scl_predictor){.plan = plan, .cell = SIZE_MAX, .n_models = 1};
    if (config->redraw_replicate)
        p->n_models = config->replicates < SCL_PREDICTED_MODELS ? config->replicates : SCL_PREDICTED_MODELS;
    for (size_t e = 0; e < config->n_estimators; e++)
        p->wanted[scl_estimator_shift(config->estimators[e].estimator, config->estimators[e].options).shift] = true;
    p->wanted[SCL_SHIFT_NONE_OF_THESE] = false;
    bool any = p->wanted[SCL_SHIFT_ZERO] || p->wanted[SCL_SHIFT_DIAGONAL] || p->wanted[SCL_SHIFT_NOISE];
    for (size_t c = 0; c < plan->n_cells; c++) {
        const scl_model_spec *spec = &plan->cells[c].settings.model;
        most_d = larger(most_d, spec->d);
        p->most_r = larger(p->most_r, spec->r);
        arena = larger(arena, scl_model_workspace(spec->d, spec->r));
        if (!any) continue;
        arena = larger(arena, scl_limit_workspace(spec->d, spec->r));
        if (has_first_order(spec)) arena = larger(arena, scl_first_order_workspace(spec->d, spec->r));
    }
    scl_status status = scl_arena_new(&p->arena, arena, err);
    if (status == SCL_OK) status = scl_model_new(&p->storage, most_d, p->most_r, err);
    if (status == SCL_OK) {
        p->numbers = scl_alloc(p->n_models * 4 * 2 * p->most_r, sizeof *p->numbers, err);
        p->made = scl_alloc(p->n_models, sizeof *p->made, err);
        p->values = scl_alloc(p->n_models, sizeof *p->values, err);
        if (!p->numbers || !p->made || !p->values) status = SCL_ERR_MEMORY;
    }
    if (status != SCL_OK) {
        scl_predictor_free(p);
        return status;
    }
    for (size_t i = 0; i < 4 * p->n_models; i++) {
        double *room = p->numbers + i * 2 * p->most_r;
        p->made[i / 4][i % 4].limit = (scl_limit){.outliers = room, .sines2 = room + p->most_r};
    }
    return SCL_OK;
}

void scl_predictor_free(scl_predictor *p)
{
    scl_arena_free(&p->arena);
    scl_model_free(&p->storage);
    scl_free(p->numbers);
    scl_free(p->made);
    scl_free(p->values);
    *p = (scl_predictor){0};
}

/* The model's part of DATA's draw text, whose lines are sorted: model.* before sample.*. */
static size_t model_part(const char *text)
{
    const char *end = strstr(text, "\nsample.");
    return end ? (size_t)(end - text) : strlen(text);
}

static bool same_model(const scl_cell *a, const scl_cell *b)
{
    size_t length = model_part(a->data_text);
    return length == model_part(b->data_text) && memcmp(a->data_text, b->data_text, length) == 0 &&
           strcmp(a->loadings_text, b->loadings_text) == 0;
}

static scl_status predict_model(scl_predictor *p, size_t index, scl_error *err)
{
    const scl_cell *cell = &p->plan->cells[p->cell];
    const scl_model_spec *spec = &cell->settings.model;
    scl_status status = SCL_OK;
    p->arena.used = 0;
    p->model = scl_model_within(&p->storage, spec->d, spec->r);
    status = scl_model_draw(&p->model, spec, p->plan->config->seed, cell->loadings_text, cell->noise_text,
                            (uint32_t)index, &p->arena, err);
    for (size_t shift = 1; status == SCL_OK && shift < 4; shift++) {
        if (!p->wanted[shift]) continue;
        scl_shift_prediction *made = &p->made[index][shift];
        if (p->moved) {
            made->first_order = (scl_first_order){0};
            if (has_first_order(spec))
                status = scl_first_order_of(&made->first_order, &p->model, (scl_shift)shift, &p->arena, err);
        }
        if (status == SCL_OK)
            status = scl_limit_of(&made->limit, &p->model, (scl_shift)shift, cell->settings.n, &p->arena, err);
    }
    return status;
}

scl_status scl_predictor_cell(scl_predictor *p, size_t cell, scl_error *err)
{
    const scl_cell *cells = p->plan->cells;
    p->moved = p->cell == SIZE_MAX || !same_model(&cells[p->cell], &cells[cell]);
    p->cell = cell;
    p->n_made = scl_model_random(&cells[cell].settings.model) ? p->n_models : 1;
    scl_status status = SCL_OK;
    for (size_t i = 0; status == SCL_OK && i < p->n_made; i++) status = predict_model(p, i, err);
    if (status != SCL_OK) p->cell = SIZE_MAX;
    return status;
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

static scl_shift_use use_of(const scl_predictor *p, size_t estimator)
{
    const scl_estimator_use *use = &p->plan->config->estimators[estimator];
    return scl_estimator_shift(use->estimator, use->options);
}

static const scl_shift_prediction *made_of(const scl_predictor *p, size_t estimator, size_t model)
{
    scl_shift shift = use_of(p, estimator).shift;
    return shift == SCL_SHIFT_NONE_OF_THESE ? NULL : &p->made[model][shift];
}

const scl_shift_prediction *scl_predict_shift(const scl_predictor *p, size_t estimator)
{
    return made_of(p, estimator, 0);
}

static double first_order_at(const scl_predictor *p, size_t estimator, size_t metric, size_t model)
{
    const scl_shift_prediction *made = made_of(p, estimator, model);
    if (!made || !p->plan->config->metrics[metric]->distance) return NAN;
    return scl_first_order_value(&made->first_order, settings_of(p)->n);
}

static double limit_at(const scl_predictor *p, size_t estimator, size_t metric, size_t model)
{
    const scl_shift_prediction *made = made_of(p, estimator, model);
    const scl_metric *of = p->plan->config->metrics[metric];
    const scl_model_spec *spec = &settings_of(p)->model;
    if (!made || !made->limit.gap || !scl_limit_for_laws(spec->latent, spec->noise_law)) return NAN;
    if (of->of_top_eigenvalue) return use_of(p, estimator).scale * made->limit.outliers[0];
    if (!scl_limit_holds(&made->limit, spec->r)) return NAN;
    return of->of_angles ? of->of_angles(made->limit.sines2, spec->r) : NAN;
}

typedef double (*prediction)(const scl_predictor *p, size_t estimator, size_t metric, size_t model);

/* The mean of p->values; one that is missing leaves no mean. */
static scl_predicted mean_of(scl_predictor *p)
{
    for (size_t i = 0; i < p->n_made; i++)
        if (!isfinite(p->values[i])) return (scl_predicted){NAN, NAN};
    scl_statistics s = scl_statistics_of(p->values, p->n_made);
    bool fixed = !p->plan->config->redraw_replicate || !scl_model_random(&settings_of(p)->model);
    return (scl_predicted){s.mean, fixed ? 0.0 : s.mcse};
}

static scl_predicted single(scl_predictor *p, prediction of, size_t estimator, size_t metric)
{
    for (size_t i = 0; i < p->n_made; i++) p->values[i] = of(p, estimator, metric, i);
    return mean_of(p);
}

scl_predicted scl_predict_first_order(scl_predictor *p, size_t estimator, size_t metric)
{
    return single(p, first_order_at, estimator, metric);
}

scl_predicted scl_predict_limit(scl_predictor *p, size_t estimator, size_t metric)
{
    return single(p, limit_at, estimator, metric);
}

static double kappa_at(const scl_predictor *p, size_t estimator, size_t metric, size_t model)
{
    const scl_shift_prediction *made = made_of(p, estimator, model);
    if (!made || !made->first_order.gap || !p->plan->config->metrics[metric]->distance) return NAN;
    return made->first_order.kappa;
}

scl_predicted scl_predict_kappa(scl_predictor *p, size_t estimator, size_t metric)
{
    return single(p, kappa_at, estimator, metric);
}

scl_predicted scl_predicted_mean(scl_predictor *p, const double *of_models)
{
    memcpy(p->values, of_models, p->n_made * sizeof *p->values);
    return mean_of(p);
}

scl_predicted scl_predict_pair(scl_predictor *p, size_t left, size_t right, size_t metric, bool limit, bool log_ratio)
{
    prediction of = limit ? limit_at : first_order_at;
    for (size_t i = 0; i < p->n_made; i++) {
        double a = of(p, left, metric, i), b = of(p, right, metric, i);
        p->values[i] = log_ratio ? log(a / b) : a - b;
    }
    return mean_of(p);
}

/* ---- reasons ----------------------------------------------------------------------------------------------------- */

const char *scl_predict_lacks_limit(const scl_predictor *p, size_t estimator, size_t metric)
{
    const scl_shift_prediction *made = made_of(p, estimator, 0);
    const scl_metric *of = p->plan->config->metrics[metric];
    const scl_model_spec *spec = &settings_of(p)->model;
    if (!of->of_angles && !of->of_top_eigenvalue) return "none for this metric";
    if (!made) return "none for this estimator";
    if (!scl_limit_for_laws(spec->latent, spec->noise_law)) return "none without fourth moments";
    for (size_t i = 0; i < p->n_made; i++)
        if (!p->made[i][use_of(p, estimator).shift].limit.gap) return "no gap after the r-th eigenvalue";
    for (size_t i = 0; i < p->n_made && of->of_angles; i++)
        if (!scl_limit_holds(&p->made[i][use_of(p, estimator).shift].limit, spec->r))
            return "signal beyond the r-th eigenvalue";
    if (of->of_top_eigenvalue && isnan(use_of(p, estimator).scale)) return "none for this estimator";
    if (of->of_top_eigenvalue && isnan(made->limit.outliers[0])) return "no outlier";
    return NULL;
}

const char *scl_predict_lacks_first_order(const scl_predictor *p, size_t estimator, size_t metric)
{
    const scl_shift_prediction *made = made_of(p, estimator, 0);
    const scl_model_spec *spec = &settings_of(p)->model;
    if (!p->plan->config->metrics[metric]->distance) return "none for this metric";
    if (!made) return "none for this estimator";
    if (!has_gaussian_laws(spec)) return "none for laws that are not Gaussian";
    if (spec->r > SCL_FIRST_ORDER_MOST_R) return "not computed above r = 32";
    for (size_t i = 0; i < p->n_made; i++) {
        const scl_first_order *terms = &p->made[i][use_of(p, estimator).shift].first_order;
        if (!terms->gap) return "no gap after the r-th eigenvalue";
        if (isnan(scl_first_order_value(terms, settings_of(p)->n))) return "outside first-order range";
    }
    return NULL;
}
