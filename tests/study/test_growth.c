/* A finished study that grows: replicates, cells and estimators that are added run alone, wherever they stand in the config, and
 * the summary is that of a fresh run, to the byte. Fits are counted by an estimator that counts. */
#include "study/studies.h"

#include <stdatomic.h>
#include <time.h>

static atomic_size_t fits;
static atomic_bool slow; /* 5 ms for each fit */

static scl_status fit_and_count(scl_representation *out, scl_fit_info *info, const scl_sample *sample,
                                const double *options, scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    (void)ws;
    (void)err;
    const struct timespec pause = {.tv_nsec = 5000000};
    fits++;
    if (slow) nanosleep(&pause, NULL);
    scl_matrix_copy(out->Q, sample->model->U);
    for (size_t k = 0; k < out->Q.cols; k++) out->values[k] = 1 + sample->mean[k] * sample->mean[k];
    info->status = SCL_FIT_OK;
    return SCL_OK;
}

static const scl_estimator counted = {
    .name = "counted", .summary = "", .source = "", .workspace = no_workspace, .fit = fit_and_count};

/* Cells of finite n: one fit for each replicate and one for the population; the cell of infinite n: one. pca is the counter. */
static const char *const base = "name: grow\nseed: 5\nreplicates: 6\nmodel: {d: 8, r: 2}\nsample: {n: 50}\n"
                                "estimators: [pca, contrastive]\nmetrics: [sin-theta-f, top-eigenvalue]\n"
                                "sweep: {model.nu: [1, 3], sample.n: [50, 70]}\n";

static scl_config grown(const char *const *sets, size_t n_sets)
{
    scl_config config = config_with(base, sets, n_sets);
    for (size_t e = 0; e < config.n_estimators; e++)
        if (strcmp(config.estimators[e].estimator->name, "pca") == 0) config.estimators[e].estimator = &counted;
    return config;
}

typedef struct growth {
    const char *sets[3];
    size_t jobs, done_before, part_before,
        fits; /* of the larger study; whole and in part before; of the counter in the run */
} growth;

static const growth growths[] = {
    {{"replicates=6"}, 24, 24, 0, 0},
    {{"replicates=10"}, 40, 24, 0, 4 * 4},
    {{"sweep={model.nu: [1, 3], sample.n: [50, 70, 90]}"}, 36, 24, 0, 2 * 7},
    /* in the middle of the product, before everything, and in another order */
    {{"sweep={model.nu: [1, 2, 3], sample.n: [50, 60, 70]}"}, 54, 24, 0, 5 * 7},
    {{"sweep={sample.n: [inf, 70, 50], model.nu: [.5, 3, 1]}"}, 6 * 6 + 3, 24, 0, 2 * 7 + 3},
    {{"sweep={sample.n: [70, 50], model.nu: [3, 1]}"}, 24, 24, 0, 0},
    /* two blocks, the old cells spread over them */
    {{"sweep=[{model.nu: [3], sample.n: [50, 60]}, {model.nu: [1], sample.n: [70, 50]}, {model.nu: [3], sample.n: "
      "[70]}]"},
     30,
     24,
     0,
     7},
    /* estimators: the others' fits are not repeated */
    {{"estimators=[pca, contrastive, diagonal-deletion]"}, 24, 0, 24, 0},
    {{"estimators=[random, contrastive, pca]"}, 24, 0, 24, 0},
    {{"estimators=[{name: contrastive, id: other, lambda: 3}, contrastive, pca]"}, 24, 0, 24, 0},
    /* another id, and a second id of the same estimator, are the same rows */
    {{"estimators=[{name: contrastive, id: renamed}, pca]"}, 24, 24, 0, 0},
    {{"estimators=[{name: contrastive, id: twice}, pca, contrastive]"}, 24, 24, 0, 0},
    {{"estimators=[{name: pca, id: twice}, contrastive, pca]", "replicates=7"}, 28, 24, 0, 2 * 4},
    /* everything at once */
    {{"estimators=[oracle, pca, contrastive, random]", "replicates=8",
      "sweep={model.nu: [2, 1, 3], sample.n: [50, 60, 70]}"},
     72,
     0,
     24,
     4 * 2 + 5 * 9},
    /* words that make no row */
    {{"compare=[[contrastive, pca]]", "question=why", "claims=[contrastive-recovery-upper]"}, 24, 24, 0, 0},
};

static size_t count_sets(const growth *g)
{
    size_t n = 0;
    while (n < 3 && g->sets[n]) n++;
    return n;
}

static char *run_grown(const growth *g, const char *results, bool fresh, scl_progress *progress, size_t *resumed)
{
    scl_error err = {0};
    scl_config config = grown(g ? g->sets : NULL, g ? count_sets(g) : 0);
    scl_study_options options = {.pool = {.workers = 2}, .fresh = fresh, .command = "test"};
    fits = 0;
    WELL(scl_study_run(progress, resumed, &config, in_root(results), &options, &err), &err);
    scl_config_free(&config);
    return study_file(results, "grow", "summary.csv");
}

static void what_is_added_runs_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof growths / sizeof *growths; i++) {
        const growth *g = &growths[i];
        scl_progress progress = {0};
        size_t resumed = 0;
        remove_tree(in_root("runs"));
        remove_tree(in_root("anew"));
        char *before = run_grown(NULL, "runs", false, &progress, &resumed);
        assert_int_equal(fits, 4 * 7);
        char *after = run_grown(g, "runs", false, &progress, &resumed);
        size_t more_fits = fits;
        if (progress.total != g->jobs || resumed != g->done_before || progress.part_before != g->part_before ||
            progress.done_now != g->jobs - g->done_before || more_fits != g->fits)
            fail_msg("%s: %zu jobs, %zu there, %zu in part, %zu run, %zu fits", g->sets[0], progress.total, resumed,
                     progress.part_before, progress.done_now, more_fits);
        char *anew = run_grown(g, "anew", false, &progress, &resumed);
        assert_int_equal(resumed, 0);
        assert_string_equal(after, anew);
        static const char *const files[] = {"plan.csv", "config.yaml"};
        for (size_t k = 0; k < 2; k++) {
            char *grown_file = study_file("runs", "grow", files[k]), *new_file = study_file("anew", "grow", files[k]);
            assert_string_equal(grown_file, new_file);
            free(grown_file);
            free(new_file);
        }
        free(before);
        free(after);
        free(anew);
    }
    assert_int_equal(scl_memory_live(), 0);
}

/* Growing by steps, every step on what the last one left. */
static void growth_upon_growth(void **state)
{
    (void)state;
    static const growth steps[] = {
        {{"sweep={sample.n: [70]}"}, 0, 0, 0, 0},
        {{"sweep={sample.n: [60, 70]}", "estimators=[random, pca, contrastive]"}, 0, 0, 0, 0},
        {{"sweep={sample.n: [60, 70, inf]}", "estimators=[random, pca, contrastive]", "replicates=9"}, 0, 0, 0, 0},
        {{"sweep={model.d: [8, 6], sample.n: [50, 60, 70, inf]}", "estimators=[oracle, random, pca, contrastive]",
          "replicates=9"},
         0,
         0,
         0,
         0},
    };
    remove_tree(in_root("runs"));
    for (size_t i = 0; i < 4; i++) {
        scl_progress progress = {0};
        size_t resumed = 0;
        char *after = run_grown(&steps[i], "runs", false, &progress, &resumed);
        remove_tree(in_root("anew"));
        char *anew = run_grown(&steps[i], "anew", false, &progress, &resumed);
        assert_string_equal(after, anew);
        free(after);
        free(anew);
    }
    assert_int_equal(scl_memory_live(), 0);
}

/* A finished study that grows, and is stopped before it is finished again; what its summary is then, and of what config. */
static void grow_and_stop(scl_config *config, scl_table *summary, const growth *larger)
{
    scl_progress progress = {0};
    size_t resumed = 0;
    remove_tree(in_root("runs"));
    free(run_grown(NULL, "runs", false, &progress, &resumed));
    volatile sig_atomic_t stop = 1;
    scl_error err = {0};
    *config = grown(larger->sets, count_sets(larger));
    scl_study_options options = {.pool = {.workers = 1, .stop = &stop}, .command = "test"};
    slow = true; /* the stop is seen before the last of 30 new jobs */
    WELL(scl_study_run(&progress, &resumed, config, in_root("runs"), &options, &err), &err);
    slow = false;
    assert_true(progress.done < progress.total);
    char *path = NULL;
    WELL(scl_study_read_summary(summary, &path, config, in_root("runs"), &err), &err);
    scl_free(path);
}

/* A stop in the middle of growing: the folder says of what it is, and its summary does not number other cells. */
static void a_stop_while_growing_leaves_no_false_summary(void **state)
{
    (void)state;
    static const growth larger = {{"sweep={model.nu: [1, 2, 3], sample.n: [50, 60, 70]}"}, 0, 0, 0, 0};
    scl_config config;
    scl_table summary = {0};
    grow_and_stop(&config, &summary, &larger);
    size_t cell = scl_table_column(&summary, "cell"), nu = scl_table_column(&summary, "model.nu"), incomplete = 0;
    for (size_t i = 0; i < summary.n_rows; i++) {
        scl_settings settings = scl_config_cell(&config, (size_t)scl_table_number(&summary, i, cell));
        assert_true(settings.model.nu == scl_table_number(&summary, i, nu));
        incomplete += strcmp(scl_table_text(&summary, i, scl_table_column(&summary, "status")), "incomplete") == 0;
    }
    assert_int_equal(summary.n_rows, 9 * 4);
    assert_true(incomplete > 0);
    scl_table_free(&summary);
    scl_config_free(&config);
    assert_int_equal(scl_memory_live(), 0);
}

/* Nor does it show one estimator under the id of another: here they change their ids when a third is added. */
static void a_stop_while_growing_keeps_ids_apart(void **state)
{
    (void)state;
    static const growth larger = {
        {"estimators=[{name: contrastive, id: pca}, {name: pca, id: contrastive}, oracle]", "replicates=16"},
        0,
        0,
        0,
        0};
    scl_config config;
    scl_table summary = {0};
    grow_and_stop(&config, &summary, &larger);
    size_t estimator = scl_table_column(&summary, "estimator"), metric = scl_table_column(&summary, "metric");
    size_t population = scl_table_column(&summary, "population");
    assert_int_equal(summary.n_rows, 4 * 3 * 2);
    for (size_t i = 0; i < summary.n_rows; i++) {
        if (strcmp(scl_table_text(&summary, i, metric), "sin-theta-f") != 0) continue;
        /* the counter, of pca's name, returns U */
        const char *id = scl_table_text(&summary, i, estimator);
        if (strcmp(id, "contrastive") == 0) assert_true(scl_table_number(&summary, i, population) < 1e-7);
        if (strcmp(id, "pca") == 0) assert_true(scl_table_number(&summary, i, population) > 1e-3);
    }
    scl_table_free(&summary);
    scl_config_free(&config);
    assert_int_equal(scl_memory_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_added_runs_alone),
        cmocka_unit_test(growth_upon_growth),
        cmocka_unit_test(a_stop_while_growing_leaves_no_false_summary),
        cmocka_unit_test(a_stop_while_growing_keeps_ids_apart),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
