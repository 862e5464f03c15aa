/* spikedcl status: how far studies are, and what failed in them. */
#include "cli/cli.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <unistd.h>

/* The study's own trials: state is read, to be freed, also after an error. */
static int show_study(scl_study_state *state, const scl_config *config, const scl_arguments *arguments)
{
    scl_error err = {0};
    if (scl_study_status(state, config, arguments->results, (scl_shard){0}, &err) != SCL_OK)
        return scl_report_error(&err);
    size_t missing = state->jobs - state->done;
    printf("%s: %zu of %zu jobs done", config->name, state->done, state->jobs);
    if (missing > 0) printf(", %zu missing; `spikedcl run %s` goes on from there", missing, config->words);
    putchar('\n');
    size_t failed = scl_say_state(stdout, state, config);
    scl_say_stored(stdout, &state->usage, config);
    return missing > 0 || failed > 0 ? 1 : 0;
}

/* Those of a shard; jobs that the study itself has (`own`) are not missing from it. */
static int show_shard(scl_shard shard, const scl_study_state *own, const scl_config *config,
                      const scl_arguments *arguments)
{
    scl_error err = {0};
    scl_study_state state;
    char name[SCL_SHARD_CHARS];
    scl_status status = scl_study_status(&state, config, arguments->results, shard, &err);
    if (status != SCL_OK && status != SCL_ERR_INPUT) return scl_report_error(&err);
    printf("%s, %s: ", config->name, scl_shard_name(name, shard));
    if (status == SCL_ERR_INPUT) {
        puts("no trials yet");
        return 1;
    }
    size_t missing = scl_study_missing(&state, own);
    printf("%zu of %zu jobs done", state.done, state.jobs);
    if (missing > 0)
        printf(", %zu missing; `spikedcl run %s --shard %zu/%zu` goes on from there", missing, config->words,
               shard.index, shard.count);
    else if (state.done < state.jobs)
        printf(", the study has the others");
    putchar('\n');
    size_t failed = scl_say_state(stdout, &state, config);
    scl_study_state_free(&state);
    return missing > 0 || failed > 0 ? 1 : 0;
}

/* Whether the study has trials of its own: not yet while it is shards alone. */
static bool has_store(const scl_config *config, const scl_arguments *arguments)
{
    scl_text path = {0};
    scl_error err = {0};
    bool has = scl_text_add(&path, &err, "%s/%s/" SCL_STORE_FILE, arguments->results, config->name) == SCL_OK &&
               access(path.data, F_OK) == 0;
    scl_text_free(&path);
    return has;
}

/* No shard has a precision, so how far one is says nothing about a study that has: see scl_study_merge. */
static void say_shards(const scl_config *config, size_t n)
{
    if (config->precision.wanted)
        printf("%s: %zu shard%s without the precision; `spikedcl merge` with a config that lacks it, too, brings them "
               "together, and `spikedcl run %s` goes on from there\n",
               config->name, n, scl_plural(n), config->words);
    else
        printf("%s: %zu shard%s; `spikedcl merge %s` brings them together\n", config->name, n, scl_plural(n),
               config->words);
}

/* Once no job is missing from the study, nothing can be missing from a shard. */
static int show_status(const scl_config *config, const scl_arguments *arguments)
{
    scl_error err = {0};
    scl_shard *shards = NULL;
    scl_study_state own = {0};
    size_t n = 0;
    if (scl_study_shards(&shards, &n, config, arguments->results, &err) != SCL_OK) return scl_report_error(&err);
    bool alone = n > 0 && !has_store(config, arguments); /* shards and no more */
    int worst = alone ? 1 : show_study(&own, config, arguments);
    bool complete = own.jobs > 0 && own.done == own.jobs;
    if (alone || (n > 0 && config->precision.wanted && !complete)) say_shards(config, n);
    for (size_t i = 0; i < n && !config->precision.wanted; i++) {
        int one = show_shard(shards[i], &own, config, arguments);
        if (one > worst && !(complete && one == 1)) worst = one;
    }
    scl_study_state_free(&own);
    scl_free(shards);
    return worst;
}

static int run(const scl_arguments *arguments)
{
    return scl_for_each_config(arguments, show_status);
}

const scl_command scl_command_status = {
    .name = "status",
    .summary = "say how far studies are: jobs done and missing, failures with their first reason",
    .usage = "CONFIG... [options]",
    .options = "rns",
    .needs_paths = true,
    .run = run,
};
