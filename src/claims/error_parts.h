/* What a bound is about: an error, whose parts add up squared, or an excess risk of either sign, whose parts add up themselves.
 *
 * Legend: e the value of a replicate, e_inf that of the same model at n = inf; sum = mean(e^2), of an excess mean(e); the sampling part
 * sum - e_inf^2, of an excess mean(e) - e_inf. */
#ifndef SCL_CLAIMS_ERROR_PARTS_H
#define SCL_CLAIMS_ERROR_PARTS_H

#include "claims/claims.h"

static inline bool scl_claim_of_excess(const scl_claim *claim)
{
    return claim->most_excess > 0;
}

/* The largest value that the claim's error or excess can have in a cell. */
double scl_part_largest(const scl_claim *claim, const scl_evidence *cell);

/* What a value adds to the sum: its square, of an excess itself; and the way back. */
double scl_part_sum(const scl_claim *claim, double value);
double scl_part_value(const scl_claim *claim, double sum);

double scl_part_mean_sum(const scl_claim *claim, const scl_evidence *cell);

/* The sampling part, its standard error where the sum is `sum`, and that of the logarithm of its value. */
double scl_part_sampling(const scl_claim *claim, const scl_evidence *cell);
double scl_part_sampling_error(const scl_claim *claim, const scl_evidence *cell, double sum);
double scl_part_log_error(const scl_claim *claim, const scl_evidence *cell);

#endif
