/* The summary: see summary.h.
 *
 * A cell's rows are laid out as values[estimator][metric][replicate], sample and population apart; NaN stands for a row that
 * is missing or failed, or a number that does not apply. A value that is not finite is counted, never averaged. */
#include "study/summary.h"

#include "study/predictor.h"
#include "study/row_texts.h"
#include "study/statistics.h"
#include "theory/theory.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Errors below these are rounding and have no logarithm: on the population (a root of differences), and of a sample, in d eps
 * (the oracle's, and everybody's when r = d). */
static const double POPULATION_ZERO = 1e-10, SAMPLE_ZERO = 8 * DBL_EPSILON;

/* ---- the rows of one cell ---------------------------------------------------------------------------------------- */

typedef struct cell_rows {
    const scl_plan *plan;
    size_t cell, n_estimators, n_metrics;
    size_t replicates;                               /* of the cell in the plan */
    double *sample, *population;                     /* [estimator][metric][replicate] */
    size_t *seen, *failed, *unconverged, *deficient; /* per estimator, sample rows */
    unsigned char *outcome;                          /* [estimator][replicate]: scl_row_status of the sample row */
    double *scratch;                                 /* replicates */
    double rate_bias, rate_sampling;
} cell_rows;

static double *series(const cell_rows *rows, double *values, size_t estimator, size_t metric)
{
    return values + (estimator * rows->n_metrics + metric) * rows->replicates;
}

static void cell_rows_free(cell_rows *rows)
{
    scl_free(rows->sample);
    scl_free(rows->population);
    scl_free(rows->seen);
    scl_free(rows->outcome);
    scl_free(rows->scratch);
    *rows = (cell_rows){0};
}

static scl_status visit(void *context, const scl_row *row, uint32_t replicate)
{
    cell_rows *rows = context;
    if (replicate >= rows->replicates) return SCL_OK; /* of a larger earlier plan */
    double *values = row->kind == SCL_ROW_SAMPLE ? rows->sample : rows->population;
    for (size_t m = 0; m < rows->n_metrics; m++) series(rows, values, row->estimator, m)[replicate] = row->values[m];
    if (row->kind == SCL_ROW_SAMPLE) {
        rows->outcome[row->estimator * rows->replicates + replicate] = (unsigned char)row->status;
        rows->seen[row->estimator]++;
        rows->failed[row->estimator] += row->status == SCL_ROW_FAILED;
        rows->unconverged[row->estimator] += row->status == SCL_ROW_UNCONVERGED;
        rows->deficient[row->estimator] += row->status == SCL_ROW_RANK_DEFICIENT;
    }
    return SCL_OK;
}

static scl_status cell_rows_read(cell_rows *rows, const scl_plan *plan, scl_store *store, size_t cell, scl_error *err)
{
    const scl_config *config = plan->config;
    size_t replicates = plan->first_job[cell + 1] - plan->first_job[cell];
    size_t count = config->n_estimators * config->n_metrics * replicates;
    *rows = (cell_rows){.plan = plan,
                        .cell = cell,
                        .n_estimators = config->n_estimators,
                        .n_metrics = config->n_metrics,
                        .replicates = replicates};
    rows->sample = scl_alloc(count, sizeof(double), err);
    rows->population = scl_alloc(count, sizeof(double), err);
    rows->seen = scl_alloc(4 * config->n_estimators, sizeof(size_t), err);
    rows->outcome = scl_alloc(config->n_estimators * replicates, 1, err);
    rows->scratch = scl_alloc(replicates, sizeof(double), err);
    if (!rows->sample || !rows->population || !rows->seen || !rows->outcome || !rows->scratch) {
        cell_rows_free(rows);
        return SCL_ERR_MEMORY;
    }
    rows->failed = rows->seen + config->n_estimators;
    rows->unconverged = rows->failed + config->n_estimators;
    rows->deficient = rows->unconverged + config->n_estimators;
    for (size_t i = 0; i < count; i++) rows->sample[i] = rows->population[i] = NAN;
    scl_status status = scl_store_read_cell(store, cell, visit, rows, err);
    if (status != SCL_OK) cell_rows_free(rows);
    return status;
}

/* ---- one line of the summary ------------------------------------------------------------------------------------- */

typedef struct line {
    const char *estimator, *metric, *status;
    size_t n_failed, n_unconverged;
    scl_statistics sample, population;
    scl_predicted first_order, limit;
    bool exact, distance;
} line;

/* Statistics of the finite values among n, gathered in scratch; a value of `exact` series stands alone. */
static scl_statistics finite_statistics(double *scratch, const double *values, size_t n, bool exact)
{
    size_t finite = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(values[i])) scratch[finite++] = values[i];
    scl_statistics s = scl_statistics_of(scratch, finite);
    if (exact && finite == 1) {
        s.sd = s.mcse = 0.0;
        s.ci_low = s.ci_high = s.mean;
    }
    return s;
}

static bool is_exact(const cell_rows *rows, size_t estimator)
{
    return rows->plan->cells[rows->cell].exact && !scl_use_draws(&rows->plan->config->estimators[estimator]);
}

/* Sample rows the plan wants of an estimator in this cell. */
static size_t wanted_rows(const cell_rows *rows, size_t estimator)
{
    return is_exact(rows, estimator) ? 1 : rows->replicates;
}

/* Whether some replicate says that its value is infinite. */
static bool has_infinite(const cell_rows *rows, size_t estimator, size_t metric)
{
    const double *values = series(rows, rows->sample, estimator, metric);
    for (size_t i = 0; rows->plan->config->metrics[metric]->infinite && i < rows->replicates; i++)
        if (isinf(values[i])) return true;
    return false;
}

/* A rank-deficient fit says nothing against a metric of the sample or of the model; against its own it does in the population, too. */
static const char *line_status(const cell_rows *rows, size_t estimator, size_t metric_index, size_t n_finite)
{
    const scl_metric *metric = rows->plan->config->metrics[metric_index];
    if (rows->seen[estimator] < wanted_rows(rows, estimator)) return "incomplete";
    if (rows->failed[estimator] == rows->seen[estimator]) return "failed";
    if (has_infinite(rows, estimator, metric_index)) return metric->infinite;
    if (n_finite == 0) return "not applicable";
    if (rows->deficient[estimator] > 0 && metric->of == SCL_OF_FIT)
        return "rank-deficient"; /* the solver's choice is not exact */
    if (is_exact(rows, estimator)) return "exact";
    return n_finite < 2 ? "single" : "ok";
}

/* Population values: exact where one replicate holds them, an average under `redraw: replicate`. Where n is infinite the
 * sample is the population. */
static void set_population(line *out, const cell_rows *rows, const double *sample, const double *population, bool exact)
{
    bool infinite = isinf(rows->plan->cells[rows->cell].settings.n);
    bool fixed = infinite ? exact : !rows->plan->config->redraw_replicate;
    out->population = finite_statistics(rows->scratch, infinite ? sample : population, rows->replicates, fixed);
}

static line estimator_line(cell_rows *rows, scl_predictor *predictor, size_t estimator, size_t metric)
{
    const scl_config *config = rows->plan->config;
    const scl_estimator_use *use = &config->estimators[estimator];
    double *sample = series(rows, rows->sample, estimator, metric);
    line out = {
        .estimator = use->id, .metric = config->metrics[metric]->name, .distance = config->metrics[metric]->distance};
    out.exact = is_exact(rows, estimator);
    out.sample = finite_statistics(rows->scratch, sample, rows->replicates, out.exact);
    out.n_failed = rows->failed[estimator];
    out.n_unconverged = rows->unconverged[estimator];
    out.status = line_status(rows, estimator, metric, out.sample.n);
    if (has_infinite(rows, estimator, metric)) out.sample = scl_statistics_of(rows->scratch, 0); /* so is the mean */
    if (!scl_use_draws(use))
        set_population(&out, rows, sample, series(rows, rows->population, estimator, metric), out.exact);
    else
        out.population = scl_statistics_of(rows->scratch, 0);
    out.first_order = scl_predict_first_order(predictor, estimator, metric);
    out.limit = scl_predict_limit(predictor, estimator, metric);
    return out;
}

/* ---- pairs ------------------------------------------------------------------------------------------------------- */

typedef enum pair_kind { PAIR_DIFFERENCE, PAIR_LOG_RATIO } pair_kind;

static double pair_value(double left, double right, pair_kind kind, double zero)
{
    if (kind == PAIR_DIFFERENCE) return left - right;
    return left > zero && right > zero ? log(left / right) : NAN;
}

/* A value that is exact stands in replicate 0 for all of them. */
static double value_at(const cell_rows *rows, double *values, size_t estimator, size_t metric, size_t replicate)
{
    return series(rows, values, estimator, metric)[is_exact(rows, estimator) ? 0 : replicate];
}

static bool has_outcome(const cell_rows *rows, size_t estimator, size_t replicate, scl_row_status outcome)
{
    size_t at = is_exact(rows, estimator) ? 0 : replicate;
    return rows->outcome[estimator * rows->replicates + at] == outcome;
}

/* The worse of two statuses. A pair has no finite values where one side is infinite, so that the other side looks not applicable. */
static const char *worse_status(const char *left, const char *right)
{
    static const char *const worst_first[] = {"incomplete",     "failed", SCL_INFINITE, "not applicable",
                                              "rank-deficient", "single", "ok"}; /* as they begin */
    for (size_t i = 0; i < sizeof worst_first / sizeof *worst_first; i++) {
        size_t length = strlen(worst_first[i]);
        if (strncmp(left, worst_first[i], length) == 0) return left;
        if (strncmp(right, worst_first[i], length) == 0) return right;
    }
    return left;
}

/* The paired line left - right, or log(left/right): same draws, so a far smaller standard error. A replicate counts as failed or
 * unconverged when one of the two did. `buffer` holds two series. */
static line pair_line(cell_rows *rows, scl_predictor *predictor, size_t left, size_t right, size_t metric,
                      pair_kind kind, double *buffer)
{
    const scl_estimator_use *uses = rows->plan->config->estimators;
    double *sample = buffer, *population = buffer + rows->replicates;
    const scl_settings *settings = &rows->plan->cells[rows->cell].settings;
    double zero = isinf(settings->n) ? POPULATION_ZERO : SAMPLE_ZERO * (double)settings->model.d;
    line out = {.exact = is_exact(rows, left) && is_exact(rows, right)};
    size_t wanted = out.exact ? 1 : rows->replicates;
    for (size_t i = 0; i < rows->replicates; i++) {
        sample[i] = i >= wanted ? NAN
                                : pair_value(value_at(rows, rows->sample, left, metric, i),
                                             value_at(rows, rows->sample, right, metric, i), kind, zero);
        population[i] = pair_value(series(rows, rows->population, left, metric)[i],
                                   series(rows, rows->population, right, metric)[i], kind, POPULATION_ZERO);
    }
    for (size_t i = 0; i < wanted; i++) {
        out.n_failed += has_outcome(rows, left, i, SCL_ROW_FAILED) || has_outcome(rows, right, i, SCL_ROW_FAILED);
        out.n_unconverged +=
            has_outcome(rows, left, i, SCL_ROW_UNCONVERGED) || has_outcome(rows, right, i, SCL_ROW_UNCONVERGED);
    }
    out.sample = finite_statistics(rows->scratch, sample, rows->replicates, out.exact);
    if (has_infinite(rows, left, metric) || has_infinite(rows, right, metric))
        out.sample = scl_statistics_of(rows->scratch, 0);
    out.status =
        worse_status(line_status(rows, left, metric, out.sample.n), line_status(rows, right, metric, out.sample.n));
    if (!scl_use_draws(&uses[left]) && !scl_use_draws(&uses[right]))
        set_population(&out, rows, sample, population, out.exact);
    else
        out.population = scl_statistics_of(rows->scratch, 0);
    out.first_order = scl_predict_pair(predictor, left, right, metric, false, kind == PAIR_LOG_RATIO);
    out.limit = scl_predict_pair(predictor, left, right, metric, true, kind == PAIR_LOG_RATIO);
    return out;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

static const char *const trailing_columns[] = {"estimator", "metric",        "status",      "n_ok",
                                               "n_failed",  "n_unconverged", "mean",        "sd",
                                               "mcse",      "ci_low",        "ci_high",     "q05",
                                               "median",    "q95",           "population",  "population_mcse",
                                               "rate_bias", "rate_sampling", "first_order", "first_order_mcse",
                                               "limit",     "limit_mcse",    "bound"};
enum { N_TRAILING = sizeof trailing_columns / sizeof *trailing_columns };

static scl_status add_columns(scl_table *table, const scl_config *config, scl_error *err)
{
    scl_row_texts names;
    scl_status status = SCL_OK;
    scl_row_put_cell_names(&names, config);
    for (size_t i = 0; i < N_TRAILING; i++) scl_row_put_text(&names, trailing_columns[i]);
    for (size_t i = 0; status == SCL_OK && i < names.n; i++) status = scl_table_add_column(table, names.cells[i], err);
    return status;
}

static scl_status add_line(scl_table *table, const line *out, const cell_rows *rows, scl_error *err)
{
    scl_row_texts row;
    scl_row_put_cell(&row, rows->plan, rows->cell);
    scl_row_put_text(&row, out->estimator);
    scl_row_put_text(&row, out->metric);
    scl_row_put_text(&row, out->status);
    scl_row_put_number(&row, (double)out->sample.n);
    scl_row_put_number(&row, (double)out->n_failed);
    scl_row_put_number(&row, (double)out->n_unconverged);
    const double numbers[] = {out->sample.mean,     out->sample.sd,      out->sample.mcse,   out->sample.ci_low,
                              out->sample.ci_high,  out->sample.q05,     out->sample.median, out->sample.q95,
                              out->population.mean, out->population.mcse};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) scl_row_put_number(&row, numbers[i]);
    scl_row_put_number(&row, out->distance ? rows->rate_bias : NAN);
    scl_row_put_number(&row, out->distance ? rows->rate_sampling : NAN);
    scl_row_put_number(&row, out->first_order.value);
    scl_row_put_number(&row, out->first_order.mcse);
    scl_row_put_number(&row, out->limit.value);
    scl_row_put_number(&row, out->limit.mcse);
    scl_row_put_text(&row, ""); /* bound: its constant is not known */
    return scl_table_add_row(table, row.cells, err);
}

static scl_status add_pairs(scl_table *table, cell_rows *rows, scl_predictor *predictor, double *buffer, scl_error *err)
{
    const scl_config *config = rows->plan->config;
    scl_status status = SCL_OK;
    for (size_t p = 0; status == SCL_OK && p < config->n_compares; p++) {
        size_t left = config->compares[p].left, right = config->compares[p].right;
        char estimator[300], metric[80];
        snprintf(estimator, sizeof estimator, "%s vs %s", config->estimators[left].id, config->estimators[right].id);
        for (size_t m = 0; status == SCL_OK && m < config->n_metrics; m++) {
            line out = pair_line(rows, predictor, left, right, m, PAIR_DIFFERENCE, buffer);
            out.estimator = estimator;
            out.metric = metric;
            snprintf(metric, sizeof metric, "difference(%s)", config->metrics[m]->name);
            status = add_line(table, &out, rows, err);
            if (status != SCL_OK || !config->metrics[m]->positive) continue;
            out = pair_line(rows, predictor, left, right, m, PAIR_LOG_RATIO, buffer);
            out.estimator = estimator;
            out.metric = metric;
            snprintf(metric, sizeof metric, "log-ratio(%s)", config->metrics[m]->name);
            status = add_line(table, &out, rows, err);
        }
    }
    return status;
}

/* What stands beside the means. */
typedef struct theory {
    scl_predictor predictor;
    scl_expression *bias, *sampling; /* the paper's rates, constant 1 */
} theory;

static void theory_free(theory *of)
{
    scl_predictor_free(&of->predictor);
    scl_expression_free(of->bias);
    scl_expression_free(of->sampling);
}

static scl_status theory_new(theory *of, const scl_plan *plan, scl_error *err)
{
    scl_expression_fault fault;
    *of = (theory){0};
    scl_status status = scl_predictor_new(&of->predictor, plan, err);
    if (status == SCL_OK) status = scl_expression_new(&of->bias, &fault, SCL_RATE_BIAS, err);
    if (status == SCL_OK) status = scl_expression_new(&of->sampling, &fault, SCL_RATE_SAMPLING, err);
    if (status != SCL_OK) theory_free(of);
    return status;
}

static void find_rates(cell_rows *rows, theory *of)
{
    const scl_settings *settings = &rows->plan->cells[rows->cell].settings;
    double quantities[SCL_N_QUANTITIES];
    scl_quantities_of_spec(quantities, &settings->model, settings->n, settings->labels.m);
    rows->rate_bias = scl_expression_value(of->bias, quantities);
    rows->rate_sampling = scl_expression_value(of->sampling, quantities);
}

static scl_status add_cell(scl_table *table, const scl_plan *plan, theory *of, scl_store *store, size_t cell,
                           scl_error *err)
{
    const scl_config *config = plan->config;
    cell_rows rows;
    scl_status status = scl_predictor_cell(&of->predictor, cell, err);
    if (status == SCL_OK) status = cell_rows_read(&rows, plan, store, cell, err);
    if (status != SCL_OK) return status;
    find_rates(&rows, of);
    double *buffer = scl_alloc(2 * rows.replicates, sizeof(double), err);
    if (!buffer) status = SCL_ERR_MEMORY;
    for (size_t e = 0; e < config->n_estimators; e++)
        for (size_t m = 0; status == SCL_OK && m < config->n_metrics; m++) {
            line out = estimator_line(&rows, &of->predictor, e, m);
            status = add_line(table, &out, &rows, err);
        }
    if (status == SCL_OK) status = add_pairs(table, &rows, &of->predictor, buffer, err);
    scl_free(buffer);
    cell_rows_free(&rows);
    return status;
}

scl_status scl_summary_table(scl_table *table, const scl_plan *plan, scl_store *store, scl_error *err)
{
    theory of;
    scl_status status = theory_new(&of, plan, err);
    if (status != SCL_OK) return status;
    status = add_columns(table, plan->config, err);
    for (size_t c = 0; status == SCL_OK && c < plan->n_cells; c++) status = add_cell(table, plan, &of, store, c, err);
    theory_free(&of);
    return status;
}

/* ---- export ------------------------------------------------------------------------------------------------------ */

typedef struct export_context {
    scl_text *csv;
    const scl_plan *plan;
    size_t cell;
    scl_error *err;
} export_context;

static const char *const row_status_names[] = {"ok", "rank-deficient", "unconverged", "failed"};

/* Names of experiments, estimators and metrics and values of swept keys hold no commas or quotes: nothing to escape. */
static scl_status export_row(void *context, const scl_row *row, uint32_t replicate)
{
    export_context *to = context;
    const scl_config *config = to->plan->config;
    const size_t *first_job = &to->plan->first_job[to->cell];
    if (replicate >= first_job[1] - first_job[0]) return SCL_OK; /* of a larger earlier plan */
    scl_row_texts prefix;
    scl_row_put_cell(&prefix, to->plan, to->cell);
    scl_status status = SCL_OK;
    for (size_t m = 0; status == SCL_OK && m < config->n_metrics; m++) {
        char number[SCL_NUMBER_CHARS] = "";
        if (!isnan(row->values[m])) scl_number_digits(number, row->values[m], 17); /* inf is a value */
        for (size_t i = 0; status == SCL_OK && i < prefix.n; i++)
            status = scl_text_add(to->csv, to->err, "%s,", prefix.cells[i]);
        if (status == SCL_OK)
            status = scl_text_add(to->csv, to->err, "%u,%s,%s,%s,%s,%s\n", (unsigned)replicate,
                                  config->estimators[row->estimator].id, config->metrics[m]->name,
                                  row->kind == SCL_ROW_SAMPLE ? "sample" : "population", row_status_names[row->status],
                                  number);
    }
    return status;
}

scl_status scl_summary_export(scl_text *csv, const scl_plan *plan, scl_store *store, scl_error *err)
{
    scl_row_texts names;
    scl_status status = SCL_OK;
    scl_row_put_cell_names(&names, plan->config);
    for (size_t i = 0; status == SCL_OK && i < names.n; i++) status = scl_text_add(csv, err, "%s,", names.cells[i]);
    if (status == SCL_OK) status = scl_text_add(csv, err, "replicate,estimator,metric,kind,status,value\n");
    for (size_t c = 0; status == SCL_OK && c < plan->n_cells; c++) {
        export_context context = {.csv = csv, .plan = plan, .cell = c, .err = err};
        status = scl_store_read_cell(store, c, export_row, &context, err);
    }
    return status;
}
