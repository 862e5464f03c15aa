/* Reads a study: its state, its summary anew, its export. See study.h. */
#include "base/file.h"
#include "base/memory.h"
#include "study/precision.h"
#include "study/study.h"
#include "study/study_parts.h"

size_t scl_study_count_done(const scl_present *present, scl_shard shard)
{
    size_t count = 0;
    for (size_t j = 0; j < present->plan->n_jobs; j++) count += scl_shard_has(shard, j) && scl_present_all(present, j);
    return count;
}

scl_status scl_study_jobs_done(size_t *done, const scl_store *store, const scl_plan *plan, scl_shard shard,
                               scl_error *err)
{
    scl_present present;
    size_t failed = 0;
    scl_status status = scl_present_new(&present, plan, err);
    if (status == SCL_OK) {
        scl_store_present(&present, &failed, store);
        *done = scl_study_count_done(&present, shard);
    }
    scl_present_free(&present);
    return status;
}

scl_status scl_study_shards(scl_shard **shards, size_t *n, const scl_config *config, const char *results,
                            scl_error *err)
{
    char *folder = NULL;
    *shards = NULL;
    *n = 0;
    scl_status status = scl_study_folder(&folder, config, results, (scl_shard){0}, err);
    if (status == SCL_OK) status = scl_shard_list(shards, n, folder, err);
    scl_free(folder);
    return status;
}

/* A study that is open for reading, its precision settled. */
typedef struct reading {
    const char *folder;
    const scl_plan *plan;
    scl_store *store;
    const scl_precision *precision;
    scl_shard shard;
} reading;

static scl_status read_jobs(scl_study_state *state, const reading *of, scl_error *err)
{
    scl_present present;
    size_t failed = 0;
    state->plan_jobs = of->plan->n_jobs;
    state->has = scl_alloc(state->plan_jobs, sizeof *state->has, err);
    scl_status status = state->has ? scl_present_new(&present, of->plan, err) : SCL_ERR_MEMORY;
    if (status != SCL_OK) return status;
    scl_store_present(&present, &failed, of->store);
    for (size_t j = 0; j < state->plan_jobs; j++) {
        bool ours = scl_shard_has(of->shard, j), all = scl_present_all(&present, j);
        state->has[j] = all;
        state->done += ours && all;
        state->part += ours && !all && scl_present_any(&present, j);
    }
    scl_present_free(&present);
    return SCL_OK;
}

static scl_status read_state(scl_study_state *state, const reading *of, scl_error *err)
{
    *state = (scl_study_state){.jobs = scl_shard_jobs(of->shard, of->plan->n_jobs),
                               .shard = of->shard,
                               .n_estimators = of->plan->config->n_estimators,
                               .usage = scl_study_usage_of(of->precision, of->store)};
    scl_status status = read_jobs(state, of, err);
    if (status != SCL_OK) return status;
    state->failures = scl_alloc(state->n_estimators, sizeof *state->failures, err);
    status = state->failures ? scl_store_failures(state->failures, of->store, err) : SCL_ERR_MEMORY;
    if (status == SCL_OK) status = scl_store_slow_cells(&state->slow, &state->n_slow, of->store, err);
    return status;
}

/* With the run lock: a run that ended meanwhile would have its summary replaced by an older one. */
static scl_status summarise(const reading *of, const char *path, scl_error *err)
{
    (void)path;
    scl_status status = scl_study_write_plan(of->folder, of->plan, err); /* the store is of this plan */
    return status == SCL_OK ? scl_study_write_summary(of->folder, of->plan, of->store, err) : status;
}

static scl_status export_to(const reading *of, const char *path, scl_error *err)
{
    scl_text csv = {0};
    scl_status status = scl_summary_export(&csv, of->plan, of->store, err);
    if (status == SCL_OK) status = scl_file_write(path, scl_text_get(&csv), csv.length, err);
    scl_text_free(&csv);
    return status;
}

/* Opens a study, reads its state, lets `use` (NULL: nobody) do something with it, closes it. */
typedef scl_status (*study_use)(const reading *of, const char *path, scl_error *err);

static scl_status read_study(scl_study_state *state, const scl_config *config, const char *results, scl_shard shard,
                             study_use use, const char *path, scl_error *err)
{
    scl_plan plan;
    scl_precision precision = {0};
    scl_store *store = NULL;
    char *folder = NULL;
    *state = (scl_study_state){0};
    scl_status status = scl_plan_new(&plan, config, err);
    if (status != SCL_OK) return status;
    status = scl_study_folder(&folder, config, results, shard, err);
    scl_store_mode mode = use == summarise ? SCL_STORE_HOLD : SCL_STORE_READ;
    if (status == SCL_OK) status = scl_store_open(&store, folder, &plan, mode, true, err);
    if (status == SCL_OK) status = scl_precision_new(&precision, &plan, err);
    if (status == SCL_OK) status = scl_precision_settle(&precision, store, err);
    reading of = {folder, &plan, store, &precision, shard};
    if (status == SCL_OK) status = read_state(state, &of, err);
    if (status == SCL_OK && use) status = use(&of, path, err); /* last: an error leaves nothing written */
    if (status != SCL_OK) scl_study_state_free(state);
    scl_precision_free(&precision);
    scl_store_close(store);
    scl_free(folder);
    scl_plan_free(&plan);
    return status;
}

scl_status scl_study_summarise(scl_study_state *state, const scl_config *config, const char *results, scl_error *err)
{
    return read_study(state, config, results, (scl_shard){0}, summarise, NULL, err);
}

scl_status scl_study_export(scl_study_state *state, const scl_config *config, const char *results, const char *path,
                            scl_error *err)
{
    *state = (scl_study_state){0};
    scl_status status = scl_file_is_new(path, "export", err);
    if (status != SCL_OK) return status;
    return read_study(state, config, results, (scl_shard){0}, export_to, path, err);
}

scl_status scl_study_status(scl_study_state *state, const scl_config *config, const char *results, scl_shard shard,
                            scl_error *err)
{
    return read_study(state, config, results, shard, NULL, NULL, err);
}

size_t scl_study_missing(const scl_study_state *state, const scl_study_state *other)
{
    size_t missing = 0;
    for (size_t j = 0; j < state->plan_jobs; j++) {
        bool elsewhere = other && j < other->plan_jobs && other->has[j];
        missing += scl_shard_has(state->shard, j) && !state->has[j] && !elsewhere;
    }
    return missing;
}

void scl_study_state_free(scl_study_state *state)
{
    scl_free(state->has);
    scl_free(state->failures);
    scl_free(state->slow);
    *state = (scl_study_state){0};
}
