/* What a summary uses of what is stored: see study.h. */
#include "study/precision.h"
#include "study/study.h"

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

scl_status scl_study_usage_of(scl_study_usage *usage, const scl_config *config, const char *results, scl_error *err)
{
    scl_plan plan;
    scl_precision precision = {0};
    scl_store *store = NULL;
    char *folder = NULL;
    *usage = (scl_study_usage){.capped_mcse = NAN};
    scl_status status = scl_plan_new(&plan, config, err);
    if (status != SCL_OK) return status;
    status = scl_study_folder(&folder, config, results, err);
    if (status == SCL_OK) status = scl_store_open(&store, folder, &plan, SCL_STORE_READ, true, err);
    if (status == SCL_OK) status = scl_precision_new(&precision, &plan, err);
    if (status == SCL_OK) status = scl_precision_settle(&precision, store, err);
    if (status == SCL_OK) {
        usage->stored = scl_store_replicates(store);
        usage->exceeds = scl_store_exceeds(store);
        count_cells(usage, &precision);
    }
    scl_precision_free(&precision);
    scl_store_close(store);
    scl_free(folder);
    scl_plan_free(&plan);
    return status;
}
