/* spikedcl status: how far studies are, and what failed in them. */
#include "cli/cli.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <unistd.h>

static void say_done(const char *name, const scl_study_state *state, const char *shard)
{
    size_t missing = state->jobs - state->done;
    printf("%s: %zu of %zu jobs done", name, state->done, state->jobs);
    if (missing > 0 && shard) printf(", %zu missing; `spikedcl run --shard %s` goes on from there", missing, shard);
    if (missing > 0 && !shard) printf(", %zu missing; `spikedcl run` goes on from there", missing);
    putchar('\n');
}

/* The study's own trials. */
static int show_study(const scl_config *config, const scl_arguments *arguments)
{
    scl_error err = {0};
    scl_study_state state;
    if (scl_study_status(&state, config, arguments->results, (scl_shard){0}, &err) != SCL_OK)
        return scl_report_error(&err);
    say_done(config->name, &state, NULL);
    bool missing = state.done<state.jobs, failed = scl_say_state(stdout, &state, config, arguments)> 0;
    scl_study_state_free(&state);
    int status = scl_say_stored(stdout, config, arguments);
    return status == 0 && (missing || failed) ? 1 : status;
}

static int show_shard(scl_shard shard, const scl_config *config, const scl_arguments *arguments)
{
    scl_error err = {0};
    scl_study_state state;
    char name[SCL_SHARD_CHARS], label[SCL_SHARD_CHARS + 128], option[SCL_SHARD_CHARS];
    snprintf(label, sizeof label, "%s, %s", config->name, scl_shard_name(name, shard));
    snprintf(option, sizeof option, "%zu/%zu", shard.index, shard.count);
    scl_status status = scl_study_status(&state, config, arguments->results, shard, &err);
    if (status == SCL_ERR_INPUT) {
        printf("%s: no trials yet\n", label);
        return 1;
    }
    if (status != SCL_OK) return scl_report_error(&err);
    say_done(label, &state, option);
    bool missing = state.done<state.jobs, failed = scl_say_state(stdout, &state, config, arguments)> 0;
    scl_study_state_free(&state);
    return missing || failed ? 1 : 0;
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

static int show_status(const scl_config *config, const scl_arguments *arguments)
{
    scl_error err = {0};
    scl_shard *shards = NULL;
    size_t n = 0;
    if (scl_study_shards(&shards, &n, config, arguments->results, &err) != SCL_OK) return scl_report_error(&err);
    int worst = 0;
    if (n > 0 && !has_store(config, arguments)) {
        printf("%s: %zu shard%s; `spikedcl merge` brings them together\n", config->name, n, scl_plural(n));
        worst = 1;
    } else {
        worst = show_study(config, arguments);
    }
    for (size_t i = 0; i < n; i++) {
        int one = show_shard(shards[i], config, arguments);
        worst = one > worst ? one : worst;
    }
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
