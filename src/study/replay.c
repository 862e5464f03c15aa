/* One job again: a job is a pure function of (plan, cell, replicate), and here anybody can see it. See study.h. */
#include "base/memory.h"
#include "linalg/linalg.h"
#include "study/study.h"

#include <string.h>
#include <unistd.h>

typedef struct again {
    scl_replay *out;
    scl_job job;
    size_t n_metrics, most; /* rows that the job can have */
    scl_arena arena;        /* for the eigenvalues of S */
    scl_status status;
    scl_error *err;
} again;

/* numbers: the values of every row, then the r + 1 eigenvalues of S by kind */
static double *eigenvalues_of(const scl_replay *replay, size_t most, scl_row_kind kind)
{
    return replay->numbers + most * replay->r + (size_t)kind * (replay->r + 1);
}

static scl_status see_sample(again *a, const scl_inside *inside)
{
    const scl_sample *sample = inside->sample;
    scl_replayed_sample *of = &a->out->samples[inside->row->kind];
    size_t d = sample->S.rows, k = a->out->r < d ? a->out->r + 1 : d, most = a->most;
    double *values = eigenvalues_of(a->out, most, inside->row->kind);
    scl_matrix vectors;
    scl_leading_info info;
    *of = (scl_replayed_sample){.there = true,
                                .eigenvalues = values,
                                .n = k,
                                .labelled = sample->labels.m,
                                .model_s = inside->model_s,
                                .sample_s = inside->sample_s};
    for (size_t j = 0; j < d; j++) of->trace += SCL_AT(sample->S, j, j);
    a->arena.used = 0;
    scl_status status = scl_matrix_take(&vectors, &a->arena, d, k, a->err);
    if (status == SCL_OK) status = scl_leading(values, vectors, &info, sample->S, SCL_LEADING_EXACT, &a->arena, a->err);
    return status;
}

/* Rows come in the order in which scl_job_run counts them, but for those that fail. */
static void see(void *context, const scl_inside *inside)
{
    again *a = context;
    scl_replay *out = a->out;
    if (a->status == SCL_OK && !out->samples[inside->row->kind].there) a->status = see_sample(a, inside);
    double *values = out->numbers + out->n * out->r;
    memcpy(values, inside->values, out->r * sizeof *values);
    out->rows[out->n++] = (scl_replayed){.row = *inside->row,
                                         .info = *inside->info,
                                         .values = values,
                                         .fit_s = inside->fit_s,
                                         .metrics_s = inside->metrics_s};
}

/* The rows that were seen, and those that failed, in the order of `rows`. */
static void put_in_order(scl_replay *out, const scl_row *rows, size_t n)
{
    size_t seen = out->n;
    for (size_t i = n; i-- > 0;) { /* from the end: a place is read before it is written */
        bool same = seen > 0 && out->rows[seen - 1].row.estimator == rows[i].estimator &&
                    out->rows[seen - 1].row.kind == rows[i].kind;
        out->rows[i] = same ? out->rows[--seen] : (scl_replayed){.row = rows[i]};
    }
    out->n = n;
}

static scl_status run_again(again *a, const scl_plan *plan, scl_error *err)
{
    scl_worker worker;
    size_t most = scl_job_max_rows(plan);
    const scl_model_spec *model = &plan->cells[a->job.cell].settings.model;
    size_t d = model->d, k = model->r < d ? model->r + 1 : d;
    a->out->r = model->r;
    a->most = most;
    a->err = err;
    scl_row *rows = scl_alloc(most, sizeof *rows, err);
    a->out->rows = scl_alloc(most, sizeof *a->out->rows, err);
    a->out->numbers = scl_alloc(most * model->r + 2 * (model->r + 1), sizeof(double), err);
    scl_status status = rows && a->out->rows && a->out->numbers ? SCL_OK : SCL_ERR_MEMORY;
    if (status == SCL_OK) status = scl_arena_new(&a->arena, scl_matrix_need(d, k) + scl_leading_workspace(d, k), err);
    if (status == SCL_OK) status = scl_worker_new(&worker, plan, err);
    if (status == SCL_OK) {
        worker.watch = (scl_watch){see, a};
        put_in_order(a->out, rows, scl_job_run(rows, &worker, plan->first_job[a->job.cell] + a->job.replicate));
        scl_worker_free(&worker);
        status = a->status;
    }
    scl_arena_free(&a->arena);
    scl_free(rows);
    return status;
}

static scl_status compare_row(void *context, const scl_row *row, uint32_t replicate)
{
    again *a = context;
    for (size_t i = 0; replicate == a->job.replicate && i < a->out->n; i++) {
        const scl_row *mine = &a->out->rows[i].row;
        if (mine->estimator != row->estimator || mine->kind != row->kind) continue;
        bool same = mine->status == row->status && strcmp(mine->message, row->message) == 0 &&
                    memcmp(mine->values, row->values, a->n_metrics * sizeof(double)) == 0;
        a->out->rows[i].stored = same ? SCL_STORED_SAME : SCL_STORED_OTHERWISE;
    }
    return SCL_OK;
}

static scl_status compare_with_store(again *a, const char *folder, const scl_plan *plan, scl_error *err)
{
    scl_text path = {0};
    scl_store *store = NULL;
    scl_status status = scl_text_add(&path, err, "%s/" SCL_STORE_FILE, folder);
    bool there = status == SCL_OK && access(path.data, F_OK) == 0;
    a->out->has_store = there;
    if (there) status = scl_store_open(&store, folder, plan, SCL_STORE_READ, true, err);
    if (there && status == SCL_OK) status = scl_store_read_cell(store, a->job.cell, compare_row, a, err);
    scl_store_close(store);
    scl_text_free(&path);
    return status;
}

static scl_status check_job(const scl_plan *plan, scl_job job, scl_error *err)
{
    if (job.cell >= plan->n_cells)
        return scl_error_set(err, SCL_ERR_USAGE, "%s: there is no cell %zu; it has cells 0 to %zu", plan->config->path,
                             job.cell, plan->n_cells - 1);
    size_t replicates = scl_plan_most_replicates(plan, job.cell);
    if (job.replicate >= replicates)
        return scl_error_set(err, SCL_ERR_USAGE, "%s: there is no replicate %u in cell %zu; it has replicates 0 to %zu",
                             plan->config->path, (unsigned)job.replicate, job.cell, replicates - 1);
    return SCL_OK;
}

/* Under `precision` the job may be one that the plan has not come to. */
static scl_status grow_to(scl_plan *plan, scl_job job, scl_error *err)
{
    size_t *replicates = scl_alloc(plan->n_cells, sizeof *replicates, err);
    if (!replicates) return SCL_ERR_MEMORY;
    for (size_t c = 0; c < plan->n_cells; c++) replicates[c] = scl_plan_replicates(plan, c);
    if (replicates[job.cell] <= job.replicate) replicates[job.cell] = (size_t)job.replicate + 1;
    scl_plan_set_replicates(plan, replicates);
    scl_free(replicates);
    return SCL_OK;
}

void scl_replay_free(scl_replay *replay)
{
    scl_free(replay->rows);
    scl_free(replay->numbers);
    *replay = (scl_replay){0};
}

scl_status scl_study_replay(scl_replay *replay, const scl_config *config, const char *results, scl_job job,
                            scl_error *err)
{
    scl_plan plan;
    char *folder = NULL;
    *replay = (scl_replay){0};
    again a = {.out = replay, .job = job, .n_metrics = config->n_metrics};
    scl_status status = scl_plan_new(&plan, config, err);
    if (status != SCL_OK) return status;
    status = check_job(&plan, job, err);
    if (status == SCL_OK) status = grow_to(&plan, job, err);
    if (status == SCL_OK) status = run_again(&a, &plan, err);
    if (status == SCL_OK) status = scl_study_folder(&folder, config, results, (scl_shard){0}, err);
    if (status == SCL_OK) status = compare_with_store(&a, folder, &plan, err);
    if (status != SCL_OK) scl_replay_free(replay);
    scl_free(folder);
    scl_plan_free(&plan);
    return status;
}
