/* A job is a pure function of (plan, index): the same bits whatever its worker did before, in any order, on any worker, with
 * any other estimators around it; and what goes wrong stays in the row it belongs to. */
#include "study/studies.h"

#include "random/random.h"

/* All sizes and kinds of cells in one plan: d and r up and down, n above and below d, infinite, both samplers. */
static const char *const mixed =
    "name: mixed\nseed: 3\nreplicates: 3\nmodel: {d: 12, r: 2, noise: {profile: linear, ratio: 3}}\nsample: {n: 30}\n"
    "estimators: [pca, contrastive, random, diagonal-deletion, {name: contrastive, id: other, keep-probability: .8}]\n"
    "metrics: [sin-theta-f, audit-violations, cos2, delta-norm-ratio, audit-sampling, top-eigenvalue]\n"
    "sweep: {model.d: [12, 5, 40], model.r: [2, 1, 4], sample.n: [30, 7, inf], sample.sampler: [moments, data]}\n";

typedef struct job_rows {
    scl_row rows[16];
    size_t n;
} job_rows;

static scl_worker worker_of(const scl_plan *plan)
{
    scl_worker worker;
    scl_error err = {0};
    WELL(scl_worker_new(&worker, plan, &err), &err);
    return worker;
}

static scl_plan plan_of(const scl_config *config)
{
    scl_plan plan;
    scl_error err = {0};
    WELL(scl_plan_new(&plan, config, &err), &err);
    return plan;
}

/* Each job by a worker that did nothing before. */
static job_rows *rows_alone(const scl_plan *plan)
{
    job_rows *all = calloc(plan->n_jobs, sizeof *all);
    for (size_t j = 0; j < plan->n_jobs; j++) {
        scl_worker worker = worker_of(plan);
        all[j].n = scl_job_run(all[j].rows, &worker, j);
        scl_worker_free(&worker);
        assert_in_range(all[j].n, 1, scl_job_max_rows(plan));
    }
    return all;
}

static void assert_rows(const scl_plan *plan, const job_rows *expected, const scl_row *rows, size_t n)
{
    assert_int_equal(n, expected->n);
    for (size_t i = 0; i < n; i++)
        if (!same_row(&rows[i], &expected->rows[i], plan->config->n_metrics))
            fail_msg("job %zu, estimator %u: other bits", rows[i].job, rows[i].estimator);
}

/* One worker that meets all jobs in the order index -> (offset + step * index) mod n_jobs. */
static void check_order(const scl_plan *plan, const job_rows *alone, size_t offset, size_t step)
{
    scl_worker worker = worker_of(plan);
    for (size_t i = 0; i < plan->n_jobs; i++) {
        size_t j = (offset + step * i) % plan->n_jobs;
        scl_row rows[16];
        memset(rows, 0xA5, sizeof rows); /* what was there before must not matter */
        size_t n = scl_job_run(rows, &worker, j);
        assert_rows(plan, &alone[j], rows, n);
    }
    scl_worker_free(&worker);
}

static void check_purity(const char *redraw)
{
    scl_config config = config_with(mixed, &redraw, 1);
    scl_plan plan = plan_of(&config);
    job_rows *alone = rows_alone(&plan);
    check_order(&plan, alone, 0, 1);
    check_order(&plan, alone, plan.n_jobs - 1, plan.n_jobs - 1); /* backwards */
    check_order(&plan, alone, 5, 53);
    check_order(&plan, alone, 1, 61); /* 162 = 2 3^4 jobs: no common factor, so every job is met */
    size_t failed = 0, rows = 0;
    for (size_t j = 0; j < plan.n_jobs; j++)
        for (size_t i = 0; i < alone[j].n; i++, rows++) failed += alone[j].rows[i].status == SCL_ROW_FAILED;
    assert_int_equal(failed, 0);
    assert_true(rows > plan.n_jobs);
    free(alone);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

static void a_job_does_not_depend_on_what_ran_before(void **state)
{
    (void)state;
    check_purity("redraw=cell");
    check_purity("redraw=replicate");
    assert_int_equal(scl_memory_live(), 0);
}

/* The rows of the estimator with that id, in every job of both plans. */
static void check_estimator_kept(const scl_plan *few, const scl_plan *many, size_t in_few, size_t in_many)
{
    job_rows *left = rows_alone(few), *right = rows_alone(many);
    assert_int_equal(few->n_jobs, many->n_jobs);
    for (size_t j = 0; j < few->n_jobs; j++) {
        size_t kept = 0, found = 0;
        for (size_t i = 0; i < left[j].n; i++) {
            if (left[j].rows[i].estimator != in_few) continue;
            kept++;
            for (size_t k = 0; k < right[j].n; k++) {
                scl_row row = right[j].rows[k];
                if (row.estimator != in_many || row.kind != left[j].rows[i].kind) continue;
                row.estimator = (uint32_t)in_few;
                assert_true(same_row(&row, &left[j].rows[i], few->config->n_metrics));
                found++;
            }
        }
        assert_int_equal(kept, found);
    }
    free(left);
    free(right);
}

/* random draws numbers of its own: they are named by its name and options, not by its place in the list. */
static void an_added_estimator_leaves_the_others_alone(void **state)
{
    (void)state;
    const char *two[] = {"estimators=[contrastive, random]"},
               *many[] = {"estimators=[{name: random, id: again}, oracle, random, pca, contrastive]"};
    scl_config a = config_with(mixed, two, 1), b = config_with(mixed, many, 1);
    scl_plan few = plan_of(&a), more = plan_of(&b);
    check_estimator_kept(&few, &more, 0, 4);
    check_estimator_kept(&few, &more, 1, 2);
    check_estimator_kept(&few, &more, 1, 0);
    scl_plan_free(&few);
    scl_plan_free(&more);
    scl_config_free(&a);
    scl_config_free(&b);
}

/* So are fixed masks; contrastive with averaged ones draws nothing. */
static void added_masks_leave_the_others_alone(void **state)
{
    (void)state;
    const char *two[] = {"estimators=[contrastive, {name: contrastive, id: k, masks: 2}]"},
               *many[] = {
                   "estimators=[{name: contrastive, id: same, masks: 2}, {name: contrastive, id: one, masks: 1}, "
                   "contrastive, {name: contrastive, id: halves, masks: 2, mask-law: half}]"};
    scl_config a = config_with(mixed, two, 1), b = config_with(mixed, many, 1);
    scl_plan few = plan_of(&a), more = plan_of(&b);
    check_estimator_kept(&few, &more, 0, 2);
    check_estimator_kept(&few, &more, 1, 0);
    job_rows *alone = rows_alone(&more);
    for (size_t e = 1; e < 4; e++) assert_true(alone[0].rows[0].values[0] != alone[0].rows[e].values[0]);
    free(alone);
    scl_plan_free(&few);
    scl_plan_free(&more);
    scl_config_free(&a);
    scl_config_free(&b);
}

/* Replicates, cells and streams are distinct where they must be, and U is shared where it must be. */
static void draws_differ_where_they_should(void **state)
{
    (void)state;
    scl_config config = config_of("name: x\nreplicates: 3\nmodel: {d: 12, r: 2}\nsample: {n: 30}\n"
                                  "estimators: [pca, random]\nmetrics: [sin-theta-f]\n"
                                  "sweep: {sample.n: [30, 31]}\n");
    scl_plan plan = plan_of(&config);
    job_rows *alone = rows_alone(&plan);
    for (size_t i = 0; i < plan.n_jobs; i++)
        for (size_t j = 0; j < i; j++)
            for (size_t e = 0; e < 2; e++) assert_true(alone[i].rows[e].values[0] != alone[j].rows[e].values[0]);
    scl_worker worker = worker_of(&plan);
    scl_row rows[16];
    double U[24];
    (void)scl_job_run(rows, &worker, 0);
    memcpy(U, worker.storage.U.data, sizeof U);
    (void)scl_job_run(rows, &worker, plan.n_jobs - 1);
    assert_memory_equal(U, worker.storage.U.data, sizeof U);
    scl_worker_free(&worker);
    free(alone);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

/* Metrics of the model are evaluated once for a model: whatever the worker did before, the rows have what a model drawn for itself
 * has, one value for all estimators; with `redraw: replicate` another one in each replicate; n = inf is not their n. */
static void metrics_of_the_model(void **state)
{
    (void)state;
    static const char *const redraws[] = {"redraw=cell", "redraw=replicate"};
    for (size_t redraw = 0; redraw < 2; redraw++) {
        scl_config config =
            config_with("name: x\nreplicates: 3\nmodel: {d: 12, r: 1, noise: {profile: uniform}}\nsample: {n: 30}\n"
                        "estimators: [pca, random]\n"
                        "metrics: [eigengap, sin-theta-f, incoherence, condition, holds-a4]\n"
                        "sweep: {model.d: [12, 20], sample.n: [9, 30]}\n",
                        &redraws[redraw], 1);
        scl_plan plan = plan_of(&config);
        job_rows *alone = rows_alone(&plan);
        check_order(&plan, alone, 0, 1);
        check_order(&plan, alone, plan.n_jobs - 1, plan.n_jobs - 1);
        check_order(&plan, alone, 3, 5);
        for (size_t j = 0; j < plan.n_jobs; j++) {
            scl_job job = scl_plan_job(&plan, j);
            const scl_cell *cell = &plan.cells[job.cell];
            scl_error err = {0};
            scl_model model;
            scl_arena ws;
            size_t d = cell->settings.model.d;
            WELL(scl_model_new(&model, d, 1, &err), &err);
            WELL(scl_arena_new(&ws, scl_model_workspace(d, 1) + config.metrics[0]->workspace(d, 1), &err), &err);
            WELL(scl_model_draw(&model, &cell->settings.model, config.seed, cell->loadings_text, cell->noise_text,
                                redraw ? job.replicate : 0, &ws, &err),
                 &err);
            for (size_t i = 0; i < alone[j].n; i++) {
                const scl_row *row = &alone[j].rows[i];
                scl_sample sample = {.n = row->kind == SCL_ROW_POPULATION ? INFINITY : cell->settings.n,
                                     .model = &model};
                for (size_t m = 0; m < 5; m++) {
                    double value = NAN;
                    if (m == 1) continue;
                    WELL(config.metrics[m]->evaluate(&value, NULL, &sample, &ws, &err), &err);
                    assert_true(row->values[m] == value);
                }
            }
            double first =
                alone[j - j % 3].rows[0].values[0]; /* of replicate 0 of the cell: jobs go replicate by replicate */
            assert_true(job.replicate == 0 || (alone[j].rows[0].values[0] != first) == (redraw == 1));
            scl_arena_free(&ws);
            scl_model_free(&model);
        }
        free(alone);
        scl_plan_free(&plan);
        scl_config_free(&config);
    }
}

/* A value is the same whatever is measured beside it, and where it stands: metrics that share their work are computed together. */
static void metrics_do_not_depend_on_each_other(void **state)
{
    (void)state;
    scl_config all = config_of(mixed);
    scl_plan plan = plan_of(&all);
    job_rows *together = rows_alone(&plan);
    for (size_t m = 0; m < all.n_metrics; m++) {
        char set[64];
        const char *sets[] = {set};
        snprintf(set, sizeof set, "metrics=[%s]", all.metrics[m]->name);
        scl_config one = config_with(mixed, sets, 1);
        scl_plan plan_of_one = plan_of(&one);
        job_rows *alone = rows_alone(&plan_of_one);
        size_t finite = 0;
        for (size_t j = 0; j < plan.n_jobs; j++)
            for (size_t i = 0; i < alone[j].n; i++) {
                finite += isfinite(alone[j].rows[i].values[0]);
                assert_memory_equal(&alone[j].rows[i].values[0], &together[j].rows[i].values[m], sizeof(double));
            }
        assert_true(finite > plan.n_jobs);
        free(alone);
        scl_plan_free(&plan_of_one);
        scl_config_free(&one);
    }
    free(together);
    scl_plan_free(&plan);
    scl_config_free(&all);
}

/* ---- estimators that misbehave ----------------------------------------------------------------------------------- */

/* Fails on samples whose first mean is negative, and leaves rubbish behind: in Q, in the arena, in info. */
static scl_status fit_or_fail(scl_representation *out, scl_fit_info *info, const scl_sample *sample,
                              const double *options, scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    for (size_t i = 0; i < out->Q.rows * out->Q.cols; i++) out->Q.data[i] = NAN;
    ws->used = ws->size;
    info->status = SCL_FIT_UNCONVERGED;
    if (sample->mean[0] < 0)
        return scl_error_set(err, SCL_ERR_LAPACK,
                             "planted failure, with a message so long that a row cannot hold it: "
                             "%0200d",
                             7);
    ws->used = 0;
    scl_matrix_copy(out->Q, sample->model->U);
    out->values[0] = out->scale[0] = 1;
    return SCL_OK;
}

static const scl_estimator moody = {
    .name = "pca", .summary = "", .source = "", .workspace = no_workspace, .fit = fit_or_fail};

static void a_failure_stays_in_its_row(void **state)
{
    (void)state;
    scl_config config = config_of("name: x\nreplicates: 20\nmodel: {d: 6, r: 1}\nsample: {n: 9}\n"
                                  "estimators: [contrastive, pca, random]\nmetrics: [sin-theta-f, top-eigenvalue]\n");
    scl_plan plan = plan_of(&config);
    job_rows *well = rows_alone(&plan);
    config.estimators[1].estimator = &moody;
    job_rows *ill = rows_alone(&plan);
    check_order(&plan, ill, 3, 7);
    size_t failed = 0, unconverged = 0;
    for (size_t j = 0; j < plan.n_jobs; j++) {
        assert_int_equal(ill[j].n, well[j].n);
        for (size_t i = 0; i < ill[j].n; i++) {
            const scl_row *row = &ill[j].rows[i];
            if (row->estimator != 1) {
                assert_true(same_row(row, &well[j].rows[i], 2));
            } else if (row->status == SCL_ROW_FAILED) {
                failed++;
                assert_int_equal(strlen(row->message), 159);
                assert_int_equal(strncmp(row->message, "planted failure", 15), 0);
                assert_true(isnan(row->values[0]) && isnan(row->values[1]));
            } else {
                unconverged++;
                assert_int_equal(row->status, SCL_ROW_UNCONVERGED);
                assert_string_equal(row->message, "");
                assert_true(row->values[0] < 1e-7);
            }
        }
    }
    assert_int_equal(failed + unconverged, 20 + 1); /* and the population row, whose mean is 0 */
    assert_true(failed > 0 && unconverged > 1);
    free(well);
    free(ill);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

static scl_status fit_nothing(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                              scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options;
    (void)stream;
    (void)ws;
    (void)err;
    scl_matrix_copy(out->Q, sample->model->U);
    out->Q.data[3] = sample->mean[0] < 0 ? NAN : INFINITY;
    out->values[0] = out->scale[0] = 1;
    info->status = SCL_FIT_OK;
    return SCL_OK;
}

static const scl_estimator nothing = {
    .name = "pca", .summary = "", .source = "", .workspace = no_workspace, .fit = fit_nothing};

/* A fit that is not finite has failed; its NaN would pass for a metric that does not apply. */
static void a_fit_that_is_not_finite_has_failed(void **state)
{
    (void)state;
    scl_config config = config_of("name: x\nreplicates: 20\nmodel: {d: 6, r: 1}\nsample: {n: 9}\n"
                                  "estimators: [pca]\nmetrics: [sin-theta-f, top-eigenvalue]\n");
    scl_plan plan = plan_of(&config);
    config.estimators[0].estimator = &nothing;
    job_rows *rows = rows_alone(&plan);
    for (size_t j = 0; j < plan.n_jobs; j++)
        for (size_t i = 0; i < rows[j].n; i++) {
            assert_int_equal(rows[j].rows[i].status, SCL_ROW_FAILED);
            assert_string_equal(rows[j].rows[i].message, "pca: the fit is not finite");
            assert_true(isnan(rows[j].rows[i].values[1]));
        }
    free(rows);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

static void a_worker_needs_the_bytes_it_says(void **state)
{
    (void)state;
    scl_config config = config_of(mixed);
    scl_plan plan = plan_of(&config);
    size_t live = scl_memory_live();
    for (size_t k = 1; k <= 8; k++) {
        scl_worker worker;
        scl_error err = {0};
        scl_memory_fail_at(k);
        assert_int_equal(scl_worker_new(&worker, &plan, &err), SCL_ERR_MEMORY);
        scl_memory_fail_at(0);
        assert_int_equal(scl_memory_live(), live);
    }
    /* U, Q, sigma2, mean, S, values, scale of the largest cell */
    assert_true(scl_worker_bytes(&plan) >= 8 * (2 * 40 * 4 + 2 * 40 + 40 * 40 + 2 * 4));
    scl_plan_free(&plan);
    scl_config_free(&config);
}

/* No job allocates: the fault that would hit the next allocation is still waiting after all jobs ran. */
static void jobs_do_not_allocate(void **state)
{
    (void)state;
    scl_config config = config_of(mixed);
    scl_plan plan = plan_of(&config);
    job_rows *alone = rows_alone(&plan);
    scl_worker worker = worker_of(&plan);
    scl_memory_fail_at(1);
    for (size_t j = 0; j < plan.n_jobs; j++) {
        scl_row rows[16];
        size_t n = scl_job_run(rows, &worker, j);
        assert_rows(&plan, &alone[j], rows, n);
    }
    scl_error err = {0};
    assert_null(scl_alloc(1, 1, &err));
    scl_memory_fail_at(0);
    scl_worker_free(&worker);
    free(alone);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_does_not_depend_on_what_ran_before),
        cmocka_unit_test(an_added_estimator_leaves_the_others_alone),
        cmocka_unit_test(added_masks_leave_the_others_alone),
        cmocka_unit_test(draws_differ_where_they_should),
        cmocka_unit_test(metrics_of_the_model),
        cmocka_unit_test(metrics_do_not_depend_on_each_other),
        cmocka_unit_test(a_failure_stays_in_its_row),
        cmocka_unit_test(a_fit_that_is_not_finite_has_failed),
        cmocka_unit_test(a_worker_needs_the_bytes_it_says),
        cmocka_unit_test(jobs_do_not_allocate),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
