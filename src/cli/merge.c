/* spikedcl merge: the trials of shards brought together in the study's own store. */
#include "cli/cli.h"

#include "base/text.h"

#include <stdio.h>

static void warn(const char *message)
{
    fprintf(stderr, "spikedcl: %s\n", message);
}

static void say_shard(const char *study, const scl_merged_shard *shard)
{
    char name[SCL_SHARD_CHARS];
    printf("%s, %s: ", study, scl_shard_name(name, shard->shard));
    if (shard->empty)
        printf("no trials yet\n");
    else
        printf("%zu of %zu jobs, %zu row%s merged, %zu there already\n", shard->done, shard->jobs, shard->rows.added,
               scl_plural(shard->rows.added), shard->rows.there);
}

static int merge_config(const scl_config *config, const scl_arguments *arguments)
{
    scl_error err = {0};
    scl_merged merged;
    scl_study_options options = {.accept_kernel = arguments->accept_kernel,
                                 .command = arguments->program_line,
                                 .commit = scl_build_commit,
                                 .warn = warn};
    scl_status status = scl_study_merge(&merged, config, arguments->results, &options, &err);
    size_t jobs = merged.jobs, missing = jobs - merged.done;
    for (size_t i = 0; status == SCL_OK && i < merged.n_shards; i++) say_shard(config->name, &merged.shards[i]);
    scl_merged_free(&merged);
    if (status != SCL_OK) return scl_report_error(&err);
    scl_study_state state;
    if (scl_study_status(&state, config, arguments->results, (scl_shard){0}, &err) != SCL_OK)
        return scl_report_error(&err);
    size_t failed = scl_say_state(stdout, &state, config);
    if (missing > 0) {
        fflush(stdout);
        fprintf(stderr,
                "spikedcl: %s: %zu of %zu jobs are missing: no summary yet; another shard and merge, or `spikedcl run "
                "%s`, brings them\n",
                config->name, missing, jobs, config->words);
    } else {
        printf("%s: %zu jobs; %s/%s/summary.csv\n", config->name, jobs, arguments->results, config->name);
        scl_say_stored(stderr, &state.usage, config);
    }
    scl_study_state_free(&state);
    return missing > 0 || failed > 0 ? 1 : 0;
}

static int run(const scl_arguments *arguments)
{
    return scl_for_each_config(arguments, merge_config);
}

const scl_command scl_command_merge = {
    .name = "merge",
    .summary = "bring the trials of shards together and write the summary",
    .usage = "CONFIG... [options]",
    .options = "rnsk",
    .needs_paths = true,
    .run = run,
};
