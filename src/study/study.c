/* Runs a study from config to summary: see study.h. */
#include "study/study.h"

#include "base/file.h"
#include "study/precision.h"
#include "study/provenance.h"
#include "study/study_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static scl_status rename_aside(const char *folder, scl_error *err)
{
    for (int i = 1; i < 10000; i++) {
        scl_text aside = {0};
        scl_status status = scl_text_add(&aside, err, "%s.old-%d", folder, i);
        bool taken = status == SCL_OK && access(aside.data, F_OK) == 0;
        if (status == SCL_OK && !taken && rename(folder, aside.data) != 0)
            status =
                scl_error_set(err, SCL_ERR_IO, "%s: cannot be moved to %s: %s", folder, aside.data, strerror(errno));
        scl_text_free(&aside);
        if (!taken) return status;
    }
    return scl_error_set(err, SCL_ERR_IO, "%s: no free name to move it aside", folder);
}

/* --fresh: <folder> becomes <folder>.old-1, or the first number that is free. Nothing is ever deleted; a folder that a run
 * is working on stays, since that run would write its summary into the new one; so does one whose shard is running. */
static scl_status move_aside(const char *folder, scl_error *err)
{
    if (access(folder, F_OK) != 0) return SCL_OK;
    scl_shard *shards = NULL;
    size_t n = 0;
    int lock = -1;
    scl_status status = scl_store_lock(&lock, folder, err);
    if (status == SCL_OK) status = scl_shard_list(&shards, &n, folder, err);
    for (size_t i = 0; i < n && status == SCL_OK; i++) {
        int inner = -1;
        scl_text path = {0};
        char name[SCL_SHARD_CHARS];
        status = scl_text_add(&path, err, "%s/%s", folder, scl_shard_name(name, shards[i]));
        if (status == SCL_OK) status = scl_store_lock(&inner, path.data, err);
        if (inner >= 0) close(inner);
        scl_text_free(&path);
    }
    if (status == SCL_OK) status = rename_aside(folder, err);
    if (lock >= 0) close(lock);
    scl_free(shards);
    return status;
}

/* Of this run, then of those before it. */
static scl_status write_provenance(const char *folder, const scl_plan *plan, const scl_store *store,
                                   const scl_study_options *options, scl_error *err)
{
    scl_text provenance = {0};
    char *earlier = NULL;
    scl_shard shard = options->pool.shard;
    size_t rows = scl_store_rows(store);
    scl_status status = scl_study_earlier_provenance(&earlier, folder, err);
    if (status == SCL_OK) status = scl_provenance_text(&provenance, plan, options->command, options->commit, rows, err);
    if (status == SCL_OK && shard.count > 0)
        status = scl_text_add(&provenance, err, "shard: %zu of %zu, %zu of these jobs\n", shard.index, shard.count,
                              scl_shard_jobs(shard, plan->n_jobs));
    if (status == SCL_OK && earlier) status = scl_provenance_keep(&provenance, earlier, NULL, 0, err);
    if (status == SCL_OK && earlier) status = scl_provenance_earlier(&provenance, earlier, rows, err);
    scl_free(earlier);
    if (status == SCL_OK) status = scl_study_write_provenance(folder, &provenance, err);
    scl_text_free(&provenance);
    return status;
}

/* Whether the workers of the jobs that are missing fit into memory. */
static scl_status check_memory(const scl_plan *plan, size_t missing, const scl_study_options *options, scl_error *err)
{
    size_t workers = options->pool.workers < missing ? options->pool.workers : missing;
    return scl_workers_fit(plan, workers, err);
}

/* The same for a folder in which nothing is done yet, or nothing will be: asked before it is touched. */
static scl_status check_memory_anew(const char *folder, const scl_plan *plan, const scl_study_options *options,
                                    scl_error *err)
{
    scl_text path = {0};
    scl_status status = scl_text_add(&path, err, "%s/" SCL_STORE_FILE, folder);
    if (status == SCL_OK && (options->fresh || access(path.data, F_OK) != 0))
        status = check_memory(plan, scl_shard_jobs(options->pool.shard, plan->n_jobs), options, err);
    scl_text_free(&path);
    return status;
}

/* Writes what says of what the folder is, before the first job. */
static scl_status describe_folder(const char *folder, const scl_plan *plan, scl_store *store, bool jobs_missing,
                                  const scl_study_options *options, scl_error *err)
{
    bool other = false;
    scl_status status = scl_study_has_other_summary(&other, folder, plan, err);
    if (status == SCL_OK) status = scl_study_write_config(folder, plan->config, err);
    if (status == SCL_OK) status = scl_study_write_plan(folder, plan, err);
    if (status == SCL_OK && other && jobs_missing)
        status = scl_study_write_summary(folder, plan, store, err); /* incomplete */
    /* a finished study keeps the provenance of the run that made it */
    if (status == SCL_OK && jobs_missing) status = write_provenance(folder, plan, store, options, err);
    return status;
}

/* The jobs of this run are done, or it was told to stop. */
static scl_status note_end(const char *folder, const scl_progress *progress, const scl_study_options *options,
                           scl_error *err)
{
    scl_text text = {0};
    char *earlier = NULL;
    scl_status status = scl_study_earlier_provenance(&earlier, folder, err);
    if (status == SCL_OK && earlier)
        status = scl_provenance_end(&text, earlier, progress->done_now, options->pool.workers, err);
    if (status == SCL_OK && earlier) status = scl_study_write_provenance(folder, &text, err);
    scl_text_free(&text);
    scl_free(earlier);
    return status;
}

/* Shards that are there and may hold what this run is about to do. */
static scl_status note_shards(const char *folder, const scl_plan *plan, const scl_study_options *options,
                              scl_error *err)
{
    scl_shard *shards = NULL;
    size_t n = 0;
    scl_text note = {0};
    scl_status status = scl_shard_list(&shards, &n, folder, err);
    if (status == SCL_OK && n > 0)
        status = scl_text_add(&note, err,
                              "%s holds %zu shard%s; what `spikedcl merge %s` has not taken from there runs again",
                              folder, n, scl_plural(n), plan->config->words);
    if (status == SCL_OK && n > 0 && options->warn) options->warn(note.data);
    scl_text_free(&note);
    scl_free(shards);
    return status;
}

scl_status scl_study_refuse_precision(const scl_config *config, scl_error *err)
{
    if (!config->precision.wanted) return SCL_OK;
    return scl_error_set(err, SCL_ERR_USAGE,
                         "%s: has a precision, which needs all replicates of a cell in one place: run shards and merge "
                         "them without it; `spikedcl run %s` with it then goes on from there",
                         config->path, config->words);
}

static scl_status run_in(scl_progress *progress, size_t *resumed, const char *folder, scl_plan *plan,
                         const scl_study_options *options, scl_error *err)
{
    scl_store *store = NULL;
    size_t failed_before = 0;
    scl_present present = {0};
    scl_precision precision;
    scl_shard shard = options->pool.shard;
    size_t n_jobs = 0; /* of this shard; known when the precision of what is stored is */
    scl_status status = scl_precision_new(&precision, plan, err);
    if (status == SCL_OK) status = check_memory_anew(folder, plan, options, err);
    if (status == SCL_OK && !options->fresh) status = scl_study_keep_orphan_summary(folder, plan, false, err);
    if (status == SCL_OK && options->fresh) status = move_aside(folder, err);
    if (status == SCL_OK) status = scl_folder_make(folder, err);
    if (status == SCL_OK) status = scl_store_open(&store, folder, plan, SCL_STORE_WRITE, options->accept_kernel, err);
    if (status == SCL_OK) {
        if (scl_store_warning(store) && options->warn) options->warn(scl_store_warning(store));
        status = scl_precision_settle(&precision, store, err);
    }
    if (status == SCL_OK) status = scl_present_new(&present, plan, err);
    if (status == SCL_OK) {
        scl_store_present(&present, &failed_before, store);
        *resumed = scl_study_count_done(&present, shard);
        n_jobs = scl_shard_jobs(shard, plan->n_jobs);
        status = check_memory(plan, n_jobs - *resumed, options, err);
        if (status == SCL_OK && shard.count == 0 && *resumed < n_jobs) status = note_shards(folder, plan, options, err);
    }
    if (status == SCL_OK) status = describe_folder(folder, plan, store, *resumed < n_jobs, options, err);
    if (status == SCL_OK) status = scl_precision_run(progress, &precision, &present, store, &options->pool, err);
    if (status == SCL_OK) progress->failed += failed_before;
    if (status == SCL_OK && *resumed < n_jobs) status = note_end(folder, progress, options, err);
    bool complete = status == SCL_OK && progress->done == progress->total && shard.count == 0;
    if (complete && precision.cells)
        status = scl_study_write_plan(folder, plan, err); /* with the replicates that it came to */
    if (complete && status == SCL_OK) status = scl_study_write_summary(folder, plan, store, err);
    scl_store_close(store);
    scl_present_free(&present);
    scl_precision_free(&precision);
    return status;
}

scl_status scl_study_run(scl_progress *progress, size_t *resumed, const scl_config *config, const char *results,
                         const scl_study_options *options, scl_error *err)
{
    scl_plan plan;
    char *folder = NULL;
    scl_status status = options->pool.shard.count > 0 ? scl_study_refuse_precision(config, err) : SCL_OK;
    if (status == SCL_OK) status = scl_plan_new(&plan, config, err);
    if (status != SCL_OK) return status;
    status = scl_study_folder(&folder, config, results, options->pool.shard, err);
    if (status == SCL_OK) status = run_in(progress, resumed, folder, &plan, options, err);
    scl_free(folder);
    scl_plan_free(&plan);
    return status;
}
