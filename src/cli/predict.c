/* spikedcl predict: what theory says of every cell, without simulation. */
#include "cli/cli.h"

#include "base/file.h"
#include "study/predict.h"

#include <stdio.h>

static scl_status write_table(const scl_table *table, const char *path, scl_error *err)
{
    scl_text csv = {0};
    scl_status status = scl_table_csv(&csv, table, err);
    if (status == SCL_OK && !path && fputs(scl_text_get(&csv), stdout) < 0) clearerr(stderr);
    if (status == SCL_OK && path) status = scl_file_write(path, scl_text_get(&csv), csv.length, err);
    scl_text_free(&csv);
    return status;
}

static int predict_config(const scl_config *config, const scl_arguments *arguments)
{
    scl_plan plan;
    scl_table table = {0};
    scl_error err = {0};
    scl_status status = arguments->out ? scl_file_is_new(arguments->out, "predict", &err) : SCL_OK;
    if (status == SCL_OK) status = scl_plan_new(&plan, config, &err);
    if (status != SCL_OK) return scl_report_error(&err);
    status = scl_workers_fit(&plan, 1, &err);
    if (status == SCL_OK) status = scl_predict_table(&table, &plan, &err);
    if (status == SCL_OK) status = write_table(&table, arguments->out, &err);
    scl_table_free(&table);
    scl_plan_free(&plan);
    return status == SCL_OK ? 0 : scl_report_error(&err);
}

static int run(const scl_arguments *arguments)
{
    if (arguments->n_paths != 1) {
        fprintf(stderr, "spikedcl predict: needs one config\n");
        return 2;
    }
    return scl_for_each_config(arguments, predict_config);
}

const scl_command scl_command_predict = {
    .name = "predict",
    .summary = "print what theory says of every cell as CSV: population, first order, proportional limit",
    .usage = "CONFIG [options]",
    .options = "nso",
    .needs_paths = true,
    .run = run,
};
