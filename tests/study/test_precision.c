/* Precision: a cell has as many replicates as its stored values ask for, whatever order, kill, resume or earlier run they come
 * from. The reference is the same study with fixed totals: its summaries say which total is the first that is precise, and what
 * the lines of that total are. */
#include "study/studies.h"

#include "study/pilot.h"
#include "study/precision.h"

#include <signal.h>

/* 4 cells; random draws numbers of its own and has no eigenvalue; the metric's mcse differs between cells and estimators. */
#define BODY                                                                                                           \
    "seed: 7\nmodel: {d: 8, r: 2, noise: {profile: linear, ratio: 2}}\nsample: {n: 50}\n"                              \
    "estimators: [pca, contrastive, random]\nmetrics: [top-eigenvalue, sin-theta-f]\ncompare: [[contrastive, pca]]\n"  \
    "sweep: {model.nu: [1, 2], sample.n: [50, inf]}\n"
static const char *const fixed = "name: small\nreplicates: 6\n" BODY;
static const char *const precise =
    "name: small\nreplicates: 6\n" BODY "precision: {metric: sin-theta-f, mcse: .03, max_replicates: 100}\n";
enum { R0 = 6, MOST = 100, N_CELLS = 4 };

static char *summary_of(const char *text, const char *const *sets, size_t n_sets, const char *results, size_t workers)
{
    scl_config config = config_with(text, sets, n_sets);
    run_study(&config, results, workers);
    scl_config_free(&config);
    return study_file(results, "small", "summary.csv");
}

static scl_table table_in(const char *results, const char *name)
{
    char path[200];
    scl_table table = {0};
    scl_error err = {0};
    snprintf(path, sizeof path, "%s/small/%s", results, name);
    WELL(scl_table_read(&table, in_root(path), &err), &err);
    return table;
}

/* ---- the reference ----------------------------------------------------------------------------------------------- */

/* Whether all estimators' lines of the metric in a cell are at most `mcse`. */
static bool table_is_precise(const scl_table *table, size_t cell, double mcse)
{
    size_t metric = scl_table_column(table, "metric"), own = scl_table_column(table, "mcse");
    bool precise_here = true;
    for (size_t row = 0; row < table->n_rows; row++) {
        if ((size_t)scl_table_number(table, row, 1) != cell) continue;
        if (strcmp(scl_table_text(table, row, metric), "sin-theta-f") != 0) continue;
        if (!(scl_table_number(table, row, own) <= mcse)) precise_here = false;
    }
    return precise_here;
}

static bool is_exact_cell(size_t cell)
{
    return cell % 2 == 1; /* n = inf is the second value of the fast axis */
}

/* Lines of a cell in one table are those of the other, texts and all. */
static void assert_same_cell(const scl_table *a, const scl_table *b, size_t cell)
{
    assert_int_equal(a->n_rows, b->n_rows);
    for (size_t row = 0; row < a->n_rows; row++) {
        if ((size_t)scl_table_number(a, row, 1) != cell) continue;
        for (size_t c = 0; c < a->n_columns; c++)
            assert_string_equal(scl_table_text(a, row, c), scl_table_text(b, row, c));
    }
}

/* Compares a summary under precision with those of fixed totals 6, 12, ..., 96, 100. Returns the sum of all totals. */
static size_t assert_first_precise_totals(const char *results, double mcse)
{
    scl_table ours = table_in(results, "summary.csv"), plan = table_in(results, "plan.csv");
    bool settled[N_CELLS] = {false};
    size_t sum = 0;
    for (size_t total = R0;; total = scl_precision_next(total, MOST)) {
        char set[40], folder[40];
        const char *sets = set;
        snprintf(set, sizeof set, "replicates=%zu", total);
        snprintf(folder, sizeof folder, "fixed-%zu", total);
        free(summary_of(fixed, &sets, 1, folder, 2));
        scl_table theirs = table_in(folder, "summary.csv");
        for (size_t cell = 0; cell < N_CELLS; cell++) {
            if (settled[cell]) continue;
            if (!is_exact_cell(cell) && total < MOST && !table_is_precise(&theirs, cell, mcse)) continue;
            settled[cell] = true;
            assert_same_cell(&ours, &theirs, cell);
            assert_int_equal((size_t)scl_table_number(&plan, cell, scl_table_column(&plan, "jobs")), total);
            sum += total;
        }
        scl_table_free(&theirs);
        if (total == MOST) break;
    }
    scl_table_free(&ours);
    scl_table_free(&plan);
    return sum;
}

static void a_cell_stops_at_its_first_precise_total(void **state)
{
    (void)state;
    static const char *const targets[] = {"precision.mcse=1", "precision.mcse=.05", "precision.mcse=.03",
                                          "precision.mcse=1e-9"};
    static const double mcse[] = {1, .05, .03, 1e-9};
    size_t sums[4];
    for (size_t i = 0; i < 4; i++) {
        char folder[40];
        snprintf(folder, sizeof folder, "target-%zu", i);
        free(summary_of(precise, &targets[i], 1, folder, 2));
        sums[i] = assert_first_precise_totals(folder, mcse[i]);
    }
    assert_int_equal(sums[0], N_CELLS * R0);
    assert_true(sums[0] < sums[1] && sums[1] < sums[2] && sums[2] < sums[3]);
    assert_int_equal(sums[3], 2 * MOST + 2 * R0); /* exact cells are left out */
    assert_int_equal(scl_memory_live(), 0);
}

/* ---- one function of the rows ------------------------------------------------------------------------------------ */

typedef struct interruption {
    volatile sig_atomic_t stop;
    size_t after;
} interruption;

static void interrupt(void *context, const scl_progress *progress)
{
    interruption *i = context;
    if (progress->done_now >= i->after) i->stop = 1;
}

static void stop_after(scl_config *config, const char *results, size_t jobs)
{
    interruption i = {.after = jobs};
    scl_progress progress = {0};
    scl_error err = {0};
    size_t resumed = 0;
    scl_study_options options = {.pool = {.workers = 2, .stop = &i.stop, .progress = interrupt, .progress_context = &i},
                                 .command = "test"};
    WELL(scl_study_run(&progress, &resumed, config, in_root(results), &options, &err), &err);
}

static void workers_and_interruptions_give_the_same_bytes(void **state)
{
    (void)state;
    char *one = summary_of(precise, NULL, 0, "one", 1), *plan = study_file("one", "small", "plan.csv");
    static const size_t workers[] = {2, 3, 7};
    for (size_t i = 0; i < 3; i++) {
        char results[32];
        snprintf(results, sizeof results, "workers-%zu", workers[i]);
        char *other = summary_of(precise, NULL, 0, results, workers[i]);
        assert_string_equal(one, other);
        free(other);
        other = study_file(results, "small", "plan.csv");
        assert_string_equal(plan, other);
        free(other);
    }
    scl_config config = config_of(precise);
    for (size_t i = 0; i < 12; i++) stop_after(&config, "stopped", 1 + 7 * i % 5);
    scl_config_free(&config);
    char *resumed = summary_of(precise, NULL, 0, "stopped", 3);
    assert_string_equal(one, resumed);
    free(resumed);
    resumed = study_file("stopped", "small", "plan.csv");
    assert_string_equal(plan, resumed);
    free(resumed);
    free(plan);
    free(one);
}

/* Rows of an earlier run that went further, or of a sharper target, are there and not used. */
static void rows_beyond_the_boundary_never_enter(void **state)
{
    (void)state;
    char *fresh = summary_of(precise, NULL, 0, "fresh", 2);
    const char *many = "replicates=100", *sharp = "precision.mcse=.001";
    free(summary_of(fixed, &many, 1, "beyond", 2));
    char *again = summary_of(precise, NULL, 0, "beyond", 2);
    assert_string_equal(fresh, again);
    free(again);
    char *first = study_file("fresh", "small", "plan.csv"), *second = study_file("beyond", "small", "plan.csv");
    assert_string_equal(first, second);
    free(second);
    second = study_file("beyond", "small", "provenance.txt");
    assert_non_null(strstr(second, "for precision sin-theta-f mcse 0.03 max 100; up to 100 are stored\n"));
    free(second);
    free(first);
    free(summary_of(precise, &sharp, 1, "sharp", 2));
    again = summary_of(precise, NULL, 0, "sharp", 2);
    assert_string_equal(fresh, again);
    free(again);
    free(fresh);
}

static void a_sharper_target_runs_only_what_is_missing(void **state)
{
    (void)state;
    const char *sharp = "precision.mcse=.02";
    free(summary_of(precise, NULL, 0, "grown", 2));
    scl_table before = table_in("grown", "plan.csv");
    char *fresh = summary_of(precise, &sharp, 1, "sharp", 1);
    scl_table after = table_in("sharp", "plan.csv");
    size_t jobs = scl_table_column(&before, "jobs"), more = 0;
    for (size_t c = 0; c < N_CELLS; c++)
        more += (size_t)(scl_table_number(&after, c, jobs) - scl_table_number(&before, c, jobs));
    scl_config config = config_with(precise, &sharp, 1);
    scl_progress progress = {0};
    scl_error err = {0};
    size_t resumed = 0;
    scl_study_options options = {.pool = {.workers = 2}, .command = "test"};
    WELL(scl_study_run(&progress, &resumed, &config, in_root("grown"), &options, &err), &err);
    assert_true(more > 0);
    assert_int_equal(progress.done_now, more);
    assert_int_equal(progress.done, progress.total);
    char *grown = study_file("grown", "small", "summary.csv");
    assert_string_equal(grown, fresh);
    free(grown);
    free(fresh);
    scl_config_free(&config);
    scl_table_free(&before);
    scl_table_free(&after);
}

/* An estimator that is added may need more replicates, of all then; what was there is not run again. */
static void an_added_estimator_may_need_more(void **state)
{
    (void)state;
    static const char *const few = "estimators=[oracle]", *const all = "estimators=[pca, oracle, random]";
    static const char *const none = "compare=[]", *const target = "precision.mcse=.03";
    const char *before[] = {few, none, target}, *after[] = {all, none, target};
    free(summary_of(precise, before, 3, "added", 2));
    scl_table few_jobs = table_in("added", "plan.csv");
    char *fresh = summary_of(precise, after, 3, "added-fresh", 2), *added = summary_of(precise, after, 3, "added", 2);
    assert_string_equal(added, fresh);
    scl_table all_jobs = table_in("added", "plan.csv");
    size_t jobs = scl_table_column(&few_jobs, "jobs");
    assert_true(scl_table_number(&all_jobs, 0, jobs) > scl_table_number(&few_jobs, 0, jobs));
    scl_table_free(&few_jobs);
    scl_table_free(&all_jobs);
    free(added);
    free(fresh);
}

static void replicates_is_the_first_total(void **state)
{
    (void)state;
    const char *sets[] = {"replicates=10", "precision.mcse=1e-9", "precision.max_replicates=25"};
    free(summary_of(precise, sets, 2, "first", 2));
    scl_table plan = table_in("first", "plan.csv");
    assert_string_equal(scl_table_text(&plan, 0, scl_table_column(&plan, "jobs")), "100");
    scl_table_free(&plan);
    free(summary_of(precise, sets, 3, "capped", 2));
    plan = table_in("capped", "plan.csv");
    size_t jobs = scl_table_column(&plan, "jobs"), precision = scl_table_column(&plan, "precision");
    assert_string_equal(scl_table_text(&plan, 0, jobs), "25"); /* 10, 20, 25 */
    assert_string_equal(scl_table_text(&plan, 1, jobs), "10"); /* exact, but random draws */
    assert_string_equal(scl_table_text(&plan, 0, precision), "sin-theta-f mcse 1e-09 max 25");
    assert_string_equal(scl_table_text(&plan, 1, precision), "");
    scl_table_free(&plan);
    assert_int_equal(scl_precision_next(10, 25), 20);
    assert_int_equal(scl_precision_next(20, 25), 25);
    assert_int_equal(scl_precision_next(25, 25), 25);
}

/* ---- status and usage -------------------------------------------------------------------------------------------- */

static scl_status usage_of(scl_study_usage *usage, const scl_config *config, const char *results, scl_error *err)
{
    scl_study_state state;
    scl_status status = scl_study_status(&state, config, results, (scl_shard){0}, err);
    *usage = state.usage;
    scl_study_state_free(&state);
    return status;
}

static void status_counts_what_is_known_to_be_needed(void **state)
{
    (void)state;
    scl_config config = config_of(precise);
    scl_error err = {0};
    scl_study_state so_far;
    scl_study_usage usage;
    free(summary_of(fixed, NULL, 0, "so-far", 2)); /* R0 of each cell: the finite ones want more */
    WELL(scl_study_status(&so_far, &config, in_root("so-far"), (scl_shard){0}, &err), &err);
    assert_int_equal(so_far.done, N_CELLS * R0);
    assert_int_equal(so_far.jobs, N_CELLS * R0 + 2 * R0);
    scl_study_state_free(&so_far);
    WELL(usage_of(&usage, &config, in_root("so-far"), &err), &err);
    assert_int_equal(usage.n_cells, 2);
    assert_int_equal(usage.n_reached + usage.n_capped, 0);
    assert_int_equal(usage.least, 2 * R0);
    assert_false(usage.exceeds);
    /* a summary of it says that cells are incomplete */
    WELL(summarise_study(&config, in_root("so-far"), &err), &err);
    scl_table table = table_in("so-far", "summary.csv");
    size_t column = scl_table_column(&table, "status");
    assert_string_equal(scl_table_text(&table, 0, column), "incomplete");
    scl_table_free(&table);
    scl_config_free(&config);
    const char *capped = "precision.mcse=1e-9";
    config = config_with(precise, &capped, 1);
    run_study(&config, "so-far", 2);
    WELL(usage_of(&usage, &config, in_root("so-far"), &err), &err);
    assert_int_equal(usage.n_capped, 2);
    assert_int_equal(usage.first_capped, 0);
    assert_true(usage.capped_mcse > 1e-9 && usage.capped_mcse < 1);
    assert_int_equal(usage.most, MOST);
    scl_config_free(&config);
    config = config_of(precise);
    WELL(usage_of(&usage, &config, in_root("so-far"), &err), &err);
    assert_int_equal(usage.n_reached, 2);
    assert_true(usage.exceeds);
    scl_config_free(&config);
}

/* A job beyond the first total can be replayed, and one beyond the most cannot. */
static void any_job_up_to_the_most_can_be_replayed(void **state)
{
    (void)state;
    scl_config config = config_of(precise);
    scl_replay replay;
    scl_error err = {0};
    run_study(&config, "replayed", 2);
    WELL(scl_study_replay(&replay, &config, in_root("replayed"), (scl_job){0, R0}, &err), &err);
    assert_int_equal(replay.n, 3);
    for (size_t i = 0; i < replay.n; i++) assert_int_equal(replay.rows[i].stored, SCL_STORED_SAME);
    scl_replay_free(&replay);
    assert_int_equal(scl_study_replay(&replay, &config, in_root("replayed"), (scl_job){0, MOST}, &err), SCL_ERR_USAGE);
    assert_int_equal(scl_study_replay(&replay, &config, in_root("replayed"), (scl_job){1, R0}, NULL), SCL_ERR_USAGE);
    scl_config_free(&config);
}

/* ---- values that are not there ----------------------------------------------------------------------------------- */

static size_t fits; /* one worker: no lock */
static size_t good; /* every good-th fit succeeds, 0: none */

static scl_status fit_seldom(scl_representation *out, scl_fit_info *info, const scl_sample *sample,
                             const double *options, scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)options, (void)ws, (void)sample;
    (void)stream;
    for (size_t j = 0; j < out->Q.cols; j++) out->Q.data[j * out->Q.ld + j] = 1;
    out->values[0] = NAN;
    info->status = SCL_FIT_OK;
    if (good > 0 && fits++ % good == 0) {
        out->values[0] = 1;
        return SCL_OK;
    }
    return scl_error_set(err, SCL_ERR_LAPACK, "on purpose");
}

static const scl_estimator seldom = {
    .name = "seldom", .summary = "", .source = "", .uses_stream = true, .workspace = no_workspace, .fit = fit_seldom};

static size_t jobs_of_seldom(size_t every, const char *results)
{
    const char *sets[] = {"estimators=[random]", "compare=[]", "sweep={sample.n: [50]}", "replicates=4",
                          "precision.metric=top-eigenvalue"};
    scl_config config = config_with(precise, sets, 5);
    config.estimators[0].estimator = &seldom;
    good = every;
    fits = 0;
    run_study(&config, results, 1);
    scl_config_free(&config);
    scl_table plan = table_in(results, "plan.csv");
    size_t jobs = (size_t)scl_table_number(&plan, 0, scl_table_column(&plan, "jobs"));
    scl_table_free(&plan);
    return jobs;
}

/* Two equal values have the standard error 0; one, or none, has none. */
static void fewer_than_two_good_values_never_stop_it(void **state)
{
    (void)state;
    assert_int_equal(jobs_of_seldom(0, "never"), MOST);
    assert_int_equal(jobs_of_seldom(20, "every-20"), 32); /* replicates 0 and 20: 4, 8, 16, 32 */
    assert_int_equal(jobs_of_seldom(3, "every-3"), 4);    /* 0 and 3 */
    scl_table summary = table_in("every-20", "summary.csv");
    assert_string_equal(scl_table_text(&summary, 0, scl_table_column(&summary, "n_ok")), "2");
    assert_string_equal(scl_table_text(&summary, 0, scl_table_column(&summary, "n_failed")), "30");
    scl_table_free(&summary);
}

/* random has no eigenvalue and keeps nobody waiting. */
static void an_estimator_without_the_metric_is_excepted(void **state)
{
    (void)state;
    const char *sets[] = {"precision.metric=top-eigenvalue", "precision.mcse=10", "estimators=[random, pca]",
                          "compare=[]"};
    free(summary_of(precise, sets, 4, "excepted", 2));
    scl_table plan = table_in("excepted", "plan.csv");
    for (size_t c = 0; c < N_CELLS; c++)
        assert_string_equal(scl_table_text(&plan, c, scl_table_column(&plan, "jobs")), "6");
    scl_table_free(&plan);
}

/* Labels that are separable in some replicates have an infinite mean risk, however many more there are: nobody waits for it. */
static void an_infinite_mean_is_excepted(void **state)
{
    (void)state;
    static const char *const text =
        "name: small\nseed: 7\nreplicates: 40\nmodel: {d: 8, r: 2, noise: {profile: linear, ratio: 2}, task: {kind: "
        "logistic, offset: 1}}\nsample: {n: 60, labelled: 14, sampler: data}\nestimators: [oracle]\n"
        "metrics: [logistic-head-log, logistic-head-zero-one]\n"
        "precision: {metric: logistic-head-log, mcse: .01, max_replicates: 160}\n";
    free(summary_of(text, NULL, 0, "infinite", 2));
    scl_table summary = table_in("infinite", "summary.csv"), plan = table_in("infinite", "plan.csv");
    assert_string_equal(scl_table_text(&summary, 0, scl_table_column(&summary, "status")),
                        "infinite: separable labels");
    assert_string_equal(scl_table_text(&plan, 0, scl_table_column(&plan, "jobs")), "40");
    scl_table_free(&summary);
    scl_table_free(&plan);
    scl_config config = config_of(text);
    scl_plan pilots;
    scl_pilot pilot;
    scl_error err = {0};
    WELL(scl_plan_new(&pilots, &config, &err), &err);
    WELL(scl_pilot_run(&pilot, &pilots, 40, INFINITY, &err), &err);
    assert_int_equal(pilot.cells[0].replicates, 40);
    assert_false(pilot.cells[0].capped);
    scl_pilot_free(&pilot);
    scl_plan_free(&pilots);
    const char *const sets[] = {"precision.metric=logistic-head-zero-one",
                                "precision.mcse=.006"}; /* this one has a mean */
    free(summary_of(text, sets, 2, "finite", 2));
    plan = table_in("finite", "plan.csv");
    assert_true(scl_table_number(&plan, 0, scl_table_column(&plan, "jobs")) > 40);
    scl_table_free(&plan);
    scl_config_free(&config);
}

static void population_rows_belong_to_the_prefix(void **state)
{
    (void)state;
    const char *sets[] = {"redraw=replicate", "precision.mcse=.03"};
    char *one = summary_of(precise, sets, 2, "redrawn-1", 1), *three = summary_of(precise, sets, 2, "redrawn-3", 3);
    assert_string_equal(one, three);
    scl_table plan = table_in("redrawn-1", "plan.csv");
    size_t jobs = scl_table_column(&plan, "jobs");
    assert_true(scl_table_number(&plan, 1, jobs) > R0); /* n = inf is not exact here */
    scl_table_free(&plan);
    free(one);
    free(three);
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static void every_allocation_may_fail(void **state)
{
    (void)state;
    scl_config config = config_of(precise);
    run_study(&config, "memory", 1);
    size_t live = scl_memory_live(), k = 1;
    for (bool done = false; !done; k++) {
        scl_study_usage usage;
        scl_error err = {0};
        scl_memory_fail_at(k);
        scl_status status = usage_of(&usage, &config, in_root("memory"), &err);
        scl_memory_fail_at(0);
        if (status != SCL_OK) assert_int_equal(status, SCL_ERR_MEMORY);
        assert_int_equal(scl_memory_live(), live);
        done = status == SCL_OK;
    }
    assert_true(k > 10);
    scl_config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cell_stops_at_its_first_precise_total),
        cmocka_unit_test(workers_and_interruptions_give_the_same_bytes),
        cmocka_unit_test(rows_beyond_the_boundary_never_enter),
        cmocka_unit_test(a_sharper_target_runs_only_what_is_missing),
        cmocka_unit_test(an_added_estimator_may_need_more),
        cmocka_unit_test(replicates_is_the_first_total),
        cmocka_unit_test(status_counts_what_is_known_to_be_needed),
        cmocka_unit_test(any_job_up_to_the_most_can_be_replayed),
        cmocka_unit_test(fewer_than_two_good_values_never_stop_it),
        cmocka_unit_test(an_estimator_without_the_metric_is_excepted),
        cmocka_unit_test(an_infinite_mean_is_excepted),
        cmocka_unit_test(population_rows_belong_to_the_prefix),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
