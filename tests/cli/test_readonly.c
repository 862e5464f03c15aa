/* Folders that may be read and not written, without root's privileges: exit status 3, a message that names the file and the way
 * out, and not a byte or a time changed. What only reads goes on. */
#include "cli/program.h"

#include <sqlite3.h>

static const char *const config =
    "name: small\nreplicates: 5\nmodel: {d: 8, r: 2, noise: {profile: linear, ratio: 2}}\nsample: {n: 50}\n"
    "estimators: [pca, contrastive]\nmetrics: [sin-theta-f]\nsweep: {sample.n: [50, inf]}\nfigure: {x: n, y: "
    "sin-theta-f}\n";

#define ADVICE "Permission denied; change its permissions or name another folder"

/* A store in the middle of a commit: its journal must be played back before it can be read. */
static void copy_hot_store(void)
{
    sqlite3 *db = NULL;
    assert_int_equal(mkdir(in_root("hot"), 0777), 0);
    assert_int_equal(sqlite3_open(in_root("work/small/trials.sqlite"), &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db,
                     "PRAGMA journal_mode = TRUNCATE; PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE;"
                     "UPDATE rows SET status = 3; CREATE TABLE more AS WITH RECURSIVE n(i) AS "
                     "(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i, hex(i) FROM n",
                     NULL, NULL, NULL),
        SQLITE_OK);
    outcome o = shell("cp -r work/small hot/small");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    sqlite3_close(db); /* rolls back */
    struct stat about;
    assert_int_equal(stat(in_root("hot/small/trials.sqlite-journal"), &about), 0);
    assert_true(about.st_size > 0);
}

static int setup(void **state)
{
    if (files_setup(state) != 0) return -1;
    write_text(in_root("c.yaml"), config);
    outcome o = shell("chmod 755 . && cp \"$S\" program && chmod 755 program && $S run c.yaml --results done && "
                      "cp -r done work && chmod -R a+rX . && mkdir empty && chmod 555 empty");
    int status = o.status;
    if (status != 0) fprintf(stderr, "%s", o.err);
    outcome_free(&o);
    setenv("S", in_root("program"), 1); /* where it was built nobody else may look */
    if (status == 0 && geteuid() != 0) {
        o = shell("chmod -R a-w .");
        outcome_free(&o);
    }
    return status;
}

static int teardown(void **state)
{
    as_nobody = false;
    outcome o = shell("chmod -R u+w .");
    outcome_free(&o);
    return files_teardown(state);
}

static void nothing_is_written(void **state)
{
    (void)state;
    as_nobody = true;
    FAILS("$S run c.yaml", "runs: folder cannot be made: " ADVICE);
    FAILS("$S run c.yaml --results empty", "empty/small: folder cannot be made: " ADVICE);
    FAILS("$S run c.yaml --results done", "done/small/run.lock: cannot be opened: " ADVICE);
    FAILS("$S run c.yaml --results done --replicates 9", "done/small/run.lock: cannot be opened: " ADVICE);
    FAILS("$S run c.yaml --results done --fresh", "done/small/run.lock: cannot be opened: " ADVICE);
    FAILS("$S summarise c.yaml --results done", "done/small/run.lock: cannot be opened: " ADVICE);
    FAILS("$S export c.yaml --results done --out o.csv", "o.csv: cannot be created: " ADVICE);
    FAILS("$S plot c.yaml --results done", "done/small.svg: cannot be created: " ADVICE);
    as_nobody = false;
}

static void reading_goes_on(void **state)
{
    (void)state;
    as_nobody = true;
    WRITES_NOTHING("$S status c.yaml --results done", "small: ", " jobs done");
    WRITES_NOTHING("$S check c.yaml --results done", "the config names no claim");
    WRITES_NOTHING("$S replay c.yaml --results done --cell 0 --replicate 1", "small: cell 0, replicate 1");
    as_nobody = false;
}

/* A run's remains that only their owner can put in order. */
static void an_interrupted_store_needs_its_owner(void **state)
{
    (void)state;
    if (geteuid() != 0) skip();
    copy_hot_store();
    as_nobody = true;
    FAILS("$S status c.yaml --results hot", "hot/small/trials.sqlite: ", "change its permissions");
    as_nobody = false;
    SAYS("$S status c.yaml --results hot", 0, "small: ", " jobs done");
    as_nobody = true;
    WRITES_NOTHING("$S status c.yaml --results hot", "small: ", " jobs done");
    as_nobody = false;
}

int main(int argc, char **argv)
{
    (void)argc;
    program_beside(argv[0]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_written),
        cmocka_unit_test(reading_goes_on),
        cmocka_unit_test(an_interrupted_store_needs_its_owner),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
