/* `status`: jobs done and missing, failures by estimator with the first reason, and its exit status; it writes nothing. */
#include "cli/program.h"

#include "study/study.h"

/* Finished but for two replicates of each cell, which names_what_failed plants. */
static int setup(void **state)
{
    if (files_setup(state) != 0) return -1;
    write_text(in_root("c.yaml"),
               "name: small\nreplicates: 5\nmodel: {d: 8, r: 2, noise: {profile: linear, ratio: 2}}\n"
               "estimators: [pca, contrastive]\nmetrics: [sin-theta-f]\n"
               "sweep: {sample.n: [50, 60]}\n");
    SAYS("$S run c.yaml --jobs 1 --replicates 3", 0, "6 jobs");
    return 0;
}

/* status ends with 1 and says the parts on stdout, in this order. */
static void is_unfinished(const char *command, const char *const *parts, size_t n)
{
    uint64_t before = fingerprint(files_root);
    outcome o = shell(command);
    if (o.status != 1 || o.err[0]) fail_msg("%s: exit %d\n%s%s", command, o.status, o.out, o.err);
    assert_parts(command, o.out, parts, n);
    outcome_free(&o);
    assert_true(fingerprint(files_root) == before);
}
#define UNFINISHED(command, ...) is_unfinished(command, PARTS(__VA_ARGS__))

/* Appends what a run would, but with those statuses: status[cell][replicate - 3][estimator]. */
static void plant(const scl_row_status status[2][2][2])
{
    scl_config config;
    scl_plan plan;
    scl_store *store = NULL;
    scl_error err = {0};
    scl_config_names names = {0};
    if (scl_config_read(&config, in_root("c.yaml"), NULL, 0, &names, &err) != SCL_OK ||
        scl_plan_new(&plan, &config, &err) != SCL_OK ||
        scl_store_open(&store, in_root("runs/small"), &plan, SCL_STORE_WRITE, true, &err) != SCL_OK)
        fail_msg("%s", err.message);
    for (size_t i = 0; i < 8; i++) {
        size_t cell = i / 4, late = i / 2 % 2, estimator = i % 2;
        scl_row row = {.job = 5 * cell + 3 + late, .estimator = (uint32_t)estimator};
        row.status = status[cell][late][estimator];
        if (row.status == SCL_ROW_FAILED) snprintf(row.message, sizeof row.message, "planted in cell %zu", cell);
        if (scl_store_append(store, &row, 1, &err) != SCL_OK) fail_msg("%s", err.message);
    }
    if (scl_store_commit(store, &err) != SCL_OK) fail_msg("%s", err.message);
    scl_store_close(store);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

static void counts_what_is_done_and_missing(void **state)
{
    (void)state;
    WRITES_NOTHING("$S status c.yaml --replicates 3", "small: 6 of 6 jobs done\n");
    UNFINISHED("$S status c.yaml", "small: 6 of 10 jobs done, 4 missing; `spikedcl run c.yaml` goes on");
    WRITES_NOTHING("$S status c.yaml --replicates 2", "small: 4 of 4 jobs done\n",
                   "small: up to 3 replicates of a cell are stored; with this config a summary uses the first 2\n");
    outcome o = shell("$S status c.yaml --replicates 3");
    assert_null(strstr(o.out, "stored"));
    outcome_free(&o);
}

/* A summary of fewer replicates than are stored says so, on stderr and in the provenance, until it is of all again. */
static void a_shorter_summary_is_no_secret(void **state)
{
    (void)state;
    static const char *const commands[] = {"$S run c.yaml --replicates 2", "$S summarise c.yaml --replicates 2"};
    char *before = read_bytes(in_root("runs/small/provenance.txt"), NULL);
    assert_non_null(strstr(before, "\nreplicates: 3\n"));
    for (size_t i = 0; i < 2; i++) {
        outcome o = shell(commands[i]);
        assert_int_equal(o.status, 0);
        assert_string_equal(
            o.err, "small: up to 3 replicates of a cell are stored; with this config a summary uses the first 2\n");
        outcome_free(&o);
        char *noted = read_bytes(in_root("runs/small/provenance.txt"), NULL);
        assert_int_equal(strncmp(noted, before, strlen(before)), 0);
        assert_string_equal(noted + strlen(before), "summary: the first 2 of up to 3 replicates stored\n");
        free(noted);
        if (i == 0) SAYS("$S run c.yaml --replicates 3", 0, "small: resumed, 6 of 6 jobs");
        if (i == 1) SAYS("$S summarise c.yaml --replicates 3", 0, "small: runs/small/summary.csv");
        assert_same_file(in_root("runs/small/provenance.txt"), before);
    }
    free(before);
}

static void names_what_failed(void **state)
{
    (void)state;
    plant((const scl_row_status[2][2][2]){
        {{SCL_ROW_OK, SCL_ROW_FAILED}, {SCL_ROW_OK, SCL_ROW_OK}},
        {{SCL_ROW_UNCONVERGED, SCL_ROW_OK}, {SCL_ROW_OK, SCL_ROW_FAILED}},
    });
    UNFINISHED("$S status c.yaml", "small: 10 of 10 jobs done\n", "pca: 1 fit did not converge\n",
               "contrastive: 2 trials failed, first in cell 0, replicate 3: planted in cell 0\n    spikedcl replay "
               "c.yaml --cell 0 --replicate 3\n");
    WRITES_NOTHING("$S status c.yaml --replicates 2",
                   "small: 4 of 4 jobs done\n"); /* those failures are not of this plan */
}

/* An export of a study that is not finished is no export of the study: it says so, and ends with 1. */
static void an_unfinished_export_says_so(void **state)
{
    (void)state;
    outcome o = shell("$S export c.yaml --replicates 9 --out part.csv");
    assert_int_equal(o.status, 1);
    assert_string_equal(o.out, "small: part.csv\n");
    assert_string_equal(o.err, "spikedcl: small: 10 of 18 jobs are done; the export holds these alone\n");
    outcome_free(&o);
    SAYS("$S export c.yaml --replicates 3 --out whole.csv", 0, "small: whole.csv\n");
}

/* Jobs that lack one of two estimators are not done, but their rows are exported. */
static void an_export_tells_of_jobs_in_part(void **state)
{
    (void)state;
    quietly("$S run c.yaml --results part --set 'estimators=[pca]' --replicates 2");
    outcome o = shell("$S export c.yaml --results part --replicates 3 --out rows.csv");
    assert_int_equal(o.status, 1);
    assert_string_equal(o.err,
                        "spikedcl: small: 0 of 6 jobs are done, 4 in part; the export holds the rows that are there\n");
    outcome_free(&o);
    char *rows = read_bytes(in_root("rows.csv"), NULL);
    assert_int_equal(count_lines(rows), 1 + 4 + 2); /* header; samples; the population of each cell */
    free(rows);
}

/* What a shard lacks and the study has is missing nowhere. */
static void old_shards_leave_a_study_complete(void **state)
{
    (void)state;
    quietly("$S run c.yaml --results old --replicates 2 --shard 1/2");
    quietly("mkdir old/small/shard-2-of-2");
    UNFINISHED("$S status c.yaml --results old --replicates 2", "small: 2 shards; ",
               "small, shard-1-of-2: 2 of 2 jobs done\n");
    quietly("$S run c.yaml --results old --replicates 2");
    UNFINISHED("$S status c.yaml --results old --replicates 3", "small: 4 of 6 jobs done, 2 missing; ",
               "small, shard-1-of-2: 1 of 3 jobs done, 1 missing; ", "--shard 1/2` goes on", "no trials yet\n");
    quietly("$S run c.yaml --results old --replicates 3");
    WRITES_NOTHING("$S status c.yaml --results old --replicates 3", "small: 6 of 6 jobs done\n",
                   "small, shard-1-of-2: 1 of 3 jobs done, the study has the others\n",
                   "small, shard-2-of-2: no trials yet\n");
}

/* A summary whose trials are elsewhere, as the tracked references are, is not a run's to replace. */
static void a_summary_without_its_trials_is_kept(void **state)
{
    (void)state;
    quietly("mkdir -p kept/small && cp runs/small/summary.csv runs/small/plan.csv kept/small/");
    REFUSES("$S run c.yaml --results kept", "kept/small/summary.csv: its trials are not there",
            "`spikedcl run c.yaml --results kept --fresh` moves the folder aside");
    quietly(": > kept/small/trials.sqlite");
    REFUSES("$S run c.yaml --results kept --set model.d=11", "(trials.sqlite is missing or empty)");
    SAYS("$S run c.yaml --results kept --fresh", 0, "small: 10 jobs");
    assert_true(exists(in_root("kept/small.old-1/summary.csv")));
}

static void a_pipe_is_no_store(void **state)
{
    (void)state;
    quietly("mkdir -p pipe/small && mkfifo pipe/small/trials.sqlite");
    outcome o = shell("timeout 20 $S status c.yaml --results pipe");
    assert_int_equal(o.status, 3);
    assert_non_null(strstr(o.err, "pipe/small/trials.sqlite"));
    assert_non_null(strstr(o.err, "a pipe, a folder or a device"));
    outcome_free(&o);
    unlink(in_root("pipe/small/trials.sqlite")); /* the fingerprint of the other tests would wait for its writer */
}

/* A limit on file sizes is an error like a full disk, not the end of the process; afterwards the run goes on. */
static void a_file_size_limit_is_an_error(void **state)
{
    (void)state;
    outcome o = shell("ulimit -f 16; $S run c.yaml --results small-disk --replicates 4000 --jobs 1");
    if (o.status != 3) fail_msg("exit %d\n%s%s", o.status, o.out, o.err);
    assert_non_null(strstr(o.err, "small-disk/small"));
    outcome_free(&o);
    SAYS("$S run c.yaml --results small-disk --replicates 20", 0, "small: ");
}

static void refuses_what_it_cannot_read(void **state)
{
    (void)state;
    REFUSES("$S status c.yaml --results elsewhere", "small was never started (elsewhere/small/trials.sqlite: ",
            "`spikedcl run c.yaml --results elsewhere` starts it");
    REFUSES("$S status c.yaml --set model.nu=2", "another plan", "model.nu: there 1, now 2");
    REFUSES("$S status", "no config given");
}

int main(int argc, char **argv)
{
    (void)argc;
    program_beside(argv[0]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_what_is_done_and_missing),
        cmocka_unit_test(a_shorter_summary_is_no_secret),
        cmocka_unit_test(names_what_failed),
        cmocka_unit_test(an_unfinished_export_says_so),
        cmocka_unit_test(an_export_tells_of_jobs_in_part),
        cmocka_unit_test(old_shards_leave_a_study_complete),
        cmocka_unit_test(a_summary_without_its_trials_is_kept),
        cmocka_unit_test(a_pipe_is_no_store),
        cmocka_unit_test(a_file_size_limit_is_an_error),
        cmocka_unit_test(refuses_what_it_cannot_read),
    };
    return cmocka_run_group_tests(tests, setup, files_teardown);
}
