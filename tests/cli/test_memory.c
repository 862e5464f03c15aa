/* Memory that runs out, at every allocation in turn: the program's own (scl_memory_fail_at) and SQLite's. The commands run in this
 * process, on a study of four cells; each failure must end with status 3 and "out of memory", leave no block allocated and no
 * file half-written, and the same command afterwards must give the bytes of an undisturbed one. */
#include "base/files.h"

#include "base/memory.h"
#include "cli/cli.h"
#include "linalg/linalg.h"

#include <fcntl.h>
#include <gsl/gsl_errno.h>
#include <sqlite3.h>

const char scl_build_commit[] = "test"; /* main.c has it in the program */

static const char *const config =
    "name: small\nseed: 7\nreplicates: 2\nmodel: {d: 100, r: 2, noise: {profile: linear, ratio: 2}}\n"
    "sample: {n: 1000}\nclaims: [contrastive-recovery-upper]\nestimators: [pca, contrastive, random]\n"
    "metrics: [sin-theta-f, top-eigenvalue]\ncompare: [[contrastive, pca]]\nsweep: {sample.n: [1000, inf]}\n"
    "figure: {x: n, y: sin-theta-f}\n";
enum { MOST_ALLOCATIONS = 20000, BETWEEN_RUNS = 64 };

/* ---- SQLite's allocations ------------------------------------------------------------------------------------------ */

static sqlite3_mem_methods plain;
static size_t sqlite_countdown; /* 0: no fault planned; a study is written by one thread */

static bool sqlite_fault(void)
{
    return sqlite_countdown > 0 && --sqlite_countdown == 0;
}

static void *failing_malloc(int bytes)
{
    return sqlite_fault() ? NULL : plain.xMalloc(bytes);
}

static void *failing_realloc(void *block, int bytes)
{
    return sqlite_fault() ? NULL : plain.xRealloc(block, bytes);
}

/* Before SQLite starts. */
static void take_over_sqlite(void)
{
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &plain), SQLITE_OK);
    sqlite3_mem_methods failing = plain;
    failing.xMalloc = failing_malloc;
    failing.xRealloc = failing_realloc;
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &failing), SQLITE_OK);
}

static void sqlite_fail_at(size_t k)
{
    sqlite_countdown = k;
}

/* ---- the program in this process ----------------------------------------------------------------------------------- */

typedef struct spoken {
    int status;
    char err[4096];
} spoken;

enum { MOST_WORDS = 16 };

static int parse_and_run(const scl_command *command, int argc, char **argv)
{
    scl_arguments arguments;
    int status = scl_arguments_read(&arguments, command, argc, argv);
    if (status < 0) status = command->run(&arguments);
    scl_arguments_free(&arguments);
    return status;
}

/* "spikedcl <line>", words separated by blanks; what it says goes to files. */
static spoken call(const scl_command *command, const char *line, void (*fail_at)(size_t), size_t k)
{
    char words[512], *argv[MOST_WORDS] = {(char *)"spikedcl"};
    int argc = 1, out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
    snprintf(words, sizeof words, "%s", line);
    for (char *word = strtok(words, " "); word && argc < MOST_WORDS - 1; word = strtok(NULL, " ")) argv[argc++] = word;
    fflush(stdout);
    assert_true(out >= 0 && err >= 0);
    assert_true(freopen(in_root("said"), "w", stdout) && freopen(in_root("said-wrong"), "w", stderr));
    fail_at(k);
    spoken said = {.status = parse_and_run(command, argc, argv)};
    fail_at(0);
    fflush(stdout);
    fflush(stderr);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    close(out);
    close(err);
    char *text = read_bytes(in_root("said-wrong"), NULL);
    snprintf(said.err, sizeof said.err, "%s", text ? text : "");
    free(text);
    return said;
}

static void do_well(const scl_command *command, const char *line)
{
    spoken said = call(command, line, scl_memory_fail_at, 0);
    if (said.status != 0) fail_msg("%s: exit %d: %s", line, said.status, said.err);
}

/* ---- the walk ------------------------------------------------------------------------------------------------------ */

static char *summary, *trials, *plan; /* of the undisturbed study */

static const char run_line[] = "run c.yaml --jobs 1 --results it";

static int setup(void **state)
{
    take_over_sqlite();
    scl_blas_start();
    gsl_set_error_handler_off();
    if (files_setup(state) != 0 || chdir(files_root) != 0) return -1;
    write_text("c.yaml", config);
    do_well(&scl_command_run, "run c.yaml --jobs 1 --results whole");
    do_well(&scl_command_export, "export c.yaml --results whole --out trials.csv");
    summary = read_bytes("whole/small/summary.csv", NULL);
    plan = read_bytes("whole/small/plan.csv", NULL);
    trials = read_bytes("trials.csv", NULL);
    return summary && plan && trials ? 0 : -1;
}

static int teardown(void **state)
{
    free(summary);
    free(plan);
    free(trials);
    return chdir("/") == 0 ? files_teardown(state) : -1;
}

/* A file is as it should be or not there at all; a part of one has another name and is gone as well. */
static void assert_whole(const char *line, size_t k)
{
    struct {
        const char *path, *bytes;
    } const files[] = {{"it/small/summary.csv", summary},
                       {"it/small/plan.csv", plan},
                       {"it/small/config.yaml", config},
                       {"it.csv", trials}};
    for (size_t i = 0; i < 4; i++) {
        char *found = read_bytes(files[i].path, NULL);
        if (found && strcmp(found, files[i].bytes) != 0) fail_msg("%s, allocation %zu: %s", line, k, files[i].path);
        free(found);
    }
    const char *folders[] = {".", "it", "it/small"};
    for (size_t i = 0; i < 3; i++)
        for (int kind = 0; kind < 2; kind++) {
            const char *left = first_with(folders[i], kind ? ".damaged" : ".part");
            if (left) fail_msg("%s, allocation %zu: left %s", line, k, left);
        }
    assert_int_equal(exists("it/small.svg"), exists("it/small.png"));
}

typedef struct walk {
    const scl_command *command;
    const char *line;
    const char *before; /* a shell command that prepares the folder, before each try of a command that changes it */
    bool changes;
    size_t at_least; /* so many allocations of the program's own */
    bool reads_store;
    int ends; /* the exit status without a failure; 1: so few replicates give no verdict */
} walk;

/* Lets the k-th allocation of the command fail, k = 1, 2, ... until it succeeds without one; returns how many could fail. */
static size_t fail_in_turn(const walk *w, void (*fail_at)(size_t), bool may_survive, size_t every)
{
    size_t live = scl_memory_live(), k = 1, survived = 0, tries = 0;
    for (;; k += every) {
        assert_true(k < MOST_ALLOCATIONS);
        if (w->before && (k == 1 || w->changes) && system(w->before) != 0) fail_msg("%s", w->before);
        spoken said = call(w->command, w->line, fail_at, k);
        if (scl_memory_live() != live)
            fail_msg("%s, allocation %zu: %zu blocks left", w->line, k, scl_memory_live() - live);
        assert_whole(w->line, k);
        if (said.status == w->ends) { /* SQLite does without some of its memory; the end is a row of successes */
            if (!may_survive || ++survived == 5 + 40 / every) return k - 1;
            continue;
        }
        survived = 0;
        if (said.status != 3 || !strstr(said.err, "out of memory"))
            fail_msg("%s, allocation %zu: exit %d: %s", w->line, k, said.status, said.err);
        if (++tries % BETWEEN_RUNS) continue;
        do_well(&scl_command_run, run_line);
        assert_same_file("it/small/summary.csv", summary);
    }
}

/* A run stopped in the middle is one of fewer replicates: what is missing is added. */
static const char from_nothing[] = "rm -rf it it.csv";
static const char half_done[] = "rm -rf it && cp -r half it && rm it/small/summary.csv it/small/plan.csv";
static const char finished[] = "rm -rf it it.csv && cp -r whole it";

static const walk walks[] = {
    {&scl_command_run, run_line, from_nothing, true, 200, true, 0},
    {&scl_command_run, run_line, half_done, true, 200, true, 0},
    {&scl_command_run, run_line, finished, false, 100, true, 0},
    {&scl_command_summarise, "summarise c.yaml --results it", finished, false, 100, true, 0},
    {&scl_command_status, "status c.yaml --results it", finished, false, 50, true, 0},
    {&scl_command_export, "export c.yaml --results it --out it.csv", finished, true, 50, true, 0},
    {&scl_command_replay, "replay c.yaml --results it --cell 0 --replicate 1", finished, false, 50, true, 0},
    {&scl_command_check, "check c.yaml --results it", finished, false, 100, false, 1},
    {&scl_command_plot, "plot c.yaml --results it", finished, false, 100, false, 0},
    {&scl_command_plan, "plan c.yaml", NULL, false, 50, false, 0},
    {&scl_command_list, "list", NULL, false, 1, false, 0},
};
static void prepare_half(void)
{
    do_well(&scl_command_run, "run c.yaml --jobs 1 --results half --replicates 1");
}

/* SCL_EVERY=1 takes every allocation; without it some are left out, for a quick test. */
static size_t every_of(size_t quick)
{
    const char *every = getenv("SCL_EVERY");
    return every ? strtoul(every, NULL, 10) : quick;
}

static void own_allocations(void **state)
{
    (void)state;
    prepare_half();
    for (size_t i = 0; i < sizeof walks / sizeof *walks; i++) {
        size_t n = fail_in_turn(&walks[i], scl_memory_fail_at, false, every_of(11));
        print_message("%s: %zu allocations\n", walks[i].line, n);
        assert_true(n >= walks[i].at_least);
    }
}

static void allocations_of_sqlite(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof walks / sizeof *walks; i++) {
        if (!walks[i].reads_store) continue;
        size_t n = fail_in_turn(&walks[i], sqlite_fail_at, true, every_of(151));
        print_message("%s: %zu allocations of SQLite\n", walks[i].line, n);
        assert_true(n > 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_allocations),
        cmocka_unit_test(allocations_of_sqlite),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
