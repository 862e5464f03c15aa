/* The plan: cells with the last axis fastest, replicates, jobs, which rows a job has, the texts that a resume compares,
 * plan.csv, and two draws of one hash, which a fake hash function makes. */
#include "study/studies.h"

#include "random/random.h"

/* plan.c with its hash under this test's control: the library's own copy is not linked then. */
static bool hashes_collide, estimator_hashes_collide; /* of all draws; of ESTIMATOR's alone */
static uint64_t hash_of(uint64_t seed, scl_role role, const char *text)
{
    if (estimator_hashes_collide && role == SCL_ROLE_ESTIMATOR) return 7;
    return hashes_collide ? strlen(text) % 2 : scl_stream_hash(seed, role, text);
}
#define scl_stream_hash hash_of
#include "study/plan.c" /* NOLINT(bugprone-suspicious-include) */
#undef scl_stream_hash

static const char *const swept = "name: x\nreplicates: 5\nmodel: {d: 10, r: 2}\nsample: {n: 100}\n"
                                 "estimators: [pca, random, contrastive]\nmetrics: [cos2]\n"
                                 "sweep: {model.nu: [1, 2], sample.n: [100, 1000, inf]}\n";

static scl_plan plan_of(scl_config *config)
{
    scl_plan plan;
    scl_error err = {0};
    WELL(scl_plan_new(&plan, config, &err), &err);
    return plan;
}

static void the_last_axis_is_fastest(void **state)
{
    (void)state;
    scl_config config = config_of(swept);
    scl_plan plan = plan_of(&config);
    static const double nu[] = {1, 1, 1, 2, 2, 2}, n[] = {100, 1000, INFINITY, 100, 1000, INFINITY};
    assert_int_equal(plan.n_cells, 6);
    for (size_t c = 0; c < 6; c++) {
        assert_true(plan.cells[c].settings.model.nu == nu[c]);
        assert_true(plan.cells[c].settings.n == n[c]);
        assert_int_equal(plan.cells[c].settings.sampler, SCL_SAMPLER_MOMENTS);
        assert_int_equal(plan.cells[c].exact, isinf(n[c]));
        assert_int_equal(plan.first_job[c + 1] - plan.first_job[c],
                         5); /* random wants all of them in exact cells too */
    }
    assert_int_equal(plan.n_jobs, 30);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

/* Fixed masks are random numbers: all replicates at n = inf. Averaged ones are none: one. */
static void exact_cells_have_the_replicates_they_need(void **state)
{
    (void)state;
    static const char *const sets[] = {"estimators=[contrastive, {name: contrastive, id: fixed, masks: 1}]",
                                       "estimators=[contrastive, {name: contrastive, id: other, mask-law: half}]"};
    for (size_t i = 0; i < 2; i++) {
        scl_config config = config_with(swept, &sets[i], 1);
        scl_plan plan = plan_of(&config);
        assert_int_equal(scl_plan_replicates(&plan, 2), i == 0 ? 5 : 1);
        assert_int_equal(plan.n_jobs, i == 0 ? 30 : 22);
        scl_plan_free(&plan);
        scl_config_free(&config);
    }
}

/* Every job once, replicate after replicate, cells of unlike sizes at both ends. */
static void jobs_map_to_cells_and_replicates(void **state)
{
    (void)state;
    static const char *const sets[] = {"estimators=[pca, oracle]"};
    scl_config config = config_with(swept, sets, 1);
    scl_plan plan = plan_of(&config);
    static const size_t replicates[] = {5, 5, 1, 5, 5, 1};
    size_t index = 0;
    for (size_t c = 0; c < 6; c++) {
        assert_int_equal(plan.first_job[c], index);
        for (uint32_t i = 0; i < replicates[c]; i++, index++) {
            scl_job job = scl_plan_job(&plan, index);
            assert_int_equal(job.cell, c);
            assert_int_equal(job.replicate, i);
        }
    }
    assert_int_equal(plan.n_jobs, index);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

/* For (n finite | n infinite) x (replicate 0 | 1) x (pca | random), or two estimators like them: which rows. Written out from
 * plan.h. */
static void check_wants_of(const char *estimators, const char *redraw, const char *loadings, const char *noise,
                           const bool sample[8], const bool population[8])
{
    char set_redraw[40], set_loadings[40], set_noise[60];
    snprintf(set_redraw, sizeof set_redraw, "redraw=%s", redraw);
    snprintf(set_loadings, sizeof set_loadings, "model.loadings=%s", loadings);
    snprintf(set_noise, sizeof set_noise, "model.noise={profile: %s}", noise);
    const char *sets[] = {set_redraw, set_loadings, set_noise, "replicates=2", estimators};
    scl_config config = config_with(swept, sets, 5);
    scl_plan plan = plan_of(&config);
    for (size_t i = 0; i < 8; i++) {
        scl_job job = {.cell = i < 4 ? 0 : 2, .replicate = i / 2 % 2};
        assert_int_equal(scl_plan_wants(&plan, job, i % 2, SCL_ROW_SAMPLE), sample[i]);
        assert_int_equal(scl_plan_wants(&plan, job, i % 2, SCL_ROW_POPULATION), population[i]);
    }
    scl_plan_free(&plan);
    scl_config_free(&config);
}

/* An estimator that draws numbers only with some options is like one that never or always does. */
static void check_wants(const char *redraw, const char *loadings, const char *noise, const bool sample[8],
                        const bool population[8])
{
    check_wants_of("estimators=[pca, random]", redraw, loadings, noise, sample, population);
    check_wants_of("estimators=[contrastive, {name: contrastive, id: fixed, masks: 3}]", redraw, loadings, noise,
                   sample, population);
    check_wants_of("estimators=[{name: contrastive, masks: 0, views: independent-per-sample}, "
                   "{name: contrastive, id: one, masks: 1, mask-law: half, views: independent}]",
                   redraw, loadings, noise, sample, population);
}

static void a_job_has_the_rows_it_should(void **state)
{
    (void)state;
    /*                        n = 100                     n = inf
     *                        first        second         first        second */
    static const bool all[] = {1, 1, 1, 1, 1, 1, 1, 1};
    static const bool exact[] = {1, 1, 1, 1, 1, 1, 0, 1};
    static const bool first[] = {1, 0, 0, 0, 0, 0, 0, 0};
    static const bool each[] = {1, 0, 1, 0, 0, 0, 0, 0};
    check_wants("cell", "haar", "constant", exact, first);
    check_wants("cell", "dct", "constant", exact, first);
    check_wants("cell", "axis", "uniform", exact, first);
    check_wants("replicate", "haar", "constant", all, each);
    check_wants("replicate", "axis", "uniform", all, each);
    check_wants("replicate", "dct", "golden", exact, each); /* nothing to redraw: the population stays exact */
}

static void estimator_texts_leave_out_defaults(void **state)
{
    (void)state;
    static const char *const sets[] = {
        "estimators=[pca, contrastive, {name: contrastive, id: a, lambda: 1, keep-probability: 0.50}, "
        "{name: contrastive, id: b, keep-probability: .9}, {name: contrastive, id: c, lambda: 2e3, keep-probability: "
        "0.1}, {name: contrastive, id: d, views: independent, masks: 1e1, mask-law: half}, {name: contrastive, id: e, "
        "mask-law: bernoulli, masks: 0, views: complementary}]"};
    static const char *const texts[] = {"pca",
                                        "contrastive",
                                        "contrastive",
                                        "contrastive{keep-probability=0.9}",
                                        "contrastive{keep-probability=0.1,lambda=2000}",
                                        "contrastive{masks=10,mask-law=half,views=independent}",
                                        "contrastive"};
    scl_config config = config_with(swept, sets, 1);
    scl_plan plan = plan_of(&config);
    for (size_t e = 0; e < 7; e++) assert_string_equal(plan.estimator_texts[e], texts[e]);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

static void the_identity_names_all_but_replicates(void **state)
{
    (void)state;
    scl_config config = config_of(swept);
    scl_plan plan = plan_of(&config);
    char *cells = strstr(plan.identity, "\ncells=6 (");
    assert_non_null(cells);
    *cells = '\0';
    assert_string_equal(plan.identity,
                        "seed=1\nredraw=cell\nmodel.d=10\nmodel.loadings=haar\nmodel.noise.profile=constant\n"
                        "model.noise.sigma_max=1\nmodel.nu=1,2\nmodel.r=2\nsample.n=100,1000,inf,100,1000,inf\n"
                        "sample.sampler=moments\nestimators=pca:pca,random:random,contrastive:contrastive\n"
                        "metrics=cos2");
    *cells = '\n';
    const char *sets[] = {"replicates=9"};
    scl_config other = config_with(swept, sets, 1);
    scl_plan larger = plan_of(&other);
    assert_string_equal(plan.identity, larger.identity);
    scl_plan_free(&larger);
    scl_config_free(&other);
    static const char *const changes[] = {"seed=2",
                                          "redraw=replicate",
                                          "model.d=11",
                                          "model.noise={profile: linear, ratio: 2}",
                                          "estimators=[pca, contrastive, random]",
                                          "estimators=[pca, random, {name: contrastive, id: contrastive, lambda: 2}]",
                                          "metrics=[sin-theta-f]",
                                          "sweep={model.nu: [1, 2], sample.n: [100, inf, 1000]}",
                                          "sweep={sample.n: [100, 1000, inf], model.nu: [1, 2]}",
                                          "sample.sampler=data"};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        other = config_with(swept, &changes[i], 1);
        larger = plan_of(&other);
        if (strcmp(plan.identity, larger.identity) == 0) fail_msg("%s leaves the plan as it is", changes[i]);
        scl_plan_free(&larger);
        scl_config_free(&other);
    }
    scl_plan_free(&plan);
    scl_config_free(&config);
}

static void plan_csv_says_all_of_a_cell(void **state)
{
    (void)state;
    static const char *const sets[] = {"estimators=[pca, {name: contrastive, id: weak, lambda: 2}]",
                                       "sweep={model.noise.profile: [constant, golden], "
                                       "sample.n: [100, inf]}"};
    scl_config config = config_with(swept, sets, 2);
    scl_plan plan = plan_of(&config);
    scl_table table = {0};
    scl_error err = {0};
    WELL(scl_plan_table(&table, &plan, &err), &err);
    WELL(scl_table_write(&table, in_root("plan.csv"), &err), &err);
    char expected[1024] =
        "cell,model.d,model.loadings,model.noise.profile,model.noise.sigma_max,model.nu,model.r,sample.n,"
        "sample.sampler,model.noise.max,model.noise.min,redraw,estimators,jobs,stream\n";
    static const char *const rows[] = {
        "0,10,haar,constant,1,1,2,100,moments,,,cell", "1,10,haar,constant,1,1,2,inf,moments,,,cell",
        "2,10,haar,golden,,1,2,100,moments,4,0.25,cell", "3,10,haar,golden,,1,2,inf,moments,4,0.25,cell"};
    for (size_t c = 0; c < 4; c++)
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected),
                 "%s,\"pca,weak:contrastive{lambda=2}\",%s,%016" PRIx64 "\n", rows[c], c % 2 ? "1" : "5",
                 scl_stream_hash(1, SCL_ROLE_DATA, plan.cells[c].data_text));
    assert_same_file(in_root("plan.csv"), expected);
    scl_table_free(&table);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

static const char *const two_cells = "name: two\nmodel: {d: 8, r: 2}\nestimators: [pca]\nmetrics: [cos2]\n"
                                     "sweep: {sample.n: [50, 60]}\n";

/* Two draws of one hash would be one stream: refused. The same draw twice (cells that share U) is not two draws. */
static void colliding_streams_are_refused(void **state)
{
    (void)state;
    scl_config config = config_of(swept);
    scl_plan plan = plan_of(&config);
    scl_plan_free(&plan);
    scl_error err = {0};
    hashes_collide = true;
    scl_status status = scl_plan_new(&plan, &config, &err);
    hashes_collide = false;
    assert_int_equal(status, SCL_ERR_CONFIG);
    assert_non_null(strstr(err.message, "two different draws share the stream 000000000000000"));
    assert_non_null(strstr(err.message, "change the seed"));
    scl_config_free(&config);
    assert_int_equal(scl_memory_live(), 0);
}

/* One draw under two cells would be one set of rows for both. */
static void twin_cells_are_refused(void **state)
{
    (void)state;
    static const char *const set = "sweep={sample.n: [50, 60], sample.sampler: [data, auto, moments]}";
    scl_config config = config_with(two_cells, &set, 1);
    scl_plan plan;
    scl_error err = {0};
    assert_int_equal(scl_plan_new(&plan, &config, &err), SCL_ERR_CONFIG);
    const char *at = strstr(err.message, "c.yaml: cells ");
    assert_non_null(at);
    assert_true(strstr(at, "cells 1 and 2 of the sweep are one and the same draw") ||
                strstr(at, "cells 4 and 5 of the sweep are one and the same draw"));
    scl_config_free(&config);
    assert_int_equal(scl_memory_live(), 0);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    scl_config config = config_of(swept);
    size_t live = scl_memory_live();
    scl_status status = SCL_ERR_MEMORY;
    for (size_t k = 1; status != SCL_OK; k++) {
        scl_plan plan;
        scl_error err = {0};
        assert_true(k < 1000);
        scl_memory_fail_at(k);
        status = scl_plan_new(&plan, &config, &err);
        scl_memory_fail_at(0);
        if (status == SCL_OK)
            scl_plan_free(&plan);
        else
            assert_int_equal(status, SCL_ERR_MEMORY);
        assert_int_equal(scl_memory_live(), live);
    }
    scl_config_free(&config);
}

/* The draws of estimators are held against each other too: two cells with one random estimator would share its stream. */
static void colliding_estimator_streams_are_refused(void **state)
{
    (void)state;
    scl_plan plan;
    scl_error err = {0};
    const char *const random_set = "estimators=[pca, random]", *const plain_set = "estimators=[pca]";
    scl_config with_random = config_with(two_cells, &random_set, 1), without = config_with(two_cells, &plain_set, 1);
    estimator_hashes_collide = true;
    scl_status refused = scl_plan_new(&plan, &with_random, &err);
    estimator_hashes_collide = false;
    assert_int_equal(refused, SCL_ERR_CONFIG);
    assert_non_null(strstr(err.message, "two different draws share the stream 0000000000000007"));
    err = (scl_error){0};
    estimator_hashes_collide = true; /* an estimator that draws nothing has no stream to share */
    scl_status planned = scl_plan_new(&plan, &without, &err);
    estimator_hashes_collide = false;
    WELL(planned, &err);
    scl_plan_free(&plan);
    scl_config_free(&with_random);
    scl_config_free(&without);
    assert_int_equal(scl_memory_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_axis_is_fastest),
        cmocka_unit_test(jobs_map_to_cells_and_replicates),
        cmocka_unit_test(exact_cells_have_the_replicates_they_need),
        cmocka_unit_test(a_job_has_the_rows_it_should),
        cmocka_unit_test(estimator_texts_leave_out_defaults),
        cmocka_unit_test(the_identity_names_all_but_replicates),
        cmocka_unit_test(plan_csv_says_all_of_a_cell),
        cmocka_unit_test(colliding_streams_are_refused),
        cmocka_unit_test(colliding_estimator_streams_are_refused),
        cmocka_unit_test(twin_cells_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
