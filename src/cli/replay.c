/* spikedcl replay: one job again, and whether the store has the same bits. */
#include "cli/cli.h"

#include "base/memory.h"
#include "base/text.h"
#include "study/study.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const row_status_names[] = {"ok", "rank-deficient", "unconverged", "failed"};

static void print_row(const scl_config *config, const scl_replayed *replayed)
{
    static const char *const comparisons[] = {"not in the store", "as stored", "differs from the store"};
    const scl_row *row = &replayed->row;
    const char *comparison = comparisons[replayed->stored];
    const scl_estimator_use *use = &config->estimators[row->estimator];
    const char *id = use->id, *kind = row->kind == SCL_ROW_SAMPLE ? "sample" : "population";
    if (row->status == SCL_ROW_FAILED) {
        printf("  %s, %s: failed: %s; %s\n", id, kind, row->message, comparison);
        return;
    }
    printf("  %s, %s: %s;", id, kind, row_status_names[row->status]);
    if (use->estimator->objective) {
        char number[SCL_NUMBER_CHARS];
        printf(" %s = %s;", use->estimator->objective, scl_number_digits(number, row->objective, 17));
    }
    for (size_t m = 0; m < config->n_metrics; m++) {
        char number[SCL_NUMBER_CHARS] = "not applicable";
        if (!isnan(row->values[m])) scl_number_digits(number, row->values[m], 17);
        printf(" %s = %s%s", config->metrics[m]->name, number, m + 1 < config->n_metrics ? "," : ";");
    }
    printf(" %s\n", comparison);
}

static int replay_config(const scl_config *config, const scl_arguments *arguments)
{
    scl_error err = {0};
    scl_replayed *rows = NULL;
    size_t n = 0;
    scl_job job = {.cell = (size_t)arguments->cell, .replicate = (uint32_t)arguments->replicate};
    if (scl_study_replay(&rows, &n, config, arguments->results, job, &err) != SCL_OK) return scl_report_error(&err);
    printf("%s: cell %zu, replicate %u", config->name, job.cell, (unsigned)job.replicate);
    for (size_t axis = 0; axis < config->n_axes; axis++)
        printf("%s%s = %s", axis ? ", " : " (", config->axes[axis].key, scl_config_axis_value(config, job.cell, axis));
    puts(config->n_axes ? ")" : "");
    int status = 0;
    for (size_t i = 0; i < n; i++) {
        print_row(config, &rows[i]);
        if (rows[i].stored == SCL_STORED_OTHERWISE || rows[i].row.status == SCL_ROW_FAILED) status = 1;
    }
    scl_free(rows);
    return status;
}

static int run(const scl_arguments *arguments)
{
    if (arguments->n_paths != 1 || arguments->cell < 0 || arguments->replicate < 0) {
        fprintf(stderr, "spikedcl replay: needs one config, --cell C and --replicate R\n");
        return 2;
    }
    return scl_for_each_config(arguments, replay_config);
}

const scl_command scl_command_replay = {
    .name = "replay",
    .summary = "run one job again, print its values in full, and compare them with the store",
    .usage = "CONFIG --cell C --replicate R [options]",
    .options = "rnsci",
    .needs_paths = true,
    .run = run,
};
