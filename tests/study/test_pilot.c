/* A pilot: draws of its own, the same ones each time, and replicates that a run then comes to. */
#include "study/studies.h"

#include "random/random.h"
#include "study/pilot.h"

static const char *const study = "name: pilot\nseed: 5\nreplicates: 10\nmodel: {d: 12, r: 2}\n"
                                 "estimators: [pca, contrastive, random]\nmetrics: [sin-theta-f]\n"
                                 "sweep: {sample.n: [40, 160, inf]}\n"
                                 "precision: {metric: sin-theta-f, mcse: .01, max_replicates: 5000}\n";

static scl_plan plan_of(const scl_config *config)
{
    scl_plan plan;
    scl_error err = {0};
    WELL(scl_plan_new(&plan, config, &err), &err);
    return plan;
}

/* ---- draws ------------------------------------------------------------------------------------------------------- */

static void check_draws(const char *redraw)
{
    enum { JOBS = 10 };
    scl_error err = {0};
    scl_config config = config_with(study, &redraw, 1);
    scl_plan plan = plan_of(&config);
    scl_worker worker;
    scl_row jobs[JOBS][6], pilot[JOBS][6], again[6];
    WELL(scl_worker_new(&worker, &plan, &err), &err);
    for (uint32_t k = 0; k < JOBS; k++) {
        size_t n = scl_job_pilot(pilot[k], &worker, (scl_job){0, k});
        assert_int_equal(scl_job_run(jobs[k], &worker, k), n);
        assert_int_equal(scl_job_pilot(again, &worker, (scl_job){0, k}), n);
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(again[i].status, SCL_ROW_OK);
            assert_true(again[i].values[0] == pilot[k][i].values[0]);
        }
    }
    for (size_t a = 0; a < JOBS; a++) /* no sample value of a pilot is one of a job, of any replicate or estimator */
        for (size_t b = 0; b < JOBS; b++)
            for (size_t e = 0; e < 3; e++) assert_true(pilot[a][e].values[0] != jobs[b][e].values[0]);
    scl_worker_free(&worker);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

static void a_pilot_shares_no_draw_with_the_study(void **state)
{
    (void)state;
    check_draws("redraw=cell");
    check_draws("redraw=replicate");
    assert_string_equal(scl_role_name(SCL_ROLE_PILOT), "PILOT");
    assert_int_equal(scl_memory_live(), 0);
}

/* ---- what it expects --------------------------------------------------------------------------------------------- */

/* The pilot's sd^2 has a relative standard error of sqrt((kurtosis - 1)/m), below sqrt(3/m) for the laws here (random's, between
 * 0 and sqrt 2, and nearly normal ones). A total that a run settles at is the first for which ITS sd^2 is small enough. With m = 2000
 * and z = 5 the two differ by a doubling only where (sd/mcse)^2 of the whole lies within 1 +- 5 (sqrt(3/2000) + sqrt(3/N)) of
 * a total N, which is looked at. */
static void a_run_comes_to_what_the_pilot_expects(void **state)
{
    (void)state;
    enum { PILOT = 2000 };
    scl_error err = {0};
    scl_config config = config_of(study);
    scl_plan plan = plan_of(&config);
    scl_pilot pilot, again;
    WELL(scl_pilot_run(&pilot, &plan, PILOT, INFINITY, &err), &err);
    WELL(scl_pilot_run(&again, &plan, PILOT, INFINITY, &err), &err);
    run_study(&config, "runs", 2);
    char path[] = "runs/pilot/plan.csv";
    scl_table table = {0}, summary = {0};
    WELL(scl_table_read(&table, in_root(path), &err), &err);
    WELL(scl_table_read(&summary, in_root("runs/pilot/summary.csv"), &err), &err);
    size_t jobs = scl_table_column(&table, "jobs"), sd = scl_table_column(&summary, "sd");
    double sum = 0;
    for (size_t c = 0; c < plan.n_cells; c++) {
        double actual = scl_table_number(&table, c, jobs), expected = (double)pilot.cells[c].replicates, needed = 0;
        assert_int_equal(pilot.cells[c].replicates, again.cells[c].replicates);
        assert_false(pilot.cells[c].capped);
        sum += expected;
        if (plan.cells[c].exact) {
            assert_true(expected == actual);
            continue;
        }
        for (size_t row = 3 * c; row < 3 * c + 3; row++)
            needed = fmax(needed, pow(scl_table_number(&summary, row, sd) / .01, 2));
        double slack = 5 * (sqrt(3. / PILOT) + sqrt(3. / needed));
        print_message("cell %zu: needs %.0f, expected %.0f, came to %.0f\n", c, needed, expected, actual);
        assert_true(expected >= needed * (1 - slack));
        assert_true(expected / 2 <= needed * (1 + slack));
        assert_true(expected / 2 <= actual && actual <= expected * 2);
    }
    assert_true(pilot.jobs == sum);
    assert_int_equal(pilot.n_reached, plan.n_cells);
    assert_int_equal(pilot.n_said, plan.n_cells);
    assert_true(pilot.worker_s > 0);
    scl_table_free(&table);
    scl_table_free(&summary);
    scl_pilot_free(&pilot);
    scl_pilot_free(&again);
    scl_plan_free(&plan);
    scl_config_free(&config);
    assert_int_equal(scl_memory_live(), 0);
}

static void too_few_replicates_are_told(void **state)
{
    (void)state;
    const char *sharp = "precision.mcse=1e-6";
    scl_error err = {0};
    scl_config config = config_with(study, &sharp, 1);
    scl_plan plan = plan_of(&config);
    scl_pilot pilot;
    WELL(scl_pilot_run(&pilot, &plan, 20, INFINITY, &err), &err);
    assert_true(pilot.cells[0].capped && pilot.cells[1].capped && !pilot.cells[2].capped);
    assert_int_equal(pilot.cells[0].replicates, 5000);
    assert_int_equal(pilot.cells[2].replicates, 10);
    scl_pilot_free(&pilot);
    /* no standard deviation, no word on replicates */
    WELL(scl_pilot_run(&pilot, &plan, 1, INFINITY, &err), &err);
    assert_int_equal(pilot.cells[0].replicates, 0);
    assert_true(pilot.cells[0].first_s > 0);
    assert_true(pilot.jobs == 30);
    scl_pilot_free(&pilot);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

/* Without time left one replicate of one cell is run, and the others count like it. */
static void a_budget_ends_it(void **state)
{
    (void)state;
    const char *sets[] = {"sweep={sample.n: {linear: [40, 1039, 1000]}}"};
    scl_error err = {0};
    scl_config config = config_with(study, sets, 1);
    scl_plan plan = plan_of(&config);
    scl_pilot pilot;
    WELL(scl_pilot_run(&pilot, &plan, 20, 0, &err), &err);
    assert_int_equal(pilot.n_reached, 1);
    assert_int_equal(pilot.n_said, 0);
    assert_int_equal(pilot.cells[0].n_run, 1);
    assert_true(pilot.jobs == 10000);
    assert_true(fabs(pilot.worker_s / (10000 * pilot.cells[0].first_s) - 1) < 1e-9);
    scl_pilot_free(&pilot);
    /* and with enough of it every cell is reached once */
    WELL(scl_pilot_run(&pilot, &plan, 2, INFINITY, &err), &err);
    assert_int_equal(pilot.n_reached, 1000);
    assert_int_equal(pilot.n_said, 1000);
    for (size_t c = 0; c < 1000; c++) assert_int_equal(pilot.cells[c].n_run, 2);
    scl_pilot_free(&pilot);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    scl_config config = config_of(study);
    scl_plan plan = plan_of(&config);
    size_t live = scl_memory_live(), k = 1;
    for (bool done = false; !done; k++) {
        scl_pilot pilot;
        scl_error err = {0};
        scl_memory_fail_at(k);
        scl_status status = scl_pilot_run(&pilot, &plan, 2, INFINITY, &err);
        scl_memory_fail_at(0);
        if (status == SCL_OK) scl_pilot_free(&pilot);
        if (status != SCL_OK) assert_int_equal(status, SCL_ERR_MEMORY);
        assert_int_equal(scl_memory_live(), live);
        done = status == SCL_OK;
    }
    assert_true(k > 5);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pilot_shares_no_draw_with_the_study),
        cmocka_unit_test(a_run_comes_to_what_the_pilot_expects),
        cmocka_unit_test(too_few_replicates_are_told),
        cmocka_unit_test(a_budget_ends_it),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
