/* Evidence from a study's summary: see from_summary.h. */
#include "claims/from_summary.h"

#include "base/memory.h"
#include "study/draw_text.h"
#include "study/plan.h"

#include <math.h>
#include <string.h>

static const char *const METRIC = "sin-theta-f";

void scl_evidence_free(scl_evidence_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        scl_free((void *)list->cells[i].experiment);
        scl_free((void *)list->cells[i].family);
        scl_free((void *)list->cells[i].draw);
    }
    scl_free(list->cells);
    *list = (scl_evidence_list){0};
}

/* The id of the use of an estimator that leaves all options at their defaults; NULL when there is none. */
static const char *default_use(const scl_config *config, const char *estimator)
{
    for (size_t e = 0; e < config->n_estimators; e++) {
        const scl_estimator_use *use = &config->estimators[e];
        bool plain = strcmp(use->estimator->name, estimator) == 0;
        for (size_t i = 0; plain && i < use->estimator->n_options; i++)
            plain = use->options[i] == use->estimator->options[i].fallback;
        if (plain) return use->id;
    }
    return NULL;
}

static bool is_measured(const scl_config *config)
{
    for (size_t m = 0; m < config->n_metrics; m++)
        if (strcmp(config->metrics[m]->name, METRIC) == 0) return true;
    return false;
}

static bool is_fixed(const scl_config *config, const scl_settings *settings)
{
    return !config->redraw_replicate || !scl_loadings_random(settings->model.loadings);
}

/* Cells whose model is fixed, and those of them in the claim's domain. Replicates are not asked about: they may grow. */
static void count_cells(size_t *n_fixed, size_t *n_inside, const scl_config *config, const scl_claim *claim)
{
    *n_fixed = *n_inside = 0;
    for (size_t c = 0; c < scl_config_cells(config); c++) {
        scl_settings settings = scl_config_cell(config, c);
        if (!is_fixed(config, &settings)) continue;
        *n_fixed += 1;
        *n_inside += scl_in_domain(claim->domain, settings.n, (double)settings.model.d, (double)settings.model.r);
    }
}

scl_status scl_claim_lacks(scl_text *lacking, const scl_config *config, const char *claim, scl_error *err)
{
    const scl_claim *of = scl_claim_find(claim);
    if (!of) return SCL_OK;
    char n_over_d[SCL_NUMBER_CHARS], d_over_r[SCL_NUMBER_CHARS];
    size_t n_fixed, n_inside;
    count_cells(&n_fixed, &n_inside, config, of);
    scl_status status = SCL_OK;
    if (!default_use(config, of->estimator))
        status = scl_text_add(lacking, err, "the estimator %s with default options", of->estimator);
    if (status == SCL_OK && !is_measured(config))
        status = scl_text_add(lacking, err, "%sthe metric %s", lacking->length ? ", " : "", METRIC);
    if (status == SCL_OK && n_fixed == 0)
        status = scl_text_add(lacking, err, "%sa model that is drawn once (redraw: cell)", lacking->length ? ", " : "");
    else if (status == SCL_OK && n_inside == 0)
        status = scl_text_add(lacking, err, "%sa cell with n >= %s d (or n = inf) and d >= %s r",
                              lacking->length ? ", " : "", scl_number_shortest(n_over_d, of->domain->least_n_over_d),
                              scl_number_shortest(d_over_r, of->domain->least_d_over_r));
    return status;
}

/* Loadings, noise, laws and nu as text: cells that differ in n, d, r and the sampler alone are one family. */
static scl_status family_text(char **family, const scl_settings *settings, scl_error *err)
{
    scl_draw_key keys[SCL_MAX_DRAW_KEYS];
    size_t n = scl_draw_keys(keys, settings);
    scl_text text = {0};
    scl_status status = SCL_OK;
    for (size_t i = 0; status == SCL_OK && i < n; i++) {
        if (strncmp(keys[i].key, "model.", 6) != 0 || strcmp(keys[i].key, "model.d") == 0 ||
            strcmp(keys[i].key, "model.r") == 0)
            continue;
        status = scl_text_add(&text, err, "%s%s=%s", text.length ? " " : "", keys[i].key + 6, keys[i].value);
    }
    *family = text.data;
    return status;
}

/* What a sampled cell's random numbers come from. */
static scl_status draw_text(char **draw, const scl_plan *plan, size_t cell, scl_error *err)
{
    scl_text text = {0};
    scl_status status =
        scl_text_add(&text, err, "%llu %s", (unsigned long long)plan->config->seed, plan->cells[cell].data_text);
    *draw = text.data;
    return status;
}

static scl_status check_columns(const scl_table *summary, const char *path, scl_error *err)
{
    static const char *const needed[] = {"cell", "n",  "d",    "r",    "estimator",  "metric",   "status",
                                         "n_ok", "sd", "mean", "mcse", "population", "n_failed", "n_unconverged"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (scl_table_column(summary, needed[i]) == summary->n_columns)
            return scl_error_set(err, SCL_ERR_INPUT, "%s: has no column \"%s\"; it is not a summary of this program",
                                 path, needed[i]);
    return SCL_OK;
}

static bool is_status(const char *text)
{
    static const char *const known[] = {"ok",     "exact",     "rank-deficient", "single", "not applicable",
                                        "failed", "incomplete"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(text, known[i]) == 0) return true;
    return false;
}

/* An error lies between 0 and sqrt r, but for rounding. */
static bool is_error(double value, double r)
{
    return isnan(value) || (value >= 0 && value <= sqrt(r) * (1 + 1e-9));
}

/* Replicates that went wrong; rank-deficient ones are not counted in a summary. */
static double bad_replicates(const scl_table *summary, size_t row)
{
    double failed = scl_table_number(summary, row, scl_table_column(summary, "n_failed"));
    double unconverged = scl_table_number(summary, row, scl_table_column(summary, "n_unconverged"));
    const char *status = scl_table_text(summary, row, scl_table_column(summary, "status"));
    bool deficient = strcmp(status, "rank-deficient") == 0;
    return fmax(failed, 0) + fmax(unconverged, 0) + deficient;
}

/* lines[cell] is where the cell's row was met, 0 when it was not yet. */
static scl_status add_row(scl_evidence_list *list, size_t *lines, const scl_plan *plan, const scl_table *summary,
                          size_t row, const char *path, scl_error *err)
{
    const scl_config *config = plan->config;
    double number = scl_table_number(summary, row, scl_table_column(summary, "cell"));
    if (!(number >= 0 && number < (double)scl_config_cells(config) && number == floor(number)))
        return scl_error_set(err, SCL_ERR_INPUT, "%s: row %zu is of a cell that %s does not have; run it again", path,
                             row + 2, config->path);
    size_t cell = (size_t)number;
    if (lines[cell])
        return scl_error_set(err, SCL_ERR_INPUT,
                             "%s: row %zu repeats cell %zu, which is in row %zu already; run it again", path, row + 2,
                             cell, lines[cell]);
    lines[cell] = row + 2;
    scl_settings settings = scl_config_cell(config, cell);
    scl_evidence e = {.n = scl_table_number(summary, row, scl_table_column(summary, "n")),
                      .d = scl_table_number(summary, row, scl_table_column(summary, "d")),
                      .r = scl_table_number(summary, row, scl_table_column(summary, "r")),
                      .mean = scl_table_number(summary, row, scl_table_column(summary, "mean")),
                      .sd = scl_table_number(summary, row, scl_table_column(summary, "sd")),
                      .mcse = scl_table_number(summary, row, scl_table_column(summary, "mcse")),
                      .n_ok = scl_table_number(summary, row, scl_table_column(summary, "n_ok")),
                      .population = scl_table_number(summary, row, scl_table_column(summary, "population")),
                      .model_fixed = is_fixed(config, &settings),
                      .n_bad = bad_replicates(summary, row)};
    const char *row_status = scl_table_text(summary, row, scl_table_column(summary, "status"));
    if (e.n != settings.n || e.d != (double)settings.model.d || e.r != (double)settings.model.r)
        return scl_error_set(err, SCL_ERR_INPUT, "%s: row %zu does not belong to cell %zu of %s; run it again", path,
                             row + 2, cell, config->path);
    if (!is_status(row_status) || !is_error(e.mean, e.r) || !is_error(e.population, e.r))
        return scl_error_set(err, SCL_ERR_INPUT,
                             "%s: row %zu has status \"%s\", mean %g and population %g: no error of a subspace of "
                             "dimension %g; run it again",
                             path, row + 2, row_status, e.mean, e.population, e.r);
    if (strcmp(row_status, "incomplete") == 0)
        return scl_error_set(err, SCL_ERR_INPUT, "%s: cell %zu is incomplete; `spikedcl run %s` finishes it", path,
                             cell, config->path);
    scl_status status = scl_grow((void **)&list->cells, &list->capacity, list->n + 1, sizeof *list->cells, err);
    if (status != SCL_OK) return status;
    char *family = NULL;
    e.experiment = scl_strdup(config->name, err);
    status = e.experiment ? family_text(&family, &settings, err) : SCL_ERR_MEMORY;
    e.family = family;
    if (status == SCL_OK) status = draw_text((char **)&e.draw, plan, cell, err);
    list->cells[list->n++] = e; /* the list owns the texts, complete or not */
    return status;
}

scl_status scl_evidence_add(scl_evidence_list *list, const scl_config *config, const scl_table *summary,
                            const char *path, const char *estimator, scl_error *err)
{
    const char *id = default_use(config, estimator);
    if (!id || !is_measured(config))
        return scl_error_set(err, SCL_ERR_CONFIG,
                             "%s: its claims need the estimator %s with default options and the metric %s",
                             config->path, estimator, METRIC);
    size_t before = list->n;
    size_t *lines = scl_alloc(scl_config_cells(config), sizeof *lines, err);
    scl_plan plan = {0};
    scl_status status = lines ? check_columns(summary, path, err) : SCL_ERR_MEMORY;
    if (status == SCL_OK) status = scl_plan_new(&plan, config, err);
    size_t estimators = scl_table_column(summary, "estimator"), metrics = scl_table_column(summary, "metric");
    for (size_t row = 0; status == SCL_OK && row < summary->n_rows; row++)
        if (strcmp(scl_table_text(summary, row, estimators), id) == 0 &&
            strcmp(scl_table_text(summary, row, metrics), METRIC) == 0)
            status = add_row(list, lines, &plan, summary, row, path, err);
    scl_plan_free(&plan);
    scl_free(lines);
    if (status == SCL_OK && list->n - before != scl_config_cells(config))
        status = scl_error_set(err, SCL_ERR_INPUT, "%s: has %zu row%s of %s and %s, %s has %zu cell%s; run it again",
                               path, list->n - before, scl_plural(list->n - before), id, METRIC, config->path,
                               scl_config_cells(config), scl_plural(scl_config_cells(config)));
    return status;
}
