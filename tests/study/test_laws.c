/* Laws in a study: how configs say them, what they do to draw texts and samplers, and what they must leave alone: draws of other
 * cells, population values, bytes at any number of workers. Refused configs are in bad_configs/ (law-*, student-*). */
#include "study/studies.h"

#include "claims/from_summary.h"
#include "random/random.h"
#include "study/draw_text.h"
#include "study/job.h"
#include "study/plan.h"

#define SEED 20211006u

#define STUDY(model, rest)                                                                                             \
    "name: laws\nseed: 20211006\nreplicates: 12\nmodel: {d: 12, r: 2" model "}\nsample: {n: 300}\n"                    \
    "estimators: [pca, contrastive, random]\nmetrics: [sin-theta-f]\n" rest

/* ---- configs ----------------------------------------------------------------------------------------------------- */

static void assert_law(scl_law law, scl_law_kind kind, double df)
{
    assert_int_equal(law.kind, kind);
    if (kind == SCL_LAW_STUDENT) assert_true(law.df == df);
}

static void configs_say_laws(void **state)
{
    (void)state;
    static const struct {
        const char *model;
        const char *sets[2];
        size_t n_sets;
        scl_law latent, noise;
    } cases[] = {
        {"", {0}, 0, {0}, {0}},
        {", latent: uniform, noise_law: rademacher", {0}, 0, {SCL_LAW_UNIFORM, 0}, {SCL_LAW_RADEMACHER, 0}},
        {", latent: {student: {df: 5}}, noise_law: {student: {df: 2.5}}",
         {0},
         0,
         {SCL_LAW_STUDENT, 5},
         {SCL_LAW_STUDENT, 2.5}},
        {", latent: {student: {df: 5}}, noise_law: gaussian", {0}, 0, {SCL_LAW_STUDENT, 5}, {0}},
        {", latent: {gaussian: }", {"model.latent=gaussian"}, 1, {0}, {0}},
        {", latent: {student: {df: 5}}", {"model.latent=uniform"}, 1, {SCL_LAW_UNIFORM, 0}, {0}},
        {", latent: {student: {df: 5}}", {"model.latent.student.df=9"}, 1, {SCL_LAW_STUDENT, 9}, {0}},
        {", latent: student", {"model.latent.student.df=1e9"}, 1, {SCL_LAW_STUDENT, 1e9}, {0}},
        {"", {"model.latent={student: {df: 3}}"}, 1, {SCL_LAW_STUDENT, 3}, {0}},
        {"", {"model.noise_law=student", "model.noise_law.student.df=3"}, 2, {0}, {SCL_LAW_STUDENT, 3}},
        {"", {"model.noise_law.student.df=2.0000000000000004"}, 1, {0}, {SCL_LAW_STUDENT, 0x1.0000000000001p+1}},
        {", latent: {student: {df: 5}}", {"sweep={model.latent: [student]}"}, 1, {SCL_LAW_STUDENT, 5}, {0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[600];
        snprintf(text, sizeof text,
                 "name: x\nmodel: {d: 12, r: 2%s}\nsample: {n: 9}\nestimators: [pca]\nmetrics: [cos2]\n",
                 cases[i].model);
        scl_config config = config_with(text, cases[i].sets, cases[i].n_sets);
        scl_settings s = scl_config_cell(&config, 0);
        assert_law(s.model.latent, cases[i].latent.kind, cases[i].latent.df);
        assert_law(s.model.noise_law, cases[i].noise.kind, cases[i].noise.df);
        scl_config_free(&config);
    }
    assert_int_equal(scl_memory_live(), 0);
}

/* Every allocation of reading a law with parameters fails in turn. */
static void allocations_fail(void **state)
{
    (void)state;
    static const char *const sets[] = {"model.latent={student: {df: 3}}", "model.noise_law.student.df=9"};
    const scl_config_names names = {0};
    write_text(in_root("c.yaml"), STUDY(", latent: uniform, noise_law: {student: {df: 5}}", ""));
    size_t k = 0;
    for (scl_status status = SCL_ERR_MEMORY; status == SCL_ERR_MEMORY;) {
        scl_config config;
        scl_memory_fail_at(++k);
        status = scl_config_read(&config, in_root("c.yaml"), sets, 2, &names, NULL);
        scl_memory_fail_at(0);
        if (status == SCL_OK) scl_config_free(&config);
        assert_int_equal(scl_memory_live(), 0);
        assert_true(status == SCL_OK || status == SCL_ERR_MEMORY);
    }
    assert_true(k > 20);
}

static void refuse_set(const char *set, const char *message)
{
    scl_config config;
    scl_error err = {0};
    write_text(in_root("c.yaml"), STUDY(", latent: uniform", ""));
    assert_int_equal(scl_config_read(&config, in_root("c.yaml"), &set, 1, &(scl_config_names){0}, &err), SCL_ERR_USAGE);
    if (!strstr(err.message, message)) fail_msg("--set %s gives %s", set, err.message);
}

static void sets_are_refused(void **state)
{
    (void)state;
    refuse_set("model.latent=student",
               "--set model.latent=student: model.latent: student needs degrees of freedom, df");
    refuse_set("model.latent=unifrom", "did you mean \"uniform\"?");
    refuse_set("model.latent=",
               "model.latent: is empty; allowed: gaussian | rademacher | uniform | {student: {df: ..}}");
    refuse_set("model.latent={student: {df: 2}}", "model.latent.student.df: \"2\" is out of range");
    refuse_set("sample.sampler=moments",
               "moments can only be drawn when latent and noise are gaussian, and model.latent "
               "is uniform; allowed: auto or data with such a law");
    refuse_set("sweep={model.latent.student.df: [3]}",
               "model.latent.student.df: is swept, but the law uniform takes no df");
}

/* ---- draw texts -------------------------------------------------------------------------------------------------- */

#define DATA(latent, noise_law, sampler)                                                                               \
    "model.d=12\n" latent "model.loadings=haar\nmodel.noise.profile=constant\nmodel.noise.sigma_max=1\n" noise_law     \
    "model.nu=1\nmodel.r=2\nsample.n=300\nsample.sampler=" sampler

/* Texts by hand; hashes by an FNV-1a in Python. The Gaussian law is left out, and df where no law takes it. */
static void texts_and_hashes_are_pinned(void **state)
{
    (void)state;
    static const struct {
        const char *sets[2];
        const char *text;
        uint64_t hash;
    } cases[] = {
        {{"model.latent=gaussian", "model.noise_law=gaussian"}, DATA("", "", "moments"), 0x7dfd57a5a97cd43du},
        {{"model.latent=rademacher", "model.noise_law=gaussian"},
         DATA("model.latent=rademacher\n", "", "data"),
         0xec5042dcfb7ad520u},
        {{"model.latent=gaussian", "model.noise_law=uniform"},
         DATA("", "model.noise_law=uniform\n", "data"),
         0x9f90ccfada253fa9u},
        {{"model.latent={student: {df: 5.0}}", "model.noise_law={student: {df: 1e6}}"},
         DATA("model.latent=student\nmodel.latent.student.df=5\n",
              "model.noise_law=student\nmodel.noise_law.student.df=1000000\n", "data"),
         0x69a5146bbae7af50u},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scl_config config = config_with(STUDY("", ""), cases[i].sets, 2);
        scl_plan plan;
        scl_error err = {0};
        WELL(scl_plan_new(&plan, &config, &err), &err);
        assert_string_equal(plan.cells[0].data_text, cases[i].text);
        assert_string_equal(plan.cells[0].loadings_text, "object=loadings\nmodel.d=12\nmodel.loadings=haar\nmodel.r=2");
        uint64_t hash = scl_stream_hash(SEED, SCL_ROLE_DATA, plan.cells[0].data_text);
        if (hash != cases[i].hash) fail_msg("case %zu: 0x%016llx", i, (unsigned long long)hash);
        scl_plan_free(&plan);
        scl_config_free(&config);
    }
}

/* Sorted, and left out where nothing depends on them, for all laws. */
static void keys_are_sorted_and_needed(void **state)
{
    (void)state;
    scl_config config = config_of(STUDY("", ""));
    for (int latent = 0; latent < SCL_N_LAWS; latent++)
        for (int noise = 0; noise < SCL_N_LAWS; noise++) {
            scl_draw_key keys[2][SCL_MAX_DRAW_KEYS];
            scl_settings settings = scl_config_cell(&config, 0);
            size_t n[2];
            for (int other = 0; other < 2; other++) {
                settings.model.latent = (scl_law){(scl_law_kind)latent, other ? 7 : 5};
                settings.model.noise_law = (scl_law){(scl_law_kind)noise, other ? 7 : 5};
                n[other] = scl_draw_keys(keys[other], &settings);
            }
            size_t different = 0;
            assert_int_equal(n[0], n[1]);
            assert_int_equal(n[0],
                             8 + (latent > 0) + (noise > 0) + (latent == SCL_LAW_STUDENT) + (noise == SCL_LAW_STUDENT));
            for (size_t i = 0; i < n[0]; i++) {
                assert_true(i == 0 || strcmp(keys[0][i - 1].key, keys[0][i].key) < 0);
                different += strcmp(keys[0][i].value, keys[1][i].value) != 0;
            }
            assert_int_equal(different, (latent == SCL_LAW_STUDENT) + (noise == SCL_LAW_STUDENT));
        }
    scl_config_free(&config);
}

/* A text without a law is one of Gaussian laws: plan.csv and the words about a changed plan say so. */
static void left_out_means_gaussian(void **state)
{
    (void)state;
    scl_config config = config_of(STUDY("", "sweep: {model.noise_law: [gaussian, uniform]}\n"));
    scl_error err = {0};
    scl_plan plan;
    scl_table table = {0};
    WELL(scl_plan_new(&plan, &config, &err), &err);
    WELL(scl_plan_table(&table, &plan, &err), &err);
    size_t column = scl_table_column(&table, "model.noise_law");
    assert_string_equal(scl_table_text(&table, 0, column), "gaussian");
    assert_string_equal(scl_table_text(&table, 1, column), "uniform");
    assert_non_null(strstr(plan.identity, "model.noise_law=gaussian,uniform\n"));
    scl_table_free(&table);
    scl_plan_free(&plan);
    scl_config_free(&config);

    config = config_of(STUDY("", ""));
    run_study(&config, "changed", 1);
    scl_config_free(&config);
    static const char *const sets[] = {"model.latent={student: {df: 5}}"};
    config = config_with(STUDY("", ""), sets, 1);
    scl_progress progress = {0};
    size_t resumed = 0;
    scl_study_options options = {.pool = {.workers = 1}, .command = "test"};
    assert_int_equal(scl_study_run(&progress, &resumed, &config, in_root("changed"), &options, &err), SCL_ERR_PLAN);
    assert_non_null(strstr(err.message, "model.latent: there gaussian, now student"));
    assert_non_null(strstr(err.message, "model.latent.student.df: there none, now 5"));
    assert_non_null(strstr(err.message, "sample.sampler: there moments, now data"));
    scl_config_free(&config);
}

/* ---- sweeps ------------------------------------------------------------------------------------------------------ */

static const char *const sweep_study =
    STUDY(", latent: {student: {df: 5}}",
          "sweep:\n"
          "  - model.latent: [gaussian, rademacher, uniform, student]\n"
          "    model.noise_law: [gaussian, rademacher, uniform]\n"
          "    sample.n: [300, inf]\n"
          "  - {model.latent: [student], model.latent.student.df: [3, 8], sample.n: [300]}\n");

static char *export_of(const char *results, const char *text)
{
    scl_config config = config_of(text);
    scl_error err = {0};
    char name[80];
    snprintf(name, sizeof name, "%s.csv", results);
    WELL(export_study(&config, in_root(results), in_root(name), &err), &err);
    scl_config_free(&config);
    return read_bytes(in_root(name), NULL);
}

static void run_text(const char *text, const char *results, size_t workers)
{
    scl_config config = config_of(text);
    run_study(&config, results, workers);
    scl_config_free(&config);
}

static void any_number_of_workers_gives_the_same_bytes(void **state)
{
    (void)state;
    run_text(sweep_study, "one", 1);
    run_text(sweep_study, "three", 3);
    char *one = study_file("one", "laws", "summary.csv"), *three = study_file("three", "laws", "summary.csv");
    assert_string_equal(one, three);
    free(one);
    free(three);
    one = export_of("one", sweep_study);
    three = export_of("three", sweep_study);
    assert_string_equal(one, three);
    free(one);
    free(three);
}

/* Values of one estimator in one cell, all replicates and kinds, in order. */
static size_t values_of(double *values, size_t most, scl_plan *plan, size_t cell, uint32_t estimator)
{
    scl_error err = {0};
    scl_worker worker;
    scl_row rows[6];
    size_t n = 0;
    WELL(scl_worker_new(&worker, plan, &err), &err);
    for (size_t job = plan->first_job[cell]; job < plan->first_job[cell + 1]; job++) {
        size_t n_rows = scl_job_run(rows, &worker, job);
        for (size_t i = 0; i < n_rows; i++)
            if (rows[i].estimator == estimator && n < most) values[n++] = rows[i].values[0];
    }
    scl_worker_free(&worker);
    return n;
}

static size_t find_cell(const scl_config *config, scl_law latent, scl_law_kind noise, double n)
{
    for (size_t c = 0; c < scl_config_cells(config); c++) {
        scl_settings s = scl_config_cell(config, c);
        if (s.model.latent.kind == latent.kind && (latent.kind != SCL_LAW_STUDENT || s.model.latent.df == latent.df) &&
            s.model.noise_law.kind == noise && s.n == n)
            return c;
    }
    fail_msg("no such cell");
    return 0;
}

/* The cells of a sweep have the numbers of the same settings alone: also the Gaussian one, whose bits are those from before laws. */
static void draws_of_other_cells_do_not_move(void **state)
{
    (void)state;
    enum { MOST = 40 };
    static const struct {
        const char *model;
        scl_law latent;
        scl_law_kind noise;
    } cases[] = {
        {STUDY("", ""), {0}, SCL_LAW_GAUSSIAN},
        {STUDY(", latent: uniform, noise_law: rademacher", ""), {SCL_LAW_UNIFORM, 0}, SCL_LAW_RADEMACHER},
        {STUDY(", latent: {student: {df: 5}}", ""), {SCL_LAW_STUDENT, 5}, SCL_LAW_GAUSSIAN},
        {STUDY(", latent: {student: {df: 8}}", ""), {SCL_LAW_STUDENT, 8}, SCL_LAW_GAUSSIAN},
    };
    scl_error err = {0};
    scl_config swept = config_of(sweep_study);
    scl_plan swept_plan;
    WELL(scl_plan_new(&swept_plan, &swept, &err), &err);
    double first[MOST] = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scl_config config = config_of(cases[i].model);
        scl_plan plan;
        WELL(scl_plan_new(&plan, &config, &err), &err);
        size_t cell = find_cell(&swept, cases[i].latent, cases[i].noise, 300);
        for (uint32_t e = 0; e < 3; e++) {
            double alone[MOST], in_sweep[MOST];
            size_t n = values_of(alone, MOST, &plan, 0, e);
            assert_in_range(n, 12, MOST - 1);
            assert_int_equal(values_of(in_sweep, MOST, &swept_plan, cell, e), n);
            assert_memory_equal(alone, in_sweep, n * sizeof *alone);
            if (e == 0 && i == 0) memcpy(first, alone, sizeof first);
            if (e == 0 && i > 0) assert_memory_not_equal(alone, first, 12 * sizeof *alone);
        }
        scl_plan_free(&plan);
        scl_config_free(&config);
    }
    scl_plan_free(&swept_plan);
    scl_config_free(&swept);
}

/* Population values are functions of C alone: the same bits for all laws, in n = inf cells and as the column of finite ones, by
 * pca's and contrastive's rows; n = inf takes any sampler and any law. */
static void populations_do_not_depend_on_laws(void **state)
{
    (void)state;
    scl_error err = {0};
    scl_config config = config_of(sweep_study);
    scl_plan plan;
    WELL(scl_plan_new(&plan, &config, &err), &err);
    for (uint32_t e = 0; e < 2; e++) {
        double reference[2] = {NAN, NAN};
        size_t exact = find_cell(&config, (scl_law){0}, SCL_LAW_GAUSSIAN, INFINITY);
        assert_int_equal(values_of(reference, 2, &plan, exact, e), 1);
        for (size_t c = 0; c < plan.n_cells; c++) {
            double values[40];
            size_t n = values_of(values, 40, &plan, c, e);
            if (plan.cells[c].exact) {
                assert_int_equal(n, 1);
                assert_memory_equal(values, reference, sizeof *values);
            } else { /* replicate 0: the sample, then the population */
                assert_int_equal(n, 13);
                assert_memory_equal(&values[1], reference, sizeof *values);
            }
        }
    }
    scl_plan_free(&plan);
    scl_config_free(&config);
    static const char *const set = "sample={n: inf, sampler: moments}";
    config = config_with(STUDY(", latent: uniform", ""), &set, 1);
    scl_config_free(&config);
}

/* auto's workers have the memory of `data`, which is what they need. */
static void memory_is_that_of_the_sampler(void **state)
{
    (void)state;
    static const char *const samplers[] = {"sample.sampler=auto", "sample.sampler=data"};
    size_t bytes[3];
    for (int i = 0; i < 3; i++) {
        scl_config config = config_with(i < 2 ? STUDY(", noise_law: uniform", "") : STUDY("", ""), &samplers[i % 2], 1);
        scl_plan plan;
        scl_error err = {0};
        WELL(scl_plan_new(&plan, &config, &err), &err);
        assert_int_equal(plan.cells[0].settings.sampler, i < 2 ? SCL_SAMPLER_DATA : SCL_SAMPLER_MOMENTS);
        bytes[i] = scl_worker_bytes(&plan);
        scl_plan_free(&plan);
        scl_config_free(&config);
    }
    assert_int_equal(bytes[0], bytes[1]);
    assert_true(bytes[0] > bytes[2]);
}

/* Judges tell laws apart: each is a family of its own. */
static void laws_are_families_of_their_own(void **state)
{
    (void)state;
    static const char text[] =
        STUDY(", noise_law: {student: {df: 5}}", "sweep: {model.noise_law: [gaussian, uniform, student]}\n");
    run_text(text, "families", 2);
    scl_config config = config_of(text);
    scl_error err = {0};
    scl_table summary = {0};
    scl_evidence_list list = {0};
    WELL(scl_table_read(&summary, in_root("families/laws/summary.csv"), &err), &err);
    WELL(scl_evidence_add(&list, &config, &summary, "summary.csv", scl_claim_find("contrastive-recovery-upper"), &err),
         &err);
    assert_int_equal(list.n, 3);
    assert_null(strstr(list.cells[0].family, "law"));
    assert_non_null(strstr(list.cells[1].family, "noise_law=uniform"));
    assert_non_null(strstr(list.cells[2].family, "noise_law=student noise_law.student.df=5"));
    scl_evidence_free(&list);
    scl_table_free(&summary);
    scl_config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configs_say_laws),
        cmocka_unit_test(allocations_fail),
        cmocka_unit_test(sets_are_refused),
        cmocka_unit_test(texts_and_hashes_are_pinned),
        cmocka_unit_test(keys_are_sorted_and_needed),
        cmocka_unit_test(left_out_means_gaussian),
        cmocka_unit_test(any_number_of_workers_gives_the_same_bytes),
        cmocka_unit_test(draws_of_other_cells_do_not_move),
        cmocka_unit_test(populations_do_not_depend_on_laws),
        cmocka_unit_test(memory_is_that_of_the_sampler),
        cmocka_unit_test(laws_are_families_of_their_own),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
