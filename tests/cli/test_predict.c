/* `predict` as a user meets it: CSV on standard output or in a new file, nothing else written, mistakes with exit status 2. */
#include "cli/program.h"

static const char *const config =
    "name: theory\nreplicates: 5\nmodel: {d: 12, r: 2, nu: 1.5, noise: {profile: linear, ratio: 2}}\n"
    "estimators: [pca, contrastive]\nmetrics: [sin-theta-f]\nsweep: {sample.n: [500, inf]}\n";

static int setup(void **state)
{
    if (files_setup(state) != 0) return -1;
    write_text(in_root("c.yaml"), config);
    return 0;
}

static void table_on_standard_output(void **state)
{
    (void)state;
    outcome o = shell("$S predict c.yaml && ls");
    assert_int_equal(o.status, 0);
    assert_string_equal(o.err, "");
    static const char header[] =
        "experiment,cell,n,d,r,sample.n,estimator,metric,population,population_mcse,population_note,first_order,"
        "first_order_mcse,first_order_note,kappa,limit,limit_mcse,limit_note,above,outliers\n";
    assert_memory_equal(o.out, header, sizeof header - 1);
    assert_parts("predict", o.out,
                 (const char *const[]){"theory,0,500,12,2,500,pca,sin-theta-f,", ",root mean square,", ",limit,2,",
                                       "theory,1,inf,12,2,inf,pca,sin-theta-f,", ",exact,", ",exact,", "c.yaml\n"},
                 7);
    assert_null(strstr(o.out, "runs")); /* no folder of results */
    outcome_free(&o);
}

static void table_in_a_new_file(void **state)
{
    (void)state;
    outcome o = shell("$S predict c.yaml --out p.csv && $S predict c.yaml | cmp - p.csv");
    assert_int_equal(o.status, 0);
    assert_string_equal(o.out, "");
    outcome_free(&o);
    says_and_writes_nothing("$S predict c.yaml --out p.csv", 2,
                            (const char *const[]){"p.csv: exists already; predict replaces nothing"}, 1);
    /* ... and before the work: at this d it would take 240 GB */
    says_and_writes_nothing("$S predict c.yaml --set model.d=1e5 --out p.csv", 2,
                            (const char *const[]){"p.csv: exists already"}, 1);
}

static void mistakes(void **state)
{
    (void)state;
    says_and_writes_nothing("$S predict", 2, (const char *const[]){"spikedcl predict: "}, 1);
    says_and_writes_nothing("$S predict c.yaml c.yaml", 2, (const char *const[]){"needs one config"}, 1);
    says_and_writes_nothing("$S predict c.yaml --jobs 2", 2, (const char *const[]){"unknown option \"--jobs\""}, 1);
    says_and_writes_nothing("$S predict c.yaml --set model.d=1", 2, (const char *const[]){"allowed: r <= d"}, 1);
}

int main(int argc, char **argv)
{
    (void)argc;
    program_beside(argv[0]);
    const struct CMUnitTest tests[] = {cmocka_unit_test(table_on_standard_output),
                                       cmocka_unit_test(table_in_a_new_file), cmocka_unit_test(mistakes)};
    return cmocka_run_group_tests(tests, setup, files_teardown);
}
