/* Trials that fail, and what run, status and merge say of them: per estimator, with the first reason and the command that runs that
 * job again. Here `random` fails on purpose: this program has its own, and the library's is never linked. The commands run in
 * this program, in a child each. */
#include "cli/program.h"

#include "cli/cli.h"
#include "estimate/estimators.h"
#include "linalg/linalg.h"

#include <gsl/gsl_errno.h>

const char scl_build_commit[] = "test";

static size_t no_workspace(size_t d, size_t r)
{
    (void)d;
    (void)r;
    return 0;
}

/* Fails where the first coordinate's mean is positive: in about half of the trials, the same in every run. */
static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    (void)ws;
    if (sample->mean[0] > 0) return scl_error_set(err, SCL_ERR_LAPACK, "planted: the mean is positive");
    scl_matrix_copy(out->Q, sample->model->U);
    info->status = sample->mean[1] > 0 ? SCL_FIT_UNCONVERGED : SCL_FIT_OK;
    return SCL_OK;
}

const scl_estimator scl_estimator_random = {
    .name = "random", .summary = "", .source = "", .workspace = no_workspace, .fit = fit};

static const char *const config = "name: bad\nreplicates: 30\nmodel: {d: 8, r: 2}\nestimators: [pca, random]\n"
                                  "metrics: [cos2]\nsweep: {sample.n: [50, 60]}\n";

static int setup(void **state)
{
    scl_blas_start();
    gsl_set_error_handler_off();
    if (files_setup(state) != 0) return -1;
    write_text(in_root("bad.yaml"), config);
    write_text(in_root("it's bad.yaml"), config);
    return 0;
}

static outcome command(const scl_command *what, const char *const *words, int n)
{
    FILE *out = tmpfile(), *err = tmpfile();
    assert_true(out && err);
    pid_t child = fork();
    if (child == 0) {
        const char *argv[16] = {"spikedcl", what->name};
        for (int i = 0; i < n; i++) argv[i + 2] = words[i];
        if (chdir(files_root) != 0 || dup2(fileno(out), 1) < 0 || dup2(fileno(err), 2) < 0) _exit(126);
        scl_arguments arguments;
        int status = scl_arguments_read(&arguments, what, n + 2, (char **)(uintptr_t)argv);
        if (status < 0) status = what->run(&arguments);
        scl_arguments_free(&arguments);
        fflush(stdout);
        exit(status);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return (outcome){.status = exit_of(status), .out = take_text(out), .err = take_text(err)};
}
#define WORDS(...)    (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)
#define DO(what, ...) command(&scl_command_##what, WORDS(__VA_ARGS__))

static void ends_with(outcome o, int status, const char *const *on_stdout, const char *on_stderr)
{
    if (o.status != status) fail_msg("exit %d instead of %d\n%s%s", o.status, status, o.out, o.err);
    for (size_t i = 0; on_stdout[i]; i++)
        if (!strstr(o.out, on_stdout[i])) fail_msg("\"%s\" is not in:\n%s", on_stdout[i], o.out);
    if (!strstr(o.err, on_stderr)) fail_msg("\"%s\" is not in:\n%s", on_stderr, o.err);
    outcome_free(&o);
}
#define SAYING(...)                                                                                                    \
    (const char *const[])                                                                                              \
    {                                                                                                                  \
        __VA_ARGS__, NULL                                                                                              \
    }

/* The first failure that `text` names. */
static void first_failure(unsigned *cell, unsigned *replicate, size_t *n, const char *text)
{
    const char *at = strstr(text, "  random: ");
    if (!at ||
        sscanf(at, "  random: %zu trials failed, first in cell %u, replicate %u: planted: the mean is positive\n", n,
               cell, replicate) != 3)
        fail_msg("no failure in:\n%s", text);
}

static void a_run_names_the_first_failure_of_each_estimator(void **state)
{
    (void)state;
    outcome ran = DO(run, "bad.yaml", "--results", "whole");
    assert_int_equal(ran.status, 1);
    assert_string_equal(ran.err, "");
    unsigned cell = 9, replicate = 99;
    size_t n = 0;
    first_failure(&cell, &replicate, &n, ran.out);
    assert_int_equal(cell, 0);
    assert_true(replicate < 10 && n > 15 && n < 45);
    char replay[128], counted[128], again[128], number[16];
    snprintf(replay, sizeof replay, "\n    spikedcl replay bad.yaml --results whole --cell 0 --replicate %u\n",
             replicate);
    snprintf(counted, sizeof counted, ", %zu trials failed (n_failed in the summary); whole/bad/summary.csv\n", n);
    assert_non_null(strstr(ran.out, replay));
    assert_non_null(strstr(ran.out, counted));
    assert_non_null(strstr(ran.out, " did not converge\n"));
    assert_null(strstr(ran.out, "pca"));
    /* status says the same, and the command it names shows the failure */
    ends_with(DO(status, "bad.yaml", "--results", "whole"), 1, SAYING("bad: 60 of 60 jobs done\n", replay), "");
    snprintf(number, sizeof number, "%u", replicate);
    snprintf(again, sizeof again, "random, sample: failed: planted: the mean is positive; as stored\n");
    ends_with(DO(replay, "bad.yaml", "--cell", "0", "--replicate", number, "--results", "whole"), 1, SAYING(again), "");
    /* a resume with nothing to do says it again */
    ends_with(DO(run, "bad.yaml", "--results", "whole"), 1, SAYING("resumed, 60 of 60 jobs", replay), "");
    outcome_free(&ran);
}

static void the_replay_command_is_one_for_a_shell(void **state)
{
    (void)state;
    ends_with(
        DO(run, "it's bad.yaml", "--results", "a b", "--replicates", "20", "--set", "sweep={sample.n: [70]}"), 1,
        SAYING(
            "\n    spikedcl replay 'it'\\''s bad.yaml' --results 'a b' --replicates=20 --set 'sweep={sample.n: [70]}' "
            "--cell 0 --replicate "),
        "");
    ends_with(DO(run, "bad.yaml", "--replicates", "9"), 1,
              SAYING("\n    spikedcl replay bad.yaml --replicates=9 --cell 0 --replicate "), "");
}

static void fail_fast_stops_and_says_where(void **state)
{
    (void)state;
    outcome whole = DO(run, "bad.yaml", "--results", "all");
    unsigned cell = 9, replicate = 99;
    size_t n = 0, done = 0;
    first_failure(&cell, &replicate, &n, whole.out);
    outcome_free(&whole);
    outcome stopped = DO(run, "bad.yaml", "--results", "fast", "--fail-fast", "--jobs", "1");
    char where[256];
    snprintf(where, sizeof where,
             " of 60 jobs; the same command without --fail-fast goes on from there\n"
             "  --fail-fast: cell %u, replicate %u, random failed: planted: the mean is positive\n"
             "    spikedcl replay bad.yaml --results fast --cell %u --replicate %u\n",
             cell, replicate, cell, replicate);
    if (sscanf(stopped.err, "spikedcl: bad: stopped after %zu of", &done) != 1) fail_msg("says: %s", stopped.err);
    assert_int_equal(done, replicate + 1);
    assert_string_equal(stopped.out, "");
    if (!strstr(stopped.err, where)) fail_msg("\"%s\" is not in:\n%s", where, stopped.err);
    assert_int_equal(stopped.status, 1);
    assert_false(exists(in_root("fast/bad/summary.csv")));
    outcome_free(&stopped);
    ends_with(DO(run, "bad.yaml", "--results", "fast", "--fail-fast", "--fresh", "--jobs", "1"), 1, SAYING(""),
              "without --fresh and --fail-fast goes on");
    ends_with(DO(run, "bad.yaml", "--results", "fast"), 1, SAYING("bad: resumed, ", "fast/bad/summary.csv"), "");
    char *wanted = read_bytes(in_root("all/bad/summary.csv"), NULL);
    assert_same_file(in_root("fast/bad/summary.csv"), wanted);
    free(wanted);
}

static void shards_tell_of_their_failures_and_a_merge_of_all(void **state)
{
    (void)state;
    ends_with(
        DO(run, "bad.yaml", "--results", "parts", "--shard", "1/2"), 1,
        SAYING("; parts/bad/shard-1-of-2\n", "  random: ", "\n    spikedcl replay bad.yaml --results parts --cell 0 "),
        "");
    ends_with(DO(run, "bad.yaml", "--results", "parts", "--shard", "2/2"), 1, SAYING("  random: "), "");
    ends_with(DO(merge, "bad.yaml", "--results", "parts"), 1,
              SAYING("  random: ", "\n    spikedcl replay bad.yaml --results parts --cell 0 ",
                     "bad: 60 jobs; parts/bad/summary.csv\n"),
              "");
    char *wanted = read_bytes(in_root("all/bad/summary.csv"), NULL);
    assert_same_file(in_root("parts/bad/summary.csv"), wanted);
    free(wanted);
}

static void slow_jobs_are_told_cell_by_cell(void **state)
{
    (void)state;
    outcome o = DO(run, "bad.yaml", "--results", "slow", "--job-limit", "1e-6", "--set", "estimators=[pca]");
    assert_int_equal(o.status, 0);
    static const char *const parts[] = {"bad: 60 jobs in ", ", 60 jobs over --job-limit; slow/bad/summary.csv\n",
                                        "  cell 0: 30 jobs over the limit of 1e-06 s, the slowest ", " s in replicate ",
                                        "  cell 1: 30 jobs over the limit of 1e-06 s, the slowest "};
    assert_parts("run", o.out, parts, 5);
    outcome_free(&o);
    ends_with(DO(status, "bad.yaml", "--results", "slow", "--set", "estimators=[pca]"), 0,
              SAYING("bad: 60 of 60 jobs done\n", "  cell 1: 30 jobs over the limit of 1e-06 s, the slowest "), "");
    /* an estimator that is added runs with another limit: both are told */
    ends_with(DO(run, "bad.yaml", "--results", "slow", "--job-limit", "2e-6"), 1,
              SAYING("  cell 0: 30 jobs over the limit of 1e-06 to 2e-06 s, the slowest "), "");
    static const char *const bad[] = {"0", "-1", "x", "", "inf", "nan", "1e10", "1s"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ends_with(DO(run, "bad.yaml", "--results", "none", "--job-limit", bad[i]), 2, SAYING(""),
                  ": must be a number of seconds from 1e-6 to 1e9\n");
    assert_false(exists(in_root("none")));
}

int main(int argc, char **argv)
{
    (void)argc;
    program_beside(argv[0]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_names_the_first_failure_of_each_estimator),
        cmocka_unit_test(the_replay_command_is_one_for_a_shell),
        cmocka_unit_test(fail_fast_stops_and_says_where),
        cmocka_unit_test(shards_tell_of_their_failures_and_a_merge_of_all),
        cmocka_unit_test(slow_jobs_are_told_cell_by_cell),
    };
    return cmocka_run_group_tests(tests, setup, files_teardown);
}
