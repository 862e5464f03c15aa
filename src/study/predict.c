/* Predictions as a table: see predict.h. */
#include "study/predict.h"

#include "base/memory.h"
#include "study/job.h"
#include "study/predictor.h"
#include "study/row_texts.h"

#include <math.h>

static const char *const columns[] = {
    "estimator",        "metric", "population", "population_mcse", "population_note", "first_order", "first_order_mcse",
    "first_order_note", "kappa",  "limit",      "limit_mcse",      "limit_note",      "above",       "outliers"};

/* Population values of a cell: [estimator][metric][model], NaN where there is none. */
typedef struct populations {
    scl_worker worker;
    scl_row *rows;
    double *values;
    size_t n_metrics, n_models;
} populations;

static double *population_of(populations *p, size_t estimator, size_t metric)
{
    return p->values + (estimator * p->n_metrics + metric) * p->n_models;
}

static void populations_free(populations *p)
{
    scl_worker_free(&p->worker);
    scl_free(p->rows);
    scl_free(p->values);
}

static scl_status populations_new(populations *p, const scl_predictor *predictor, scl_error *err)
{
    const scl_plan *plan = predictor->plan;
    *p = (populations){.n_metrics = plan->config->n_metrics, .n_models = predictor->n_models};
    scl_status status = scl_worker_new(&p->worker, plan, err);
    if (status != SCL_OK) return status;
    p->rows = scl_alloc(scl_job_max_rows(plan), sizeof *p->rows, err);
    p->values = scl_alloc(plan->config->n_estimators * p->n_metrics * p->n_models, sizeof *p->values, err);
    return p->rows && p->values ? SCL_OK : SCL_ERR_MEMORY;
}

static void populations_of_cell(populations *p, const scl_predictor *predictor)
{
    const scl_config *config = predictor->plan->config;
    for (size_t i = 0; i < config->n_estimators * p->n_metrics * p->n_models; i++) p->values[i] = NAN;
    for (size_t model = 0; model < predictor->n_made; model++) {
        size_t n = scl_job_population(p->rows, &p->worker, (scl_job){predictor->cell, (uint32_t)model});
        for (size_t i = 0; i < n; i++) {
            const scl_row *row = &p->rows[i];
            if (scl_use_draws(&config->estimators[row->estimator])) continue;
            for (size_t m = 0; m < p->n_metrics; m++) population_of(p, row->estimator, m)[model] = row->values[m];
        }
    }
}

/* What the population value is, or why there is none. */
static const char *population_note(const populations *p, const scl_predictor *predictor, size_t estimator,
                                   size_t metric, scl_predicted mean)
{
    const scl_config *config = predictor->plan->config;
    const double *values = p->values + (estimator * p->n_metrics + metric) * p->n_models;
    if (!isnan(mean.value)) return config->redraw_replicate ? "mean over models" : "exact";
    if (scl_use_draws(&config->estimators[estimator])) return "none: this estimator draws random numbers";
    for (size_t i = 0; i < predictor->n_made; i++)
        if (isinf(values[i]) && config->metrics[metric]->infinite) return config->metrics[metric]->infinite;
    return "none for this metric";
}

/* "5.63 4.21 none", or NULL in text where the estimator has none. */
static scl_status put_outliers(scl_row_texts *row, scl_text *text, const scl_limit *limit, size_t r, scl_error *err)
{
    scl_status status = SCL_OK;
    char number[SCL_NUMBER_CHARS];
    for (size_t k = 0; status == SCL_OK && k < r; k++)
        status = scl_text_add(
            text, err, "%s%s", k ? " " : "",
            isnan(limit->outliers[k]) ? "none" : scl_number_digits(number, limit->outliers[k], SCL_ROW_DIGITS));
    scl_row_put_text(row, scl_text_get(text));
    return status;
}

static scl_status add_row(scl_table *table, scl_predictor *predictor, populations *population, size_t estimator,
                          size_t metric, scl_error *err)
{
    const scl_config *config = predictor->plan->config;
    scl_row_texts row;
    scl_text outliers = {0};
    scl_row_put_cell(&row, predictor->plan, predictor->cell);
    scl_row_put_text(&row, config->estimators[estimator].id);
    scl_row_put_text(&row, config->metrics[metric]->name);
    scl_predicted exact = scl_predicted_mean(predictor, population_of(population, estimator, metric));
    scl_predicted first = scl_predict_first_order(predictor, estimator, metric);
    scl_predicted limit = scl_predict_limit(predictor, estimator, metric);
    scl_predicted kappa = scl_predict_kappa(predictor, estimator, metric);
    const char *no_first = scl_predict_lacks_first_order(predictor, estimator, metric);
    const char *no_limit = scl_predict_lacks_limit(predictor, estimator, metric);
    bool infinite = isinf(predictor->plan->cells[predictor->cell].settings.n);
    scl_row_put_number(&row, exact.value);
    scl_row_put_number(&row, exact.mcse);
    scl_row_put_text(&row, population_note(population, predictor, estimator, metric, exact));
    scl_row_put_number(&row, first.value);
    scl_row_put_number(&row, first.mcse);
    scl_row_put_text(&row, no_first ? no_first : infinite ? "exact" : "root mean square");
    scl_row_put_number(&row, kappa.value);
    scl_row_put_number(&row, limit.value);
    scl_row_put_number(&row, limit.mcse);
    scl_row_put_text(&row, no_limit ? no_limit : infinite ? "exact" : "limit");
    const scl_shift_prediction *made = scl_predict_shift(predictor, estimator);
    scl_status status = SCL_OK;
    if (made && made->limit.gap && !predictor->plan->config->redraw_replicate) {
        scl_row_put_size(&row, (double)made->limit.above);
        status =
            put_outliers(&row, &outliers, &made->limit, predictor->plan->cells[predictor->cell].settings.model.r, err);
    } else {
        scl_row_put_text(&row, "");
        scl_row_put_text(&row, "");
    }
    if (status == SCL_OK) status = scl_table_add_row(table, row.cells, err);
    scl_text_free(&outliers);
    return status;
}

static scl_status add_columns(scl_table *table, const scl_config *config, scl_error *err)
{
    scl_row_texts names;
    scl_status status = SCL_OK;
    scl_row_put_cell_names(&names, config);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) scl_row_put_text(&names, columns[i]);
    for (size_t i = 0; status == SCL_OK && i < names.n; i++) status = scl_table_add_column(table, names.cells[i], err);
    return status;
}

scl_status scl_predict_table(scl_table *table, const scl_plan *plan, scl_error *err)
{
    const scl_config *config = plan->config;
    scl_predictor predictor;
    populations population = {0};
    scl_status status = scl_predictor_new(&predictor, plan, err);
    if (status != SCL_OK) return status;
    status = populations_new(&population, &predictor, err);
    if (status == SCL_OK) status = add_columns(table, config, err);
    for (size_t c = 0; status == SCL_OK && c < plan->n_cells; c++) {
        status = scl_predictor_cell(&predictor, c, err);
        if (status == SCL_OK && predictor.moved) populations_of_cell(&population, &predictor);
        for (size_t e = 0; e < config->n_estimators; e++)
            for (size_t m = 0; status == SCL_OK && m < config->n_metrics; m++)
                status = add_row(table, &predictor, &population, e, m, err);
    }
    populations_free(&population);
    scl_predictor_free(&predictor);
    return status;
}
