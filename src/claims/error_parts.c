/* Parts of errors and excesses: see error_parts.h. */
#include "claims/error_parts.h"

#include "claims/bound.h"

#include <math.h>

double scl_part_largest(const scl_claim *claim, const scl_evidence *cell)
{
    return scl_claim_of_excess(claim) ? claim->most_excess : scl_bound_largest(claim, cell);
}

double scl_part_sum(const scl_claim *claim, double value)
{
    return scl_claim_of_excess(claim) ? value : value * value;
}

double scl_part_value(const scl_claim *claim, double sum)
{
    return scl_claim_of_excess(claim) ? sum : sqrt(sum);
}

double scl_part_mean_sum(const scl_claim *claim, const scl_evidence *cell)
{
    if (scl_claim_of_excess(claim)) return cell->mean;
    return cell->mean * cell->mean + cell->sd * cell->sd * (cell->n_ok - 1) / cell->n_ok;
}

double scl_part_sampling(const scl_claim *claim, const scl_evidence *cell)
{
    return scl_part_mean_sum(claim, cell) - scl_part_sum(claim, cell->population);
}

/* The standard error of mean(e^2) is about 2 mean mcse: sd is a few per cent of the mean. */
double scl_part_sampling_error(const scl_claim *claim, const scl_evidence *cell, double sum)
{
    return scl_claim_of_excess(claim) ? cell->mcse : 2 * sqrt(sum) * cell->mcse;
}

double scl_part_log_error(const scl_claim *claim, const scl_evidence *cell)
{
    double part = scl_part_sampling(claim, cell);
    double error = scl_part_sampling_error(claim, cell, scl_part_mean_sum(claim, cell));
    return scl_claim_of_excess(claim) ? error / part : error / (2 * part);
}
