/* Two runs started on one folder at the same moment: one works, the other says so and ends with status 3 (or, when it came so late
 * that the first had ended, finds all done); the bytes are those of a run alone. */
#include "cli/program.h"

static const char *const config =
    "name: race\nreplicates: 3000\nseed: 5\nmodel: {d: 8, r: 2, noise: {profile: linear, ratio: 2}}\n"
    "sample: {n: 50}\nestimators: [pca, random]\nmetrics: [cos2]\nsweep: {sample.n: [50, inf]}\n";

static char *wanted;

static int setup(void **state)
{
    if (files_setup(state) != 0) return -1;
    write_text(in_root("c.yaml"), config);
    outcome o = shell("$S run c.yaml --results alone --jobs 2");
    int status = o.status;
    outcome_free(&o);
    wanted = read_bytes(in_root("alone/race/summary.csv"), NULL);
    return status != 0 || !wanted;
}

static int teardown(void **state)
{
    free(wanted);
    return files_teardown(state);
}

/* Both wait for the gate, a pipe whose other end is closed. */
static pid_t start_at(int gate, int other_end, const char *option, const char *err)
{
    pid_t child = fork();
    if (child == 0) {
        char byte;
        close(other_end);
        if (chdir(files_root) != 0 || !freopen("out", "w", stdout) || !freopen(err, "w", stderr)) _exit(126);
        if (read(gate, &byte, 1) != 0) _exit(126);
        execl(program, program, "run", "c.yaml", "--results", "both", "--jobs", "1", option, (char *)NULL);
        _exit(127);
    }
    assert_true(child > 0);
    return child;
}

static size_t race(const char *option)
{
    static const char *const err[] = {"err-0", "err-1"};
    int gate[2], status[2];
    pid_t runs[2];
    size_t refused = 0;
    assert_int_equal(pipe(gate), 0);
    for (int i = 0; i < 2; i++) runs[i] = start_at(gate[0], gate[1], option, err[i]);
    close(gate[0]);
    close(gate[1]);
    for (int i = 0; i < 2; i++) assert_int_equal(waitpid(runs[i], &status[i], 0), runs[i]);
    for (int i = 0; i < 2; i++) {
        char *said = read_bytes(in_root(err[i]), NULL);
        int ended = exit_of(status[i]);
        if (ended != 0 && (ended != 3 || !strstr(said, "both/race: another run is working on this folder")))
            fail_msg("exit %d: %s", ended, said);
        refused += ended == 3;
        free(said);
    }
    assert_true(refused < 2);
    assert_same_file(in_root("both/race/summary.csv"), wanted);
    SAYS("$S status c.yaml --results both", 0, "race: 6000 of 6000 jobs done");
    return refused;
}

static void one_wins(void **state)
{
    (void)state;
    size_t refused = 0;
    for (int i = 0; i < 6; i++) {
        refused += race(NULL);
        remove_tree(in_root("both"));
    }
    assert_true(refused > 0);
}

/* Each would move the other's folder aside. */
static void one_fresh_run_wins(void **state)
{
    (void)state;
    (void)race(NULL);
    size_t refused = 0;
    for (int i = 0; i < 6; i++) refused += race("--fresh");
    assert_true(refused > 0);
}

int main(int argc, char **argv)
{
    (void)argc;
    program_beside(argv[0]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_wins),
        cmocka_unit_test(one_fresh_run_wins),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
