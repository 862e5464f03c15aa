/* A command that a message proposes can be pasted: it acts on the folder and the plan that the message is about. */
#include "cli/program.h"

/* What must not be lost: a folder that is not the default, with a blank in its name, and settings that make another plan. */
#define OPTIONS "--results 'a b' --set 'sweep={sample.n: [70, 80]}' --replicates 3"
#define WORDS   "c.yaml --results 'a b' --set 'sweep={sample.n: [70, 80]}' --replicates=3"

static int setup(void **state)
{
    if (files_setup(state) != 0) return -1;
    write_text(in_root("c.yaml"), "name: small\nreplicates: 5\n"
                                  "model: {d: 8, r: 2, noise: {profile: linear, ratio: 2}}\n"
                                  "estimators: [pca]\nmetrics: [sin-theta-f]\nsweep: {sample.n: [50, 60]}\n");
    return 0;
}

static int remove_results(void **state)
{
    (void)state;
    remove_tree(in_root("a b"));
    return 0;
}

/* Gives a command, which must say "`spikedcl <words>`" and end with that status, and then, unless `pasted` is NULL, what it proposed, which
 * must say that. */
static void proposes(const char *command, int status, const char *words, const char *pasted)
{
    char proposed[512], again[512];
    outcome o = shell(command);
    snprintf(proposed, sizeof proposed, "`spikedcl %s`", words);
    if (o.status != status || (!strstr(o.out, proposed) && !strstr(o.err, proposed)))
        fail_msg("%s: exit %d, no %s in:\n%s%s", command, o.status, proposed, o.out, o.err);
    outcome_free(&o);
    assert_false(exists(in_root("runs")));
    if (!pasted) return;
    snprintf(again, sizeof again, "$S %s", words);
    o = shell(again);
    if (!strstr(o.out, pasted)) fail_msg("%s: exit %d, no \"%s\" in:\n%s%s", again, o.status, pasted, o.out, o.err);
    outcome_free(&o);
    assert_false(exists(in_root("runs")));
}

static void a_study_is_started_and_goes_on(void **state)
{
    (void)state;
    proposes("$S status c.yaml " OPTIONS, 2, "run " WORDS, NULL);
    proposes("$S check c.yaml --results 'a b' --set sample.sampler=data", 2,
             "run c.yaml --results 'a b' --set sample.sampler=data", NULL);
    proposes("$S summarise c.yaml " OPTIONS, 2, "run " WORDS, "small: 6 jobs in ");
    SAYS("$S status c.yaml " OPTIONS, 0, "small: 6 of 6 jobs done\n");
    proposes("$S status c.yaml " OPTIONS " --replicates 4", 1, "run " WORDS " --replicates=4", NULL);
    /* its summary is of another number of replicates, and lacks some: that is no success */
    outcome o = shell("$S summarise c.yaml " OPTIONS " --replicates 4");
    assert_int_equal(o.status, 1);
    assert_string_equal(o.out, "small: a b/small/summary.csv\n");
    assert_non_null(
        strstr(o.err, "spikedcl: small: 2 of 8 jobs are missing: their cells are incomplete in the summary; "));
    outcome_free(&o);
    proposes("$S summarise c.yaml " OPTIONS " --replicates 4", 1, "run " WORDS " --replicates=4", "small: 2 jobs in ");
    SAYS("$S summarise c.yaml " OPTIONS " --replicates 4", 0, "small: a b/small/summary.csv\n");
}

/* Only `run` has --fresh: the others name the whole command. */
static void another_plan_is_moved_aside(void **state)
{
    (void)state;
    quietly("$S run c.yaml " OPTIONS);
    static const char *const commands[] = {"status", "summarise", "export --out o.csv",
                                           "replay --cell 0 --replicate 0"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char command[256];
        snprintf(command, sizeof command, "$S %s c.yaml " OPTIONS " --set model.nu=2", commands[i]);
        proposes(command, 2, "run " WORDS " --set model.nu=2 --fresh", NULL);
    }
    proposes("$S check c.yaml --results 'a b'", 2, "run c.yaml --results 'a b'", NULL);
    proposes("$S run c.yaml " OPTIONS " --set model.nu=2", 2, "run " WORDS " --set model.nu=2 --fresh",
             "small: 6 jobs in ");
    assert_true(exists(in_root("a b/small.old-1/trials.sqlite")));
    SAYS("$S status c.yaml " OPTIONS " --set model.nu=2", 0, "small: 6 of 6 jobs done\n");
    quietly("echo no database >'a b/small/trials.sqlite'");
    proposes("$S status c.yaml " OPTIONS " --set model.nu=2", 3, "run " WORDS " --set model.nu=2 --fresh", NULL);
    quietly("rm 'a b/small/trials.sqlite'");
    proposes("$S run c.yaml " OPTIONS " --set model.nu=2", 2, "run " WORDS " --set model.nu=2 --fresh",
             "small: 6 jobs in ");
}

static void shards_are_brought_together(void **state)
{
    (void)state;
    proposes("$S merge c.yaml " OPTIONS, 2, "run " WORDS " --shard 1/2", "small: 3 jobs in ");
    proposes("$S status c.yaml " OPTIONS, 1, "merge " WORDS, NULL);
    proposes("$S status c.yaml " OPTIONS " --replicates 4", 1, "run " WORDS " --replicates=4 --shard 1/2", NULL);
    quietly("$S run c.yaml " OPTIONS " --set model.nu=2 --shard 2/2");
    proposes("$S merge c.yaml " OPTIONS, 2, "run " WORDS " --shard 2/2 --fresh", "small: 3 jobs in ");
    assert_true(exists(in_root("a b/small/shard-2-of-2.old-1/trials.sqlite")));
    quietly("rm -r 'a b/small/shard-2-of-2'");
    proposes("$S merge c.yaml " OPTIONS, 1, "run " WORDS, NULL);
    quietly("$S run c.yaml " OPTIONS " --shard 2/2");
    proposes("$S run c.yaml " OPTIONS, 0, "merge " WORDS, "small: 6 jobs; a b/small/summary.csv\n");
    proposes(
        "$S run c.yaml " OPTIONS " --set 'precision={metric: sin-theta-f, mcse: 1, max_replicates: 4}' --shard 1/2", 2,
        "run " WORDS " --set 'precision={metric: sin-theta-f, mcse: 1, max_replicates: 4}'", "small: resumed, 6 of 6");
}

/* --replicates is an option of its own in messages, too. */
static void an_option_is_called_by_its_name(void **state)
{
    (void)state;
    REFUSES("$S run c.yaml --replicates 600 --set 'precision={metric: sin-theta-f, mcse: 1, max_replicates: 500}'",
            "--set precision={metric: sin-theta-f, mcse: 1, max_replicates: 500}: precision.max_replicates: ");
    REFUSES("$S run c.yaml --set 'precision={metric: sin-theta-f, mcse: 1, max_replicates: 500}' --replicates 600",
            "spikedcl: --replicates=600: replicates: replicates = 600 is above max_replicates = 500");
    REFUSES("$S run c.yaml --set replicates=x", "--set replicates=x: replicates: ");
    REFUSES("$S run c.yaml --set --replicates=5", "spikedcl run: --set --replicates=5: must be KEY=VALUE\n");
}

/* provenance.txt has the command on one line, as a shell reads it, whatever is in it: "rows before" and "earlier" in a setting are no
 * lines of their own. A path that begins like an option is none. */
static void a_command_stays_one_line(void **state)
{
    (void)state;
    quietly("cp c.yaml ./-c.yaml");
    proposes("$S status --results 'a b' -- -c.yaml", 2, "run ./-c.yaml --results 'a b'", "small: 10 jobs in ");
    remove_tree(in_root("a b"));
    /* printf: the shell of the tests need not know $'..' */
    quietly("$S run c.yaml --results 'a b' --set \"$(printf '%s\\nrows before: 77\\nearlier: 5 rows' "
            "\"question=it's\\\\\")\"");
    quietly("$S run c.yaml --results 'a b' --replicates 6");
    char *text = read_bytes(in_root("a b/small/provenance.txt"), NULL);
    assert_parts("provenance.txt", text,
                 PARTS("command: spikedcl run c.yaml --results 'a b' --replicates 6\n", "\nrows before: 12\n",
                       "\nearlier: 12 rows\n",
                       "\n  command: spikedcl run c.yaml --results 'a b' --set "
                       "$'question=it\\'s\\\\\\012rows before: 77\\012earlier: 5 rows'\n"));
    free(text);
}

int main(int argc, char **argv)
{
    (void)argc;
    program_beside(argv[0]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_study_is_started_and_goes_on, remove_results),
        cmocka_unit_test_teardown(another_plan_is_moved_aside, remove_results),
        cmocka_unit_test_teardown(shards_are_brought_together, remove_results),
        cmocka_unit_test(an_option_is_called_by_its_name),
        cmocka_unit_test_teardown(a_command_stays_one_line, remove_results),
    };
    return cmocka_run_group_tests(tests, setup, files_teardown);
}
