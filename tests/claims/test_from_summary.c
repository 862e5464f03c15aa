/* Evidence from a study's summary: what a claim compares, by texts of uses, whatever their ids and whichever way round the pair
 * stands in the config. */
#include "base/csv.h"
#include "base/files.h"
#include "claims/from_summary.h"
#include "linalg/linalg.h"
#include "study/study.h"

#include <math.h>

static const char text[] =
    "name: pairs\nseed: 3\nreplicates: 5\nmodel: {d: 12, r: 2, noise: {profile: linear, ratio: 2}}\n"
    "sample: {n: 100}\nestimators: [{name: pca, id: ae}, contrastive, "
    "{name: contrastive, id: kept, lambda: 2, keep-probability: .75}]\n"
    "metrics: [sin-theta-f]\ncompare: [[ae, kept], [contrastive, ae]]\n"
    "sweep: {sample.n: [100, inf]}\n";

static const scl_claim claim = {
    .id = "planted",
    .estimator = "contrastive",
    .pairs = {{"contrastive", "pca"}, {"contrastive{keep-probability=0.75,lambda=2}", "pca"}},
};

static scl_config config;
static scl_table summary;
static char *path;

/* Runs a study and reads its summary. */
static scl_status run(scl_config *of, scl_table *its, char **its_path, const char *words)
{
    static const char *const no_claims[] = {""};
    const scl_config_names names = {.claims = no_claims};
    const scl_study_options options = {.pool = {.workers = 1}, .command = "test"};
    scl_error err = {0};
    scl_progress progress = {0};
    size_t resumed = 0;
    FILE *file = fopen(in_root("study.yaml"), "w");
    if (!file || fputs(words, file) < 0 || fclose(file) != 0) return SCL_ERR_IO;
    scl_status status = scl_config_read(of, in_root("study.yaml"), NULL, 0, &names, &err);
    if (status == SCL_OK) status = scl_study_run(&progress, &resumed, of, in_root("runs"), &options, &err);
    if (status == SCL_OK) status = scl_study_read_summary(its, its_path, of, in_root("runs"), &err);
    if (status != SCL_OK) print_error("%s\n", err.message);
    return status;
}

static int prepare(void **state)
{
    if (files_setup(state) != 0) return -1;
    return run(&config, &summary, &path, text);
}

static int clean_up(void **state)
{
    scl_config_free(&config);
    scl_table_free(&summary);
    scl_free(path);
    return files_teardown(state);
}

/* A number of the summary: of the row of that cell, estimator and metric. */
static double number(size_t cell, const char *estimator, const char *metric, const char *column)
{
    for (size_t row = 0; row < summary.n_rows; row++)
        if (scl_table_number(&summary, row, scl_table_column(&summary, "cell")) == (double)cell &&
            strcmp(scl_table_text(&summary, row, scl_table_column(&summary, "estimator")), estimator) == 0 &&
            strcmp(scl_table_text(&summary, row, scl_table_column(&summary, "metric")), metric) == 0)
            return scl_table_number(&summary, row, scl_table_column(&summary, column));
    fail_msg("no row of cell %zu, %s, %s", cell, estimator, metric);
    return NAN;
}

static void assert_seen(const scl_seen *seen, size_t cell, const char *estimator, const char *metric, double sign)
{
    assert_true(seen->mean == sign * number(cell, estimator, metric, "mean"));
    assert_true(seen->sd == number(cell, estimator, metric, "sd"));
    assert_true(seen->mcse == number(cell, estimator, metric, "mcse"));
    assert_true(seen->n_ok == number(cell, estimator, metric, "n_ok"));
    assert_true(seen->population == sign * number(cell, estimator, metric, "population"));
    double limit = number(cell, estimator, metric, "limit");
    assert_true(isnan(limit) ? isnan(seen->limit) : seen->limit == sign * limit);
    assert_true(isnan(limit) || seen->limit_mcse == number(cell, estimator, metric, "limit_mcse"));
    assert_true(seen->n_bad == 0);
}

static void pairs_are_found_by_their_texts(void **state)
{
    (void)state;
    scl_error err = {0};
    scl_evidence_list list = {0};
    for (int twice = 0; twice < 2; twice++) /* a second study is appended */
        if (scl_evidence_add(&list, &config, &summary, path, &claim, &err) != SCL_OK) fail_msg("%s", err.message);
    assert_int_equal(list.n, 4);
    for (size_t i = 0; i < list.n; i++) {
        size_t cell = i % 2;
        const scl_evidence *e = &list.cells[i];
        assert_true(e->n == (cell ? INFINITY : 100) && e->d == 12 && e->r == 2);
        assert_true(e->mean == number(cell, "contrastive", "sin-theta-f", "mean") && e->mean > 0);
        const scl_pairing *plain = &e->pairs[0], *kept = &e->pairs[1];
        assert_seen(&plain->left, cell, "contrastive", "sin-theta-f", 1);
        assert_seen(&plain->right, cell, "ae", "sin-theta-f", 1);
        assert_seen(&plain->difference, cell, "contrastive vs ae", "difference(sin-theta-f)", 1);
        assert_seen(&plain->log_ratio, cell, "contrastive vs ae", "log-ratio(sin-theta-f)", 1);
        assert_seen(&kept->left, cell, "kept", "sin-theta-f", 1);
        assert_seen(&kept->right, cell, "ae", "sin-theta-f", 1);
        assert_seen(&kept->difference, cell, "ae vs kept", "difference(sin-theta-f)", -1);
        assert_seen(&kept->log_ratio, cell, "ae vs kept", "log-ratio(sin-theta-f)", -1);
        assert_true(fabs(plain->difference.mean - (plain->left.mean - plain->right.mean)) < 1e-9); /* 10 digits */
        assert_true(e->pairs[2].left.n_ok == 0);
    }
    scl_evidence_free(&list);
}

/* Cells are told apart by loadings, noise and nu, a list of nu among them, and coherent ones are known as such. */
static void families_and_coherence(void **state)
{
    (void)state;
    static const struct {
        const char *model, *sweep, *family[2];
        bool coherent[2];
        scl_loadings loadings[2];
    } cases[] = {
        {"nu: [2, 1], loadings: axis",
         "model.d: [12, 24]",
         {"loadings=axis noise.profile=constant noise.sigma_max=1 nu=2,1",
          "loadings=axis noise.profile=constant noise.sigma_max=1 nu=2,1"},
         {true, true},
         {SCL_LOADINGS_AXIS, SCL_LOADINGS_AXIS}},
        {"loadings: coherent",
         "model.loadings.coherent.mass: [0, 0.5]",
         {"loadings=coherent loadings.coherent.mass=0 noise.profile=constant noise.sigma_max=1 nu=1",
          "loadings=coherent loadings.coherent.mass=0.5 noise.profile=constant noise.sigma_max=1 nu=1"},
         {false, true},
         {SCL_LOADINGS_COHERENT, SCL_LOADINGS_COHERENT}},
        {"noise: {profile: uniform}",
         "model.loadings: [dct, haar]",
         {"loadings=dct noise.max=4 noise.min=0.25 noise.profile=uniform nu=1",
          "loadings=haar noise.max=4 noise.min=0.25 noise.profile=uniform nu=1"},
         {false, false},
         {SCL_LOADINGS_DCT, SCL_LOADINGS_HAAR}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        char words[500];
        scl_error err = {0};
        scl_config its_config;
        scl_table its_summary;
        char *its_path = NULL;
        scl_evidence_list list = {0};
        snprintf(words, sizeof words,
                 "name: family-%zu\nmodel: {d: 12, r: 2, %s}\nsample: {n: inf}\nestimators: [contrastive]\n"
                 "metrics: [sin-theta-f]\nsweep: {%s}\n",
                 c, cases[c].model, cases[c].sweep);
        assert_int_equal(run(&its_config, &its_summary, &its_path, words), SCL_OK);
        const scl_claim simple = {.id = "planted", .estimator = "contrastive"};
        if (scl_evidence_add(&list, &its_config, &its_summary, its_path, &simple, &err) != SCL_OK)
            fail_msg("%s", err.message);
        assert_int_equal(list.n, 2);
        for (size_t i = 0; i < 2; i++) {
            assert_string_equal(list.cells[i].family, cases[c].family[i]);
            assert_int_equal(list.cells[i].coherent, cases[c].coherent[i]);
            assert_int_equal(list.cells[i].loadings, cases[c].loadings[i]);
        }
        scl_evidence_free(&list);
        scl_config_free(&its_config);
        scl_table_free(&its_summary);
        scl_free(its_path);
    }
}

/* A claim about every estimator gets the cells of all uses, its own first, each under its id. */
static void every_estimator(void **state)
{
    (void)state;
    static const char *const ids[] = {"contrastive", "ae", "kept"};
    const scl_claim all = {.estimator = "contrastive", .every_estimator = true};
    scl_error err = {0};
    scl_evidence_list list = {0};
    if (scl_evidence_add(&list, &config, &summary, path, &all, &err) != SCL_OK) fail_msg("%s", err.message);
    assert_int_equal(list.n, 6);
    for (size_t i = 0; i < list.n; i++) {
        assert_string_equal(list.cells[i].estimator, ids[i / 2]);
        assert_true(list.cells[i].mean == number(i % 2, ids[i / 2], "sin-theta-f", "mean"));
        assert_true(list.cells[i].n == (i % 2 ? INFINITY : 100));
        assert_true(list.cells[i].limit == number(i % 2, ids[i / 2], "sin-theta-f", "limit") &&
                    list.cells[i].limit > 0);
        assert_true(list.cells[i].limit_mcse == 0);
        /* two estimators in one cell are no copies of each other */
        for (size_t j = 0; j < i; j++) assert_string_not_equal(list.cells[i].draw, list.cells[j].draw);
    }
    scl_evidence_free(&list);
}

/* A fit that did not converge says nothing against a metric that it does not have. */
static void what_does_not_apply_did_not_go_wrong(void **state)
{
    (void)state;
    scl_config its_config;
    scl_table its_summary;
    char *its_path = NULL;
    scl_evidence_list list = {0};
    scl_error err = {0};
    assert_int_equal(run(&its_config, &its_summary, &its_path,
                         "name: none\nreplicates: 3\nmodel: {d: 20, r: 10, noise: {profile: linear, ratio: 2}}\n"
                         "sample: {n: 200}\nestimators: [contrastive, heteropca]\n"
                         "metrics: [audit-violations, sin-theta-f]\n"),
                     SCL_OK);
    for (int applies = 0; applies < 2; applies++) {
        const scl_claim all = {.estimator = "contrastive",
                               .every_estimator = true,
                               .metric = applies ? "sin-theta-f" : "audit-violations"};
        if (scl_evidence_add(&list, &its_config, &its_summary, its_path, &all, &err) != SCL_OK)
            fail_msg("%s", err.message);
    }
    assert_int_equal(list.n, 4);
    assert_true(list.cells[0].mean == 0 && list.cells[0].n_ok == 3);
    assert_true(isnan(list.cells[1].mean) && list.cells[1].n_bad == 0);
    assert_true(list.cells[3].mean > 0 && list.cells[3].n_bad > 0);
    scl_evidence_free(&list);
    scl_config_free(&its_config);
    scl_table_free(&its_summary);
    scl_free(its_path);
}

static void refuses(const scl_claim *of, const char *words)
{
    scl_error err = {0};
    scl_evidence_list list = {0};
    assert_int_equal(scl_evidence_add(&list, &config, &summary, path, of, &err), SCL_ERR_CONFIG);
    if (!strstr(err.message, words)) fail_msg("no \"%s\" in: %s", words, err.message);
    scl_evidence_free(&list);
}

static void what_the_config_lacks_is_named(void **state)
{
    (void)state;
    refuses(&(scl_claim){.estimator = "oracle"}, "the estimator oracle with default options");
    refuses(&(scl_claim){.estimator = "pca", .pairs = {{"pca", "oracle"}}}, "the pair [pca, oracle] under compare");
    const char *uncompared = "the pair [contrastive, contrastive{keep-probability=0.75,lambda=2}] under compare";
    refuses(&(scl_claim){.estimator = "pca", .pairs = {{"contrastive", "contrastive{keep-probability=0.75,lambda=2}"}}},
            uncompared);
}

/* Whichever allocation fails, it is said and nothing leaks. */
static void memory_may_fail(void **state)
{
    (void)state;
    scl_claim greedy = claim;
    greedy.every_estimator = true;
    size_t live = scl_memory_live(), k = 0;
    scl_status status = SCL_ERR_MEMORY;
    while (status == SCL_ERR_MEMORY) {
        scl_error err = {0};
        scl_evidence_list list = {0};
        scl_memory_fail_at(++k);
        status = scl_evidence_add(&list, &config, &summary, path, &greedy, &err);
        scl_memory_fail_at(0);
        scl_evidence_free(&list);
        assert_int_equal(scl_memory_live(), live);
    }
    assert_int_equal(status, SCL_OK);
    assert_true(k > 20);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_found_by_their_texts),
        cmocka_unit_test(families_and_coherence),
        cmocka_unit_test(every_estimator),
        cmocka_unit_test(what_does_not_apply_did_not_go_wrong),
        cmocka_unit_test(what_the_config_lacks_is_named),
        cmocka_unit_test(memory_may_fail),
    };
    return cmocka_run_group_tests(tests, prepare, clean_up);
}
