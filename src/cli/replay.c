/* spikedcl replay: one job again, and whether the store has the same bits. */
#include "cli/cli.h"

#include "base/memory.h"
#include "base/text.h"
#include "study/study.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const row_status_names[] = {"ok", "rank-deficient", "unconverged", "failed"};

/* "2.31, 1.98, .., 0.41": all of up to 12, else the first 10 and the last two. */
static void print_numbers(const double *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char text[SCL_NUMBER_CHARS];
        if (n > 12 && i == 10) printf(", ..");
        if (n > 12 && i >= 10 && i + 2 < n) continue;
        printf("%s%s", i ? ", " : "", scl_number_digits(text, numbers[i], 6));
    }
}

static const char *milliseconds(char text[SCL_NUMBER_CHARS], double seconds)
{
    return scl_number_digits(text, 1e3 * seconds, 3);
}

static void print_sample(const scl_replayed_sample *sample, const char *kind, size_t r)
{
    char model[SCL_NUMBER_CHARS], drawn[SCL_NUMBER_CHARS], trace[SCL_NUMBER_CHARS], gap[SCL_NUMBER_CHARS],
        labelled[SCL_NUMBER_CHARS];
    if (!sample->there) return;
    printf("  %s: model in %s ms, moments in %s ms; ", kind, milliseconds(model, sample->model_s),
           milliseconds(drawn, sample->sample_s));
    if (sample->labelled > 0)
        printf("%s labelled%s; ", scl_number_shortest(labelled, sample->labelled),
               isinf(sample->labelled) ? " (their population)" : "");
    printf("trace %s, eigenvalues of the covariance ", scl_number_digits(trace, sample->trace, 6));
    print_numbers(sample->eigenvalues, sample->n);
    if (sample->n > r)
        printf("; gap after the %zu%s %s", r,
               r == 1   ? "st"
               : r == 2 ? "nd"
               : r == 3 ? "rd"
                        : "th",
               scl_number_digits(gap, sample->eigenvalues[r - 1] - sample->eigenvalues[r], 6));
    putchar('\n');
}

/* `objective` names what the fit optimised, NULL: nothing. */
static void print_inside(const scl_replayed *replayed, size_t r, const char *objective)
{
    const scl_fit_info *info = &replayed->info;
    char text[SCL_NUMBER_CHARS], metrics[SCL_NUMBER_CHARS];
    if (isnan(replayed->values[0])) {
        printf("      no eigenvalues");
    } else {
        printf("      eigenvalues ");
        print_numbers(replayed->values, r);
        printf("; ");
        if (info->iterations > 0 || !info->lapack)
            printf("%d iteration%s%s", info->iterations, scl_plural((size_t)info->iterations),
                   info->lapack ? " and " : "");
        printf("%s, residual %s", info->lapack ? "LAPACK" : "", scl_number_digits(text, info->residual, 2));
    }
    if (objective) printf("; %s %s", objective, scl_number_digits(text, info->objective, 17));
    printf("; fit %s ms,", milliseconds(text, replayed->fit_s));
    printf(" metrics %s ms\n", milliseconds(metrics, replayed->metrics_s));
}

static void print_row(const scl_config *config, const scl_replayed *replayed, size_t r)
{
    static const char *const comparisons[] = {"not in the store", "as stored", "differs from the store"};
    const scl_row *row = &replayed->row;
    const char *comparison = comparisons[replayed->stored];
    const char *id = config->estimators[row->estimator].id,
               *kind = row->kind == SCL_ROW_SAMPLE ? "sample" : "population";
    if (row->status == SCL_ROW_FAILED) {
        printf("  %s, %s: failed: %s; %s\n", id, kind, row->message, comparison);
        return;
    }
    printf("  %s, %s: %s;", id, kind, row_status_names[row->status]);
    for (size_t m = 0; m < config->n_metrics; m++) {
        char number[SCL_NUMBER_CHARS] = "not applicable";
        if (!isnan(row->values[m])) scl_number_digits(number, row->values[m], 17);
        printf(" %s = %s%s", config->metrics[m]->name, number, m + 1 < config->n_metrics ? "," : ";");
    }
    printf(" %s\n", comparison);
    print_inside(replayed, r, config->estimators[row->estimator].estimator->objective);
}

static int replay_config(const scl_config *config, const scl_arguments *arguments)
{
    scl_error err = {0};
    scl_replay replay;
    scl_job job = {.cell = (size_t)arguments->cell, .replicate = (uint32_t)arguments->replicate};
    if (scl_study_replay(&replay, config, arguments->results, job, &err) != SCL_OK) return scl_report_error(&err);
    printf("%s: cell %zu, replicate %u", config->name, job.cell, (unsigned)job.replicate);
    for (size_t axis = 0; axis < config->n_axes; axis++)
        printf("%s%s = %s", axis ? ", " : " (", config->axes[axis].key, scl_config_axis_value(config, job.cell, axis));
    puts(config->n_axes ? ")" : "");
    if (!replay.has_store)
        printf("  there is no store at %s/%s/" SCL_STORE_FILE " to compare with\n", arguments->results, config->name);
    int status = 0;
    print_sample(&replay.samples[SCL_ROW_SAMPLE], "sample", replay.r);
    print_sample(&replay.samples[SCL_ROW_POPULATION], "population", replay.r);
    for (size_t i = 0; i < replay.n; i++) {
        print_row(config, &replay.rows[i], replay.r);
        if (replay.rows[i].stored == SCL_STORED_OTHERWISE || replay.rows[i].row.status == SCL_ROW_FAILED) status = 1;
    }
    scl_replay_free(&replay);
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
    .summary = "run one job again, print its values in full and what is inside, and compare them with the store",
    .usage = "CONFIG --cell C --replicate R [options]",
    .options = "rnsci",
    .needs_paths = true,
    .run = run,
};
