/* spikedcl status: how far studies are, and what failed in them. */
#include "cli/cli.h"

#include "study/study.h"

#include <stdio.h>

/* Failed and unconverged fits, estimator by estimator, with the first failure's job and reason. */
static size_t print_failures(const scl_config *config, const scl_study_state *state)
{
    size_t failed = 0;
    for (size_t e = 0; e < state->n_estimators; e++) {
        const scl_failures *of = &state->failures[e];
        failed += of->failed;
        if (of->failed > 0)
            printf("  %s: %zu trial%s failed, first in cell %zu, replicate %u: %s\n", config->estimators[e].id,
                   of->failed, scl_plural(of->failed), of->first.cell, (unsigned)of->first.replicate, of->message);
        if (of->unconverged > 0)
            printf("  %s: %zu fit%s did not converge\n", config->estimators[e].id, of->unconverged,
                   scl_plural(of->unconverged));
    }
    return failed;
}

static int show_status(const scl_config *config, const scl_arguments *arguments)
{
    scl_error err = {0};
    scl_study_state state;
    if (scl_study_status(&state, config, arguments->results, &err) != SCL_OK) return scl_report_error(&err);
    size_t missing = state.jobs - state.done;
    printf("%s: %zu of %zu jobs done", config->name, state.done, state.jobs);
    if (missing > 0) printf(", %zu missing; `spikedcl run` goes on from there", missing);
    putchar('\n');
    size_t failed = print_failures(config, &state);
    scl_study_state_free(&state);
    int status = scl_say_stored(stdout, config, arguments);
    return status == 0 && (missing > 0 || failed > 0) ? 1 : status;
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
