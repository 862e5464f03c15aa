/* A job: see job.h. The numbers depend on (plan, index) alone: every draw comes from a stream named after what it is. */
#include "study/job.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- the worker's buffers ---------------------------------------------------------------------------------------- */

typedef struct sizes {
    size_t d, r, tasks, arena; /* largest over the cells */
    scl_label_sizes labels;
} sizes;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static void add_labels(sizes *most, const scl_settings *s)
{
    scl_label_sizes labels = scl_sample_label_sizes(&s->model, s->sampler, s->labels.m);
    most->tasks = larger(most->tasks, s->model.task.n_tasks);
    most->labels.d = larger(most->labels.d, labels.d);
    most->labels.tasks = larger(most->labels.tasks, labels.tasks);
    most->labels.classes = larger(most->labels.classes, labels.classes);
    most->labels.kept = larger(most->labels.kept, labels.kept);
    most->arena = larger(most->arena, scl_task_workspace(s->model.r));
    most->arena = larger(most->arena, scl_sample_labelled_workspace(s->sampler, &s->model, s->n, s->labels.m));
}

static sizes largest(const scl_plan *plan)
{
    const scl_config *config = plan->config;
    sizes most = {0};
    for (size_t c = 0; c < plan->n_cells; c++) {
        const scl_settings *s = &plan->cells[c].settings;
        size_t d = s->model.d, r = s->model.r;
        most.d = larger(most.d, d);
        most.r = larger(most.r, r);
        most.arena = larger(most.arena, scl_model_workspace(d, r));
        most.arena = larger(most.arena, scl_sample_workspace(s->sampler, d, r, s->n));
        if (s->model.task.kind != SCL_TASK_NONE) add_labels(&most, s);
        for (size_t e = 0; e < config->n_estimators; e++)
            most.arena = larger(most.arena, config->estimators[e].estimator->workspace(d, r));
        for (size_t m = 0; m < config->n_metrics; m++)
            most.arena = larger(most.arena, config->metrics[m]->workspace(d, r));
    }
    return most;
}

size_t scl_worker_bytes(const scl_plan *plan)
{
    sizes most = largest(plan);
    size_t model = 2 * most.d * most.r + 2 * most.d + most.r + most.r * most.tasks + scl_labels_doubles(most.labels);
    return sizeof(double) * (most.arena + model + most.d * most.r + most.d * most.d + most.d + 2 * most.r);
}

scl_status scl_workers_fit(const scl_plan *plan, size_t workers, scl_error *err)
{
    size_t each = scl_worker_bytes(plan);
    if (scl_memory_grants(workers * each)) return SCL_OK;
    char all_gb[SCL_NUMBER_CHARS], each_gb[SCL_NUMBER_CHARS];
    sizes most = largest(plan);
    return scl_error_set(
        err, SCL_ERR_MEMORY,
        "%s: out of memory: %zu worker%s with up to d = %zu, r = %zu need %s GB (%s GB each), which the "
        "system does not grant; %s a smaller model.d%s needs less",
        plan->config->path, workers, workers == 1 ? "" : "s", most.d, most.r,
        scl_number_digits(all_gb, (double)workers * (double)each / 1e9, 3),
        scl_number_digits(each_gb, (double)each / 1e9, 3), workers == 1 ? "only" : "fewer --jobs or",
        most.labels.kept > 0 ? " or sample.labelled" : "");
}

scl_status scl_worker_new(scl_worker *worker, const scl_plan *plan, scl_error *err)
{
    sizes most = largest(plan);
    *worker = (scl_worker){.plan = plan, .model_cell = SIZE_MAX};
    scl_status status = scl_arena_new(&worker->arena, most.arena, err);
    if (status == SCL_OK) status = scl_model_new(&worker->storage, most.d, most.r, err);
    if (status == SCL_OK) status = scl_task_new(&worker->storage.task, most.r, most.tasks, err);
    if (status == SCL_OK) status = scl_labels_new(&worker->labels, most.labels, err);
    if (status == SCL_OK) {
        worker->Q = scl_alloc(most.d * most.r, sizeof(double), err);
        worker->mean = scl_alloc(most.d, sizeof(double), err);
        worker->S = scl_alloc(most.d * most.d, sizeof(double), err);
        worker->values = scl_alloc(most.r, sizeof(double), err);
        worker->scale = scl_alloc(most.r, sizeof(double), err);
        if (!worker->Q || !worker->mean || !worker->S || !worker->values || !worker->scale) status = SCL_ERR_MEMORY;
    }
    if (status != SCL_OK) scl_worker_free(worker);
    return status;
}

void scl_worker_free(scl_worker *worker)
{
    scl_arena_free(&worker->arena);
    scl_task_free(&worker->storage.task);
    scl_model_free(&worker->storage);
    scl_labels_free(&worker->labels);
    scl_free(worker->Q);
    scl_free(worker->mean);
    scl_free(worker->S);
    scl_free(worker->values);
    scl_free(worker->scale);
    *worker = (scl_worker){0};
}

/* ---- one trial --------------------------------------------------------------------------------------------------- */

/* The replicate that names the draws of a job. */
static uint32_t drawn_replicate(const scl_worker *worker, scl_job job)
{
    return worker->pilot ? UINT32_MAX - job.replicate : job.replicate;
}

static scl_role drawn_role(const scl_worker *worker, scl_role role)
{
    return worker->pilot ? SCL_ROLE_PILOT : role;
}

/* The metrics of what all rows of this sample, or of this model, share. */
static scl_status measure_shared(scl_worker *worker, const scl_sample *sample, scl_metric_of of, scl_error *err)
{
    const scl_config *config = worker->plan->config;
    worker->arena.used = 0;
    return scl_metrics_evaluate(worker->shared, config->metrics, config->n_metrics, of, NULL, sample, &worker->arena,
                                err);
}

/* The model of the cell, drawn anew only when the cell changes or `redraw: replicate` asks for it. */
static scl_status prepare_model(scl_worker *worker, scl_job job, scl_error *err)
{
    const scl_config *config = worker->plan->config;
    const scl_cell *cell = &worker->plan->cells[job.cell];
    const scl_model_spec *spec = &cell->settings.model;
    if (!config->redraw_replicate && worker->model_cell == job.cell) return SCL_OK;
    worker->model_cell = SIZE_MAX;
    worker->model = scl_model_within(&worker->storage, spec->d, spec->r);
    uint32_t replicate = config->redraw_replicate ? drawn_replicate(worker, job) : 0;
    scl_status status = scl_model_draw(&worker->model, spec, config->seed, cell->loadings_text, cell->noise_text,
                                       replicate, &worker->arena, err);
    if (status == SCL_OK)
        status = scl_task_draw(&worker->model.task, &spec->task, spec->r, config->seed, cell->task_text, replicate,
                               &worker->arena, err);
    const scl_sample population = {.n = INFINITY, .model = &worker->model};
    if (status == SCL_OK) status = measure_shared(worker, &population, SCL_OF_MODEL, err);
    if (status == SCL_OK) worker->model_cell = job.cell;
    return status;
}

/* With a population of samples goes one of labels, on which heads are fitted on as many samples as the cell has. */
static scl_status draw_labelled(scl_sample *sample, scl_worker *worker, scl_job job, double n, scl_stream *stream,
                                scl_error *err)
{
    const scl_cell *cell = &worker->plan->cells[job.cell];
    const scl_settings *s = &cell->settings;
    bool population = isinf(n) && (!isinf(s->n) || worker->population);
    scl_label_plan plan = s->labels;
    if (population && plan.m > 0) plan.m = INFINITY;
    scl_label_source source = {.seed = worker->plan->config->seed,
                               .role = drawn_role(worker, SCL_ROLE_LABELS),
                               .text = cell->data_text,
                               .replicate = drawn_replicate(worker, job)};
    sample->labels = scl_labels_within(&worker->labels, scl_sample_label_sizes(&s->model, s->sampler, plan.m));
    scl_status status =
        scl_sample_draw_labelled(sample, s->sampler, n, plan, &worker->model, stream, &source, &worker->arena, err);
    sample->labels.head_m = s->labels.m;
    sample->test = source;
    sample->test.role = drawn_role(worker, SCL_ROLE_TEST);
    return status;
}

static scl_status draw_sample(scl_sample *sample, scl_worker *worker, scl_job job, scl_row_kind kind, scl_error *err)
{
    const scl_config *config = worker->plan->config;
    const scl_cell *cell = &worker->plan->cells[job.cell];
    size_t d = cell->settings.model.d;
    *sample = (scl_sample){.mean = worker->mean, .S = {.rows = d, .cols = d, .ld = d, .data = worker->S}};
    double n = kind == SCL_ROW_POPULATION ? INFINITY : cell->settings.n;
    scl_role role = drawn_role(worker, SCL_ROLE_DATA);
    scl_stream stream = scl_stream_make(config->seed, role, cell->data_text, drawn_replicate(worker, job));
    if (worker->model.task.kind != SCL_TASK_NONE) return draw_labelled(sample, worker, job, n, &stream, err);
    return scl_sample_draw(sample, cell->settings.sampler, n, &worker->model, &stream, &worker->arena, err);
}

static scl_stream estimator_stream(const scl_worker *worker, scl_job job, size_t estimator)
{
    char text[SCL_ESTIMATOR_DRAW_CHARS];
    scl_plan_estimator_draw(text, worker->plan, job.cell, estimator);
    scl_role role = drawn_role(worker, SCL_ROLE_ESTIMATOR);
    return scl_stream_make(worker->plan->config->seed, role, text, drawn_replicate(worker, job));
}

/* Seconds for a watcher; nobody else pays for the clock. */
static double watched_now(const scl_worker *worker)
{
    if (!worker->watch.see) return 0;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void fail(scl_row *row, const scl_error *err)
{
    row->status = SCL_ROW_FAILED;
    for (size_t m = 0; m < SCL_MAX_METRICS; m++) row->values[m] = NAN;
    snprintf(row->message, sizeof row->message, "%.159s", err->message);
}

/* A fit whose numbers are not finite is no fit: its metrics would be NaN, which means "not applicable". */
static scl_status check_finite(const scl_representation *W, const char *id, scl_error *err)
{
    for (size_t k = 0; k < W->Q.cols; k++)
        for (size_t j = 0; j < W->Q.rows; j++)
            if (!isfinite(SCL_AT(W->Q, j, k)))
                return scl_error_set(err, SCL_ERR_INTERNAL, "%s: the fit is not finite", id);
    return SCL_OK;
}

/* `inside` has the sample and the times of its draws. */
static void measure(scl_row *row, scl_worker *worker, scl_inside inside, scl_job job)
{
    const scl_sample *sample = inside.sample;
    const scl_config *config = worker->plan->config;
    const scl_estimator_use *use = &config->estimators[row->estimator];
    size_t d = worker->model.d, r = worker->model.r;
    size_t k = scl_estimator_dimension(use->estimator, r, scl_task_classes(worker->model.task.kind, r));
    scl_error err = {0};
    scl_fit_info info = {0};
    for (size_t i = k; i < r; i++) worker->values[i] = worker->scale[i] = NAN;
    scl_representation W = {.Q = {.rows = d, .cols = k, .ld = d, .data = worker->Q},
                            .values = worker->values,
                            .scale = worker->scale,
                            .estimator = use->estimator,
                            .options = use->options};
    scl_stream stream;
    bool draws = scl_use_draws(use);
    if (draws) stream = estimator_stream(worker, job, row->estimator);
    double start = watched_now(worker);
    scl_status status =
        use->estimator->fit(&W, &info, sample, use->options, draws ? &stream : NULL, &worker->arena, &err);
    double fitted = watched_now(worker);
    worker->arena.used = 0;
    memcpy(row->values, worker->shared, config->n_metrics * sizeof *row->values);
    if (status == SCL_OK) status = check_finite(&W, use->id, &err);
    if (status == SCL_OK)
        status = scl_metrics_evaluate(row->values, config->metrics, config->n_metrics, SCL_OF_FIT, &W, sample,
                                      &worker->arena, &err);
    worker->arena.used = 0;
    if (status != SCL_OK) {
        fail(row, &err);
        return;
    }
    row->status = info.status == SCL_FIT_OK               ? SCL_ROW_OK
                  : info.status == SCL_FIT_RANK_DEFICIENT ? SCL_ROW_RANK_DEFICIENT
                                                          : SCL_ROW_UNCONVERGED;
    if (!worker->watch.see) return;
    inside.row = row;
    inside.info = &info;
    inside.values = W.values;
    inside.fit_s = fitted - start;
    inside.metrics_s = watched_now(worker) - fitted;
    worker->watch.see(worker->watch.context, &inside);
}

size_t scl_job_max_rows(const scl_plan *plan)
{
    return 2 * plan->config->n_estimators;
}

/* The rows of one kind, for the estimators that want them. */
static size_t run_kind(scl_row *rows, scl_worker *worker, scl_job job, size_t index, scl_row_kind kind,
                       const scl_present *there)
{
    const scl_plan *plan = worker->plan;
    size_t n = 0;
    for (size_t e = 0; e < plan->config->n_estimators; e++)
        if (scl_plan_wants(plan, job, e, kind) && !(there && scl_present_has(there, index, e, kind)))
            rows[n++] = (scl_row){.job = index, .estimator = (uint32_t)e, .kind = kind};
    if (n == 0) return 0;
    scl_error err = {0};
    scl_sample sample;
    double start = watched_now(worker);
    scl_status status = prepare_model(worker, job, &err);
    double drawn = watched_now(worker);
    if (status == SCL_OK) status = draw_sample(&sample, worker, job, kind, &err);
    scl_inside inside = {.sample = &sample, .model_s = drawn - start, .sample_s = watched_now(worker) - drawn};
    if (status == SCL_OK) status = measure_shared(worker, &sample, SCL_OF_SAMPLE, &err);
    worker->arena.used = 0;
    for (size_t i = 0; i < n; i++) {
        if (status == SCL_OK)
            measure(&rows[i], worker, inside, job);
        else
            fail(&rows[i], &err);
    }
    return n;
}

size_t scl_job_run_missing(scl_row *rows, scl_worker *worker, size_t index, const scl_present *there)
{
    scl_job job = scl_plan_job(worker->plan, index);
    size_t n = run_kind(rows, worker, job, index, SCL_ROW_SAMPLE, there);
    return n + run_kind(rows + n, worker, job, index, SCL_ROW_POPULATION, there);
}

size_t scl_job_run(scl_row *rows, scl_worker *worker, size_t index)
{
    return scl_job_run_missing(rows, worker, index, NULL);
}

size_t scl_job_population(scl_row *rows, scl_worker *worker, scl_job job)
{
    bool infinite = isinf(worker->plan->cells[job.cell].settings.n); /* then the sample is the population */
    worker->population = true;
    size_t n = run_kind(rows, worker, job, 0, infinite ? SCL_ROW_SAMPLE : SCL_ROW_POPULATION, NULL);
    worker->population = false;
    return n;
}

size_t scl_job_pilot(scl_row *rows, scl_worker *worker, scl_job job)
{
    worker->pilot = true;
    size_t n = run_kind(rows, worker, job, 0, SCL_ROW_SAMPLE, NULL);
    n += run_kind(rows + n, worker, job, 0, SCL_ROW_POPULATION, NULL);
    worker->pilot = false;
    return n;
}
