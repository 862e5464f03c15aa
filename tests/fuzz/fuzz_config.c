/* Any bytes as a config: it is read, or refused with file:line:column; what is read can be planned, if it is not large. */
#include "claims/from_summary.h"
#include "fuzz/fuzzing.h"
#include "study/plan.h"

#include <gsl/gsl_errno.h>

enum { MOST_CELLS = 1000 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const claims[] = {"contrastive-recovery-upper", "autoencoder-recovery-lower"};
    const scl_config_names names = {.claims = claims, .n_claims = 2, .claim_lacks = scl_claim_lacks};
    const char *path = fuzzing_file(bytes, size);
    scl_error err = {0};
    scl_config config;
    scl_plan plan = {0};
    gsl_set_error_handler_off();
    scl_status status = scl_config_read(&config, path, NULL, 0, &names, &err);
    if (status != SCL_OK) {
        int line = 0, column = 0;
        HOLDS(strncmp(err.message, path, strlen(path)) == 0);
        HOLDS(sscanf(err.message + strlen(path), ":%d:%d: ", &line, &column) == 2 && line > 0 && column > 0);
    } else if (scl_config_cells(&config) <= MOST_CELLS) {
        status = scl_plan_new(&plan, &config, &err);
        HOLDS(status != SCL_OK || plan.n_cells == scl_config_cells(&config));
        scl_plan_free(&plan);
    }
    if (status == SCL_OK || err.status != SCL_OK) scl_config_free(&config);
    fuzzing_refusal(status, &err);
    return 0;
}
