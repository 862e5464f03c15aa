/* The most important promise: kill -9 at any moment, SIGTERM, Ctrl-C, any number of workers - the summary that comes out in the end
 * is the same to the byte, and nothing that was committed is lost. */
#include "cli/program.h"

#include "base/csv.h"

/* About two seconds of jobs on two workers: time for a commit or two. */
static const char *const config = "name: long\nreplicates: 8000\nseed: 11\n"
                                  "model: {d: 30, r: 3, noise: {profile: linear, ratio: 3}}\n"
                                  "sample: {n: 1000, sampler: data}\nestimators: [pca, contrastive, random]\n"
                                  "metrics: [sin-theta-f, top-eigenvalue]\ncompare: [[contrastive, pca]]\n"
                                  "redraw: replicate\nsweep: {sample.n: [1000, inf]}\n";
enum { N_JOBS = 16000 };

static char *reference; /* the summary of an undisturbed run */
static double reference_s;

static int setup(void **state)
{
    if (files_setup(state) != 0) return -1;
    write_text(in_root("long.yaml"), config);
    double start = now_s();
    outcome o = shell("$S run long.yaml --results reference --jobs 2");
    reference_s = now_s() - start;
    if (o.status != 0) fprintf(stderr, "%s", o.err);
    reference = read_bytes(in_root("reference/long/summary.csv"), NULL);
    int status = o.status;
    outcome_free(&o);
    return status != 0 || !reference;
}

static int teardown(void **state)
{
    free(reference);
    return files_teardown(state);
}

/* A run in the background; its output goes to <root>/out and <root>/err. */
static pid_t start_config(const char *file, const char *results, const char *jobs, const char *more)
{
    pid_t child = fork();
    if (child == 0) {
        if (chdir(files_root) != 0 || !freopen("out", "w", stdout) || !freopen("err", "w", stderr)) _exit(126);
        execl(program, program, "run", file, "--results", results, "--jobs", jobs, more, (char *)NULL);
        _exit(127);
    }
    assert_true(child > 0);
    return child;
}

static pid_t start_run(const char *results, const char *jobs, const char *more)
{
    return start_config("long.yaml", results, jobs, more);
}

static int end_of(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return exit_of(status);
}

/* Waits until the run has begun its jobs: provenance.txt is the last file before them. */
static void wait_for_jobs(const char *results)
{
    char path[64];
    snprintf(path, sizeof path, "%s/long/provenance.txt", results);
    for (int i = 0; i < 6000; i++) {
        if (exists(in_root(path))) return;
        pause_s(.005);
    }
    fail_msg("%s did not come", path);
}

/* Finished jobs that are in the store: rows of the random estimator, which is in every job once, for one metric. */
static size_t jobs_in_store(const char *results)
{
    char command[128];
    snprintf(command, sizeof command, "rm -f trials.csv; $S export long.yaml --results %s --out trials.csv", results);
    outcome o = shell(command);
    size_t n = 0;
    if (o.status == 0 || (o.status == 1 && strstr(o.err, "the export holds these alone"))) {
        scl_table table = {0};
        scl_error err = {0};
        if (scl_table_read(&table, in_root("trials.csv"), &err) != SCL_OK) fail_msg("%s", err.message);
        size_t estimator = scl_table_column(&table, "estimator"), metric = scl_table_column(&table, "metric");
        for (size_t i = 0; i < table.n_rows; i++)
            n += strcmp(scl_table_text(&table, i, estimator), "random") == 0 &&
                 strcmp(scl_table_text(&table, i, metric), "sin-theta-f") == 0;
        scl_table_free(&table);
    } else if (o.status != 2 || !(strstr(o.err, "run` makes") || strstr(o.err, "No such file"))) {
        fail_msg("exit %d: %s", o.status, o.err); /* killed before there was a store: said so, status 2 */
    }
    outcome_free(&o);
    return n;
}

static void finish_and_compare(const char *results, size_t at_least)
{
    char command[128], path[64];
    snprintf(command, sizeof command, "$S run long.yaml --results %s --jobs 2", results);
    outcome o = shell(command);
    if (o.status != 0) fail_msg("exit %d: %s", o.status, o.err);
    size_t resumed = 0;
    if (at_least > 0 && sscanf(o.out, "long: resumed, %zu of", &resumed) != 1) fail_msg("no resume: %s", o.out);
    assert_true(resumed >= at_least);
    outcome_free(&o);
    snprintf(path, sizeof path, "%s/long/summary.csv", results);
    assert_same_file(in_root(path), reference);
}

/* ---- workers ----------------------------------------------------------------------------------------------------- */

static void any_number_of_workers(void **state)
{
    (void)state;
    static const char *const jobs[] = {"2", "1", "4"};
    char *first = NULL;
    for (size_t i = 0; i < 3; i++) {
        char results[16], path[64];
        snprintf(results, sizeof results, "jobs-%s", jobs[i]);
        assert_int_equal(end_of(start_run(results, jobs[i], "--replicates=1000")), 0);
        snprintf(path, sizeof path, "%s/long/summary.csv", results);
        if (i == 0) first = read_bytes(in_root(path), NULL);
        assert_same_file(in_root(path), first);
    }
    assert_string_not_equal(first, reference);
    free(first);
}

/* ---- kill -9 ----------------------------------------------------------------------------------------------------- */

static uint64_t bits = 20211006;
static double uniform(void)
{
    bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
    return (double)(bits >> 11) * 0x1p-53;
}

/* One kill, at a random moment of that fifth of the time that an undisturbed run takes; false when the run was faster. */
static bool kill_once(const char *results, size_t *kept, size_t kills)
{
    double moment = ((double)((2 * kills + 4) % 5) + uniform()) / 5 * reference_s;
    static const char *const jobs[] = {"2", "1", "4"};
    pid_t child = start_run(results, jobs[kills % 3], NULL);
    pause_s(moment);
    kill(child, SIGKILL);
    int status = end_of(child);
    if (status == 0) return false;
    assert_int_equal(status, 128 + SIGKILL);
    size_t here = jobs_in_store(results);
    if (here < *kept) fail_msg("%zu jobs were committed, %zu are there", *kept, here);
    *kept = here;
    return true;
}

/* SCL_KILLS makes it more than five. */
static void kills_change_no_byte(void **state)
{
    (void)state;
    const char *more = getenv("SCL_KILLS");
    size_t wanted = more ? strtoul(more, NULL, 10) : 5;
    for (int i = 0; i < 4; i++) (void)uniform(); /* let the generator leave its small seed */
    size_t kept = 0, most = 0, kills = 0, studies = 0;
    for (char results[32]; kills < wanted; studies++) { /* a run that ends before its kill is followed by another */
        assert_true(studies < 4 * wanted);
        snprintf(results, sizeof results, "killed-%zu", studies);
        kept = 0;
        while (kills < wanted && kill_once(results, &kept, kills)) kills++;
        most = kept > most ? kept : most;
        finish_and_compare(results, kept);
        if (studies > 0) remove_tree(in_root(results));
    }
    print_message("%zu kills in %zu studies, up to %zu of %d jobs kept\n", kills, studies, most, N_JOBS);
    assert_true(most > 0 || reference_s < 1.5); /* else no kill met a store with something in it */
}

/* How many replicates a cell has does not depend on kills, nor on the number of workers that go on after each. */
static void kills_move_no_boundary(void **state)
{
    (void)state;
    write_text(in_root("precise.yaml"),
               "name: precise\nreplicates: 100\nseed: 12\nmodel: {d: 30, r: 3, noise: {profile: linear, ratio: 3}}\n"
               "estimators: [pca, contrastive, random]\nmetrics: [sin-theta-f]\nredraw: replicate\n"
               "sample: {n: 1000, sampler: data}\nsweep: {sample.n: [100, 1000]}\n"
               "precision: {metric: sin-theta-f, mcse: .0025, max_replicates: 5000}\n");
    double start = now_s();
    assert_int_equal(end_of(start_config("precise.yaml", "undisturbed", "2", NULL)), 0);
    double whole_s = now_s() - start;
    char *summary = read_bytes(in_root("undisturbed/precise/summary.csv"), NULL),
         *plan = read_bytes(in_root("undisturbed/precise/plan.csv"), NULL);
    static const char *const jobs[] = {"1", "2", "4"};
    for (size_t i = 0; i < 6; i++) {
        pid_t child = start_config("precise.yaml", "boundary", jobs[i % 3], NULL);
        pause_s((.1 + .8 * uniform()) * whole_s);
        kill(child, SIGKILL);
        int status = end_of(child);
        assert_true(status == 0 || status == 128 + SIGKILL);
    }
    assert_int_equal(end_of(start_config("precise.yaml", "boundary", "3", NULL)), 0);
    assert_same_file(in_root("boundary/precise/summary.csv"), summary);
    assert_same_file(in_root("boundary/precise/plan.csv"), plan);
    free(summary);
    free(plan);
}

/* A commit each second: a run that was killed after two of them has something to go on from. */
static void work_is_committed_every_second(void **state)
{
    (void)state;
    pid_t child = start_run("second", "1", "--replicates=1000000");
    wait_for_jobs("second");
    pause_s(2.5);
    kill(child, SIGKILL);
    assert_int_equal(end_of(child), 128 + SIGKILL);
    outcome o = shell("rm -f trials.csv; $S export long.yaml --results second --out trials.csv --replicates 1000000");
    assert_int_equal(o.status, 1); /* it is not finished */
    char *trials = read_bytes(in_root("trials.csv"), NULL);
    assert_true(count_lines(trials) > 1 + 100);
    free(trials);
    outcome_free(&o);
}

/* ---- signals ----------------------------------------------------------------------------------------------------- */

static void check_stop(int signal_number, const char *results, const char *more, const char *advice)
{
    char path[64];
    pid_t child = start_run(results, "2", more);
    wait_for_jobs(results);
    pause_s(.1);
    kill(child, signal_number);
    double start = now_s();
    assert_int_equal(end_of(child), 1);
    assert_true(now_s() - start < 5);
    char *err = read_bytes(in_root("err"), NULL), *out = read_bytes(in_root("out"), NULL);
    size_t done = 0, total = 0;
    if (sscanf(err, "spikedcl: long: stopped after %zu of %zu jobs", &done, &total) != 2) fail_msg("says: %s", err);
    assert_non_null(strstr(err, advice));
    assert_string_equal(out, "");
    assert_int_equal(total, N_JOBS);
    assert_true(done > 0 && done < total);
    snprintf(path, sizeof path, "%s/long/summary.csv", results);
    assert_false(exists(in_root(path)));
    assert_int_equal(jobs_in_store(results), done); /* all that ran was committed */
    if (!more) finish_and_compare(results, done);
    free(err);
    free(out);
}

static void a_stop_says_how_to_go_on(void **state)
{
    (void)state;
    check_stop(SIGTERM, "term", NULL, "; the same command goes on from there\n");
    check_stop(SIGINT, "int", "--fresh", "; the same command without --fresh goes on from there\n");
}

/* The next study is not begun. */
static void a_stop_ends_all_studies(void **state)
{
    (void)state;
    write_text(in_root("short.yaml"),
               "name: short\nmodel: {d: 4, r: 1}\nsample: {n: 9}\nestimators: [pca]\nmetrics: [cos2]\n");
    pid_t child = start_run("all", "1", "short.yaml");
    wait_for_jobs("all");
    kill(child, SIGTERM);
    assert_int_equal(end_of(child), 1);
    assert_true(exists(in_root("all/long/trials.sqlite")));
    assert_false(exists(in_root("all/short")));
}

/* ---- two at once, and looking on --------------------------------------------------------------------------------- */

static void assert_all_incomplete_or_more(const char *summary)
{
    scl_table table = {0};
    scl_error err = {0};
    if (scl_table_read(&table, in_root(summary), &err) != SCL_OK) fail_msg("%s", err.message);
    size_t incomplete = 0, status = scl_table_column(&table, "status");
    for (size_t i = 0; i < table.n_rows; i++)
        incomplete += strcmp(scl_table_text(&table, i, status), "incomplete") == 0;
    assert_int_equal(table.n_rows, 2 * (3 * 2 + 3));
    assert_true(incomplete > 0);
    scl_table_free(&table);
}

static void a_second_run_is_refused(void **state)
{
    (void)state;
    pid_t child = start_run("two", "1", "--replicates=1000000");
    wait_for_jobs("two");
    SAYS("$S run long.yaml --results two --replicates 1000000", 3, "two/long: another run is working on this folder");
    SAYS("$S run long.yaml --results two --fresh", 3, "two/long: another run is working on this folder");
    assert_false(exists(in_root("two/long.old-1")));
    /* its state would be older than the summary with which that run ends */
    SAYS("$S summarise long.yaml --results two --replicates 1000000", 3,
         "two/long: another run is working on this folder");
    assert_false(exists(in_root("two/long/summary.csv")));
    kill(child, SIGKILL);
    assert_int_equal(end_of(child), 128 + SIGKILL);
    outcome o = shell("$S summarise long.yaml --results two --replicates 1000000");
    assert_int_equal(o.status, 1);
    assert_string_equal(o.out, "long: two/long/summary.csv\n");
    assert_non_null(strstr(o.err, " of 2000000 jobs are missing: "));
    outcome_free(&o);
    assert_all_incomplete_or_more("two/long/summary.csv");
    /* the lock went with the process */
    SAYS("$S run long.yaml --results two --replicates 10 2>&1", 0, "long: ");
}

/* A closed standard stream is held open on nothing, or the run lock would take its number and progress lines would go there. */
static void closed_streams_take_no_file(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        if (chdir(files_root) != 0) _exit(126);
        for (int stream = 0; stream < 3; stream++) close(stream);
        execl(program, program, "run", "long.yaml", "--results", "closed", "--replicates=1000000", (char *)NULL);
        _exit(127);
    }
    wait_for_jobs("closed");
    char link[64], target[512] = "";
    for (int stream = 0; stream < 3; stream++) {
        snprintf(link, sizeof link, "/proc/%ld/fd/%d", (long)child, stream);
        ssize_t length = exists("/proc/self/fd") ? readlink(link, target, sizeof target - 1) : 0;
        if (length > 0) target[length] = '\0';
        if (length != 0 && strcmp(target, "/dev/null") != 0) fail_msg("stream %d is %s", stream, target);
    }
    kill(child, SIGTERM);
    assert_int_equal(end_of(child), 1);
}

int main(int argc, char **argv)
{
    (void)argc;
    program_beside(argv[0]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_workers),    cmocka_unit_test(kills_change_no_byte),
        cmocka_unit_test(kills_move_no_boundary),   cmocka_unit_test(work_is_committed_every_second),
        cmocka_unit_test(a_stop_says_how_to_go_on), cmocka_unit_test(a_stop_ends_all_studies),
        cmocka_unit_test(a_second_run_is_refused),  cmocka_unit_test(closed_streams_take_no_file),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
