/* A study in its folder: the files, --fresh, export and summarise, the provenance, and every allocation made to fail in turn. */
#include "study/studies.h"

#include "study/provenance.h"

#include <fcntl.h>
#include <sys/wait.h>

static scl_status run_with(const scl_config *config, const char *results, bool fresh, scl_error *err)
{
    scl_progress progress = {0};
    size_t resumed = 0;
    scl_study_options options = {.pool = {.workers = 2}, .fresh = fresh, .command = "test"};
    return scl_study_run(&progress, &resumed, config, in_root(results), &options, err);
}

static void the_folder_holds_what_it_should(void **state)
{
    (void)state;
    scl_config config = config_of(small_study);
    run_study(&config, "a/b/runs", 2); /* folders on the way are made */
    static const char *const files[] = {"config.yaml", "plan.csv",      "provenance.txt",
                                        "summary.csv", "trials.sqlite", "run.lock"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *bytes = study_file("a/b/runs", "small", files[i]);
        if (i < 4) assert_true(strlen(bytes) > 0);
        free(bytes);
    }
    size_t entries = 0;
    DIR *folder = opendir(in_root("a/b/runs/small"));
    for (struct dirent *entry; (entry = readdir(folder));) {
        bool known = entry->d_name[0] == '.' || strcmp(entry->d_name, "trials.sqlite-journal") == 0;
        for (size_t i = 0; i < sizeof files / sizeof *files; i++) known = known || strcmp(entry->d_name, files[i]) == 0;
        if (!known) fail_msg("%s was left behind", entry->d_name);
        entries++;
    }
    closedir(folder);
    assert_true(entries >= 8);
    assert_same_file(in_root("a/b/runs/small/config.yaml"), small_study);
    scl_config_free(&config);
}

static void the_provenance_says_what_made_the_numbers(void **state)
{
    (void)state;
    scl_config config = config_of(small_study);
    run_study(&config, "provenance", 1);
    char *text = study_file("provenance", "small", "provenance.txt");
    static const char *const lines[] = {"experiment: small\n",
                                        "\nstarted: 2",
                                        "Z\nended: 2",
                                        "Z, after 24 jobs on 1 worker\n",
                                        "command: test\ncommit: unknown\n",
                                        "\nspikedcl: ",
                                        "\nresults version: ",
                                        "\ncompiler: ",
                                        "\nflags: ",
                                        "\nBLAS: ",
                                        ", kernel ",
                                        ", 1 thread\n",
                                        "\nGSL: ",
                                        "\nSQLite: ",
                                        "\nlibfyaml: ",
                                        "\nzlib: ",
                                        "\nmachine: ",
                                        "\nreplicates: 6\njobs: 24\nseed=7\nredraw=cell\nmodel.d=8\n",
                                        "\ncells=4 ("};
    const char *at = text;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        at = strstr(at, lines[i]);
        if (!at) fail_msg("\"%s\" is missing in %s", lines[i], text);
    }
    assert_non_null(strstr(text, scl_blas_kernel()));
    /* a finished study keeps it, whoever runs it again */
    uint64_t before = fingerprint(in_root("provenance/small/provenance.txt"));
    run_study(&config, "provenance", 2);
    assert_true(fingerprint(in_root("provenance/small/provenance.txt")) == before);
    free(text);
    scl_config_free(&config);
}

/* --fresh moves what is there aside under a free name and deletes nothing. */
static void fresh_moves_aside(void **state)
{
    (void)state;
    const char *seed = "seed=8";
    scl_config config = config_of(small_study), other = config_with(small_study, &seed, 1);
    scl_error err = {0};
    WELL(run_with(&config, "fresh", true, &err), &err); /* nothing to move */
    assert_false(exists(in_root("fresh/small.old-1")));
    char *first = study_file("fresh", "small", "summary.csv"), *plan = study_file("fresh", "small", "plan.csv");
    WELL(run_with(&other, "fresh", true, &err), &err);
    assert_same_file(in_root("fresh/small.old-1/summary.csv"), first);
    assert_same_file(in_root("fresh/small.old-1/plan.csv"), plan);
    char *second = study_file("fresh", "small", "summary.csv");
    assert_string_not_equal(first, second);
    WELL(run_with(&config, "fresh", true, &err), &err);
    assert_same_file(in_root("fresh/small.old-1/summary.csv"), first);
    assert_same_file(in_root("fresh/small.old-2/summary.csv"), second);
    assert_same_file(in_root("fresh/small/summary.csv"), first);
    free(first);
    free(second);
    free(plan);
    scl_config_free(&config);
    scl_config_free(&other);
}

/* A folder that a run is working on is not moved: that run would write its summary into the new one. */
static void fresh_leaves_a_running_study_alone(void **state)
{
    (void)state;
    scl_config config = config_of(small_study);
    run_study(&config, "busy", 1);
    int ready[2], end[2];
    char byte = 'x';
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(end), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ready[0]);
        close(end[1]); /* else it would not see this test end */
        int lock = -1;
        bool well = scl_store_lock(&lock, in_root("busy/small"), NULL) == SCL_OK;
        well = well && write(ready[1], &byte, 1) == 1 && read(end[0], &byte, 1) == 1;
        _exit(well ? 0 : 1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    scl_error err = {0};
    uint64_t before = fingerprint(in_root("busy"));
    assert_int_equal(run_with(&config, "busy", true, &err), SCL_ERR_STORE);
    assert_non_null(strstr(err.message, "another run is working on this folder"));
    assert_true(fingerprint(in_root("busy")) == before);
    assert_int_equal(write(end[1], &byte, 1), 1);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(end[i]);
    }
    scl_config_free(&config);
}

/* summarise makes the same bytes as run did, export the same as before; neither makes a store where there is none. */
static void reading_a_study_changes_nothing(void **state)
{
    (void)state;
    scl_config config = config_of(small_study);
    scl_error err = {0};
    assert_int_equal(summarise_study(&config, in_root("nowhere"), &err), SCL_ERR_INPUT);
    assert_non_null(strstr(err.message, "spikedcl run"));
    scl_error_clear(&err);
    assert_int_equal(export_study(&config, in_root("nowhere"), in_root("nothing.csv"), &err), SCL_ERR_INPUT);
    scl_error_clear(&err);
    assert_false(exists(in_root("nowhere")));
    assert_false(exists(in_root("nothing.csv")));
    run_study(&config, "read", 2);
    char *summary = study_file("read", "small", "summary.csv");
    WELL(export_study(&config, in_root("read"), in_root("first.csv"), &err), &err);
    assert_int_equal(unlink(in_root("read/small/summary.csv")), 0);
    WELL(summarise_study(&config, in_root("read"), &err), &err);
    assert_same_file(in_root("read/small/summary.csv"), summary);
    uint64_t before = fingerprint(in_root("read"));
    WELL(export_study(&config, in_root("read"), in_root("second.csv"), &err), &err);
    assert_true(fingerprint(in_root("read")) == before);
    char *export = read_bytes(in_root("second.csv"), NULL);
    assert_same_file(in_root("first.csv"), export);
    free(export);
    free(summary);
    scl_config_free(&config);
}

/* ---- replay ------------------------------------------------------------------------------------------------------ */

/* A store with the rows of job 0, one of them with a value that is off by the last bit and one with another status. */
static void plant_rows(const scl_config *config)
{
    scl_plan plan;
    scl_store *store = NULL;
    scl_worker worker;
    scl_row rows[8];
    scl_error err = {0};
    assert_int_equal(mkdir(in_root("replay"), 0777), 0);
    assert_int_equal(mkdir(in_root("replay/small"), 0777), 0);
    WELL(scl_plan_new(&plan, config, &err), &err);
    WELL(scl_worker_new(&worker, &plan, &err), &err);
    WELL(scl_store_open(&store, in_root("replay/small"), &plan, SCL_STORE_WRITE, false, &err), &err);
    assert_int_equal(scl_job_run(rows, &worker, 0), 5);
    rows[1].values[0] = nextafter(rows[1].values[0], 2);
    rows[2].status = SCL_ROW_UNCONVERGED;
    WELL(scl_store_append(store, rows, 4, &err), &err);
    WELL(scl_store_commit(store, &err), &err);
    scl_store_close(store);
    scl_worker_free(&worker);
    scl_plan_free(&plan);
}

static void replay_sees_every_bit(void **state)
{
    (void)state;
    static const scl_stored wanted[] = {SCL_STORED_SAME, SCL_STORED_OTHERWISE, SCL_STORED_OTHERWISE, SCL_STORED_SAME,
                                        SCL_NOT_STORED};
    scl_config config = config_of(small_study);
    plant_rows(&config);
    scl_replay replay;
    scl_error err = {0};
    WELL(scl_study_replay(&replay, &config, in_root("replay"), (scl_job){0, 0}, &err), &err);
    assert_int_equal(replay.n, 5);
    for (size_t i = 0; i < replay.n; i++) assert_int_equal(replay.rows[i].stored, wanted[i]);
    scl_replay_free(&replay);
    WELL(scl_study_replay(&replay, &config, in_root("replay"), (scl_job){0, 1}, &err), &err);
    for (size_t i = 0; i < replay.n; i++) assert_int_equal(replay.rows[i].stored, SCL_NOT_STORED);
    scl_replay_free(&replay);
    assert_int_equal(scl_study_replay(&replay, &config, in_root("replay"), (scl_job){4, 0}, &err), SCL_ERR_USAGE);
    assert_null(replay.rows);
    scl_config_free(&config);
    assert_int_equal(scl_memory_live(), 0);
}

/* What is inside: the eigenvalues of S are those that PCA ranked by, the next one follows them; times were taken. */
static void a_replay_shows_what_is_inside(void **state)
{
    (void)state;
    scl_config config = config_of(small_study);
    scl_replay replay;
    scl_error err = {0};
    WELL(scl_study_replay(&replay, &config, in_root("never"), (scl_job){0, 0}, &err), &err);
    size_t r = config.base.model.r, n_pca = 0;
    assert_int_equal(replay.r, r);
    for (size_t i = 0; i < replay.n; i++) {
        const scl_replayed *row = &replay.rows[i];
        const scl_replayed_sample *sample = &replay.samples[row->row.kind];
        assert_true(sample->there && sample->n == r + 1 && sample->sample_s > 0 && row->fit_s > 0 &&
                    row->metrics_s > 0);
        assert_true(sample->eigenvalues[r] <= sample->eigenvalues[r - 1] && sample->trace > sample->eigenvalues[0]);
        if (strcmp(config.estimators[row->row.estimator].estimator->name, "pca") != 0) continue;
        n_pca++;
        for (size_t k = 0; k < r; k++) /* the trial's tolerance is 1e-8 */
            assert_true(fabs(row->values[k] / sample->eigenvalues[k] - 1) < 1e-7);
    }
    assert_int_equal(n_pca, 2);
    scl_replay_free(&replay);
    scl_config_free(&config);
    assert_int_equal(scl_memory_live(), 0);
}

/* ---- failing allocations ----------------------------------------------------------------------------------------- */

typedef scl_status (*step)(const scl_config *config, scl_error *err);

static scl_status run_step(const scl_config *config, scl_error *err)
{
    scl_progress progress = {0};
    size_t resumed = 0;
    scl_study_options options = {.pool = {.workers = 1}, .command = "test"};
    return scl_study_run(&progress, &resumed, config, in_root("memory"), &options, err);
}

static scl_status summarise_step(const scl_config *config, scl_error *err)
{
    return summarise_study(config, in_root("memory"), err);
}

static scl_status export_step(const scl_config *config, scl_error *err)
{
    return export_study(config, in_root("memory"), in_root("memory.csv"), err);
}

/* Lets the k-th allocation of a step fail, k = 1, 2, ... until it succeeds; returns how many could fail. After some of the
 * failures a run without one must give the summary `wanted`. */
static size_t walk_failures(step act, const scl_config *config, const char *wanted, bool anew)
{
    size_t live = scl_memory_live(), k = 1;
    for (scl_status status = SCL_ERR_MEMORY; status != SCL_OK; k++) {
        scl_error err = {0};
        if (anew) remove_tree(in_root("memory"));
        assert_true(k < 5000);
        scl_memory_fail_at(k);
        status = act(config, &err);
        scl_memory_fail_at(0);
        if (status != SCL_OK && status != SCL_ERR_MEMORY) fail_msg("allocation %zu: %s", k, err.message);
        if (status != SCL_OK) assert_non_null(strstr(err.message, "out of memory"));
        if (scl_memory_live() != live) fail_msg("allocation %zu: %zu blocks left", k, scl_memory_live() - live);
        if (k % 16) continue;
        scl_error_clear(&err);
        WELL(run_step(config, &err), &err);
        assert_same_file(in_root("memory/small/summary.csv"), wanted);
    }
    return k - 2;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    /* little of everything; the number of allocations of a run depends on neither replicates nor jobs */
    const char *sets[] = {"replicates=2", "sweep={sample.n: [50, inf]}", "metrics=[sin-theta-f]",
                          "estimators=[pca, random]", "compare=[[random, pca]]"};
    scl_config config = config_with(small_study, sets, 5);
    run_study(&config, "reference", 1);
    char *wanted = study_file("reference", "small", "summary.csv");
    assert_true(walk_failures(run_step, &config, wanted, true) > 100);
    assert_true(walk_failures(run_step, &config, wanted, false) > 50); /* of a finished study */
    assert_true(walk_failures(summarise_step, &config, wanted, false) > 50);
    assert_true(walk_failures(export_step, &config, wanted, false) > 5);
    free(wanted);
    scl_config_free(&config);
    assert_int_equal(scl_memory_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_folder_holds_what_it_should),
        cmocka_unit_test(a_replay_shows_what_is_inside),
        cmocka_unit_test(the_provenance_says_what_made_the_numbers),
        cmocka_unit_test(fresh_moves_aside),
        cmocka_unit_test(fresh_leaves_a_running_study_alone),
        cmocka_unit_test(reading_a_study_changes_nothing),
        cmocka_unit_test(replay_sees_every_bit),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
