/* The store: rows come back bit for bit and in job order; what was not committed is gone and nothing else; another plan, another
 * kernel, a foreign or a damaged file are refused with the folder left as it was, to the byte and the second. */
#include "study/studies.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <zlib.h>

#define FOLDER in_root("store")

typedef struct fixture {
    scl_config config;
    scl_plan plan;
} fixture;

static void open_fixture(fixture *f, const char *const *sets, size_t n_sets)
{
    scl_error err = {0};
    remove_tree(FOLDER);
    assert_int_equal(mkdir(FOLDER, 0777), 0);
    f->config = config_with(small_study, sets, n_sets);
    WELL(scl_plan_new(&f->plan, &f->config, &err), &err);
}

static void close_fixture(fixture *f)
{
    scl_plan_free(&f->plan);
    scl_config_free(&f->config);
    assert_int_equal(scl_memory_live(), 0);
}

static scl_store *store_of(const fixture *f, scl_store_mode mode)
{
    scl_store *store = NULL;
    scl_error err = {0};
    WELL(scl_store_open(&store, FOLDER, &f->plan, mode, false, &err), &err);
    return store;
}

/* Opens, wants that status and every part of the message in order, and the folder as it was. */
static void refuses(const fixture *f, scl_store_mode mode, scl_status wanted, const char *const *parts, size_t n_parts)
{
    scl_store *store = NULL;
    scl_error err = {0};
    uint64_t before = fingerprint(FOLDER);
    scl_status status = scl_store_open(&store, FOLDER, &f->plan, mode, false, &err);
    if (status != wanted)
        fail_msg("%s instead of %s: %s", scl_status_name(status), scl_status_name(wanted), err.message);
    assert_null(store);
    const char *at = err.message;
    for (size_t i = 0; i < n_parts; i++) {
        at = strstr(at, parts[i]);
        if (!at) fail_msg("\"%s\" is not, or not in that order, in: %s", parts[i], err.message);
    }
    if (fingerprint(FOLDER) != before) fail_msg("refusing changed the folder: %s", err.message);
}

#define REFUSES(f, mode, status, ...)                                                                                  \
    refuses(f, mode, status, (const char *const[]){__VA_ARGS__},                                                       \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* Rows of a job as the plan wants them, with values that are hard to keep. */
static size_t rows_of(scl_row *rows, const scl_plan *plan, size_t index)
{
    static const double awkward[] = {0.1, -0.0, 5e-324, -1.7976931348623157e308, 1.0 / 3};
    size_t n = 0;
    scl_job job = scl_plan_job(plan, index);
    for (int kind = 0; kind < 2; kind++)
        for (size_t e = 0; e < plan->config->n_estimators; e++) {
            if (!scl_plan_wants(plan, job, e, (scl_row_kind)kind)) continue;
            scl_row *row = &rows[n++];
            *row = (scl_row){.job = index, .estimator = (uint32_t)e, .kind = (scl_row_kind)kind};
            row->status = (scl_row_status)((index + e) % 4);
            row->values[0] = row->status == SCL_ROW_FAILED ? NAN : awkward[(index + e) % 5];
            row->values[1] = e == 2 ? NAN : (double)(100 * index + e);
            if (row->status == SCL_ROW_FAILED)
                snprintf(row->message, sizeof row->message, "it \"failed\", job %zu", index);
        }
    return n;
}

static void append_job(scl_store *store, const scl_plan *plan, size_t index)
{
    scl_row rows[8];
    scl_error err = {0};
    WELL(scl_store_append(store, rows, rows_of(rows, plan, index), &err), &err);
}

static void fill(const fixture *f, size_t n_jobs)
{
    scl_store *store = store_of(f, SCL_STORE_WRITE);
    scl_error err = {0};
    for (size_t j = 0; j < n_jobs; j++) append_job(store, &f->plan, j);
    WELL(scl_store_commit(store, &err), &err);
    scl_store_close(store);
}

/* ---- reading back ------------------------------------------------------------------------------------------------ */

typedef struct read_back {
    const fixture *f;
    size_t cell, n;
    scl_row rows[64];
} read_back;

static scl_status take_row(void *context, const scl_row *row, uint32_t replicate)
{
    read_back *back = context;
    assert_int_equal(scl_plan_job(&back->f->plan, row->job).cell, back->cell);
    assert_int_equal(scl_plan_job(&back->f->plan, row->job).replicate, replicate);
    assert_in_range(back->n, 0, 63);
    back->rows[back->n++] = *row;
    return SCL_OK;
}

/* All rows of the first n_jobs jobs, each once, ordered by replicate, estimator, kind. */
static void check_rows(const fixture *f, scl_store *store)
{
    size_t total = 0;
    for (size_t c = 0; c < f->plan.n_cells; c++) {
        read_back back = {.f = f, .cell = c};
        scl_error err = {0};
        WELL(scl_store_read_cell(store, c, take_row, &back, &err), &err);
        for (size_t i = 0; i < back.n; i++) {
            const scl_row *row = &back.rows[i], *last = i ? &back.rows[i - 1] : NULL;
            if (last && (last->job > row->job ||
                         (last->job == row->job && (last->estimator > row->estimator ||
                                                    (last->estimator == row->estimator && last->kind >= row->kind)))))
                fail_msg("cell %zu, row %zu: not in job order", c, i);
            scl_row wanted[8];
            size_t n = rows_of(wanted, &f->plan, row->job), found = 0;
            for (size_t k = 0; k < n; k++) found += same_row(&wanted[k], row, 2);
            assert_int_equal(found, 1);
        }
        total += back.n;
    }
    size_t expected = 0;
    for (size_t j = 0; j < f->plan.n_jobs; j++) {
        scl_row rows[8];
        expected += rows_of(rows, &f->plan, j);
    }
    assert_int_equal(total, expected);
}

static void rows_come_back_in_job_order(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, NULL, 0);
    scl_store *store = store_of(&f, SCL_STORE_WRITE);
    scl_error err = {0};
    assert_int_equal(f.plan.n_jobs, 24);
    for (size_t i = 0; i < f.plan.n_jobs; i++) {
        append_job(store, &f.plan, (5 + 7 * i) % f.plan.n_jobs);
        if (i % 5 == 0) WELL(scl_store_commit(store, &err), &err);
    }
    WELL(scl_store_commit(store, &err), &err);
    WELL(scl_store_commit(store, &err), &err); /* nothing to commit: nothing happens */
    check_rows(&f, store);
    scl_store_close(store);
    store = store_of(&f, SCL_STORE_READ);
    check_rows(&f, store);
    scl_store_close(store);
    close_fixture(&f);
}

static size_t count_done(const fixture *f, scl_store *store, size_t *failed, bool *done)
{
    scl_error err = {0};
    scl_present present;
    size_t n = 0;
    WELL(scl_present_new(&present, &f->plan, &err), &err);
    scl_store_present(&present, failed, store);
    for (size_t j = 0; j < f->plan.n_jobs; j++) n += done[j] = scl_present_all(&present, j);
    scl_present_free(&present);
    return n;
}

static void what_was_not_committed_is_gone(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, NULL, 0);
    bool done[64];
    size_t failed = 0;
    fill(&f, 9);
    scl_store *store = store_of(&f, SCL_STORE_WRITE);
    for (size_t j = 9; j < 20; j++) append_job(store, &f.plan, j);
    scl_store_close(store);
    store = store_of(&f, SCL_STORE_READ);
    assert_int_equal(count_done(&f, store, &failed, done), 9);
    for (size_t j = 0; j < f.plan.n_jobs; j++) assert_int_equal(done[j], j < 9);
    scl_store_close(store);
    close_fixture(&f);
}

/* A job counts when all of its rows are there. */
static void half_a_job_is_not_done(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, NULL, 0);
    scl_store *store = store_of(&f, SCL_STORE_WRITE);
    scl_error err = {0};
    scl_row rows[8];
    bool done[64];
    size_t failed = 0, n = rows_of(rows, &f.plan, 0), planted = 0;
    assert_int_equal(n, 5); /* three of the sample, two of the population */
    WELL(scl_store_append(store, rows, n - 1, &err), &err);
    append_job(store, &f.plan, 3);
    WELL(scl_store_commit(store, &err), &err);
    assert_int_equal(count_done(&f, store, &failed, done), 1);
    assert_true(done[3]);
    for (size_t i = 0; i < n - 1; i++) planted += rows[i].status == SCL_ROW_FAILED;
    n = rows_of(rows, &f.plan, 3);
    for (size_t i = 0; i < n; i++) planted += rows[i].status == SCL_ROW_FAILED;
    assert_true(planted > 0);
    assert_int_equal(failed, planted);
    scl_store_close(store);
    close_fixture(&f);
}

/* Replicates may grow and shrink: jobs keep their rows, and those beyond the plan do not count. */
static void replicates_may_change(void **state)
{
    (void)state;
    fixture f, more, fewer;
    open_fixture(&f, NULL, 0);
    const char *nine = "replicates=9", *two = "replicates=2";
    fill(&f, f.plan.n_jobs);
    scl_error err = {0};
    bool done[64];
    size_t failed_all = 0, failed_more = 0, failed_fewer = 0;
    more.config = config_with(small_study, &nine, 1);
    fewer.config = config_with(small_study, &two, 1);
    WELL(scl_plan_new(&more.plan, &more.config, &err), &err);
    WELL(scl_plan_new(&fewer.plan, &fewer.config, &err), &err);
    scl_store *store = store_of(&f, SCL_STORE_READ);
    assert_int_equal(count_done(&f, store, &failed_all, done), 24);
    assert_int_equal(scl_store_replicates(store), 6);
    scl_store_close(store);
    store = store_of(&more, SCL_STORE_WRITE);
    assert_int_equal(scl_store_replicates(store), 6); /* what there is, not what is wanted */
    assert_int_equal(count_done(&more, store, &failed_more, done), 24);
    for (size_t j = 0; j < more.plan.n_jobs; j++) assert_int_equal(done[j], scl_plan_job(&more.plan, j).replicate < 6);
    scl_store_close(store);
    store = store_of(&fewer, SCL_STORE_WRITE);
    assert_int_equal(count_done(&fewer, store, &failed_fewer, done), 8);
    assert_int_equal(scl_store_replicates(store), 6); /* also those that the plan has not */
    scl_store_close(store);
    assert_int_equal(failed_more, failed_all);
    assert_true(failed_fewer < failed_all);
    scl_plan_free(&more.plan);
    scl_config_free(&more.config);
    scl_plan_free(&fewer.plan);
    scl_config_free(&fewer.config);
    close_fixture(&f);
}

/* ---- refusing ---------------------------------------------------------------------------------------------------- */

typedef struct other_plan {
    const char *set;
    const char *parts[3];
} other_plan;

static const other_plan other_plans[] = {
    {"seed=8", {"seed: there 7, now 8", "--fresh"}},
    {"redraw=replicate", {"redraw: there cell, now replicate"}},
    {"model.d=9", {"model.d: there 8, now 9"}},
    {"model.r=3", {"model.r: there 2, now 3"}},
    {"model.loadings=dct", {"model.loadings: there haar, now dct"}},
    {"model.noise={profile: linear, ratio: 3}", {"model.noise.ratio: there 2, now 3"}},
    {"model.noise={profile: golden}",
     {"model.noise.max: there none, now 4", "model.noise.profile: there linear, now golden",
      "model.noise.ratio: there 2, now none"}},
    {"sample.sampler=data", {"sample.sampler: there moments, now data"}},
    {"estimators=[pca, contrastive]", {"estimators: there pca,contrastive,random, now pca,contrastive\n"}},
    {"estimators=[pca, {name: contrastive, id: contrastive, lambda: 2}, random]",
     {"estimators: there pca,contrastive,random, now pca,contrastive{lambda=2},random\n"}},
    {"metrics=[sin-theta-f, cos2]", {"metrics: there sin-theta-f,top-eigenvalue, now sin-theta-f,cos2"}},
    {"sweep={model.nu: [1, 2], sample.n: [50, 60]}", {"another plan:\n  sample.n: there 50,inf, now 50,60\n"}},
    {"sweep={model.nu: [2, 3], sample.n: [50, inf]}", {"another plan:\n  model.nu: there 1,2, now 2,3\n"}},
    /* every value is still there */
    {"sweep={zip: {model.nu: [1, 2], sample.n: [inf, 50]}}",
     {"another plan:\n  cells: 2 of the 4 there are not in the sweep now, first model.d=8, model.loadings=haar",
      "model.nu=1, model.r=2, sample.n=50, sample.sampler=moments\n"}},
};

static void another_plan_is_refused_by_name(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, NULL, 0);
    fill(&f, f.plan.n_jobs);
    for (size_t i = 0; i < sizeof other_plans / sizeof *other_plans; i++) {
        const other_plan *o = &other_plans[i];
        fixture other;
        scl_error err = {0};
        other.config = config_with(small_study, &o->set, 1);
        WELL(scl_plan_new(&other.plan, &other.config, &err), &err);
        size_t n = 1;
        while (n < 3 && o->parts[n]) n++;
        refuses(&other, SCL_STORE_WRITE, SCL_ERR_PLAN, o->parts, n);
        refuses(&other, SCL_STORE_READ, SCL_ERR_PLAN, o->parts, n);
        REFUSES(&other, SCL_STORE_WRITE, SCL_ERR_PLAN, "holds another plan:\n  ", "--fresh", "nothing was changed");
        scl_plan_free(&other.plan);
        scl_config_free(&other.config);
    }
    close_fixture(&f);
}

static void sql(const char *statements)
{
    sqlite3 *db = NULL;
    char *message = NULL, path[600];
    snprintf(path, sizeof path, "%s/" SCL_STORE_FILE, FOLDER);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, statements, NULL, NULL, &message) != SQLITE_OK) fail_msg("%s: %s", statements, message);
    sqlite3_close(db);
}

/* As the store writes it: with the checksum of key and value, each with its NUL. */
static void set_meta(const char *key, const char *value)
{
    char statement[300];
    uLong sum =
        crc32(crc32(0, (const Bytef *)key, (uInt)strlen(key) + 1), (const Bytef *)value, (uInt)strlen(value) + 1);
    snprintf(statement, sizeof statement, "UPDATE meta SET value = '%s', checksum = %lu WHERE key = '%s'", value, sum,
             key);
    sql(statement);
}

static void another_kernel_needs_the_users_word(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, NULL, 0);
    fill(&f, 5);
    scl_store *store = NULL;
    scl_error err = {0};
    set_meta("blas_kernel", "Z80");
    REFUSES(&f, SCL_STORE_WRITE, SCL_ERR_PLAN, "the BLAS kernel Z80, this is", scl_blas_kernel(), "--accept-kernel");
    WELL(scl_store_open(&store, FOLDER, &f.plan, SCL_STORE_WRITE, true, &err), &err);
    scl_store_close(store);
    set_meta("results_version", "0");
    REFUSES(&f, SCL_STORE_WRITE, SCL_ERR_PLAN, "results version 0, this is", "--accept-kernel");
    WELL(scl_store_open(&store, FOLDER, &f.plan, SCL_STORE_WRITE, true, &err), &err);
    scl_store_close(store);
    close_fixture(&f);
}

/* Another plan is refused even when another kernel is accepted. */
static void accepting_a_kernel_accepts_no_plan(void **state)
{
    (void)state;
    fixture f, other;
    open_fixture(&f, NULL, 0);
    fill(&f, 5);
    const char *set = "seed=8";
    scl_store *store = NULL;
    scl_error err = {0};
    other.config = config_with(small_study, &set, 1);
    WELL(scl_plan_new(&other.plan, &other.config, &err), &err);
    assert_int_equal(scl_store_open(&store, FOLDER, &other.plan, SCL_STORE_WRITE, true, &err), SCL_ERR_PLAN);
    assert_null(store);
    scl_plan_free(&other.plan);
    scl_config_free(&other.config);
    close_fixture(&f);
}

static void make_store_file(const char *bytes, size_t length)
{
    char path[600];
    snprintf(path, sizeof path, "%s/" SCL_STORE_FILE, FOLDER);
    write_bytes(path, bytes, length);
    snprintf(path, sizeof path, "%s/run.lock", FOLDER);
    write_bytes(path, "", 0);
}

static void a_file_that_is_no_store_is_refused(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, NULL, 0);
    REFUSES(&f, SCL_STORE_READ, SCL_ERR_INPUT, "trials.sqlite: No such file", "spikedcl run");
    static const char *const contents[] = {"x", "this is a letter, not a database\n"};
    char noise[4096];
    for (size_t i = 0; i < sizeof noise; i++) noise[i] = (char)(i * i * 31 + i / 7);
    for (int mode = SCL_STORE_READ; mode <= SCL_STORE_WRITE; mode++) {
        for (size_t i = 0; i < 2; i++) {
            make_store_file(contents[i], strlen(contents[i]));
            REFUSES(&f, (scl_store_mode)mode, SCL_ERR_STORE, "trials.sqlite: ", "damaged", "spikedcl run",
                    "--fresh` moves the folder aside");
        }
        make_store_file(noise, sizeof noise);
        REFUSES(&f, (scl_store_mode)mode, SCL_ERR_STORE, "trials.sqlite: ", "damaged");
        /* a database, but of something else */
        make_store_file("", 0);
        sql("CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup')");
        REFUSES(&f, (scl_store_mode)mode, SCL_ERR_STORE, "schema 0 is not one that this version reads");
        make_store_file("", 0);
        sql("CREATE TABLE meta (key TEXT, value TEXT); PRAGMA user_version = 3");
        REFUSES(&f, (scl_store_mode)mode, SCL_ERR_STORE, "schema 3 is not one that this version reads", "--fresh");
        make_store_file("", 0);
        sql("CREATE TABLE meta (key TEXT, value TEXT); PRAGMA user_version = 1");
        REFUSES(&f, (scl_store_mode)mode, SCL_ERR_STORE, "written by an earlier version of this program",
                "schema 1, this is 2", "--fresh` moves the folder aside");
        make_store_file("", 0);
        sql("CREATE TABLE meta (key TEXT, value TEXT); PRAGMA user_version = 2");
        REFUSES(&f, (scl_store_mode)mode, SCL_ERR_STORE, "damaged (no such ", "--fresh");
    }
    /* what a run leaves that is killed at its very start: nothing is in it, so nothing is lost */
    make_store_file("", 0);
    REFUSES(&f, SCL_STORE_READ, SCL_ERR_INPUT, "holds no trials yet");
    fill(&f, 3);
    close_fixture(&f);
}

static void a_truncated_store_is_refused(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, NULL, 0);
    fill(&f, f.plan.n_jobs);
    char path[600];
    snprintf(path, sizeof path, "%s/" SCL_STORE_FILE, FOLDER);
    size_t length = 0;
    char *bytes = read_bytes(path, &length);
    assert_true(length >= 3 * 4096);
    for (size_t i = 1; i <= 40; i++) {
        size_t kept = i < 10 ? i * 11 : length * i / 41;
        make_store_file(bytes, kept);
        REFUSES(&f, SCL_STORE_WRITE, SCL_ERR_STORE, "trials.sqlite: the trial store is damaged (",
                "--fresh` moves the folder aside");
        REFUSES(&f, SCL_STORE_READ, SCL_ERR_STORE, "trials.sqlite: the trial store is damaged (");
    }
    make_store_file(bytes, length);
    fill(&f, 0);
    free(bytes);
    close_fixture(&f);
}

/* ---- damage ------------------------------------------------------------------------------------------------------ */

typedef struct damage {
    const char *statements, *parts[2];
    size_t jobs_lost;
} damage;

/* Row 2 is contrastive's of cell 0, replicate 0; rows 1 to 5 are that job's. */
#define ROW_2 "1 row is not what was written: cell 0, replicate 0, contrastive)"
static const damage damages[] = {
    {"UPDATE rows SET vals = zeroblob(16) WHERE rowid = 2", {ROW_2}, 1},
    {"UPDATE rows SET vals = x'00' WHERE rowid = 2", {ROW_2}, 1},
    {"UPDATE rows SET vals = vals || x'00' WHERE rowid = 2", {ROW_2}, 1},
    {"UPDATE rows SET status = 1 - (status = 1) WHERE rowid = 2", {ROW_2}, 1},
    {"UPDATE rows SET message = 'it failed' WHERE rowid = 2", {ROW_2}, 1},
    {"UPDATE rows SET checksum = checksum + 1 WHERE rowid = 2", {ROW_2}, 1},
    {"UPDATE rows SET checksum = checksum + 4294967296 WHERE rowid = 2", {ROW_2}, 1},
    {"UPDATE rows SET kind = 1 WHERE rowid = 2", {ROW_2}, 1},
    {"UPDATE rows SET replicate = 1 WHERE rowid = 2", {"cell 0, replicate 1, contrastive"}, 1},
    {"UPDATE rows SET replicate = -1 WHERE rowid = 2", {"cell 0, replicate -1, contrastive"}, 1},
    {"UPDATE rows SET estimator = 1 WHERE rowid = 2", {"cell 0, replicate 0, pca"}, 1},
    {"UPDATE rows SET cell = 2 WHERE rowid = 2", {"cell 1, replicate 0, contrastive"}, 1},
    {"UPDATE rows SET estimator = 9 WHERE rowid = 2", {"row 2 of the file, of no cell"}, 1},
    {"UPDATE rows SET cell = -1 WHERE rowid = 2", {"row 2 of the file, of no cell"}, 1},
    {"UPDATE rows SET status = status + 5 WHERE rowid < 6 OR rowid > 8",
     {"rows are not what was written: cell 0, replicate 0, pca; cell 0, replicate 0, contrastive; "
      "cell 0, replicate 0, random; ..."},
     23},
    {"DELETE FROM rows WHERE rowid IN (1, 7, 8)", {"(3 rows are missing)"}, 2},
    {"INSERT INTO rows SELECT * FROM rows WHERE rowid = 3", {"its tables are not as they were written"}, 0},
    {"UPDATE rows SET (cell, replicate, estimator, kind, status, message, vals, checksum) = (SELECT cell, replicate, "
     "estimator, kind, status, message, vals, checksum FROM rows WHERE rowid = 8) WHERE rowid = 2",
     {"its tables are not as they were written"},
     1},
    /* a text that is not what was written takes its rows with it; cell 1 (exact) has six jobs */
    {"UPDATE cells SET text = replace(text, 'nu=1', 'nu=2') WHERE number = 2",
     {"8 rows are not what was written: row ", "of no cell that can be told"},
     6},
    {"DELETE FROM estimators WHERE number = 3", {"24 rows are not what was written: row 3 of the file"}, 24},
    {"UPDATE cells SET number = 9 WHERE number = 2", {"8 rows are not what was written"}, 6},
};

/* Whatever happened to a row, it is never read: looking is refused, naming it, and changes nothing; a run keeps what is sound and
 * the damaged file, and runs the rest. */
static void damaged_rows_run_again(void **state)
{
    (void)state;
    char path[600], kept[600];
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        const damage *d = &damages[i];
        fixture f;
        open_fixture(&f, NULL, 0);
        fill(&f, f.plan.n_jobs);
        sql(d->statements);
        snprintf(path, sizeof path, "%s/" SCL_STORE_FILE, FOLDER);
        snprintf(kept, sizeof kept, "%s/" SCL_STORE_FILE ".damaged-1", FOLDER);
        size_t length = 0;
        char *damaged = read_bytes(path, &length);
        REFUSES(&f, SCL_STORE_READ, SCL_ERR_STORE, "trials.sqlite: the trial store is damaged (", d->parts[0],
                d->parts[1] ? d->parts[1] : "", "`spikedcl run ", "c.yaml` runs those jobs again");
        scl_store *store = store_of(&f, SCL_STORE_WRITE);
        if (!scl_store_warning(store)) fail_msg("%s: no warning", d->statements);
        assert_non_null(strstr(scl_store_warning(store), "the damaged file is kept as "));
        bool done[64];
        size_t failed, left = count_done(&f, store, &failed, done), again = 0;
        if (left != f.plan.n_jobs - d->jobs_lost)
            fail_msg("%s: %zu jobs are left of %zu", d->statements, left, f.plan.n_jobs);
        for (size_t j = 0; j < f.plan.n_jobs; j++) again += !done[j];
        assert_int_equal(again, d->jobs_lost);
        scl_store_close(store);
        char *beside = read_bytes(kept, NULL);
        assert_memory_equal(beside, damaged, length);
        free(beside);
        free(damaged);
        store = store_of(&f, SCL_STORE_WRITE); /* once is enough */
        assert_null(scl_store_warning(store));
        scl_store_close(store);
        store = store_of(&f, SCL_STORE_READ);
        scl_store_close(store);
        close_fixture(&f);
    }
}

/* Damage upon damage: every damaged file is kept. */
static void damaged_files_are_never_overwritten(void **state)
{
    (void)state;
    fixture f;
    char path[600];
    open_fixture(&f, NULL, 0);
    fill(&f, f.plan.n_jobs);
    for (int i = 1; i <= 3; i++) {
        sql("UPDATE rows SET status = status + 1 WHERE rowid = (SELECT max(rowid) FROM rows)");
        scl_store *store = store_of(&f, SCL_STORE_WRITE);
        scl_store_close(store);
        for (int k = 1; k <= 4; k++) {
            snprintf(path, sizeof path, "%s/" SCL_STORE_FILE ".damaged-%d", FOLDER, k);
            assert_int_equal(exists(path), k <= i);
        }
    }
    close_fixture(&f);
}

/* What the store says of itself is verified before it is believed. */
static void a_damaged_description_is_refused(void **state)
{
    (void)state;
    static const char *const keys[] = {"shared", "results_version", "blas_kernel", "tally"};
    for (size_t i = 0; i < 4; i++) {
        for (int gone = 0; gone < 2; gone++) {
            char statement[100], part[100];
            fixture f;
            open_fixture(&f, NULL, 0);
            fill(&f, 5);
            snprintf(statement, sizeof statement,
                     gone ? "DELETE FROM meta WHERE key = '%s'"
                          : "UPDATE meta SET value = replace(value, substr(value, 1, 1), 'X') WHERE key = '%s'",
                     keys[i]);
            sql(statement);
            snprintf(part, sizeof part, "what it says of its %s is %s", keys[i],
                     gone ? "missing" : "not what was written");
            REFUSES(&f, SCL_STORE_WRITE, SCL_ERR_STORE, "damaged (", part, "--fresh` moves the folder aside");
            REFUSES(&f, SCL_STORE_READ, SCL_ERR_STORE, "damaged (", part, "--fresh` moves the folder aside");
            close_fixture(&f);
        }
    }
}

/* ---- two at once ------------------------------------------------------------------------------------------------- */

static void a_second_run_is_refused(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, NULL, 0);
    fill(&f, 3);
    int ready[2], end[2];
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(end), 0);
    pid_t child = fork();
    if (child == 0) { /* a run that has just committed and goes on */
        close(ready[0]);
        close(end[1]); /* else it would not see this test end */
        scl_store *store = NULL;
        char byte = 'x';
        bool well = scl_store_open(&store, FOLDER, &f.plan, SCL_STORE_WRITE, false, NULL) == SCL_OK;
        well = well && write(ready[1], &byte, 1) == 1 && read(end[0], &byte, 1) == 1;
        scl_store_close(store);
        _exit(well ? 0 : 1);
    }
    char byte;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    REFUSES(&f, SCL_STORE_WRITE, SCL_ERR_STORE, "another run is working on this folder");
    scl_store *store = store_of(&f, SCL_STORE_READ); /* looking is allowed */
    bool done[64];
    size_t failed;
    assert_int_equal(count_done(&f, store, &failed, done), 3);
    scl_store_close(store);
    assert_int_equal(write(end[1], &byte, 1), 1);
    int exit_status = 0;
    assert_int_equal(waitpid(child, &exit_status, 0), child);
    assert_int_equal(exit_status, 0);
    fill(&f, 0); /* the lock went with the process */
    for (int i = 0; i < 2; i++) {
        close(ready[i]);
        close(end[i]);
    }
    close_fixture(&f);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    fixture f;
    open_fixture(&f, NULL, 0);
    fill(&f, 4);
    size_t live = scl_memory_live();
    scl_status status = SCL_ERR_MEMORY;
    for (size_t k = 1; status != SCL_OK; k++) {
        scl_store *store = NULL;
        scl_error err = {0};
        assert_true(k < 100);
        scl_memory_fail_at(k);
        status = scl_store_open(&store, FOLDER, &f.plan, SCL_STORE_WRITE, false, &err);
        scl_memory_fail_at(0);
        scl_store_close(store);
        if (status != SCL_OK) assert_int_equal(status, SCL_ERR_MEMORY);
        assert_int_equal(scl_memory_live(), live);
    }
    close_fixture(&f);
}

/* A repair that fails leaves the damaged file where it was; the next one does it. */
static void a_repair_may_run_out_of_memory(void **state)
{
    (void)state;
    fixture f;
    char path[600];
    open_fixture(&f, NULL, 0);
    fill(&f, f.plan.n_jobs);
    sql("UPDATE rows SET status = status + 1 WHERE rowid = 2");
    snprintf(path, sizeof path, "%s/" SCL_STORE_FILE, FOLDER);
    size_t length = 0, live = scl_memory_live(), k = 0;
    char *damaged = read_bytes(path, &length);
    for (scl_status status = SCL_ERR_MEMORY; status != SCL_OK;) {
        scl_store *store = NULL;
        scl_error err = {0};
        bool done[64];
        size_t failed;
        remove_tree(FOLDER); /* with the copies that were kept */
        assert_int_equal(mkdir(FOLDER, 0777), 0);
        make_store_file(damaged, length);
        assert_true(k < 300);
        scl_memory_fail_at(++k);
        status = scl_store_open(&store, FOLDER, &f.plan, SCL_STORE_WRITE, false, &err);
        scl_memory_fail_at(0);
        if (status != SCL_OK && status != SCL_ERR_MEMORY) fail_msg("allocation %zu: %s", k, err.message);
        if (status == SCL_OK) assert_int_equal(count_done(&f, store, &failed, done), 23);
        scl_store_close(store);
        assert_int_equal(scl_memory_live(), live);
    }
    assert_true(k > 50);
    free(damaged);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back_in_job_order),
        cmocka_unit_test(what_was_not_committed_is_gone),
        cmocka_unit_test(half_a_job_is_not_done),
        cmocka_unit_test(replicates_may_change),
        cmocka_unit_test(another_plan_is_refused_by_name),
        cmocka_unit_test(another_kernel_needs_the_users_word),
        cmocka_unit_test(accepting_a_kernel_accepts_no_plan),
        cmocka_unit_test(a_file_that_is_no_store_is_refused),
        cmocka_unit_test(a_truncated_store_is_refused),
        cmocka_unit_test(damaged_rows_run_again),
        cmocka_unit_test(damaged_files_are_never_overwritten),
        cmocka_unit_test(a_damaged_description_is_refused),
        cmocka_unit_test(a_second_run_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(a_repair_may_run_out_of_memory),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
