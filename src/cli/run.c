/* spikedcl run: sample, learn, measure; resumes by itself. */
#include "cli/cli.h"

#include "cli/progress.h"

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

/* Where the results are. */
static void say_folder(FILE *to, const scl_config *config, const scl_arguments *arguments)
{
    char shard[SCL_SHARD_CHARS];
    fprintf(to, "%s/%s/%s", arguments->results, config->name,
            arguments->shard.count ? scl_shard_name(shard, arguments->shard) : "summary.csv");
}

static void say_stop(const scl_config *config, const scl_arguments *arguments, const scl_progress *progress)
{
    bool failed = arguments->fail_fast && progress->failure.status == SCL_ROW_FAILED;
    fprintf(stderr, "spikedcl: %s: stopped after %zu of %zu jobs; the same command%s%s goes on from there\n",
            config->name, progress->done, progress->total, arguments->fresh || failed ? " without" : "",
            failed && arguments->fresh ? " --fresh and --fail-fast"
            : failed                   ? " --fail-fast"
            : arguments->fresh         ? " --fresh"
                                       : "");
    if (!failed) return;
    scl_job job = progress->failure_in;
    fprintf(stderr, "  --fail-fast: cell %zu, replicate %u, %s failed: %s\n    ", job.cell, (unsigned)job.replicate,
            config->estimators[progress->failure.estimator].id,
            progress->failure.message[0] ? progress->failure.message : "no reason given");
    scl_say_replay(stderr, job, config);
    fputc('\n', stderr);
}

static void say_end(const scl_config *config, const scl_arguments *arguments, const scl_progress *progress)
{
    printf("%s: %zu job%s in %.1f s", config->name, progress->done_now, scl_plural(progress->done_now),
           progress->elapsed_s);
    if (progress->unconverged > 0)
        printf(", %zu fit%s did not converge", progress->unconverged, scl_plural(progress->unconverged));
    if (progress->failed > 0)
        printf(", %zu trial%s failed (n_failed in the summary)", progress->failed, scl_plural(progress->failed));
    if (progress->slow > 0) printf(", %zu job%s over --job-limit", progress->slow, scl_plural(progress->slow));
    printf("; ");
    say_folder(stdout, config, arguments);
    putchar('\n');
}

/* What failed and what was slow, in this run and before, and what a summary uses. Returns the exit status. */
static int say_state(bool stopped, const scl_progress *progress, const scl_config *config,
                     const scl_arguments *arguments)
{
    bool trials = progress->failed > 0 || progress->unconverged > 0 || arguments->job_limit_s > 0.0;
    bool summary = !stopped && arguments->shard.count == 0;
    if (!trials && !summary) return 0;
    scl_error err = {0};
    scl_study_state state;
    if (scl_study_status(&state, config, arguments->results, arguments->shard, &err) != SCL_OK)
        return scl_report_error(&err);
    if (trials) scl_say_state(stopped ? stderr : stdout, &state, config);
    if (summary) scl_say_stored(stderr, &state.usage, config);
    scl_study_state_free(&state);
    return 0;
}

static int run_config(const scl_config *config, const scl_arguments *arguments)
{
    if (stop_requested) return 1;
    scl_error err = {0};
    scl_progress progress = {0};
    scl_progress_line line = scl_progress_line_open(config, arguments->shard);
    size_t resumed = 0;
    scl_study_options options = {.pool = {.workers = scl_workers(arguments),
                                          .shard = arguments->shard,
                                          .fail_fast = arguments->fail_fast,
                                          .job_limit_s = arguments->job_limit_s,
                                          .stop = &stop_requested,
                                          .progress = scl_progress_show,
                                          .progress_context = &line},
                                 .fresh = arguments->fresh,
                                 .accept_kernel = arguments->accept_kernel,
                                 .command = arguments->program_line,
                                 .commit = scl_build_commit,
                                 .warn = warn};
    if (scl_study_run(&progress, &resumed, config, arguments->results, &options, &err) != SCL_OK) {
        scl_progress_break(&line);
        return scl_report_error(&err);
    }
    if (resumed > 0) printf("%s: resumed, %zu of %zu jobs were there already\n", config->name, resumed, progress.total);
    if (progress.part_before > 0)
        printf("%s: resumed, %zu of %zu jobs were there in part: only what is missing of them was run\n", config->name,
               progress.part_before, progress.total);
    bool stopped = progress.done < progress.total;
    if (stopped)
        say_stop(config, arguments, &progress);
    else
        say_end(config, arguments, &progress);
    int status = say_state(stopped, &progress, config, arguments);
    return status == 0 && (stopped || progress.failed > 0) ? 1 : status;
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
    .options = "rjnsdxlfk",
    .needs_paths = true,
    .run = run,
};
