/* spikedcl plan: what a run would do; nothing is written. */
#include "cli/cli.h"

#include "base/csv.h"
#include "study/job.h"
#include "study/plan.h"

#include <stdio.h>
#include <string.h>

static void print_table(const scl_table *table)
{
    for (size_t row = 0; row <= table->n_rows; row++) {
        for (size_t c = 0; c < table->n_columns; c++) {
            size_t width = strlen(table->names[c]);
            for (size_t i = 0; i < table->n_rows; i++) {
                size_t length = strlen(scl_table_text(table, i, c));
                width = length > width ? length : width;
            }
            printf("%-*s%s", (int)width, row == 0 ? table->names[c] : scl_table_text(table, row - 1, c),
                   c + 1 < table->n_columns ? "  " : "\n");
        }
    }
}

static int plan_config(const scl_config *config, const scl_arguments *arguments)
{
    (void)arguments;
    scl_plan plan;
    scl_table table = {0};
    scl_error err = {0};
    scl_status status = scl_plan_new(&plan, config, &err);
    if (status != SCL_OK) return scl_report_error(&err);
    status = scl_plan_table(&table, &plan, &err);
    if (status == SCL_OK) {
        printf("%s: %zu cell%s, %zu job%s, %zu estimator%s, %.1f MB of memory per worker\n", config->name, plan.n_cells,
               scl_plural(plan.n_cells), plan.n_jobs, scl_plural(plan.n_jobs), config->n_estimators,
               scl_plural(config->n_estimators), (double)scl_worker_bytes(&plan) / 1e6);
        print_table(&table);
    }
    scl_table_free(&table);
    scl_plan_free(&plan);
    return status == SCL_OK ? 0 : scl_report_error(&err);
}

static int run(const scl_arguments *arguments)
{
    return scl_for_each_config(arguments, plan_config);
}

const scl_command scl_command_plan = {
    .name = "plan",
    .summary = "print the cells and jobs of configs without running anything",
    .usage = "CONFIG... [options]",
    .options = "ns",
    .needs_paths = true,
    .run = run,
};
