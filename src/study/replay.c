/* One job again: a job is a pure function of (plan, cell, replicate), and here anybody can see it. See study.h. */
#include "base/memory.h"
#include "study/study.h"

#include <string.h>
#include <unistd.h>

typedef struct replay {
    scl_replayed *rows;
    size_t n;
    scl_job job;
    size_t n_metrics;
} replay;

static scl_status run_again(replay *again, const scl_plan *plan, scl_error *err)
{
    scl_worker worker;
    size_t most = scl_job_max_rows(plan);
    scl_row *rows = scl_alloc(most, sizeof *rows, err);
    again->rows = scl_alloc(most, sizeof *again->rows, err);
    scl_status status = rows && again->rows ? scl_worker_new(&worker, plan, err) : SCL_ERR_MEMORY;
    if (status == SCL_OK) {
        again->n = scl_job_run(rows, &worker, plan->first_job[again->job.cell] + again->job.replicate);
        for (size_t i = 0; i < again->n; i++) again->rows[i].row = rows[i];
        scl_worker_free(&worker);
    }
    scl_free(rows);
    return status;
}

static scl_status compare_row(void *context, const scl_row *row, uint32_t replicate)
{
    replay *again = context;
    for (size_t i = 0; replicate == again->job.replicate && i < again->n; i++) {
        const scl_row *mine = &again->rows[i].row;
        if (mine->estimator != row->estimator || mine->kind != row->kind) continue;
        bool same = mine->status == row->status && strcmp(mine->message, row->message) == 0 &&
                    memcmp(mine->values, row->values, again->n_metrics * sizeof(double)) == 0;
        again->rows[i].stored = same ? SCL_STORED_SAME : SCL_STORED_OTHERWISE;
    }
    return SCL_OK;
}

static scl_status compare_with_store(replay *again, const char *folder, const scl_plan *plan, scl_error *err)
{
    scl_text path = {0};
    scl_store *store = NULL;
    scl_status status = scl_text_add(&path, err, "%s/" SCL_STORE_FILE, folder);
    bool there = status == SCL_OK && access(path.data, F_OK) == 0;
    if (there) status = scl_store_open(&store, folder, plan, SCL_STORE_READ, true, err);
    if (there && status == SCL_OK) status = scl_store_read_cell(store, again->job.cell, compare_row, again, err);
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

scl_status scl_study_replay(scl_replayed **rows, size_t *n, const scl_config *config, const char *results, scl_job job,
                            scl_error *err)
{
    scl_plan plan;
    char *folder = NULL;
    replay again = {.job = job, .n_metrics = config->n_metrics};
    scl_status status = scl_plan_new(&plan, config, err);
    if (status != SCL_OK) return status;
    status = check_job(&plan, job, err);
    if (status == SCL_OK) status = grow_to(&plan, job, err);
    if (status == SCL_OK) status = run_again(&again, &plan, err);
    if (status == SCL_OK) status = scl_study_folder(&folder, config, results, (scl_shard){0}, err);
    if (status == SCL_OK) status = compare_with_store(&again, folder, &plan, err);
    if (status != SCL_OK) {
        scl_free(again.rows);
        again.rows = NULL;
    }
    *rows = again.rows;
    *n = again.n;
    scl_free(folder);
    scl_plan_free(&plan);
    return status;
}
