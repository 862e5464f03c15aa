/* `run --shard` and `merge`: the summary of a study that ran in shards is that of one that did not, to the byte, whatever was
 * killed; nothing is merged that does not belong together; a merge takes all or nothing. */
#include "cli/program.h"

#include "base/file.h"
#include "study/study.h"

#include <sqlite3.h>
#include <zlib.h>

static const char *const config = "name: long\nreplicates: 2000\nseed: 11\n"
                                  "model: {d: 20, r: 3, noise: {profile: linear, ratio: 3}}\n"
                                  "sample: {n: 500, sampler: data}\nestimators: [pca, contrastive, random]\n"
                                  "metrics: [sin-theta-f, top-eigenvalue]\ncompare: [[contrastive, pca]]\n"
                                  "redraw: replicate\nsweep: {sample.n: [500, inf]}\n";

static char *reference; /* the summary of a run without shards */

static int setup(void **state)
{
    if (files_setup(state) != 0) return -1;
    write_text(in_root("long.yaml"), config);
    outcome o = shell("$S run long.yaml --results reference");
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

/* Exit 1: the parts on stdout and, after the bar, on stderr. */
static void is_unfinished(const char *command, const char *on_stdout, const char *on_stderr)
{
    outcome o = shell(command);
    if (o.status != 1 || !strstr(o.out, on_stdout) || !strstr(o.err, on_stderr))
        fail_msg("%s: exit %d\n%s%s", command, o.status, o.out, o.err);
    outcome_free(&o);
}

/* A command in the background: the program itself, so that a signal meets no shell. */
static pid_t start(const char *const *words)
{
    const char *argv[12] = {program};
    for (size_t i = 0; words[i]; i++) argv[i + 1] = words[i];
    pid_t child = fork();
    if (child == 0) {
        if (chdir(files_root) != 0 || !freopen("out", "w", stdout) || !freopen("err", "w", stderr)) _exit(126);
        execv(program, (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    assert_true(child > 0);
    return child;
}
#define START(...) start((const char *const[]){__VA_ARGS__, NULL})

static int end_of(pid_t child)
{
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return exit_of(status);
}

static void wait_for(const char *file)
{
    for (int i = 0; i < 4000; i++) {
        if (exists(in_root(file))) return;
        pause_s(.005);
    }
    fail_msg("%s did not come", file);
}

/* ---- the same bytes ---------------------------------------------------------------------------------------------- */

static void three_shards_are_the_whole(void **state)
{
    (void)state;
    SAYS("$S run long.yaml --results three --shard 1/3", 0, "long: 1334 jobs in ", "; three/long/shard-1-of-3\n");
    pid_t child = START("run", "long.yaml", "--results", "three", "--shard", "2/3", "--jobs", "1");
    wait_for("three/long/shard-2-of-3/provenance.txt");
    pause_s(.15);
    kill(child, SIGKILL);
    (void)end_of(child);
    quietly("$S run long.yaml --results three --shard 3/3");
    quietly("$S run long.yaml --results three --shard 2/3");
    SAYS("$S run long.yaml --results three --shard 2/3", 0, "long: resumed, 1333 of 1333 jobs were there already\n");
    assert_false(exists(in_root("three/long/summary.csv")));
    assert_false(exists(in_root("three/long/shard-1-of-3/summary.csv")));
    SAYS("$S merge long.yaml --results three", 0, "long, shard-1-of-3: 1334 of 1334 jobs, ",
         " rows merged, 0 there already\n", "long, shard-2-of-3: 1333 of 1333 jobs, ",
         "long, shard-3-of-3: 1333 of 1333 jobs, ", "long: 4000 jobs; three/long/summary.csv\n");
    assert_same_file(in_root("three/long/summary.csv"), reference);
    uint64_t before = fingerprint(in_root("three/long/shard-2-of-3"));
    SAYS("$S merge long.yaml --results three", 0, "1334 of 1334 jobs, 0 rows merged, ", "long: 4000 jobs");
    assert_true(fingerprint(in_root("three/long/shard-2-of-3")) == before);
    assert_same_file(in_root("three/long/summary.csv"), reference);
    static const char *const files[] = {"plan.csv", "config.yaml"};
    for (size_t i = 0; i < 2; i++) {
        char merged[64], whole[64];
        snprintf(merged, sizeof merged, "three/long/%s", files[i]);
        snprintf(whole, sizeof whole, "reference/long/%s", files[i]);
        char *bytes = read_bytes(in_root(whole), NULL);
        assert_same_file(in_root(merged), bytes);
        free(bytes);
    }
    char *provenance = read_bytes(in_root("three/long/provenance.txt"), NULL);
    assert_parts("provenance.txt", provenance,
                 PARTS("command: spikedcl merge long.yaml", "\nmerged: shard-1-of-3, ",
                       "\n  command: spikedcl run long.yaml --results three --shard 1/3\n",
                       "\n  shard: 1 of 3, 1334 of these jobs\n", "\nmerged: shard-3-of-3, "));
    free(provenance);
    /* the merged study is one like any other */
    SAYS("$S run long.yaml --results three", 0, "long: resumed, 4000 of 4000 jobs");
    SAYS("$S replay long.yaml --results three --cell 0 --replicate 7", 0, "pca, sample: ok", "as stored");
}

/* Shards of other counts, over rows that are there already, and jobs that no shard had. */
static void shards_of_any_count_fill_a_study(void **state)
{
    (void)state;
    quietly("$S run long.yaml --results any --replicates 300");
    quietly("$S run long.yaml --results any --shard 1/2");
    quietly("$S run long.yaml --results any --shard 2/5");
    is_unfinished("$S merge long.yaml --results any", "long, shard-1-of-2: 2000 of 2000 jobs, ",
                  "jobs are missing: no summary yet;");
    char *old = read_bytes(in_root("any/long/summary.csv"), NULL); /* of 300 replicates: its cells are the plan's */
    assert_non_null(old);
    free(old);
    outcome o = shell("$S run long.yaml --results any");
    assert_int_equal(o.status, 0);
    assert_non_null(strstr(o.out, "long: resumed, "));
    assert_non_null(strstr(
        o.err,
        "any/long holds 2 shards; what `spikedcl merge long.yaml --results any` has not taken from there runs again"));
    outcome_free(&o);
    assert_same_file(in_root("any/long/summary.csv"), reference);
    char *provenance = read_bytes(in_root("any/long/provenance.txt"), NULL);
    assert_parts("provenance.txt", provenance,
                 PARTS("command: spikedcl run long.yaml", "\nmerged: shard-1-of-2, ", "\nmerged: shard-2-of-5, "));
    free(provenance);
    SAYS("$S merge long.yaml --results any", 0, "shard-1-of-2", " 0 rows merged", "shard-2-of-5", " 0 rows merged",
         "long: 4000 jobs");
    assert_same_file(in_root("any/long/summary.csv"), reference);
}

static void a_plan_that_grew_takes_old_shards(void **state)
{
    (void)state;
    quietly("$S run long.yaml --results grown --replicates 100 --shard 1/2");
    quietly("$S run long.yaml --results grown --replicates 100 --shard 2/2");
    is_unfinished("$S merge long.yaml --results grown", "shard-1-of-2", "3800 of 4000 jobs are missing");
    assert_false(exists(in_root("grown/long/summary.csv")));
    SAYS("$S merge long.yaml --results grown --replicates 100", 0, "long: 200 jobs; grown/long/summary.csv");
    quietly("$S run long.yaml --results plain --replicates 100");
    char *plain = read_bytes(in_root("plain/long/summary.csv"), NULL);
    assert_same_file(in_root("grown/long/summary.csv"), plain);
    free(plain);
    quietly("$S run long.yaml --results grown --shard 1/2");
    quietly("$S run long.yaml --results grown --shard 2/2");
    SAYS("$S merge long.yaml --results grown", 0, "long: 4000 jobs; grown/long/summary.csv");
    assert_same_file(in_root("grown/long/summary.csv"), reference);
}

static void more_shards_than_jobs(void **state)
{
    (void)state;
    for (int i = 1; i <= 6; i++) {
        char command[128];
        snprintf(command, sizeof command, "$S run long.yaml --results few --replicates 2 --shard %d/6", i);
        quietly(command);
    }
    SAYS("$S merge long.yaml --results few --replicates 2", 0, "shard-5-of-6: 0 of 0 jobs, 0 rows", "long: 4 jobs");
}

/* ---- killed merges ----------------------------------------------------------------------------------------------- */

static void a_killed_merge_loses_nothing(void **state)
{
    (void)state;
    quietly(
        "cp -r three killed && cd killed/long && rm -f trials.sqlite* summary.csv plan.csv config.yaml provenance.txt");
    double begun = now_s();
    quietly("cp -r killed timed && $S merge long.yaml --results timed");
    double whole_s = now_s() - begun;
    enum { KILLS = 15 };
    size_t kills = 0, late = 0;
    for (int i = 0; i < KILLS; i++) { /* at all moments of a merge */
        if (i == KILLS / 2) quietly("rm -f killed/long/trials.sqlite* killed/long/summary.csv");
        pid_t child = START("merge", "long.yaml", "--results", "killed");
        pause_s(whole_s * (i % (KILLS / 2) + 1) / (KILLS / 2 + 1));
        kill(child, SIGKILL);
        kills += end_of(child) != 0;
        /* all or nothing of it: whatever is there is whole */
        outcome o = shell("$S status long.yaml --results killed");
        bool none = strstr(o.out, "long: 0 of 4000 jobs done") || strstr(o.out, "long: 3 shards;") ||
                    strstr(o.err, "holds no trials yet");
        late += !none;
        if (!none && !strstr(o.out, "long: 4000 of 4000 jobs done\n")) fail_msg("half a merge: %s%s", o.out, o.err);
        outcome_free(&o);
        if (exists(in_root("killed/long/summary.csv"))) assert_same_file(in_root("killed/long/summary.csv"), reference);
    }
    print_message("%zu of %d merges were killed, %zu kills found everything merged\n", kills, KILLS, late);
    assert_true(kills > 0);
    SAYS("$S merge long.yaml --results killed", 0, "long: 4000 jobs; killed/long/summary.csv");
    assert_same_file(in_root("killed/long/summary.csv"), reference);
}

/* ---- what does not belong together ------------------------------------------------------------------------------- */

/* Writes what a store says of itself, with the checksum that belongs to it. */
static void set_meta(const char *store, const char *key, const char *value)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *update = NULL;
    uLong sum = crc32(0, (const Bytef *)key, (uInt)strlen(key) + 1);
    sum = crc32(sum, (const Bytef *)value, (uInt)strlen(value) + 1);
    assert_int_equal(sqlite3_open(in_root(store), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "UPDATE meta SET value = ?, checksum = ? WHERE key = ?", -1, &update, NULL),
                     SQLITE_OK);
    sqlite3_bind_text(update, 1, value, -1, SQLITE_STATIC);
    sqlite3_bind_int64(update, 2, (sqlite3_int64)sum);
    sqlite3_bind_text(update, 3, key, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(update), SQLITE_DONE);
    assert_int_equal(sqlite3_changes(db), 1);
    sqlite3_finalize(update);
    sqlite3_close(db);
}

static void other_plans_are_refused(void **state)
{
    (void)state;
    REFUSES("$S merge long.yaml --results nowhere", "nowhere/long: no shard is there to be merged",
            "spikedcl run long.yaml --results nowhere --shard 1/2");
    quietly("$S run long.yaml --results plan --replicates 20 --shard 1/2");
    quietly("$S run long.yaml --results plan --replicates 20 --shard 2/2 --set model.nu=2 --set seed=3");
    SAYS("$S merge long.yaml --results plan --replicates 20", 2,
         "plan/long/shard-2-of-2/trials.sqlite holds another plan", "seed: there 3, now 11",
         "model.nu: there 2, now 1");
    assert_false(exists(in_root("plan/long/trials.sqlite")));
    assert_false(exists(in_root("plan/long/plan.csv")));
}

static void other_kernels_and_versions_are_refused(void **state)
{
    (void)state;
    quietly("$S run long.yaml --results make --replicates 20 --shard 1/2");
    quietly("$S run long.yaml --results make --replicates 20 --shard 2/2");
    set_meta("make/long/shard-2-of-2/trials.sqlite", "blas_kernel", "Abacus");
    SAYS("$S merge long.yaml --results make --replicates 20", 2,
         "make/long/shard-2-of-2/trials.sqlite: its rows were made with the BLAS kernel Abacus",
         "those merged with them with ", "--accept-kernel");
    assert_false(exists(in_root("make/long/trials.sqlite")));
    SAYS("$S merge long.yaml --results make --replicates 20 --accept-kernel", 0,
         "long: 40 jobs; make/long/summary.csv");
    SAYS("$S merge long.yaml --results make --replicates 20", 2, "BLAS kernel Abacus");

    /* shards of one kernel, which is not this machine's: it is the rows' that is kept */
    quietly("rm -f make/long/trials.sqlite* make/long/summary.csv");
    set_meta("make/long/shard-1-of-2/trials.sqlite", "blas_kernel", "Abacus");
    SAYS("$S merge long.yaml --results make --replicates 20", 0, "long: 40 jobs");
    SAYS("$S run long.yaml --results make --replicates 21", 2, "made with the BLAS kernel Abacus, this is ");

    quietly("rm -f make/long/trials.sqlite* make/long/summary.csv");
    set_meta("make/long/shard-2-of-2/trials.sqlite", "results_version", "1");
    SAYS("$S merge long.yaml --results make --replicates 20", 2, "shard-2-of-2",
         "made with results version 1, this is 2");
    quietly("$S merge long.yaml --results make --replicates 20 --accept-kernel");
}

/* A shard whose store has other numbers for one row. */
static void plant_other_row(const char *folder, scl_row_status row_status)
{
    scl_config c;
    scl_plan plan;
    scl_store *store = NULL;
    scl_error err = {0};
    scl_config_names names = {0};
    const char *sets[] = {"replicates=20"};
    if (scl_config_read(&c, in_root("long.yaml"), sets, 1, &names, &err) != SCL_OK ||
        scl_plan_new(&plan, &c, &err) != SCL_OK || scl_folder_make(in_root(folder), &err) != SCL_OK ||
        scl_store_open(&store, in_root(folder), &plan, SCL_STORE_WRITE, true, &err) != SCL_OK)
        fail_msg("%s", err.message);
    scl_row row = {.job = 20 + 7, .estimator = 1, .status = row_status, .values = {.25, .5}};
    if (scl_store_append(store, &row, 1, &err) != SCL_OK || scl_store_commit(store, &err) != SCL_OK)
        fail_msg("%s", err.message);
    scl_store_close(store);
    scl_plan_free(&plan);
    scl_config_free(&c);
}

static void rows_that_disagree_are_refused(void **state)
{
    (void)state;
    quietly("$S run long.yaml --results rows --replicates 20 --shard 1/1");
    plant_other_row("rows/long/shard-1-of-4", SCL_ROW_OK);
    static const char *const commands[] = {"$S merge long.yaml --results rows --replicates 20",
                                           "$S merge long.yaml --results rows --replicates 20 --accept-kernel"};
    for (size_t i = 0; i < 2; i++)
        SAYS(commands[i], 2, "rows/long/shard-1-of-4/trials.sqlite disagrees",
             "cell 1, replicate 7, contrastive, sample; sin-theta-f is ", " there, 0.25 here", "Nothing was merged",
             "`spikedcl replay long.yaml --results rows --replicates=20");
    assert_false(exists(in_root("rows/long/trials.sqlite")));
    quietly("rm -r rows/long/shard-1-of-4");
    plant_other_row("rows/long/shard-1-of-4", SCL_ROW_UNCONVERGED);
    SAYS(commands[0], 2, "contrastive, sample; its status is ok there, unconverged here");
    quietly("rm -r rows/long/shard-1-of-4");
    quietly("$S merge long.yaml --results rows --replicates 20");
    uint64_t before = fingerprint(in_root("rows/long/trials.sqlite"));
    plant_other_row("rows/long/shard-1-of-4", SCL_ROW_OK);
    SAYS(commands[0], 2, "disagrees");
    assert_true(before == fingerprint(in_root("rows/long/trials.sqlite"))); /* to the byte */
}

static void a_damaged_shard_is_refused_and_mended(void **state)
{
    (void)state;
    quietly("$S run long.yaml --results harm --replicates 20 --shard 1/2");
    quietly("$S run long.yaml --results harm --replicates 20 --shard 2/2");
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(in_root("harm/long/shard-1-of-2/trials.sqlite"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "UPDATE rows SET vals = zeroblob(16) WHERE rowid = 3", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    SAYS("$S merge long.yaml --results harm --replicates 20", 3,
         "harm/long/shard-1-of-2/trials.sqlite: the trial store is damaged", "1 row is not what was written",
         "`spikedcl run long.yaml --results harm --replicates=20 --shard 1/2` runs those jobs again");
    assert_false(exists(in_root("harm/long/trials.sqlite")));
    outcome o = shell("$S run long.yaml --results harm --replicates 20 --shard 1/2");
    assert_int_equal(o.status, 0);
    assert_non_null(strstr(o.err, "was damaged"));
    outcome_free(&o);
    quietly("$S merge long.yaml --results harm --replicates 20");
    quietly("$S run long.yaml --results whole --replicates 20");
    char *whole = read_bytes(in_root("whole/long/summary.csv"), NULL);
    assert_same_file(in_root("harm/long/summary.csv"), whole);
    free(whole);
}

/* A summary whose trials are not there is replaced by nobody. */
static void an_orphan_summary_is_kept(void **state)
{
    (void)state;
    quietly("mkdir -p orphan/long && echo mine > orphan/long/summary.csv");
    quietly("$S run long.yaml --results orphan --replicates 2 --shard 1/1");
    SAYS("$S merge long.yaml --results orphan --replicates 2", 2, "orphan/long/summary.csv: its trials are not there",
         "a merge would replace it", "move it away");
    assert_same_file(in_root("orphan/long/summary.csv"), "mine\n");
}

/* ---- folders and locks ------------------------------------------------------------------------------------------- */

static void fresh_moves_one_shard_aside(void **state)
{
    (void)state;
    quietly("$S run long.yaml --results fresh --replicates 2 --shard 1/2");
    quietly("$S run long.yaml --results fresh --replicates 2 --shard 2/2");
    SAYS("$S run long.yaml --results fresh --replicates 2 --shard 1/2 --fresh", 0, "long: 2 jobs");
    assert_true(exists(in_root("fresh/long/shard-1-of-2.old-1/trials.sqlite")));
    assert_false(exists(in_root("fresh/long/shard-2-of-2.old-1")));
    SAYS("$S merge long.yaml --results fresh --replicates 2", 0, "shard-1-of-2: 2 of 2", "shard-2-of-2: 2 of 2",
         "long: 4 jobs");
    write_text(in_root("fresh/long/shard-1-of-7"), "a file is no shard");
    SAYS("$S run long.yaml --results fresh --replicates 2 --fresh", 0, "long: 4 jobs");
    assert_true(exists(in_root("fresh/long.old-1/shard-2-of-2/trials.sqlite")));
}

static void a_running_shard_is_left_alone(void **state)
{
    (void)state;
    pid_t child =
        START("run", "long.yaml", "--results", "busy", "--replicates", "1000000", "--shard", "1/2", "--jobs", "1");
    wait_for("busy/long/shard-1-of-2/provenance.txt");
    pause_s(.1);
    SAYS("$S run long.yaml --results busy --replicates 1000000 --shard 1/2", 3,
         "busy/long/shard-1-of-2: another run is working on this folder");
    SAYS("$S run long.yaml --results busy --replicates 1000000 --fresh", 3,
         "busy/long/shard-1-of-2: another run is working");
    assert_false(exists(in_root("busy/long.old-1")));
    pause_s(1.2);
    /* what is committed of it can be merged */
    is_unfinished("$S merge long.yaml --results busy --replicates 1000000", "long, shard-1-of-2: ", "jobs are missing");
    kill(child, SIGTERM);
    assert_int_equal(end_of(child), 1);
    char *err = read_bytes(in_root("err"), NULL);
    assert_non_null(strstr(err, "spikedcl: long: stopped after "));
    assert_non_null(strstr(err, " of 1000000 jobs; the same command goes on from there\n"));
    free(err);
    is_unfinished("$S merge long.yaml --results busy --replicates 1000000", " there already\n", "jobs are missing");
}

static void status_tells_of_each_shard(void **state)
{
    (void)state;
    quietly("$S run long.yaml --results told --replicates 10 --shard 1/2");
    quietly("mkdir told/long/shard-2-of-2");
    is_unfinished("$S status long.yaml --results told --replicates 20",
                  "long: 2 shards; `spikedcl merge long.yaml --results told --replicates=20` brings them together\n"
                  "long, shard-1-of-2: 10 of 20 jobs done, 10 missing; `spikedcl run long.yaml --results told "
                  "--replicates=20 --shard 1/2` goes on from there\n"
                  "long, shard-2-of-2: no trials yet\n",
                  "");
    is_unfinished("$S merge long.yaml --results told --replicates 20", "long, shard-1-of-2: 10 of 20 jobs, ",
                  "30 of 40 jobs are missing");
    is_unfinished(
        "$S status long.yaml --results told --replicates 20",
        "long: 10 of 40 jobs done, 30 missing; `spikedcl run long.yaml --results told --replicates=20` goes on", "");
}

static void bad_shards_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"0/3", "4/3", "1", "a/b", "1/3x", "''", "-1/3", "1/10001", "1.5/3", "1/0"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char command[64];
        snprintf(command, sizeof command, "$S run long.yaml --shard %s", bad[i]);
        REFUSES(command, "--shard ", "must be I/M, whole numbers with 1 <= I <= M <= 10000");
    }
    REFUSES("$S run long.yaml --shard", "a value is missing after \"--shard\"");
    REFUSES("$S merge long.yaml --shard 1/2", "unknown option \"--shard\"");
    REFUSES("$S merge", "no config given");
}

int main(int argc, char **argv)
{
    (void)argc;
    program_beside(argv[0]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_shards_are_the_whole),
        cmocka_unit_test(shards_of_any_count_fill_a_study),
        cmocka_unit_test(a_plan_that_grew_takes_old_shards),
        cmocka_unit_test(more_shards_than_jobs),
        cmocka_unit_test(a_killed_merge_loses_nothing),
        cmocka_unit_test(other_plans_are_refused),
        cmocka_unit_test(other_kernels_and_versions_are_refused),
        cmocka_unit_test(rows_that_disagree_are_refused),
        cmocka_unit_test(a_damaged_shard_is_refused_and_mended),
        cmocka_unit_test(an_orphan_summary_is_kept),
        cmocka_unit_test(fresh_moves_one_shard_aside),
        cmocka_unit_test(a_running_shard_is_left_alone),
        cmocka_unit_test(status_tells_of_each_shard),
        cmocka_unit_test(bad_shards_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
