/* Precision: see precision.h. */
#include "study/precision.h"

#include "base/memory.h"
#include "study/statistics.h"

#include <math.h>

scl_status scl_precision_new(scl_precision *precision, scl_plan *plan, scl_error *err)
{
    *precision = (scl_precision){.plan = plan};
    if (!plan->config->precision.wanted) return SCL_OK;
    precision->cells = scl_alloc(plan->n_cells, sizeof *precision->cells, err);
    precision->replicates = scl_alloc(plan->n_cells, sizeof *precision->replicates, err);
    if (!precision->cells || !precision->replicates) {
        scl_precision_free(precision);
        return SCL_ERR_MEMORY;
    }
    for (size_t c = 0; c < plan->n_cells; c++) {
        scl_precision_state state = plan->cells[c].exact ? SCL_PRECISION_EXACT : SCL_PRECISION_OPEN;
        precision->cells[c] = (scl_precision_cell){.state = state, .mcse = NAN};
        precision->replicates[c] = scl_plan_replicates(plan, c);
    }
    return SCL_OK;
}

void scl_precision_free(scl_precision *precision)
{
    scl_free(precision->cells);
    scl_free(precision->replicates);
    *precision = (scl_precision){0};
}

size_t scl_precision_next(size_t replicates, size_t most)
{
    return replicates > most / 2 ? most : 2 * replicates;
}

/* ---- one cell ---------------------------------------------------------------------------------------------------- */

/* The metric's values of a cell, as far as they are stored. */
typedef struct series {
    const scl_plan *plan;
    size_t cell, capacity; /* replicates that there is room for */
    double *values;        /* [estimator][replicate], NaN: none */
    unsigned char *failed; /* [estimator][replicate] */
    size_t *n_rows;        /* [replicate] rows that are there */
    double *scratch;       /* capacity */
} series;

static void series_free(series *s)
{
    scl_free(s->values);
    scl_free(s->failed);
    scl_free(s->n_rows);
    scl_free(s->scratch);
}

static scl_status gather(void *context, const scl_row *row, uint32_t replicate)
{
    series *s = context;
    if (replicate >= s->capacity) return SCL_OK;
    s->n_rows[replicate]++;
    if (row->kind != SCL_ROW_SAMPLE) return SCL_OK;
    size_t at = row->estimator * s->capacity + replicate;
    s->values[at] = row->values[s->plan->config->precision.metric];
    s->failed[at] = row->status == SCL_ROW_FAILED;
    return SCL_OK;
}

static scl_status series_read(series *s, const scl_plan *plan, size_t cell, scl_store *store, scl_error *err)
{
    size_t most = scl_plan_most_replicates(plan, cell), stored = scl_store_replicates(store);
    *s = (series){.plan = plan, .cell = cell, .capacity = stored < most ? stored : most};
    size_t count = plan->config->n_estimators * s->capacity;
    s->values = scl_alloc(count, sizeof *s->values, err);
    s->failed = scl_alloc(count, 1, err);
    s->n_rows = scl_alloc(s->capacity, sizeof *s->n_rows, err);
    s->scratch = scl_alloc(s->capacity, sizeof *s->scratch, err);
    if (!s->values || !s->failed || !s->n_rows || !s->scratch) return SCL_ERR_MEMORY;
    for (size_t i = 0; i < count; i++) s->values[i] = NAN;
    return scl_store_read_cell(store, cell, gather, s, err);
}

/* Replicates 0 .. n-1 of which every row is there. */
static size_t complete_prefix(const series *s)
{
    size_t n = 0;
    for (; n < s->capacity; n++) {
        scl_job job = {.cell = s->cell, .replicate = (uint32_t)n};
        size_t wanted = 0;
        for (size_t e = 0; e < s->plan->config->n_estimators; e++)
            wanted += (size_t)scl_plan_wants(s->plan, job, e, SCL_ROW_SAMPLE) +
                      (size_t)scl_plan_wants(s->plan, job, e, SCL_ROW_POPULATION);
        if (s->n_rows[n] < wanted) break;
    }
    return n;
}

/* Whether the first n replicates are precise; *mcse is the largest of the estimators'. */
static bool is_precise(double *mcse, series *s, size_t n)
{
    bool precise = true;
    *mcse = NAN;
    for (size_t e = 0; e < s->plan->config->n_estimators; e++) {
        size_t n_finite = 0, n_infinite = 0, n_failed = 0;
        for (size_t i = 0; i < n; i++) {
            double value = s->values[e * s->capacity + i];
            if (isfinite(value)) s->scratch[n_finite++] = value;
            n_infinite += isinf(value) != 0;
            n_failed += s->failed[e * s->capacity + i];
        }
        if (n_infinite > 0) continue;                 /* so is its mean, and more replicates change nothing */
        if (n_finite == 0 && n_failed == 0) continue; /* the metric does not apply to it */
        double own = scl_statistics_of(s->scratch, n_finite).mcse;
        if (!(own <= s->plan->config->precision.mcse)) precise = false;
        *mcse = fmax(*mcse, own);
    }
    return precise;
}

static scl_status settle_cell(scl_precision *precision, size_t cell, scl_store *store, scl_error *err)
{
    series s;
    scl_precision_cell *out = &precision->cells[cell];
    size_t most = scl_plan_most_replicates(precision->plan, cell), *n = &precision->replicates[cell];
    scl_status status = series_read(&s, precision->plan, cell, store, err);
    size_t complete = status == SCL_OK ? complete_prefix(&s) : 0;
    while (status == SCL_OK && out->state == SCL_PRECISION_OPEN && *n <= complete) {
        if (is_precise(&out->mcse, &s, *n))
            out->state = SCL_PRECISION_REACHED;
        else if (*n == most)
            out->state = SCL_PRECISION_CAPPED;
        else
            *n = scl_precision_next(*n, most);
    }
    series_free(&s);
    return status;
}

/* ---- all cells --------------------------------------------------------------------------------------------------- */

scl_status scl_precision_settle(scl_precision *precision, scl_store *store, scl_error *err)
{
    if (!precision->cells) return SCL_OK;
    scl_plan *plan = precision->plan;
    size_t *most = scl_alloc(plan->n_cells, sizeof *most, err);
    if (!most) return SCL_ERR_MEMORY;
    for (size_t c = 0; c < plan->n_cells; c++) most[c] = scl_plan_most_replicates(plan, c);
    scl_plan_set_replicates(plan, most); /* the store reads out rows of the plan's jobs only */
    scl_status status = SCL_OK;
    for (size_t c = 0; status == SCL_OK && c < plan->n_cells; c++)
        if (precision->cells[c].state == SCL_PRECISION_OPEN) status = settle_cell(precision, c, store, err);
    scl_plan_set_replicates(plan, precision->replicates);
    scl_free(most);
    return status;
}

/* ---- running ----------------------------------------------------------------------------------------------------- */

/* The progress of all rounds so far, and who is told of it. */
typedef struct rounds {
    scl_progress before; /* of the rounds that are over: done_now, part_before, failed, unconverged, elapsed_s */
    const scl_pool_options *options;
} rounds;

static scl_progress add_round(const rounds *all, const scl_progress *round)
{
    scl_progress sum = *round; /* done, total: of the plan as it is now */
    sum.done_now += all->before.done_now;
    sum.part_before += all->before.part_before;
    sum.failed += all->before.failed;
    sum.unconverged += all->before.unconverged;
    sum.elapsed_s += all->before.elapsed_s;
    return sum;
}

static void show_round(void *context, const scl_progress *round)
{
    const rounds *all = context;
    scl_progress sum = add_round(all, round);
    sum.last = false; /* another round may follow */
    all->options->progress(all->options->progress_context, &sum);
}

/* The presence of a plan that has grown; *failed: rows of its jobs that failed. */
static scl_status renew(scl_present *present, size_t *failed, const scl_plan *plan, const scl_store *store,
                        scl_error *err)
{
    scl_present_free(present);
    scl_status status = scl_present_new(present, plan, err);
    if (status == SCL_OK) scl_store_present(present, failed, store);
    return status;
}

scl_status scl_precision_run(scl_progress *progress, scl_precision *precision, scl_present *present, scl_store *store,
                             const scl_pool_options *options, scl_error *err)
{
    const scl_plan *plan = precision->plan;
    if (!precision->cells) return scl_pool_run(progress, plan, present, store, options, err);
    rounds all = {.options = options};
    scl_pool_options own = *options;
    own.progress = options->progress ? show_round : NULL;
    own.progress_context = &all;
    size_t failed_first = 0, failed_now = 0;
    scl_store_present(present, &failed_first, store);
    scl_status status = SCL_OK;
    for (bool grown = true; status == SCL_OK && grown;) {
        scl_progress round;
        size_t jobs = plan->n_jobs;
        status = scl_pool_run(&round, plan, present, store, &own, err);
        *progress = add_round(&all, &round);
        all.before = *progress;
        if (status == SCL_OK && round.done == round.total) status = scl_precision_settle(precision, store, err);
        grown = plan->n_jobs > jobs;
        if (status != SCL_OK || !grown) continue;
        status = renew(present, &failed_now, plan, store, err);
        all.before.failed = failed_now - failed_first; /* rows of earlier runs may have come in */
    }
    progress->last = true;
    if (options->progress && status == SCL_OK) options->progress(options->progress_context, progress);
    return status;
}
