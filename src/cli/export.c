/* spikedcl export: every trial as a CSV row. */
#include "cli/cli.h"

#include "study/study.h"

#include <stdio.h>

static int export_config(const scl_config *config, const scl_arguments *arguments)
{
    scl_error err = {0};
    scl_study_state state;
    if (scl_study_export(&state, config, arguments->results, arguments->out, &err) != SCL_OK)
        return scl_report_error(&err);
    printf("%s: %s\n", config->name, arguments->out);
    bool unfinished = state.done < state.jobs;
    fflush(stdout);
    if (unfinished && state.part > 0)
        fprintf(stderr,
                "spikedcl: %s: %zu of %zu jobs are done, %zu in part; the export holds the rows that are there\n",
                config->name, state.done, state.jobs, state.part);
    else if (unfinished)
        fprintf(stderr, "spikedcl: %s: %zu of %zu jobs are done; the export holds these alone\n", config->name,
                state.done, state.jobs);
    scl_study_state_free(&state);
    return unfinished ? 1 : 0;
}

static int run(const scl_arguments *arguments)
{
    if (!arguments->out || arguments->n_paths != 1) {
        fprintf(stderr, "spikedcl export: needs one config and --out FILE\n");
        return 2;
    }
    return scl_for_each_config(arguments, export_config);
}

const scl_command scl_command_export = {
    .name = "export",
    .summary = "write one CSV row per replicate, estimator and metric",
    .usage = "CONFIG --out FILE [options]",
    .options = "rnso",
    .needs_paths = true,
    .run = run,
};
