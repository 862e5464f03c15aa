/* The pool: the same summary to the byte for any number of workers, stops and resumes, and for replicates that come later; a stop
 * commits what ran; a disk that fills up ends the run, and what was committed stays. */
#include "study/studies.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

/* ---- an estimator that takes its time ---------------------------------------------------------------------------- */

static scl_status fit_slowly(scl_representation *out, scl_fit_info *info, const scl_sample *sample,
                             const double *options, scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    (void)ws;
    (void)err;
    struct timespec pause = {.tv_nsec = 2000000};
    nanosleep(&pause, NULL);
    scl_matrix_copy(out->Q, sample->model->U);
    out->values[0] = 1 + fabs(sample->mean[0]);
    info->status = SCL_FIT_OK;
    return SCL_OK;
}

static const scl_estimator slow = {
    .name = "slow", .summary = "", .source = "", .workspace = no_workspace, .fit = fit_slowly};

static const char *const slow_study = "name: slow\nreplicates: 100\nmodel: {d: 4, r: 1}\nsample: {n: 9}\n"
                                      "estimators: [pca]\nmetrics: [top-eigenvalue]\n"
                                      "sweep: {sample.n: [9, 10]}\n";

static scl_config slow_config(void)
{
    scl_config config = config_of(slow_study);
    config.estimators[0].estimator = &slow;
    return config;
}

/* ---- byte identity ----------------------------------------------------------------------------------------------- */

static char *summary_of(const char *const *sets, size_t n_sets, const char *results, size_t workers)
{
    scl_config config = config_with(small_study, sets, n_sets);
    run_study(&config, results, workers);
    scl_config_free(&config);
    return study_file(results, "small", "summary.csv");
}

static void any_number_of_workers_gives_the_same_bytes(void **state)
{
    (void)state;
    const char *many = "replicates=300";
    char *one = summary_of(&many, 1, "one", 1);
    static const size_t workers[] = {2, 3, 4, 16};
    for (size_t i = 0; i < 4; i++) {
        char results[32];
        snprintf(results, sizeof results, "workers-%zu", workers[i]);
        char *other = summary_of(&many, 1, results, workers[i]);
        assert_string_equal(one, other);
        free(other);
    }
    free(one);
    assert_int_equal(scl_memory_live(), 0);
}

static void more_workers_than_jobs(void **state)
{
    (void)state;
    const char *sets[] = {"replicates=1", "sweep={sample.n: [50]}"};
    char *one = summary_of(sets, 2, "few-1", 1), *many = summary_of(sets, 2, "few-16", 16);
    assert_string_equal(one, many);
    free(one);
    free(many);
}

static void replicates_added_later_give_the_same_bytes(void **state)
{
    (void)state;
    const char *steps[] = {"replicates=3", "replicates=40", "replicates=41", "replicates=150"};
    char *last = NULL;
    for (size_t i = 0; i < 4; i++) {
        free(last);
        last = summary_of(&steps[i], 1, "grown", 1 + i % 2);
        char results[32];
        snprintf(results, sizeof results, "fresh-%zu", i);
        char *fresh = summary_of(&steps[i], 1, results, 2);
        assert_string_equal(last, fresh);
        free(fresh);
    }
    /* and back: rows beyond the plan never enter a summary */
    char *smaller = summary_of(&steps[1], 1, "grown", 2), *fresh = study_file("fresh-1", "small", "summary.csv");
    assert_string_equal(smaller, fresh);
    free(fresh);
    fresh = study_file("fresh-1", "small", "plan.csv");
    char *plan = study_file("grown", "small", "plan.csv");
    assert_string_equal(plan, fresh); /* the folder says what its summary is of */
    free(fresh);
    free(plan);
    free(smaller);
    free(last);
}

/* The lines of the other estimators are the same, to the byte, when one is added. */
static void an_added_estimator_changes_no_line(void **state)
{
    (void)state;
    const char *sets[] = {"replicates=30",
                          "estimators=[diagonal-deletion, pca, oracle, contrastive, {name: random, id: again}, "
                          "random]"};
    char *few = summary_of(sets, 1, "few", 2), *more = summary_of(sets, 2, "more", 2), *save = NULL;
    size_t lines = 0;
    for (char *line = strtok_r(few, "\n", &save); line; line = strtok_r(NULL, "\n", &save), lines++) {
        char *at = strstr(more, line);
        if (!at || at[strlen(line)] != '\n' || (at > more && at[-1] != '\n')) fail_msg("not there: %s", line);
    }
    assert_int_equal(lines, 1 + 4 * 9);
    free(few);
    free(more);
}

/* ---- stopping ---------------------------------------------------------------------------------------------------- */

typedef struct watcher {
    volatile sig_atomic_t stop;
    size_t stop_at; /* jobs done now */
    size_t calls, last_done, lasts;
    scl_progress seen;
} watcher;

static void watch(void *context, const scl_progress *progress)
{
    watcher *w = context;
    assert_true(progress->done >= w->last_done && progress->done <= progress->total);
    assert_int_equal(w->lasts, 0);
    w->last_done = progress->done;
    w->calls++;
    w->lasts += progress->last;
    w->seen = *progress;
    if (progress->done_now >= w->stop_at) w->stop = 1;
}

static size_t run_watched(scl_progress *progress, watcher *w, const char *results, size_t workers)
{
    scl_config config = slow_config();
    scl_error err = {0};
    size_t resumed = 0;
    scl_study_options options = {
        .pool = {.workers = workers, .stop = &w->stop, .progress = watch, .progress_context = w}, .command = "test"};
    WELL(scl_study_run(progress, &resumed, &config, in_root(results), &options, &err), &err);
    scl_config_free(&config);
    assert_int_equal(w->lasts, 1);
    return resumed;
}

static void a_stop_keeps_what_ran_and_a_resume_runs_the_rest(void **state)
{
    (void)state;
    scl_progress progress = {0};
    watcher whole = {.stop_at = SIZE_MAX};
    assert_int_equal(run_watched(&progress, &whole, "whole", 2), 0);
    assert_int_equal(progress.done, 200);
    assert_int_equal(progress.done_now, 200);
    assert_true(whole.calls > 2);
    assert_true(progress.elapsed_s > .15); /* 200 jobs of 2 ms on two workers */
    char *wanted = study_file("whole", "slow", "summary.csv");
    size_t finished = 0, stops = 0;
    for (;;) {
        watcher w = {.stop_at = 1};
        size_t resumed = run_watched(&progress, &w, "stopped", 1 + stops % 3);
        assert_int_equal(resumed, finished); /* nothing lost, nothing twice */
        assert_int_equal(progress.done, resumed + progress.done_now);
        finished = progress.done;
        if (finished == progress.total) break;
        assert_false(exists(in_root("stopped/slow/summary.csv")));
        assert_true(++stops < 100);
    }
    assert_true(stops >= 1);
    assert_same_file(in_root("stopped/slow/summary.csv"), wanted);
    free(wanted);
    assert_int_equal(scl_memory_live(), 0);
}

/* A stop asked for before the first job: the run ends at once, without an error. */
static void an_early_stop_is_no_error(void **state)
{
    (void)state;
    scl_progress progress = {0};
    watcher w = {.stop_at = SIZE_MAX, .stop = 1};
    assert_int_equal(run_watched(&progress, &w, "early", 2), 0);
    assert_true(progress.done < 150);
}

static atomic_size_t fits;

static scl_status fit_and_count(scl_representation *out, scl_fit_info *info, const scl_sample *sample,
                                const double *options, scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    (void)ws;
    (void)err;
    fits++;
    scl_matrix_copy(out->Q, sample->model->U);
    out->values[0] = 1;
    info->status = SCL_FIT_OK;
    return SCL_OK;
}

static const scl_estimator counted = {
    .name = "counted", .summary = "", .source = "", .workspace = no_workspace, .fit = fit_and_count};

enum { QUEUE_ROWS = 4096, PATIENCE = 3000 }; /* of pool.c; looks of 20 ms */

/* A writer that waits until the queue is full, however slow the workers are, and then asks for a stop: what the waiting workers
 * hold is written all the same. Every job of this study has one row, but for replicate 0, so done_now rows were collected. */
static void write_slowly(void *context, const scl_progress *progress)
{
    watcher *w = context;
    const struct timespec pause = {.tv_nsec = 20000000};
    for (int i = 0; !w->stop && i < PATIENCE && fits <= progress->done_now + QUEUE_ROWS; i++) nanosleep(&pause, NULL);
    w->stop = 1;
}

static void a_stop_loses_no_job_to_a_full_queue(void **state)
{
    (void)state;
    const char *set = "replicates=100000";
    scl_config config = config_with(slow_study, &set, 1);
    config.estimators[0].estimator = &counted;
    watcher w = {.stop_at = 1};
    scl_progress progress = {0};
    scl_error err = {0};
    size_t resumed = 0;
    scl_study_options options = {
        .pool = {.workers = 4, .stop = &w.stop, .progress = write_slowly, .progress_context = &w}, .command = "test"};
    fits = 0;
    WELL(scl_study_run(&progress, &resumed, &config, in_root("queue"), &options, &err), &err);
    assert_true(progress.done > QUEUE_ROWS && progress.done < progress.total);
    /* a fit for each sample row, and for the population row of replicate 0 */
    assert_int_equal(progress.done + 1, fits);
    scl_config_free(&config);
    assert_int_equal(scl_memory_live(), 0);
}

/* ---- failures and slow jobs -------------------------------------------------------------------------------------- */

/* Fails in the trials whose first mean is above 1.2 noise standard deviations of n = 9; the same ones in every run. */
static scl_status fit_or_fail(scl_representation *out, scl_fit_info *info, const scl_sample *sample,
                              const double *options, scl_stream *stream, scl_arena *ws, scl_error *err)
{
    if (sample->mean[0] > .4) return scl_error_set(err, SCL_ERR_LAPACK, "the mean is above .4");
    return fit_slowly(out, info, sample, options, stream, ws, err);
}

static const scl_estimator failing = {
    .name = "failing", .summary = "", .source = "", .workspace = no_workspace, .fit = fit_or_fail};

static scl_status run_with(scl_progress *progress, const scl_estimator *estimator, const char *results,
                           scl_pool_options pool, scl_error *err)
{
    scl_config config = slow_config();
    config.estimators[0].estimator = estimator;
    size_t resumed = 0;
    scl_study_options options = {.pool = pool, .command = "test"};
    scl_status status = scl_study_run(progress, &resumed, &config, in_root(results), &options, err);
    scl_config_free(&config);
    return status;
}

static void the_first_failure_stops_a_run_on_request(void **state)
{
    (void)state;
    scl_progress whole = {0}, progress = {0};
    scl_error err = {0};
    WELL(run_with(&whole, &failing, "failed", (scl_pool_options){.workers = 2}, &err), &err);
    assert_int_equal(whole.done, 200);
    assert_true(whole.failed > 1 && whole.failed < 150);
    assert_int_equal(whole.failure.status, SCL_ROW_FAILED);
    assert_string_equal(whole.failure.message, "the mean is above .4");
    size_t failed = 0, stops = 0, done = 0;
    for (; stops < 300; stops++) { /* one failure after another, by one worker: none more than asked for */
        WELL(run_with(&progress, &failing, "fast", (scl_pool_options){.workers = 1, .fail_fast = true}, &err), &err);
        if (progress.failed == failed) break;
        assert_int_equal(progress.failed, failed + 1); /* those of before count, too */
        assert_int_equal(progress.failure.status, SCL_ROW_FAILED);
        if (stops == 0) {
            assert_int_equal(progress.failure.job, whole.failure.job);
            assert_int_equal(progress.failure_in.cell, whole.failure_in.cell);
            assert_int_equal(progress.failure_in.replicate, whole.failure_in.replicate);
            assert_int_equal(progress.done, whole.failure.job + 1); /* it was committed, and nothing ran after it */
        }
        assert_true(progress.done > done);
        done = progress.done;
        failed = progress.failed;
    }
    assert_int_equal(failed, whole.failed);
    assert_int_equal(progress.done, 200);
    char *wanted = study_file("failed", "slow", "summary.csv");
    assert_same_file(in_root("fast/slow/summary.csv"), wanted);
    /* two workers: at most what was running beside it */
    WELL(run_with(&progress, &failing, "pair", (scl_pool_options){.workers = 2, .fail_fast = true}, &err), &err);
    assert_true(progress.failed >= 1 && progress.failed <= 2 && progress.done < 200);
    WELL(run_with(&progress, &failing, "pair", (scl_pool_options){.workers = 2}, &err), &err);
    assert_same_file(in_root("pair/slow/summary.csv"), wanted);
    free(wanted);
    assert_int_equal(scl_memory_live(), 0);
}

/* Takes 30 ms where the first mean is above .4. */
static scl_status fit_with_pauses(scl_representation *out, scl_fit_info *info, const scl_sample *sample,
                                  const double *options, scl_stream *stream, scl_arena *ws, scl_error *err)
{
    struct timespec pause = {.tv_nsec = 30000000};
    if (sample->mean[0] > .4) nanosleep(&pause, NULL);
    return fit_slowly(out, info, sample, options, stream, ws, err);
}

static const scl_estimator pausing = {
    .name = "pausing", .summary = "", .source = "", .workspace = no_workspace, .fit = fit_with_pauses};

/* The state of the slow study below <root>/<results>. */
static scl_study_state state_of(const char *results, const char *set)
{
    scl_config config = config_with(slow_study, &set, set ? 1 : 0);
    config.estimators[0].estimator = &pausing;
    scl_study_state state;
    scl_error err = {0};
    WELL(scl_study_status(&state, &config, in_root(results), (scl_shard){0}, &err), &err);
    scl_config_free(&config);
    return state;
}

static size_t all_slow(const scl_study_state *state)
{
    size_t jobs = 0;
    for (size_t i = 0; i < state->n_slow; i++) jobs += state->slow[i].jobs;
    return jobs;
}

static size_t most_running;

static void see_running(void *context, const scl_progress *progress)
{
    (void)context;
    if (progress->slow_running > most_running) most_running = progress->slow_running;
    assert_true(progress->slow_running == 0 || progress->longest_s > progress->job_limit_s);
    assert_true(!progress->last || progress->slow_running == 0);
}

static void slow_jobs_are_marked_and_change_no_byte(void **state)
{
    (void)state;
    scl_progress progress = {0};
    scl_error err = {0};
    WELL(run_with(&progress, &pausing, "unmarked", (scl_pool_options){.workers = 2}, &err), &err);
    char *wanted = study_file("unmarked", "slow", "summary.csv");
    scl_study_state told = state_of("unmarked", NULL);
    assert_int_equal(told.n_slow, 0);
    scl_study_state_free(&told);
    most_running = 0;
    const scl_pool_options limited = {.workers = 3, .job_limit_s = .02, .progress = see_running};
    WELL(run_with(&progress, &pausing, "marked", limited, &err), &err);
    size_t slow_jobs = progress.slow;
    assert_true(slow_jobs >= 5 && slow_jobs < 200); /* those that pause, and what the machine held up */
    assert_true(most_running > 0);
    assert_same_file(in_root("marked/slow/summary.csv"), wanted);
    told = state_of("marked", NULL);
    assert_int_equal(told.n_slow, 2);
    assert_int_equal(all_slow(&told), slow_jobs);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(told.slow[i].cell, i);
        assert_true(told.slow[i].least_limit_s == .02 && told.slow[i].most_limit_s == .02);
        assert_true(told.slow[i].slowest_s > .03 && told.slow[i].slowest < 100);
    }
    scl_study_state_free(&told);
    /* of a plan with fewer replicates: its own jobs alone; a limit that nothing reaches marks nothing */
    told = state_of("marked", "replicates=1");
    assert_true(all_slow(&told) <= 2);
    scl_study_state_free(&told);
    WELL(run_with(&progress, &pausing, "quick", (scl_pool_options){.workers = 2, .job_limit_s = 1e6}, &err), &err);
    assert_int_equal(progress.slow, 0);
    /* and everything marked: one mark a job, whatever resumes */
    const volatile sig_atomic_t stop = 1;
    const scl_pool_options tiny = {.workers = 2, .job_limit_s = 1e-6},
                           stopped = {.workers = 2, .job_limit_s = 1e-5, .stop = &stop};
    WELL(run_with(&progress, &pausing, "all", stopped, &err), &err);
    WELL(run_with(&progress, &pausing, "all", tiny, &err), &err);
    told = state_of("all", NULL);
    assert_int_equal(all_slow(&told), 200);
    scl_study_state_free(&told);
    assert_same_file(in_root("all/slow/summary.csv"), wanted);
    free(wanted);
    assert_int_equal(scl_memory_live(), 0);
}

static void marks_come_along_in_a_merge(void **state)
{
    (void)state;
    scl_progress progress = {0};
    scl_error err = {0};
    size_t marked = 0;
    for (size_t i = 1; i <= 3; i++) {
        const scl_pool_options pool = {.workers = 2, .job_limit_s = i < 3 ? 1e-6 : 0, .shard = {i, 3}};
        WELL(run_with(&progress, &pausing, "merged", pool, &err), &err);
        assert_int_equal(progress.done, progress.total);
        marked += progress.slow;
    }
    assert_int_equal(marked, 67 + 67);
    scl_config config = slow_config();
    config.estimators[0].estimator = &pausing;
    for (int i = 0; i < 2; i++) { /* and not twice */
        scl_merged merged;
        scl_study_options options = {.command = "test"};
        WELL(scl_study_merge(&merged, &config, in_root("merged"), &options, &err), &err);
        assert_int_equal(merged.done, 200);
        scl_merged_free(&merged);
        scl_study_state told = state_of("merged", NULL);
        assert_int_equal(all_slow(&told), marked);
        scl_study_state_free(&told);
    }
    scl_config_free(&config);
    char *wanted = study_file("unmarked", "slow", "summary.csv");
    assert_same_file(in_root("merged/slow/summary.csv"), wanted);
    free(wanted);
    assert_int_equal(scl_memory_live(), 0);
}

/* ---- a disk that fills up ---------------------------------------------------------------------------------------- */

/* Runs with files limited to that size; the exit status says what happened. */
static int run_on_small_disk(size_t bytes)
{
    pid_t child = fork();
    if (child == 0) {
        scl_config config = config_with(small_study, (const char *const[]){"replicates=2000"}, 1);
        scl_progress progress = {0};
        scl_error err = {0};
        size_t resumed = 0;
        scl_study_options options = {.pool = {.workers = 2}, .command = "test"};
        struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        scl_status status = scl_study_run(&progress, &resumed, &config, in_root("full"), &options, &err);
        limit.rlim_cur = RLIM_INFINITY;
        setrlimit(RLIMIT_FSIZE, &limit);
        if (status != SCL_OK && !strstr(err.message, in_root("full"))) _exit(100);
        scl_config_free(&config);
        if (scl_memory_live() != 0) _exit(101);
        _exit((int)status);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_full_disk_ends_the_run_and_loses_nothing(void **state)
{
    (void)state;
    const char *many = "replicates=2000";
    char *wanted = summary_of(&many, 1, "roomy", 2);
    static const size_t limits[] = {100, 2000, 9000, 20000, 100000, 300000};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        assert_int_equal(run_on_small_disk(limits[i]), SCL_ERR_IO);
        assert_false(exists(in_root("full/small/summary.csv")));
        assert_null(first_with(in_root("full/small"), ".part"));
    }
    char *resumed = summary_of(&many, 1, "full", 2);
    assert_string_equal(resumed, wanted);
    free(resumed);
    free(wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_workers_gives_the_same_bytes),
        cmocka_unit_test(more_workers_than_jobs),
        cmocka_unit_test(replicates_added_later_give_the_same_bytes),
        cmocka_unit_test(an_added_estimator_changes_no_line),
        cmocka_unit_test(a_stop_keeps_what_ran_and_a_resume_runs_the_rest),
        cmocka_unit_test(an_early_stop_is_no_error),
        cmocka_unit_test(a_stop_loses_no_job_to_a_full_queue),
        cmocka_unit_test(the_first_failure_stops_a_run_on_request),
        cmocka_unit_test(slow_jobs_are_marked_and_change_no_byte),
        cmocka_unit_test(marks_come_along_in_a_merge),
        cmocka_unit_test(a_full_disk_ends_the_run_and_loses_nothing),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
