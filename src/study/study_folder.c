/* The files of a study's folder: see study.h and study_parts.h. */
#include "base/file.h"
#include "study/study.h"
#include "study/study_parts.h"

#include <errno.h>
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
static scl_status compare_plans(const scl_table *there, const scl_table *now, const char *path,
                                const scl_config *config, scl_error *err)
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
                                 "run it again (`spikedcl run %s`) or name another --results folder",
                                 path, row, found[0] ? "" : "no ", seed ? "a stream of another seed," : key,
                                 found[0] ? " " : "", found, config->path, wanted[0] ? wanted : "none", config->words);
        }
    if (there->n_rows != now->n_rows)
        return scl_error_set(
            err, SCL_ERR_PLAN,
            "%s: has %zu cell%s, %s has %zu; run it again (`spikedcl run %s`) or name another --results "
            "folder",
            path, there->n_rows, scl_plural(there->n_rows), config->path, now->n_rows, config->words);
    return SCL_OK;
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
            merging ? "" : plan->config->words, merging ? "" : " --fresh` moves the folder aside first");
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
        if (status == SCL_OK && !*other) *other = compare_plans(&there, &now, path.data, plan->config, NULL) != SCL_OK;
        if (unread.status == SCL_ERR_MEMORY) status = scl_error_set(err, SCL_ERR_MEMORY, "%s", unread.message);
    }
    scl_table_free(&there);
    scl_table_free(&now);
    scl_text_free(&path);
    scl_text_free(&summary);
    return status;
}

/* "<folder>/<name>"; SCL_ERR_INPUT when there is no such file, with what it is for and the command that makes it. */
static scl_status find_file(scl_text *path, const char *folder, const char *name, const char *purpose,
                            const scl_config *config, scl_error *err)
{
    scl_status status = scl_text_add(path, err, "%s/%s", folder, name);
    if (status != SCL_OK || access(path->data, F_OK) == 0) return status;
    return scl_error_set(err, SCL_ERR_INPUT, "%s: %s; %s`spikedcl run %s` makes it", path->data, strerror(errno),
                         purpose, config->words);
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
    if (status == SCL_OK) status = compare_plans(&there, &now, path.data, config, err);
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
