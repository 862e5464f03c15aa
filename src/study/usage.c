/* What a summary uses of what is stored: see study.h. */
#include "study/study_parts.h"

#include <math.h>

static void count_cells(scl_study_usage *usage, const scl_precision *precision)
{
    const scl_plan *plan = precision->plan;
    for (size_t c = 0; precision->cells && c < plan->n_cells; c++) {
        const scl_precision_cell *cell = &precision->cells[c];
        size_t here = scl_plan_replicates(plan, c);
        if (cell->state == SCL_PRECISION_EXACT) continue;
        if (usage->n_cells++ == 0 || here < usage->least) usage->least = here;
        if (here > usage->most) usage->most = here;
        usage->n_reached += cell->state == SCL_PRECISION_REACHED;
        if (cell->state != SCL_PRECISION_CAPPED || usage->n_capped++ > 0) continue;
        usage->first_capped = c;
        usage->capped_mcse = cell->mcse;
    }
}

scl_study_usage scl_study_usage_of(const scl_precision *precision, const scl_store *store)
{
    scl_study_usage usage = {
        .stored = scl_store_replicates(store), .exceeds = scl_store_exceeds(store), .capped_mcse = NAN};
    count_cells(&usage, precision);
    return usage;
}
