/* Studies with tasks and labels: configs, and what their summaries and jobs say. */
#ifndef SCL_TESTS_STUDY_TASKS_H
#define SCL_TESTS_STUDY_TASKS_H

#include "study/studies.h"

#include "study/job.h"
#include "study/plan.h"

#define STUDY(task, sample, estimators, metrics)                                                                       \
    "name: tasks\nseed: 7\nreplicates: 6\nmodel: {d: 8, r: 2, noise: {profile: linear, ratio: 2}, task: {" task        \
    "}}\nsample: {n: 60, " sample "}\nestimators: [" estimators "]\nmetrics: [" metrics "]\n"

/* The number of a row of the summary in a column; NAN where the cell is empty. */
static inline double number_of(const scl_table *table, const char *estimator, const char *metric, size_t cell,
                               const char *column)
{
    for (size_t row = 0; row < table->n_rows; row++) {
        if (strcmp(scl_table_text(table, row, scl_table_column(table, "estimator")), estimator) != 0) continue;
        if (strcmp(scl_table_text(table, row, scl_table_column(table, "metric")), metric) != 0) continue;
        if (scl_table_number(table, row, scl_table_column(table, "cell")) != (double)cell) continue;
        return scl_table_number(table, row, scl_table_column(table, column));
    }
    fail_msg("no row of %s, %s, cell %zu", estimator, metric, cell);
    return NAN;
}

static inline const char *text_of(const scl_table *table, const char *estimator, const char *metric, const char *column)
{
    for (size_t row = 0; row < table->n_rows; row++)
        if (strcmp(scl_table_text(table, row, scl_table_column(table, "estimator")), estimator) == 0 &&
            strcmp(scl_table_text(table, row, scl_table_column(table, "metric")), metric) == 0)
            return scl_table_text(table, row, scl_table_column(table, column));
    fail_msg("no row of %s, %s", estimator, metric);
    return NULL;
}

static inline scl_table summary_of(const char *results)
{
    scl_table table = {0};
    scl_error err = {0};
    char path[300];
    snprintf(path, sizeof path, "%s/tasks/summary.csv", results);
    WELL(scl_table_read(&table, in_root(path), &err), &err);
    return table;
}

/* One of each kind of task and labels. */
static const char *const studies[] = {
    STUDY("kind: regression, tasks: 3, w: diverse", "labelled: 12, sampler: moments",
          "contrastive, label-terms, ols, ridge, random", "sin-theta-f, regression-excess, ols-risk, transfer-risk"),
    STUDY("kind: regression, tasks: 2", "labelled: 12, sampler: data, labelled_shared: true",
          "contrastive, label-terms, ols", "sin-theta-f, regression-excess, ols-risk, ridge-risk"),
    STUDY("kind: logistic, offset: 0.5", "labelled: 30, sampler: moments", "contrastive, supervised-contrastive, lda",
          "zero-one-risk, log-excess, lda-risk, test-risk"),
    STUDY("kind: probit", "labelled: 30, sampler: data, labelled_apart: true",
          "contrastive, supervised-contrastive, lda", "zero-one-risk, log-excess, lda-risk, test-risk"),
    STUDY("kind: classes", "labelled: 40, sampler: moments", "pca, supervised-contrastive, lda",
          "sin-theta-f, test-risk, test-risk-error"),
    STUDY("kind: classes", "labelled: 40, sampler: data", "pca, supervised-contrastive, lda",
          "sin-theta-f, test-risk, test-risk-error"),
};
enum { STUDIES = sizeof studies / sizeof *studies };

/* The rows of a job, for one estimator. */
static inline scl_row row_of(const char *text, const char *set, size_t estimator)
{
    scl_config config = config_with(text, &set, 1);
    scl_plan plan;
    scl_worker worker;
    scl_error err = {0};
    WELL(scl_plan_new(&plan, &config, &err), &err);
    WELL(scl_worker_new(&worker, &plan, &err), &err);
    scl_row rows[20];
    size_t n = scl_job_run(rows, &worker, 3);
    assert_true(estimator < n);
    assert_int_equal(rows[estimator].status, SCL_ROW_OK);
    scl_worker_free(&worker);
    scl_plan_free(&plan);
    scl_config_free(&config);
    return rows[estimator];
}

#endif
