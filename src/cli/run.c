/* spikedcl run: sample, learn, measure; resumes by itself. */
#include "cli/cli.h"

#include "cli/progress.h"
#include "study/study.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t stop_requested;

static void request_stop(int signal_number)
{
    (void)signal_number;
    stop_requested = 1;
}

/* The first Ctrl-C or SIGTERM finishes the running jobs and commits; a second one ends at once. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = request_stop, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void warn(const char *message)
{
    fprintf(stderr, "spikedcl: %s\n", message);
}

static int run_config(const scl_config *config, const scl_arguments *arguments)
{
    if (stop_requested) return 1;
    scl_error err = {0};
    scl_progress progress = {0};
    scl_progress_line line = {.name = config->name, .terminal = isatty(STDERR_FILENO)};
    size_t resumed = 0;
    scl_study_options options = {.pool = {.workers = scl_workers(arguments),
                                          .stop = &stop_requested,
                                          .progress = scl_progress_show,
                                          .progress_context = &line},
                                 .fresh = arguments->fresh,
                                 .accept_kernel = arguments->accept_kernel,
                                 .command = arguments->program_line,
                                 .commit = scl_build_commit,
                                 .warn = warn};
    if (scl_study_run(&progress, &resumed, config, arguments->results, &options, &err) != SCL_OK) {
        if (line.terminal) fputc('\n', stderr);
        return scl_report_error(&err);
    }
    if (resumed > 0) printf("%s: resumed, %zu of %zu jobs were there already\n", config->name, resumed, progress.total);
    if (progress.part_before > 0)
        printf("%s: resumed, %zu of %zu jobs were there in part: only what is missing of them was run\n", config->name,
               progress.part_before, progress.total);
    if (progress.done < progress.total) {
        fprintf(stderr, "spikedcl: %s: stopped after %zu of %zu jobs; the same command%s goes on from there\n",
                config->name, progress.done, progress.total, arguments->fresh ? " without --fresh" : "");
        return 1;
    }
    printf("%s: %zu job%s in %.1f s", config->name, progress.done_now, scl_plural(progress.done_now),
           progress.elapsed_s);
    if (progress.unconverged > 0)
        printf(", %zu fit%s did not converge", progress.unconverged, scl_plural(progress.unconverged));
    if (progress.failed > 0)
        printf(", %zu trial%s failed (n_failed in the summary)", progress.failed, scl_plural(progress.failed));
    printf("; %s/%s/summary.csv\n", arguments->results, config->name);
    int status = scl_say_stored(stderr, config, arguments);
    return status == 0 && progress.failed > 0 ? 1 : status;
}

static int run(const scl_arguments *arguments)
{
    catch_signals();
    return scl_for_each_config(arguments, run_config);
}

const scl_command scl_command_run = {
    .name = "run",
    .summary = "run the experiments of configs, or what is missing of them, and write their summaries",
    .usage = "CONFIG... [options]",
    .options = "rjnsfk",
    .needs_paths = true,
    .run = run,
};
