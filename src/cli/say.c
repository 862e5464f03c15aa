/* What run, status, summarise and merge say alike of a study's state. */
#include "cli/cli.h"

#include "base/text.h"

#include <math.h>

void scl_say_replay(FILE *to, scl_job job, const scl_config *config)
{
    fprintf(to, "spikedcl replay %s --cell %zu --replicate %u", config->words, job.cell, (unsigned)job.replicate);
}

static size_t say_failures(FILE *to, const scl_study_state *state, const scl_config *config)
{
    size_t failed = 0;
    for (size_t e = 0; e < state->n_estimators; e++) {
        const scl_failures *of = &state->failures[e];
        failed += of->failed;
        if (of->failed > 0) {
            fprintf(to, "  %s: %zu trial%s failed, first in cell %zu, replicate %u: %s\n    ", config->estimators[e].id,
                    of->failed, scl_plural(of->failed), of->first.cell, (unsigned)of->first.replicate, of->message);
            scl_say_replay(to, of->first, config);
            fputc('\n', to);
        }
        if (of->unconverged > 0)
            fprintf(to, "  %s: %zu fit%s did not converge\n", config->estimators[e].id, of->unconverged,
                    scl_plural(of->unconverged));
    }
    return failed;
}

/* In the plan's order; a study may have 100000 cells. */
static void say_slow(FILE *to, const scl_study_state *state)
{
    enum { MOST_CELLS = 20 };
    for (size_t i = 0; i < state->n_slow && i < MOST_CELLS; i++) {
        const scl_slow_cell *cell = &state->slow[i];
        char least[SCL_NUMBER_CHARS], most[SCL_NUMBER_CHARS], slowest[SCL_NUMBER_CHARS];
        bool one = cell->least_limit_s == cell->most_limit_s;
        fprintf(to, "  cell %zu: %zu job%s over the limit of %s%s%s s, the slowest %s s in replicate %u\n", cell->cell,
                cell->jobs, scl_plural(cell->jobs), scl_number_shortest(least, cell->least_limit_s), one ? "" : " to ",
                one ? "" : scl_number_shortest(most, cell->most_limit_s),
                scl_number_digits(slowest, cell->slowest_s, 3), (unsigned)cell->slowest);
    }
    size_t jobs = 0, more = state->n_slow > MOST_CELLS ? state->n_slow - MOST_CELLS : 0;
    for (size_t i = state->n_slow - more; i < state->n_slow; i++) jobs += state->slow[i].jobs;
    if (more > 0)
        fprintf(to, "  %zu more cell%s: %zu job%s over their limit\n", more, scl_plural(more), jobs, scl_plural(jobs));
}

size_t scl_say_state(FILE *to, const scl_study_state *state, const scl_config *config)
{
    size_t failed = say_failures(to, state, config);
    say_slow(to, state);
    return failed;
}

static void say_precision(FILE *to, const scl_config *config, const scl_study_usage *usage)
{
    char target[SCL_NUMBER_CHARS], reached[SCL_NUMBER_CHARS] = "none";
    const scl_precision_spec *precision = &config->precision;
    if (!precision->wanted || usage->n_cells == 0) return;
    size_t n_open = usage->n_cells - usage->n_reached - usage->n_capped;
    fprintf(to, "%s: precision, mcse of %s up to %s: reached in %zu of %zu cell%s, with ", config->name,
            precision->metric_name, scl_number_shortest(target, precision->mcse), usage->n_reached, usage->n_cells,
            scl_plural(usage->n_cells));
    if (usage->least < usage->most) fprintf(to, "%zu to ", usage->least);
    fprintf(to, "%zu replicate%s", usage->most, scl_plural(usage->most));
    if (n_open > 0) fprintf(to, " so far; %zu still run%s", n_open, n_open == 1 ? "s" : "");
    if (!isnan(usage->capped_mcse)) scl_number_digits(reached, usage->capped_mcse, 3);
    if (usage->n_capped > 0)
        fprintf(to, "; %zu stopped short of it at max_replicates, the first is cell %zu (mcse %s)", usage->n_capped,
                usage->first_capped, reached);
    fputc('\n', to);
}

void scl_say_stored(FILE *to, const scl_study_usage *usage, const scl_config *config)
{
    fflush(stdout); /* what was said before stands before */
    say_precision(to, config, usage);
    if (usage->exceeds && config->precision.wanted)
        fprintf(
            to,
            "%s: up to %zu replicates of a cell are stored; a summary uses the first ones that precision asks for\n",
            config->name, usage->stored);
    else if (usage->exceeds)
        fprintf(to, "%s: up to %zu replicates of a cell are stored; with this config a summary uses the first %zu\n",
                config->name, usage->stored, config->replicates);
}
