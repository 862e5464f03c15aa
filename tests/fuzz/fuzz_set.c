/* Any text as a --set: it is applied to a good config, or refused as a usage error (a config error where it contradicts the file). */
#include "claims/from_summary.h"
#include "fuzz/fuzzing.h"
#include "study/plan.h"

#include <gsl/gsl_errno.h>

enum { MOST_CELLS = 1000 };

static const char config_text[] = "name: x\nmodel: {d: 10, r: 2, noise: {profile: linear, ratio: 2}}\nsample: {n: "
                                  "100}\nestimators: [pca, contrastive]\n"
                                  "metrics: [sin-theta-f]\ncompare: [[contrastive, pca]]\nsweep: {model.nu: [1, "
                                  "2]}\nfigure: {x: n, y: sin-theta-f}\n";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char *const claims[] = {"contrastive-recovery-upper", "autoencoder-recovery-lower"};
    const scl_config_names names = {.claims = claims, .n_claims = 2, .claim_lacks = scl_claim_lacks};
    const char *path = fuzzing_file((const uint8_t *)config_text, sizeof config_text - 1);
    char *text = calloc(1, size + 1);
    HOLDS(text != NULL);
    memcpy(text, bytes, size);
    const char *const sets[] = {text};
    scl_error err = {0};
    scl_config config;
    scl_plan plan = {0};
    gsl_set_error_handler_off();
    scl_status status = scl_config_read(&config, path, sets, 1, &names, &err);
    if (status == SCL_OK) {
        if (scl_config_cells(&config) <= MOST_CELLS) status = scl_plan_new(&plan, &config, &err);
        scl_plan_free(&plan);
        scl_config_free(&config);
    }
    free(text);
    fuzzing_refusal(status, &err);
    return 0;
}
