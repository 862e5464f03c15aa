/* spikedcl plan: what a run would do and cost; nothing is written. */
#include "cli/cli.h"

#include "base/csv.h"
#include "base/memory.h"
#include "cli/progress.h"
#include "study/pilot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Enough to know a standard deviation to a sixth; half a second is short beside a study and long beside most trials. */
enum { PILOT_REPLICATES = 20 };
static const double PILOT_BUDGET_S = 0.5;

static void print_table(const scl_table *table)
{
    int widths[128] = {0}; /* a plan has far fewer columns */
    for (size_t c = 0; c < table->n_columns; c++) {
        widths[c] = (int)strlen(table->names[c]);
        for (size_t row = 0; row < table->n_rows; row++) {
            int length = (int)strlen(scl_table_text(table, row, c));
            widths[c] = length > widths[c] ? length : widths[c];
        }
    }
    for (size_t row = 0; row <= table->n_rows; row++)
        for (size_t c = 0; c < table->n_columns; c++) {
            bool last = c + 1 == table->n_columns;
            printf("%-*s%s", last ? 0 : widths[c], row == 0 ? table->names[c] : scl_table_text(table, row - 1, c),
                   last ? "\n" : "  ");
        }
}

/* ---- the lines above the table ----------------------------------------------------------------------------------- */

/* "1.31 MB" */
static void format_bytes(char out[40], double bytes)
{
    char number[SCL_NUMBER_CHARS];
    bool giga = bytes >= 1e9;
    snprintf(out, 40, "%s %s", scl_number_digits(number, bytes / (giga ? 1e9 : 1e6), 3), giga ? "GB" : "MB");
}

static void print_sizes(const scl_plan *plan)
{
    char memory[40];
    const scl_config *config = plan->config;
    format_bytes(memory, (double)scl_worker_bytes(plan));
    printf("%s: %zu cell%s, %s%zu job%s, %zu estimator%s, %s of memory per worker\n", config->name, plan->n_cells,
           scl_plural(plan->n_cells), config->precision.wanted ? "at least " : "", plan->n_jobs,
           scl_plural(plan->n_jobs), config->n_estimators, scl_plural(config->n_estimators), memory);
}

static void print_time(const scl_pilot *pilot, const scl_arguments *arguments, size_t replicates)
{
    char took[40], length[32];
    size_t workers = scl_workers(arguments), n_cells = pilot->plan->n_cells;
    double most = fmin((double)workers, pilot->jobs), seconds = pilot->worker_s / most;
    if (seconds < 1)
        snprintf(took, sizeof took, "less than 1s");
    else
        snprintf(took, sizeof took, "about %s", scl_format_time(length, seconds));
    printf("%s: ", pilot->plan->config->name);
    if (pilot->plan->config->precision.wanted) printf("about %.0f jobs, ", pilot->jobs);
    printf("%s on %zu worker%s, by a pilot of up to %zu replicate%s in %zu of %zu cell%s", took, workers,
           scl_plural(workers), replicates, scl_plural(replicates), pilot->n_reached, n_cells, scl_plural(n_cells));
    if (pilot->n_said < n_cells && arguments->pilot < 0) printf(" (--pilot %zu takes all)", replicates);
    putchar('\n');
}

static void print_precision(const scl_pilot *pilot)
{
    char target[SCL_NUMBER_CHARS];
    const scl_config *config = pilot->plan->config;
    size_t n_capped = 0, first = 0;
    for (size_t c = pilot->plan->n_cells; c-- > 0;) {
        if (!pilot->cells[c].capped) continue;
        n_capped++;
        first = c;
    }
    printf("%s: `expected` replicates make the mcse of %s at most %s", config->name, config->precision.metric_name,
           scl_number_shortest(target, config->precision.mcse));
    if (n_capped > 0)
        printf("; %zu cell%s (max), first cell %zu: max_replicates = %zu is too few", n_capped,
               n_capped == 1 ? " is" : "s are", first, config->precision.max_replicates);
    putchar('\n');
}

/* ---- the column of expected replicates --------------------------------------------------------------------------- */

/* The table with a column more. */
static scl_status add_expected(scl_table *out, const scl_table *table, const scl_pilot *pilot, scl_error *err)
{
    const char **cells = scl_alloc(table->n_columns + 1, sizeof *cells, err);
    scl_status status = cells ? SCL_OK : SCL_ERR_MEMORY;
    for (size_t c = 0; status == SCL_OK && c < table->n_columns; c++)
        status = scl_table_add_column(out, table->names[c], err);
    if (status == SCL_OK) status = scl_table_add_column(out, "expected", err);
    for (size_t row = 0; status == SCL_OK && row < table->n_rows; row++) {
        const scl_pilot_cell *cell = &pilot->cells[row];
        char expected[40] = "?";
        if (cell->replicates > 0)
            snprintf(expected, sizeof expected, "%zu%s", cell->replicates, cell->capped ? " (max)" : "");
        for (size_t c = 0; c < table->n_columns; c++) cells[c] = scl_table_text(table, row, c);
        cells[table->n_columns] = expected;
        status = scl_table_add_row(out, cells, err);
    }
    scl_free(cells);
    return status;
}

static scl_status print_pilot(scl_table *shown, const scl_table *table, const scl_plan *plan,
                              const scl_arguments *arguments, scl_error *err)
{
    scl_pilot pilot;
    bool all = arguments->pilot > 0;
    size_t replicates = all ? (size_t)arguments->pilot : PILOT_REPLICATES;
    scl_status status = scl_pilot_run(&pilot, plan, replicates, all ? INFINITY : PILOT_BUDGET_S, err);
    if (status != SCL_OK) return status;
    print_time(&pilot, arguments, replicates);
    if (plan->config->precision.wanted) {
        print_precision(&pilot);
        status = add_expected(shown, table, &pilot, err);
    }
    scl_pilot_free(&pilot);
    return status;
}

static int plan_config(const scl_config *config, const scl_arguments *arguments)
{
    scl_plan plan;
    scl_table table = {0}, shown = {0};
    scl_error err = {0}, lacking = {0};
    scl_status status = scl_plan_new(&plan, config, &err);
    if (status != SCL_OK) return scl_report_error(&err);
    status = scl_plan_table(&table, &plan, &err);
    if (status == SCL_OK) print_sizes(&plan);
    if (status == SCL_OK && arguments->pilot != 0) {
        fflush(stdout); /* the pilot takes a moment */
        if (scl_workers_fit(&plan, 1, &lacking) != SCL_OK)
            printf("%s: no pilot: %s\n", config->name, lacking.message);
        else
            status = print_pilot(&shown, &table, &plan, arguments, &err);
    }
    if (status == SCL_OK) print_table(shown.n_columns > 0 ? &shown : &table);
    scl_table_free(&table);
    scl_table_free(&shown);
    scl_plan_free(&plan);
    return status == SCL_OK ? 0 : scl_report_error(&err);
}

static int run(const scl_arguments *arguments)
{
    return scl_for_each_config(arguments, plan_config);
}

const scl_command scl_command_plan = {
    .name = "plan",
    .summary = "print the cells and jobs of configs, the memory of a worker, and from a pilot the time they take",
    .usage = "CONFIG... [options]",
    .options = "jnsp",
    .needs_paths = true,
    .run = run,
};
