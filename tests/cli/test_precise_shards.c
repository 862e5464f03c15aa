/* Shards beside a precision: neither `run --shard` nor `merge` takes a config that has one, and the way that their message names
 * leads to the summary of a run without shards. */
#include "cli/program.h"

/* One estimator, two cells, of which the second needs more replicates. */
#define PLAN                                                                                                           \
    "name: mb\nreplicates: 20\nseed: 3\nmodel: {d: 10, r: 2, noise: {profile: linear, ratio: 2}}\n"                    \
    "estimators: [pca]\nmetrics: [sin-theta-f]\nsweep: {sample.n: [5000, 50]}\n"

static int setup(void **state)
{
    if (files_setup(state) != 0) return -1;
    write_text(in_root("plain.yaml"), PLAN);
    write_text(in_root("precise.yaml"), PLAN "precision: {metric: sin-theta-f, mcse: 0.01, max_replicates: 500}\n");
    return 0;
}

/* A merge that planned without the precision wrote a summary of the first 20 replicates over that of all. */
static void a_merge_leaves_a_precise_summary_alone(void **state)
{
    (void)state;
    quietly("$S run plain.yaml --shard 1/1");
    quietly("$S merge plain.yaml");
    quietly("$S run precise.yaml");
    char *precise = read_bytes(in_root("runs/mb/summary.csv"), NULL);
    REFUSES(
        "$S merge precise.yaml",
        "precise.yaml: has a precision, which needs all replicates of a cell in one place: run shards and merge them "
        "without it; `spikedcl run precise.yaml` with it then goes on from there");
    assert_same_file(in_root("runs/mb/summary.csv"), precise);
    REFUSES("$S run precise.yaml --shard 1/1", "precise.yaml: has a precision, ", "run shards and merge them without");
    REFUSES("$S run precise.yaml --results nowhere --shard 1/1", "precise.yaml: has a precision, ");
    REFUSES("$S merge precise.yaml --results nowhere", "precise.yaml: has a precision, ");
    free(precise);
}

/* What the message says: shards and their merge without it, then a run with it. */
static void a_run_with_precision_goes_on_from_a_merge(void **state)
{
    (void)state;
    quietly("$S run precise.yaml --results whole");
    quietly("$S run plain.yaml --results parts --shard 1/2");
    quietly("$S run plain.yaml --results parts --shard 2/2");
    quietly("$S merge plain.yaml --results parts");
    outcome o = shell("$S run precise.yaml --results parts");
    assert_int_equal(o.status, 0);
    assert_non_null(strstr(o.out, "mb: resumed, 40 of "));
    outcome_free(&o);
    char *whole = read_bytes(in_root("whole/mb/summary.csv"), NULL);
    assert_same_file(in_root("parts/mb/summary.csv"), whole);
    free(whole);
}

/* How far a shard is under a precision that it does not know, nobody can say; `run --shard` would be refused. */
static void status_names_a_way_that_is_open(void **state)
{
    (void)state;
    static const char shards[] =
        "mb: 2 shards without the precision; `spikedcl merge` with a config that lacks it, too, brings them together, "
        "and `spikedcl run precise.yaml --results told` goes on from there\n";
    quietly("$S run plain.yaml --results told --shard 1/2");
    quietly("mkdir told/mb/shard-2-of-2");
    outcome o = shell("$S status precise.yaml --results told");
    assert_int_equal(o.status, 1);
    assert_string_equal(o.out, shards);
    outcome_free(&o);
    quietly("$S run precise.yaml --results told");
    o = shell("$S status precise.yaml --results told");
    assert_int_equal(o.status, 0); /* complete, whatever the shards are */
    assert_null(strstr(o.out, "shard"));
    outcome_free(&o);
    o = shell("$S status precise.yaml --results told --set precision.mcse=.003 --set precision.max_replicates=5000");
    assert_int_equal(o.status, 1);
    assert_non_null(strstr(o.out, "goes on from there\n"));
    assert_non_null(strstr(o.out, "mb: 2 shards without the precision; "));
    assert_null(strstr(o.out, "--shard"));
    outcome_free(&o);
}

int main(int argc, char **argv)
{
    (void)argc;
    program_beside(argv[0]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_merge_leaves_a_precise_summary_alone),
        cmocka_unit_test(a_run_with_precision_goes_on_from_a_merge),
        cmocka_unit_test(status_names_a_way_that_is_open),
    };
    return cmocka_run_group_tests(tests, setup, files_teardown);
}
