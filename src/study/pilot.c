/* A pilot: see pilot.h. */
#include "study/pilot.h"

#include "study/precision.h"
#include "study/statistics.h"

#include <math.h>
#include <time.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The buffers of a pilot. */
typedef struct bench {
    scl_worker worker;
    scl_row *rows;
    double *values;   /* [estimator][replicate] of precision's metric */
    size_t *n_values; /* per estimator: finite ones */
    size_t *n_infinite, *n_failed;
    size_t replicates;
} bench;

static void bench_free(bench *b)
{
    scl_worker_free(&b->worker);
    scl_free(b->rows);
    scl_free(b->values);
    scl_free(b->n_values);
    scl_free(b->n_infinite);
    scl_free(b->n_failed);
}

static scl_status bench_new(bench *b, const scl_plan *plan, size_t replicates, scl_error *err)
{
    size_t n_estimators = plan->config->n_estimators;
    *b = (bench){.replicates = replicates};
    scl_status status = scl_worker_new(&b->worker, plan, err);
    if (status != SCL_OK) return status;
    b->rows = scl_alloc(scl_job_max_rows(plan), sizeof *b->rows, err);
    b->values = scl_alloc(n_estimators * replicates, sizeof *b->values, err);
    b->n_values = scl_alloc(n_estimators, sizeof *b->n_values, err);
    b->n_infinite = scl_alloc(n_estimators, sizeof *b->n_infinite, err);
    b->n_failed = scl_alloc(n_estimators, sizeof *b->n_failed, err);
    return b->rows && b->values && b->n_values && b->n_infinite && b->n_failed ? SCL_OK : SCL_ERR_MEMORY;
}

/* ---- one cell ---------------------------------------------------------------------------------------------------- */

/* The total that one estimator asks for; *capped when even the most is too few. */
static size_t total_of(bool *capped, const bench *b, const scl_plan *plan, size_t cell, size_t estimator)
{
    size_t total = plan->config->replicates, most = scl_plan_most_replicates(plan, cell);
    size_t n = b->n_values[estimator];
    *capped = false;
    if (b->n_infinite[estimator] > 0) return total;          /* it has no mean */
    if (n == 0 && b->n_failed[estimator] == 0) return total; /* the metric does not apply to it */
    double needed = INFINITY;
    if (n > 1) {
        double sd = scl_statistics_of(&b->values[estimator * b->replicates], n).sd;
        needed = pow(sd / plan->config->precision.mcse, 2) * (double)b->replicates / (double)n;
    }
    while (total < most && !((double)total >= needed)) total = scl_precision_next(total, most);
    *capped = !((double)total >= needed);
    return total;
}

static void expect_replicates(scl_pilot_cell *out, const bench *b, const scl_plan *plan, size_t cell)
{
    out->replicates = 0;
    for (size_t e = 0; e < plan->config->n_estimators; e++) {
        bool capped;
        size_t total = total_of(&capped, b, plan, cell, e);
        out->replicates = total > out->replicates ? total : out->replicates;
        out->capped = out->capped || capped;
    }
}

static void take_rows(bench *b, const scl_plan *plan, size_t n_rows)
{
    for (size_t i = 0; i < n_rows; i++) {
        const scl_row *row = &b->rows[i];
        double value = row->values[plan->config->precision.metric];
        if (row->kind != SCL_ROW_SAMPLE) continue;
        if (isfinite(value)) b->values[row->estimator * b->replicates + b->n_values[row->estimator]++] = value;
        b->n_infinite[row->estimator] += isinf(value) != 0;
        b->n_failed[row->estimator] += row->status == SCL_ROW_FAILED;
    }
}

static void run_cell(scl_pilot_cell *out, bench *b, const scl_plan *plan, size_t cell, double deadline)
{
    bool grows = plan->config->precision.wanted && !plan->cells[cell].exact;
    size_t planned = scl_plan_replicates(plan, cell);
    size_t wanted = grows || b->replicates < planned ? b->replicates : planned;
    for (size_t e = 0; e < plan->config->n_estimators; e++) b->n_values[e] = b->n_infinite[e] = b->n_failed[e] = 0;
    double start = now_s(), others_s = 0;
    for (; out->n_run < wanted && (out->n_run == 0 || start < deadline); out->n_run++) {
        size_t n_rows = scl_job_pilot(b->rows, &b->worker, (scl_job){cell, (uint32_t)out->n_run});
        double end = now_s();
        take_rows(b, plan, n_rows);
        if (out->n_run == 0)
            out->first_s = end - start;
        else
            others_s += end - start;
        start = end;
    }
    out->each_s = out->n_run > 1 ? others_s / (double)(out->n_run - 1) : out->first_s;
    if (!grows)
        out->replicates = scl_plan_replicates(plan, cell);
    else if (out->n_run == wanted && wanted > 1)
        expect_replicates(out, b, plan, cell);
}

/* ---- all cells --------------------------------------------------------------------------------------------------- */

static size_t common_divisor(size_t a, size_t b)
{
    while (b > 0) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Steps of the golden section visit every cell once and never leave a large gap. */
static size_t spreading_step(size_t n)
{
    size_t step = (size_t)(.6180339887498949 * (double)n);
    if (step == 0) step = 1;
    while (common_divisor(step, n) > 1) step++;
    return step;
}

static void add_cell(scl_pilot *pilot, size_t cell, const scl_pilot_cell *like)
{
    const scl_pilot_cell *own = &pilot->cells[cell];
    size_t replicates = own->replicates;
    if (replicates == 0 && !pilot->plan->cells[cell].exact) replicates = like->replicates;
    if (replicates == 0) replicates = scl_plan_replicates(pilot->plan, cell);
    pilot->n_reached += own->n_run > 0;
    pilot->n_said += own->replicates > 0;
    pilot->jobs += (double)replicates;
    pilot->worker_s += like->first_s + (double)(replicates - 1) * like->each_s;
}

/* Each cell like the nearest one that was reached; one was. */
static void add_up(scl_pilot *pilot)
{
    size_t n = pilot->plan->n_cells, left = n, right = 0;
    for (size_t c = 0; c < n; c++) {
        if (pilot->cells[c].n_run > 0) left = c;
        while (right < n && (right < c || pilot->cells[right].n_run == 0)) right++;
        bool take_left = left < n && (right == n || c - left <= right - c);
        add_cell(pilot, c, &pilot->cells[take_left ? left : right]);
    }
}

scl_status scl_pilot_run(scl_pilot *pilot, const scl_plan *plan, size_t replicates, double budget_s, scl_error *err)
{
    bench b;
    double deadline = now_s() + budget_s;
    *pilot = (scl_pilot){.plan = plan};
    scl_status status = bench_new(&b, plan, replicates, err);
    pilot->cells = scl_alloc(plan->n_cells, sizeof *pilot->cells, err);
    if (!pilot->cells) status = SCL_ERR_MEMORY;
    size_t step = spreading_step(plan->n_cells), cell = 0;
    for (size_t i = 0; status == SCL_OK && i < plan->n_cells && (i == 0 || now_s() < deadline); i++) {
        run_cell(&pilot->cells[cell], &b, plan, cell, deadline);
        cell = (cell + step) % plan->n_cells;
    }
    bench_free(&b);
    if (status == SCL_OK)
        add_up(pilot);
    else
        scl_pilot_free(pilot);
    return status;
}

void scl_pilot_free(scl_pilot *pilot)
{
    scl_free(pilot->cells);
    *pilot = (scl_pilot){0};
}
