/* spikedcl status: how far studies are, and what failed in them. */
#include "cli/cli.h"

#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <unistd.h>

static void say_done(const char *name, const scl_study_state *state, scl_shard shard)
{
    size_t missing = state->jobs - state->done;
    printf("%s: %zu of %zu jobs done", name, state->done, state->jobs);
    if (missing > 0 && shard.count > 0)
        printf(", %zu missing; `spikedcl run --shard %zu/%zu` goes on from there", missing, shard.index, shard.count);
    if (missing > 0 && shard.count == 0) printf(", %zu missing; `spikedcl run` goes on from there", missing);
    putchar('\n');
}

/* The study's own trials, or those of a shard. */
static int show(scl_shard shard, const scl_config *config, const scl_arguments *arguments)
{
    scl_error err = {0};
    scl_study_state state;
    char name[SCL_SHARD_CHARS], label[SCL_SHARD_CHARS + 128];
    bool is_shard = shard.count > 0;
    snprintf(label, sizeof label, "%s%s%s", config->name, is_shard ? ", " : "",
             is_shard ? scl_shard_name(name, shard) : "");
    scl_status status = scl_study_status(&state, config, arguments->results, shard, &err);
    if (is_shard && status == SCL_ERR_INPUT) {
        printf("%s: no trials yet\n", label);
        return 1;
    }
    if (status != SCL_OK) return scl_report_error(&err);
    say_done(label, &state, shard);
    size_t missing = state.jobs - state.done, failed = scl_say_state(stdout, &state, config, arguments);
    if (!is_shard) scl_say_stored(stdout, &state.usage, config);
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
        worst = show((scl_shard){0}, config, arguments);
    }
    for (size_t i = 0; i < n; i++) {
        int one = show(shards[i], config, arguments);
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
