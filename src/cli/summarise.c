/* spikedcl summarise: summary.csv anew from the store. */
#include "cli/cli.h"

#include "study/study.h"

#include <stdio.h>

static int summarise_config(const scl_config *config, const scl_arguments *arguments)
{
    scl_error err = {0};
    scl_study_state state;
    if (scl_study_summarise(&state, config, arguments->results, &err) != SCL_OK) return scl_report_error(&err);
    printf("%s: %s/%s/summary.csv\n", config->name, arguments->results, config->name);
    scl_say_stored(stderr, &state.usage, config);
    size_t missing = state.jobs - state.done;
    if (missing > 0)
        fprintf(
            stderr,
            "spikedcl: %s: %zu of %zu jobs are missing: their cells are incomplete in the summary; `spikedcl run %s` "
            "brings them\n",
            config->name, missing, state.jobs, config->words);
    scl_study_state_free(&state);
    return missing > 0 ? 1 : 0;
}

static int run(const scl_arguments *arguments)
{
    return scl_for_each_config(arguments, summarise_config);
}

const scl_command scl_command_summarise = {
    .name = "summarise",
    .summary = "write summary.csv again from the trials of a finished or interrupted run",
    .usage = "CONFIG... [options]",
    .options = "rns",
    .needs_paths = true,
    .run = run,
};
