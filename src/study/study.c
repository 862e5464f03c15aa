/* A study from config to summary: see study.h. */
#include "study/study.h"

#include "base/file.h"
#include "study/precision.h"
#include "study/provenance.h"
#include "study/study_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

scl_status scl_study_folder(char **folder, const scl_config *config, const char *results, scl_shard shard,
                            scl_error *err)
{
    scl_text path = {0};
    char name[SCL_SHARD_CHARS];
    scl_status status = scl_text_add(&path, err, "%s/%s", results, config->name);
    if (status == SCL_OK && shard.count > 0) status = scl_text_add(&path, err, "/%s", scl_shard_name(name, shard));
    *folder = path.data;
    return status;
}

static scl_status write_in(const char *folder, const char *name, const char *content, size_t length, scl_error *err)
{
    scl_text path = {0};
    scl_status status = scl_text_add(&path, err, "%s/%s", folder, name);
    if (status == SCL_OK) status = scl_file_write(path.data, content, length, err);
    scl_text_free(&path);
    return status;
}

static scl_status write_table_in(const char *folder, const char *name, const scl_table *table, scl_error *err)
{
    scl_text path = {0};
    scl_status status = scl_text_add(&path, err, "%s/%s", folder, name);
    if (status == SCL_OK) status = scl_table_write(table, path.data, err);
    scl_text_free(&path);
    return status;
}

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

scl_status scl_study_write_plan(const char *folder, const scl_plan *plan, scl_error *err)
{
    scl_table table = {0};
    scl_status status = scl_plan_table(&table, plan, err);
    if (status == SCL_OK) status = write_table_in(folder, "plan.csv", &table, err);
    scl_table_free(&table);
    return status;
}

scl_status scl_study_write_config(const char *folder, const scl_config *config, scl_error *err)
{
    return write_in(folder, "config.yaml", config->source, strlen(config->source), err);
}

scl_status scl_study_earlier_provenance(char **text, const char *folder, scl_error *err)
{
    scl_text path = {0};
    size_t length = 0;
    *text = NULL;
    scl_status status = scl_text_add(&path, err, "%s/provenance.txt", folder);
    if (status == SCL_OK && access(path.data, F_OK) == 0) status = scl_file_read(text, &length, path.data, err);
    scl_text_free(&path);
    return status;
}

scl_status scl_study_write_provenance(const char *folder, const scl_text *text, scl_error *err)
{
    return write_in(folder, "provenance.txt", scl_text_get(text), text->length, err);
}

static scl_status write_provenance(const char *folder, const scl_plan *plan, const scl_study_options *options,
                                   scl_error *err)
{
    scl_text provenance = {0};
    char *earlier = NULL;
    scl_shard shard = options->pool.shard;
    scl_status status = scl_study_earlier_provenance(&earlier, folder, err);
    if (status == SCL_OK) status = scl_provenance_text(&provenance, plan, options->command, options->commit, err);
    if (status == SCL_OK && shard.count > 0)
        status = scl_text_add(&provenance, err, "shard: %zu of %zu, %zu of these jobs\n", shard.index, shard.count,
                              scl_shard_jobs(shard, plan->n_jobs));
    if (status == SCL_OK && earlier) status = scl_provenance_keep(&provenance, earlier, NULL, 0, err);
    scl_free(earlier);
    if (status == SCL_OK) status = scl_study_write_provenance(folder, &provenance, err);
    scl_text_free(&provenance);
    return status;
}

/* The fewest and most replicates of the cells that are not exact; false when all are. */
static bool spread_of_replicates(size_t *least, size_t *most, const scl_plan *plan)
{
    *least = SIZE_MAX;
    *most = 0;
    for (size_t c = 0; c < plan->n_cells; c++) {
        size_t here = scl_plan_replicates(plan, c);
        if (plan->cells[c].exact) continue;
        *least = here < *least ? here : *least;
        *most = here > *most ? here : *most;
    }
    return *most > 0;
}

/* The provenance, which is that of the run that made the trials, ends with what the summary uses of them when that is not all. */
static scl_status note_replicates(const char *folder, const scl_plan *plan, const scl_store *store, scl_error *err)
{
    static const char start[] = "\nsummary: ";
    scl_text text = {0};
    char *old = NULL;
    size_t stored = scl_store_replicates(store), least, most;
    char precision[SCL_PRECISION_CHARS];
    scl_plan_precision(precision, plan->config);
    scl_status status = scl_study_earlier_provenance(&old, folder, err);
    if (status == SCL_OK && old) {
        const char *line = strstr(old, start);
        status = scl_text_add(&text, err, "%.*s", line ? (int)(line + 1 - old) : (int)strlen(old), old);
        if (status == SCL_OK && plan->config->precision.wanted && spread_of_replicates(&least, &most, plan))
            status =
                scl_text_add(&text, err, "%s%zu to %zu replicates of a cell for precision %s; up to %zu are stored\n",
                             start + 1, least, most, precision, stored);
        else if (status == SCL_OK && scl_store_exceeds(store))
            status = scl_text_add(&text, err, "%sthe first %zu of up to %zu replicates stored\n", start + 1,
                                  plan->config->replicates, stored);
        if (status == SCL_OK && strcmp(scl_text_get(&text), old) != 0)
            status = scl_study_write_provenance(folder, &text, err);
    }
    scl_free(old);
    scl_text_free(&text);
    return status;
}

scl_status scl_study_write_summary(const char *folder, const scl_plan *plan, scl_store *store, scl_error *err)
{
    scl_table table = {0};
    scl_status status = scl_summary_table(&table, plan, store, err);
    if (status == SCL_OK) status = write_table_in(folder, "summary.csv", &table, err);
    scl_table_free(&table);
    return status == SCL_OK ? note_replicates(folder, plan, store, err) : status;
}

/* Compares two plan tables; `path` is the one of the results folder. The columns "precision" and "jobs" may differ. */
static scl_status compare_plans(const scl_table *there, const scl_table *now, const char *path, const char *config,
                                scl_error *err)
{
    for (size_t row = 0; row < now->n_rows && row < there->n_rows; row++)
        for (size_t c = 0; c < now->n_columns; c++) {
            const char *key = now->names[c], *wanted = scl_table_text(now, row, c);
            size_t column = scl_table_column(there, key);
            const char *found = column < there->n_columns ? scl_table_text(there, row, column) : "";
            if (strcmp(key, "jobs") == 0 || strcmp(key, "precision") == 0 || strcmp(found, wanted) == 0) continue;
            bool seed = strcmp(key, "stream") == 0; /* all keys before it agree */
            return scl_error_set(err, SCL_ERR_PLAN,
                                 "%s: its numbers are of other settings: cell %zu has %s%s%s%s, %s says %s; "
                                 "run it again or name another --results folder",
                                 path, row, found[0] ? "" : "no ", seed ? "a stream of another seed," : key,
                                 found[0] ? " " : "", found, config, wanted[0] ? wanted : "none");
        }
    if (there->n_rows != now->n_rows)
        return scl_error_set(err, SCL_ERR_PLAN,
                             "%s: has %zu cell%s, %s has %zu; run it again or name another --results folder", path,
                             there->n_rows, scl_plural(there->n_rows), config, now->n_rows);
    return SCL_OK;
}

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

scl_status scl_study_keep_orphan_summary(const char *folder, const scl_plan *plan, bool merging, scl_error *err)
{
    scl_text store = {0}, summary = {0};
    struct stat about;
    scl_status status = scl_text_add(&store, err, "%s/" SCL_STORE_FILE, folder);
    if (status == SCL_OK) status = scl_text_add(&summary, err, "%s/summary.csv", folder);
    if (status == SCL_OK && access(summary.data, F_OK) == 0 && (stat(store.data, &about) != 0 || about.st_size == 0))
        status = scl_error_set(
            err, SCL_ERR_PLAN,
            "%s: its trials are not there (%s is missing or empty), and a %s would replace it; %s%s%s, or name another "
            "--results folder",
            summary.data, SCL_STORE_FILE, merging ? "merge" : "run", merging ? "move it away" : "`spikedcl run ",
            merging ? "" : plan->config->path, merging ? "" : " --fresh` moves the folder aside first");
    scl_text_free(&store);
    scl_text_free(&summary);
    return status;
}

scl_status scl_study_has_other_summary(bool *other, const char *folder, const scl_plan *plan, scl_error *err)
{
    scl_text path = {0}, summary = {0};
    scl_table there = {0}, now = {0};
    *other = false;
    scl_status status = scl_text_add(&summary, err, "%s/summary.csv", folder);
    if (status == SCL_OK) status = scl_text_add(&path, err, "%s/plan.csv", folder);
    if (status == SCL_OK && access(summary.data, F_OK) == 0 && access(path.data, F_OK) == 0) {
        scl_error unread = {0};
        status = scl_plan_table(&now, plan, err);
        if (status == SCL_OK) *other = scl_table_read(&there, path.data, &unread) != SCL_OK;
        if (status == SCL_OK && !*other)
            *other = compare_plans(&there, &now, path.data, plan->config->path, NULL) != SCL_OK;
        if (unread.status == SCL_ERR_MEMORY) status = scl_error_set(err, SCL_ERR_MEMORY, "%s", unread.message);
    }
    scl_table_free(&there);
    scl_table_free(&now);
    scl_text_free(&path);
    scl_text_free(&summary);
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
    if (status == SCL_OK && jobs_missing) status = write_provenance(folder, plan, options, err);
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
                              folder, n, scl_plural(n), plan->config->path);
    if (status == SCL_OK && n > 0 && options->warn) options->warn(note.data);
    scl_text_free(&note);
    scl_free(shards);
    return status;
}

static scl_status run_in(scl_progress *progress, size_t *resumed, const char *folder, scl_plan *plan,
                         const scl_study_options *options, scl_error *err)
{
    scl_store *store = NULL;
    size_t failed_before = 0;
    scl_present present = {0};
    scl_precision precision;
    scl_shard shard = options->pool.shard;
    scl_status status =
        shard.count > 0 && plan->config->precision.wanted
            ? scl_error_set(err, SCL_ERR_USAGE,
                            "--shard: %s has a precision, which needs all replicates of a cell in one place; "
                            "fix `replicates` to run shards",
                            plan->config->path)
            : SCL_OK;
    size_t n_jobs = 0; /* of this shard; known when the precision of what is stored is */
    if (status != SCL_OK) return status;
    status = scl_precision_new(&precision, plan, err);
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
    scl_status status = scl_plan_new(&plan, config, err);
    if (status != SCL_OK) return status;
    status = scl_study_folder(&folder, config, results, options->pool.shard, err);
    if (status == SCL_OK) status = run_in(progress, resumed, folder, &plan, options, err);
    scl_free(folder);
    scl_plan_free(&plan);
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

static scl_status read_state(scl_study_state *state, const reading *of, scl_error *err)
{
    *state = (scl_study_state){.jobs = scl_shard_jobs(of->shard, of->plan->n_jobs),
                               .n_estimators = of->plan->config->n_estimators,
                               .usage = scl_study_usage_of(of->precision, of->store)};
    scl_status status = scl_study_jobs_done(&state->done, of->store, of->plan, of->shard, err);
    if (status != SCL_OK) return status;
    state->failures = scl_alloc(state->n_estimators, sizeof *state->failures, err);
    status = state->failures ? scl_store_failures(state->failures, of->store, err) : SCL_ERR_MEMORY;
    if (status == SCL_OK) status = scl_store_slow_cells(&state->slow, &state->n_slow, of->store, err);
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
    if (status == SCL_OK) status = scl_store_open(&store, folder, &plan, SCL_STORE_READ, true, err);
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

scl_status scl_study_summarise(scl_study_state *state, const scl_config *config, const char *results, scl_error *err)
{
    return read_study(state, config, results, (scl_shard){0}, summarise, NULL, err);
}

scl_status scl_study_export(scl_study_state *state, const scl_config *config, const char *results, const char *path,
                            scl_error *err)
{
    struct stat about;
    *state = (scl_study_state){0};
    if (lstat(path, &about) == 0)
        return scl_error_set(err, SCL_ERR_INPUT,
                             "%s: exists already; export replaces nothing, remove it or name another file", path);
    return read_study(state, config, results, (scl_shard){0}, export_to, path, err);
}

scl_status scl_study_status(scl_study_state *state, const scl_config *config, const char *results, scl_shard shard,
                            scl_error *err)
{
    return read_study(state, config, results, shard, NULL, NULL, err);
}

void scl_study_state_free(scl_study_state *state)
{
    scl_free(state->failures);
    scl_free(state->slow);
    *state = (scl_study_state){0};
}

/* "<folder>/<name>"; SCL_ERR_INPUT when there is no such file, with what it is for and the command that makes it. */
static scl_status find_file(scl_text *path, const char *folder, const char *name, const char *purpose,
                            const scl_config *config, scl_error *err)
{
    scl_status status = scl_text_add(path, err, "%s/%s", folder, name);
    if (status != SCL_OK || access(path->data, F_OK) == 0) return status;
    return scl_error_set(err, SCL_ERR_INPUT, "%s: %s; %s`spikedcl run %s` makes it", path->data, strerror(errno),
                         purpose, config->path);
}

/* SCL_ERR_PLAN when plan.csv is of other settings. */
static scl_status check_plan(const scl_config *config, const char *folder, scl_error *err)
{
    scl_plan plan;
    scl_table there = {0}, now = {0};
    scl_text path = {0};
    scl_status status = scl_plan_new(&plan, config, err);
    if (status != SCL_OK) return status;
    status = find_file(&path, folder, "plan.csv", "it says what the summary is of; ", config, err);
    if (status == SCL_OK) status = scl_table_read(&there, path.data, err);
    if (status == SCL_OK) status = scl_plan_table(&now, &plan, err);
    if (status == SCL_OK) status = compare_plans(&there, &now, path.data, config->path, err);
    scl_table_free(&now);
    scl_table_free(&there);
    scl_text_free(&path);
    scl_plan_free(&plan);
    return status;
}

scl_status scl_study_read_summary(scl_table *summary, char **path, const scl_config *config, const char *results,
                                  scl_error *err)
{
    scl_text text = {0};
    char *folder = NULL;
    scl_status status = scl_study_folder(&folder, config, results, (scl_shard){0}, err);
    if (status == SCL_OK) status = find_file(&text, folder, "summary.csv", "", config, err);
    if (status == SCL_OK) status = check_plan(config, folder, err);
    scl_free(folder);
    *path = text.data;
    return status == SCL_OK ? scl_table_read(summary, *path, err) : status;
}
