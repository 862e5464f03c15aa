/* Random numbers of a group of tests: `start` and `stop` for the group, `seed` before a test, so that each draws the same whichever
 * others run. Include after cmocka.h. */
#ifndef SCL_TESTS_CLAIMS_SEEDED_H
#define SCL_TESTS_CLAIMS_SEEDED_H

#include "base/memory.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_rng.h>

static gsl_rng *rng;

static inline int seed(void **state)
{
    (void)state;
    gsl_rng_set(rng, 20211006);
    return 0;
}

static inline int start(void **state)
{
    gsl_set_error_handler_off();
    rng = gsl_rng_alloc(gsl_rng_mt19937);
    return seed(state);
}

static inline int stop(void **state)
{
    (void)state;
    gsl_rng_free(rng);
    return scl_memory_live() != 0;
}

#endif
