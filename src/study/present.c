/* Which rows of a plan are there: see present.h. */
#include "study/present.h"

#include "base/memory.h"

scl_status scl_present_new(scl_present *present, const scl_plan *plan, scl_error *err)
{
    *present = (scl_present){.plan = plan, .stride = (2 * plan->config->n_estimators + 7) / 8};
    present->bits = scl_alloc(plan->n_jobs, present->stride, err);
    return present->bits ? SCL_OK : SCL_ERR_MEMORY;
}

void scl_present_free(scl_present *present)
{
    scl_free(present->bits);
    *present = (scl_present){0};
}

static size_t bit_of(size_t estimator, scl_row_kind kind)
{
    return 2 * estimator + (kind == SCL_ROW_POPULATION);
}

bool scl_present_has(const scl_present *present, size_t job, size_t estimator, scl_row_kind kind)
{
    size_t bit = bit_of(estimator, kind);
    return present->bits[job * present->stride + bit / 8] >> bit % 8 & 1;
}

void scl_present_mark(scl_present *present, size_t job, size_t estimator, scl_row_kind kind)
{
    size_t bit = bit_of(estimator, kind);
    unsigned char *byte = &present->bits[job * present->stride + bit / 8];
    *byte = (unsigned char)(*byte | 1u << bit % 8);
}

bool scl_present_all(const scl_present *present, size_t job)
{
    scl_job at = scl_plan_job(present->plan, job);
    for (size_t e = 0; e < present->plan->config->n_estimators; e++)
        for (int kind = SCL_ROW_SAMPLE; kind <= SCL_ROW_POPULATION; kind++)
            if (scl_plan_wants(present->plan, at, e, (scl_row_kind)kind) &&
                !scl_present_has(present, job, e, (scl_row_kind)kind))
                return false;
    return true;
}

bool scl_present_any(const scl_present *present, size_t job)
{
    for (size_t i = 0; i < present->stride; i++)
        if (present->bits[job * present->stride + i]) return true;
    return false;
}
