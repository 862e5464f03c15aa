/* Evidence from a study's summary: see from_summary.h. */
#include "claims/from_summary.h"

#include "base/memory.h"
#include "claims/bound.h"
#include "claims/bound_cells.h"
#include "claims/lacks.h"
#include "claims/uses.h"
#include "study/draw_text.h"
#include "study/plan.h"

#include <math.h>
#include <string.h>

void scl_evidence_free(scl_evidence_list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        scl_free((void *)list->cells[i].experiment);
        scl_free((void *)list->cells[i].estimator);
        scl_free((void *)list->cells[i].use);
        scl_free((void *)list->cells[i].family);
        scl_free((void *)list->cells[i].draw);
    }
    scl_free(list->cells);
    *list = (scl_evidence_list){0};
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

/* What a sampled cell's random numbers come from; with the use, where evidence is of several: they are no copies of each other. */
static scl_status draw_text(char **draw, const scl_plan *plan, size_t cell, const scl_estimator_use *use,
                            scl_error *err)
{
    scl_text text = {0};
    scl_status status =
        scl_text_add(&text, err, "%llu %s", (unsigned long long)plan->config->seed, plan->cells[cell].data_text);
    if (status == SCL_OK && use) status = scl_text_add(&text, err, "\n");
    if (status == SCL_OK && use) status = scl_draw_text_estimator(&text, use, err);
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
    return scl_metric_status_is_infinite(text);
}

/* An error lies between 0 and its largest value, but for rounding. */
static bool is_error(double value, double largest)
{
    return isnan(value) || (value >= 0 && value <= largest * (1 + 1e-9));
}

/* Replicates that went wrong; rank-deficient ones are not counted in a summary. What does not apply cannot go wrong. */
static double bad_replicates(const scl_table *summary, size_t row)
{
    double failed = scl_table_number(summary, row, scl_table_column(summary, "n_failed"));
    double unconverged = scl_table_number(summary, row, scl_table_column(summary, "n_unconverged"));
    const char *status = scl_table_text(summary, row, scl_table_column(summary, "status"));
    bool deficient = strcmp(status, "rank-deficient") == 0;
    if (strcmp(status, "not applicable") == 0) return 0;
    return fmax(failed, 0) + fmax(unconverged, 0) + deficient;
}

static double number_at(const scl_table *summary, size_t row, const char *column)
{
    return scl_table_number(summary, row, scl_table_column(summary, column));
}

/* Of a column that summaries of earlier versions lack: NaN there. */
static double number_if_any(const scl_table *summary, size_t row, const char *column)
{
    return scl_table_column(summary, column) == summary->n_columns ? NAN : number_at(summary, row, column);
}

static scl_seen read_seen(const scl_table *summary, size_t row)
{
    return (scl_seen){.mean = number_at(summary, row, "mean"),
                      .sd = number_at(summary, row, "sd"),
                      .mcse = number_at(summary, row, "mcse"),
                      .n_ok = number_at(summary, row, "n_ok"),
                      .population = number_at(summary, row, "population"),
                      .limit = number_if_any(summary, row, "limit"),
                      .limit_mcse = number_if_any(summary, row, "limit_mcse"),
                      .n_bad = bad_replicates(summary, row)};
}

/* A summary that rows are read from; lines[cell] is where the cell's row was met, 0 when it was not yet. */
typedef struct source {
    const scl_claim *claim;
    const scl_plan *plan;
    const scl_table *summary;
    const char *path;
    size_t *lines;
} source;

/* The cell of a row of `metric`: one of the config's, met for the first time, complete, its values possible. */
static scl_status check_row(size_t *cell, const source *from, size_t row, const char *metric, scl_error *err)
{
    const scl_config *config = from->plan->config;
    const scl_table *summary = from->summary;
    double number = number_at(summary, row, "cell"), r = number_at(summary, row, "r");
    if (!(number >= 0 && number < (double)scl_config_cells(config) && number == floor(number)))
        return scl_error_set(err, SCL_ERR_INPUT, "%s: row %zu is of a cell that %s does not have; run it again",
                             from->path, row + 2, config->path);
    *cell = (size_t)number;
    if (from->lines[*cell])
        return scl_error_set(err, SCL_ERR_INPUT,
                             "%s: row %zu repeats cell %zu, which is in row %zu already; run it again", from->path,
                             row + 2, *cell, from->lines[*cell]);
    from->lines[*cell] = row + 2;
    scl_settings settings = scl_config_cell(config, *cell);
    if (number_at(summary, row, "n") != settings.n || number_at(summary, row, "d") != (double)settings.model.d ||
        r != (double)settings.model.r)
        return scl_error_set(err, SCL_ERR_INPUT, "%s: row %zu does not belong to cell %zu of %s; run it again",
                             from->path, row + 2, *cell, config->path);
    const char *row_status = scl_table_text(summary, row, scl_table_column(summary, "status"));
    scl_seen seen = read_seen(summary, row);
    const scl_metric *of = scl_metric_find(metric); /* NULL: a difference or log-ratio */
    double largest = of && of->largest ? of->largest(r) : INFINITY;
    bool values_good = isinf(largest) || (is_error(seen.mean, largest) && is_error(seen.population, largest));
    if (!is_status(row_status) || !values_good)
        return scl_error_set(err, SCL_ERR_INPUT,
                             "%s: row %zu has status \"%s\", mean %g and population %g: no error of a subspace of "
                             "dimension %g; run it again",
                             from->path, row + 2, row_status, seen.mean, seen.population, r);
    if (strcmp(row_status, "incomplete") == 0)
        return scl_error_set(err, SCL_ERR_INPUT, "%s: cell %zu is incomplete; `spikedcl run %s` finishes it",
                             from->path, *cell, config->words);
    return SCL_OK;
}

/* seen[cell], for every cell, from the rows of an estimator (or pair) and a metric. */
static scl_status read_rows(scl_seen *seen, const source *from, const char *estimator, const char *metric,
                            scl_error *err)
{
    const scl_config *config = from->plan->config;
    size_t n_cells = scl_config_cells(config), n = 0, cell = 0;
    size_t estimators = scl_table_column(from->summary, "estimator"),
           metrics = scl_table_column(from->summary, "metric");
    for (size_t c = 0; c < n_cells; c++) from->lines[c] = 0;
    for (size_t row = 0; row < from->summary->n_rows; row++) {
        if (strcmp(scl_table_text(from->summary, row, estimators), estimator) != 0 ||
            strcmp(scl_table_text(from->summary, row, metrics), metric) != 0)
            continue;
        scl_status status = check_row(&cell, from, row, metric, err);
        if (status != SCL_OK) return status;
        seen[cell] = read_seen(from->summary, row);
        n++;
    }
    if (n == n_cells) return SCL_OK;
    return scl_error_set(err, SCL_ERR_INPUT, "%s: has %zu row%s of %s and %s, %s has %zu cell%s; run it again",
                         from->path, n, scl_plural(n), estimator, metric, config->path, n_cells, scl_plural(n_cells));
}

/* The terms of the claim, and where in the list the model was drawn last: cells that differ in n and m alone share it. */
typedef struct bound_cells {
    scl_bound_terms terms;
    size_t last; /* SIZE_MAX: none was */
} bound_cells;

/* Fills the quantities of the list's last cell, and refuses terms that have no value to judge by there. */
static scl_status add_quantities(scl_evidence_list *list, bound_cells *bound, const scl_plan *plan, size_t cell,
                                 scl_error *err)
{
    double own[SCL_N_QUANTITIES];
    scl_evidence *e = &list->cells[list->n - 1];
    const scl_evidence *last = bound->last < list->n ? &list->cells[bound->last] : NULL;
    if (last && strcmp(last->family, e->family) == 0 && last->d == e->d && last->r == e->r) {
        const scl_settings *settings = &plan->cells[cell].settings;
        memcpy(e->quantities, last->quantities, sizeof e->quantities);
        scl_quantities_of_spec(own, &settings->model, settings->n, settings->labels.m);
        memcpy(e->quantities, own, SCL_QUANTITY_SIGMA_MAX * sizeof *own); /* those that need no model */
    } else {
        scl_status status = scl_bound_quantities(e->quantities, plan, cell, bound->terms.of_model, err);
        if (status != SCL_OK) return status;
        bound->last = list->n - 1;
    }
    return e->model_fixed ? scl_bound_check(&bound->terms, e->quantities, plan->config, err) : SCL_OK;
}

/* Appends the evidence of a cell and an estimator, without pairs. */
static scl_status add_cell(scl_evidence_list *list, bound_cells *bound, const source *from, size_t cell, size_t use,
                           const scl_seen *seen, const scl_seen *also, scl_error *err)
{
    const scl_config *config = from->plan->config;
    scl_settings settings = scl_config_cell(config, cell);
    scl_evidence e = {.n = settings.n,
                      .d = (double)settings.model.d,
                      .r = (double)settings.model.r,
                      .mean = seen->mean,
                      .sd = seen->sd,
                      .mcse = seen->mcse,
                      .n_ok = seen->n_ok,
                      .population = seen->population,
                      .limit = seen->limit,
                      .limit_mcse = seen->limit_mcse,
                      .model_fixed = scl_config_model_fixed(config, &settings),
                      .coherent = scl_claim_coherent_model(&settings.model),
                      .loadings = settings.model.loadings,
                      .n_bad = seen->n_bad,
                      .also = *also,
                      .labels_shared = settings.labels.shared,
                      .labels_apart = settings.labels.apart};
    scl_text text = {0};
    scl_status status = scl_grow((void **)&list->cells, &list->capacity, list->n + 1, sizeof *list->cells, err);
    if (status != SCL_OK) return status;
    char *family = NULL;
    e.experiment = scl_strdup(config->name, err);
    e.estimator = scl_strdup(config->estimators[use].id, err);
    status =
        e.experiment && e.estimator ? scl_draw_text_estimator(&text, &config->estimators[use], err) : SCL_ERR_MEMORY;
    e.use = text.data;
    if (status == SCL_OK) status = family_text(&family, &settings, err);
    e.family = family;
    if (status == SCL_OK)
        status = draw_text((char **)&e.draw, from->plan, cell,
                           from->claim->every_estimator ? &config->estimators[use] : NULL, err);
    list->cells[list->n++] = e; /* the list owns the texts, complete or not */
    return status == SCL_OK ? add_quantities(list, bound, from->plan, cell, err) : status;
}

static scl_seen negated(scl_seen seen)
{
    seen.mean = -seen.mean;
    seen.population = -seen.population;
    seen.limit = -seen.limit;
    return seen;
}

/* The p-th pair of the claim, in the cells from `first` on. */
static scl_status add_pair(scl_evidence *first, size_t p, scl_seen *seen, const source *from, scl_error *err)
{
    const scl_config *config = from->plan->config;
    const scl_claim *claim = from->claim;
    const char *metric = scl_claim_metric(claim);
    size_t n_cells = scl_config_cells(config), pair = 0;
    bool reversed = false;
    scl_status status = scl_use_find_pair(&pair, &reversed, config, &claim->pairs[p], err);
    if (status != SCL_OK) return status;
    if (pair == config->n_compares)
        return scl_error_set(err, SCL_ERR_CONFIG, "%s: its claims need the pair [%s, %s] under compare", config->path,
                             claim->pairs[p].left, claim->pairs[p].right);
    const char *ids[] = {config->estimators[config->compares[pair].left].id,
                         config->estimators[config->compares[pair].right].id};
    scl_text both = {0}, difference = {0}, log_ratio = {0};
    status = scl_text_add(&both, err, "%s vs %s", ids[0], ids[1]);
    if (status == SCL_OK) status = scl_text_add(&difference, err, "difference(%s)", metric);
    if (status == SCL_OK) status = scl_text_add(&log_ratio, err, "log-ratio(%s)", metric);
    if (status == SCL_OK) status = read_rows(seen, from, ids[reversed], metric, err);
    for (size_t c = 0; status == SCL_OK && c < n_cells; c++) first[c].pairs[p].left = seen[c];
    if (status == SCL_OK) status = read_rows(seen, from, ids[!reversed], metric, err);
    for (size_t c = 0; status == SCL_OK && c < n_cells; c++) first[c].pairs[p].right = seen[c];
    if (status == SCL_OK) status = read_rows(seen, from, scl_text_get(&both), scl_text_get(&difference), err);
    for (size_t c = 0; status == SCL_OK && c < n_cells; c++)
        first[c].pairs[p].difference = reversed ? negated(seen[c]) : seen[c];
    if (status == SCL_OK) status = read_rows(seen, from, scl_text_get(&both), scl_text_get(&log_ratio), err);
    for (size_t c = 0; status == SCL_OK && c < n_cells; c++)
        first[c].pairs[p].log_ratio = reversed ? negated(seen[c]) : seen[c];
    scl_text_free(&both);
    scl_text_free(&difference);
    scl_text_free(&log_ratio);
    return status;
}

/* Appends the cells of one use; `seen` and `also` are room for them. */
static scl_status add_use(scl_evidence_list *list, bound_cells *bound, scl_seen *seen, scl_seen *also,
                          const source *from, size_t use, scl_error *err)
{
    const scl_config *config = from->plan->config;
    const char *id = config->estimators[use].id;
    scl_status status = read_rows(seen, from, id, scl_claim_metric(from->claim), err);
    if (status == SCL_OK && from->claim->also) status = read_rows(also, from, id, from->claim->also, err);
    for (size_t c = 0; status == SCL_OK && c < scl_config_cells(config); c++)
        status = add_cell(list, bound, from, c, use, &seen[c], &also[c], err);
    return status;
}

/* The paired differences of a use from the claim's own, in the cells from `first` on, where the config compares the two. */
static scl_status add_paired(scl_evidence *first, scl_seen *seen, const source *from, size_t use, size_t own,
                             scl_error *err)
{
    const scl_config *config = from->plan->config;
    const char *metrics[] = {scl_claim_metric(from->claim), from->claim->also};
    size_t n_cells = scl_config_cells(config), pair = 0;
    while (pair < config->n_compares && !(config->compares[pair].left + config->compares[pair].right == use + own &&
                                          (config->compares[pair].left == use || config->compares[pair].left == own)))
        pair++;
    if (pair == config->n_compares) return SCL_OK;
    bool reversed = config->compares[pair].left == own;
    scl_text both = {0};
    scl_status status = scl_text_add(&both, err, "%s vs %s", config->estimators[config->compares[pair].left].id,
                                     config->estimators[config->compares[pair].right].id);
    for (size_t k = 0; status == SCL_OK && k < 2 && metrics[k]; k++) {
        scl_text difference = {0};
        status = scl_text_add(&difference, err, "difference(%s)", metrics[k]);
        if (status == SCL_OK) status = read_rows(seen, from, scl_text_get(&both), scl_text_get(&difference), err);
        for (size_t c = 0; status == SCL_OK && c < n_cells; c++)
            *(k ? &first[c].paired_also : &first[c].paired) = reversed ? negated(seen[c]) : seen[c];
        scl_text_free(&difference);
    }
    scl_text_free(&both);
    return status;
}

/* What a config must have that is read here, said as scl_claim_lacks would. */
static scl_status find_own(size_t *use, const scl_config *config, const scl_claim *claim, scl_error *err)
{
    scl_status status = scl_use_find_own(use, config, claim, err);
    if (status != SCL_OK) return status;
    bool also = !claim->also || scl_metric_is_measured(config, claim->also);
    if (*use < config->n_estimators && also && scl_metric_is_measured(config, scl_claim_metric(claim))) return SCL_OK;
    scl_text text = {0};
    status = scl_use_own_text(&text, claim, err);
    if (status == SCL_OK)
        status = scl_error_set(err, SCL_ERR_CONFIG, "%s: its claims need the estimator %s and the metric%s %s%s%s",
                               config->path, scl_text_get(&text), claim->also ? "s" : "", scl_claim_metric(claim),
                               claim->also ? " and " : "", claim->also ? claim->also : "");
    scl_text_free(&text);
    return status;
}

scl_status scl_evidence_add(scl_evidence_list *list, const scl_config *config, const scl_table *summary,
                            const char *path, const scl_claim *claim, scl_error *err)
{
    size_t use = 0, before = list->n, n_cells = scl_config_cells(config);
    scl_status status = find_own(&use, config, claim, err);
    if (status != SCL_OK) return status;
    scl_plan plan = {0};
    bound_cells bound = {.last = SIZE_MAX};
    source from = {claim, &plan, summary, path, scl_alloc(n_cells, sizeof *from.lines, err)};
    scl_seen *seen = scl_alloc(n_cells, sizeof *seen, err), *also = scl_alloc(n_cells, sizeof *also, err);
    status = from.lines && seen && also ? check_columns(summary, path, err) : SCL_ERR_MEMORY;
    if (status == SCL_OK) status = scl_bound_terms_new(&bound.terms, claim, err);
    if (status == SCL_OK) status = scl_plan_new(&plan, config, err);
    if (status == SCL_OK) status = add_use(list, &bound, seen, also, &from, use, err);
    for (size_t u = 0; status == SCL_OK && u < config->n_estimators && claim->every_estimator; u++) {
        if (u == use) continue;
        size_t first = list->n;
        status = add_use(list, &bound, seen, also, &from, u, err);
        if (status == SCL_OK) status = add_paired(list->cells + first, seen, &from, u, use, err);
    }
    for (size_t p = 0; status == SCL_OK && p < SCL_MAX_PAIRS && claim->pairs[p].left; p++)
        status = add_pair(list->cells + before, p, seen, &from, err);
    scl_bound_terms_free(&bound.terms);
    scl_plan_free(&plan);
    scl_free(from.lines);
    scl_free(seen);
    scl_free(also);
    return status;
}
