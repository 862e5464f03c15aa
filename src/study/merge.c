/* Shards brought together: see study.h.
 *
 * One transaction of the study's store takes everything or nothing. The files that say what the folder is of are written before
 * it is committed, as a run writes them before its first job; the summary after it, so that it never speaks of rows which a
 * crash took back. */
#include "base/memory.h"
#include "study/provenance.h"
#include "study/study_parts.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct merge {
    scl_merged *merged;
    const scl_plan *plan;
    const scl_study_options *options;
    char *folder;
    scl_store *store;
    scl_text sections; /* of the provenance */
    size_t rows_before, added;
} merge;

static scl_status list_shards(merge *m, scl_error *err)
{
    scl_shard *shards = NULL;
    size_t n = 0;
    scl_status status = scl_shard_list(&shards, &n, m->folder, err);
    if (status == SCL_OK && n == 0)
        status =
            scl_error_set(err, SCL_ERR_INPUT,
                          "%s: no shard is there to be merged; `spikedcl run %s --shard 1/2` makes the first of two",
                          m->folder, m->plan->config->words);
    if (status == SCL_OK) {
        m->merged->shards = scl_alloc(n, sizeof *m->merged->shards, err);
        status = m->merged->shards ? SCL_OK : SCL_ERR_MEMORY;
    }
    for (size_t i = 0; i < n && status == SCL_OK; i++) {
        m->merged->shards[i].shard = shards[i];
        m->merged->shards[i].jobs = scl_shard_jobs(shards[i], m->plan->n_jobs);
        m->merged->n_shards++;
    }
    scl_free(shards);
    return status;
}

static scl_status describe_shard(merge *m, const scl_merged_shard *shard, const char *folder, scl_error *err)
{
    char name[SCL_SHARD_CHARS], *provenance = NULL;
    scl_status status = scl_study_earlier_provenance(&provenance, folder, err);
    if (status == SCL_OK)
        status = scl_provenance_merged(&m->sections, scl_shard_name(name, shard->shard),
                                       shard->rows.added + shard->rows.there, provenance ? provenance : "", err);
    scl_free(provenance);
    return status;
}

static scl_status merge_shard(merge *m, scl_merged_shard *shard, scl_error *err)
{
    scl_text folder = {0};
    scl_store *store = NULL;
    char name[SCL_SHARD_CHARS];
    scl_error why = {0};
    scl_status status = scl_text_add(&folder, err, "%s/%s", m->folder, scl_shard_name(name, shard->shard));
    if (status == SCL_OK) {
        status = scl_store_open(&store, folder.data, m->plan, SCL_STORE_READ, true, &why);
        shard->empty = status == SCL_ERR_INPUT;
        if (shard->empty) status = SCL_OK;
        if (status != SCL_OK) status = scl_error_set(err, status, "%s", why.message);
    }
    if (store && status == SCL_OK) status = scl_study_jobs_done(&shard->done, store, m->plan, shard->shard, err);
    if (store && status == SCL_OK)
        status = scl_store_merge(&shard->rows, m->store, store, m->options->accept_kernel, err);
    m->added += shard->rows.added;
    if (store && status == SCL_OK) status = describe_shard(m, shard, folder.data, err);
    scl_store_close(store);
    scl_text_free(&folder);
    return status;
}

/* Of the merge, then of the rows: runs before it, shards that were merged earlier and are gone, and those of now. */
static scl_status write_provenance(const merge *m, scl_error *err)
{
    scl_text text = {0};
    char *earlier = NULL, (*names)[SCL_SHARD_CHARS] = scl_alloc(m->merged->n_shards, sizeof *names, err);
    const char **but = scl_alloc(m->merged->n_shards, sizeof *but, err);
    scl_status status = names && but ? scl_study_earlier_provenance(&earlier, m->folder, err) : SCL_ERR_MEMORY;
    if (status == SCL_OK && (m->added > 0 || !earlier)) {
        for (size_t i = 0; i < m->merged->n_shards; i++) but[i] = scl_shard_name(names[i], m->merged->shards[i].shard);
        status = scl_provenance_text(&text, m->plan, m->options->command, m->options->commit, m->rows_before, err);
        if (status == SCL_OK && earlier) status = scl_provenance_keep(&text, earlier, but, m->merged->n_shards, err);
        if (status == SCL_OK && earlier) status = scl_provenance_earlier(&text, earlier, m->rows_before, err);
        if (status == SCL_OK) status = scl_text_add(&text, err, "%s", scl_text_get(&m->sections));
        if (status == SCL_OK) status = scl_study_write_provenance(m->folder, &text, err);
    }
    scl_text_free(&text);
    scl_free(earlier);
    scl_free(but);
    scl_free(names);
    return status;
}

static scl_status finish(merge *m, scl_error *err)
{
    bool other = false;
    m->merged->jobs = m->plan->n_jobs;
    scl_status status = scl_study_jobs_done(&m->merged->done, m->store, m->plan, (scl_shard){0}, err);
    if (status == SCL_OK) status = scl_study_has_other_summary(&other, m->folder, m->plan, err);
    if (status == SCL_OK) status = scl_study_write_config(m->folder, m->plan->config, err);
    if (status == SCL_OK) status = scl_study_write_plan(m->folder, m->plan, err);
    if (status == SCL_OK) status = write_provenance(m, err);
    if (status == SCL_OK) status = scl_store_commit(m->store, err);
    if (status == SCL_OK && (m->merged->done == m->merged->jobs || other))
        status = scl_study_write_summary(m->folder, m->plan, m->store, err);
    return status;
}

/* A store that this merge made and did not fill is removed, while the lock is held. */
static void remove_store(const merge *m)
{
    scl_text path = {0};
    if (scl_text_add(&path, NULL, "%s/" SCL_STORE_FILE, m->folder) == SCL_OK) unlink(path.data);
    if (scl_text_add(&path, NULL, "-journal") == SCL_OK) unlink(path.data);
    scl_text_free(&path);
}

static scl_status has_store(bool *has, const merge *m, scl_error *err)
{
    scl_text path = {0};
    struct stat about;
    scl_status status = scl_text_add(&path, err, "%s/" SCL_STORE_FILE, m->folder);
    *has = status == SCL_OK && lstat(path.data, &about) == 0;
    scl_text_free(&path);
    return status;
}

static scl_status merge_all(merge *m, scl_error *err)
{
    bool had_store = true;
    scl_status status = list_shards(m, err);
    if (status == SCL_OK) status = scl_study_keep_orphan_summary(m->folder, m->plan, true, err);
    if (status == SCL_OK) status = has_store(&had_store, m, err);
    if (status == SCL_OK) status = scl_store_open(&m->store, m->folder, m->plan, SCL_STORE_WRITE, true, err);
    if (status == SCL_OK) m->rows_before = scl_store_rows(m->store);
    if (status == SCL_OK && scl_store_warning(m->store) && m->options->warn)
        m->options->warn(scl_store_warning(m->store));
    for (size_t i = 0; i < m->merged->n_shards && status == SCL_OK; i++)
        status = merge_shard(m, &m->merged->shards[i], err);
    bool taken = status == SCL_OK;
    if (taken) status = finish(m, err);
    if (m->store && !taken && !had_store) remove_store(m);
    scl_store_close(m->store);
    return status;
}

scl_status scl_study_merge(scl_merged *merged, const scl_config *config, const char *results,
                           const scl_study_options *options, scl_error *err)
{
    scl_plan plan;
    merge m = {.merged = merged, .plan = &plan, .options = options};
    *merged = (scl_merged){0};
    scl_status status = scl_study_refuse_precision(config, err);
    if (status == SCL_OK) status = scl_plan_new(&plan, config, err);
    if (status != SCL_OK) return status;
    status = scl_study_folder(&m.folder, config, results, (scl_shard){0}, err);
    if (status == SCL_OK) status = merge_all(&m, err);
    scl_text_free(&m.sections);
    scl_free(m.folder);
    scl_plan_free(&plan);
    return status;
}

void scl_merged_free(scl_merged *merged)
{
    scl_free(merged->shards);
    *merged = (scl_merged){0};
}
