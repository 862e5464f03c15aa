/* Any bytes as the summary.csv or the plan.csv of a study that `check` judges: a verdict, or a refusal that names the file. The first
 * byte says which of the two is replaced; the other is as the program writes it. */
#include "base/csv.h"
#include "base/file.h"
#include "claims/from_summary.h"
#include "fuzz/fuzzing.h"
#include "linalg/linalg.h"
#include "study/study.h"

#include <gsl/gsl_errno.h>

static const char config_text[] =
    "name: fuzzed\nreplicates: 3\nclaims: [contrastive-recovery-upper]\nmodel: {d: 20, r: 2, noise: {profile: gap}}\n"
    "sample: {n: 200}\nestimators: [pca, contrastive, diagonal-deletion, {name: contrastive, id: other, views: "
    "independent-per-sample}]\nmetrics: [sin-theta-f]\ncompare: [[contrastive, diagonal-deletion], [pca, "
    "other]]\nsweep: {model.d: [20, 40], sample.n: "
    "[400, 800]}\n";

static char folder[64];
static scl_config config;
static char *kept[2];
static size_t kept_length[2];
static const char *const files[2] = {"summary.csv", "plan.csv"};

static void file_path(char path[128], int which)
{
    snprintf(path, 128, "%s/fuzzed/%s", folder, files[which]);
}

/* A study that was run in a folder of this process. */
static void prepare(void)
{
    static const char *const claims[] = {"contrastive-recovery-upper", "autoencoder-recovery-lower"};
    const scl_config_names names = {.claims = claims, .n_claims = 2, .claim_lacks = scl_claim_lacks};
    const scl_study_options options = {.pool = {.workers = 1}, .command = "fuzz"};
    scl_error err = {0};
    scl_progress progress = {0};
    size_t resumed = 0;
    char path[128];
    scl_blas_start();
    gsl_set_error_handler_off();
    const char *config_path = fuzzing_file((const uint8_t *)config_text, sizeof config_text - 1);
    snprintf(folder, sizeof folder, "%s-results", config_path);
    HOLDS(scl_config_read(&config, config_path, NULL, 0, &names, &err) == SCL_OK);
    HOLDS(scl_study_run(&progress, &resumed, &config, folder, &options, &err) == SCL_OK);
    for (int i = 0; i < 2; i++) {
        file_path(path, i);
        HOLDS(scl_file_read(&kept[i], &kept_length[i], path, &err) == SCL_OK);
    }
}

static void write_file(int which, const char *bytes, size_t length)
{
    char path[128];
    file_path(path, which);
    FILE *file = fopen(path, "wb");
    HOLDS(file != NULL);
    HOLDS(fwrite(bytes, 1, length, file) == length && fclose(file) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!folder[0]) prepare();
    if (size == 0) return 0;
    int which = bytes[0] == 'p';
    write_file(which, (const char *)bytes + 1, size - 1);
    write_file(!which, kept[!which], kept_length[!which]);
    size_t live = scl_memory_live();
    scl_error err = {0};
    scl_table summary = {0};
    char *path = NULL;
    scl_status status = scl_study_read_summary(&summary, &path, &config, folder, &err);
    for (size_t c = 0; c < scl_n_claims && status == SCL_OK; c++) {
        scl_evidence_list list = {0};
        scl_judgement judgement = {0};
        scl_text lacking = {0};
        status = scl_claim_lacks(&lacking, &config, scl_claims[c]->id, &err);
        bool lacks = lacking.length > 0;
        scl_text_free(&lacking);
        if (lacks) continue; /* another experiment's */
        if (status == SCL_OK) status = scl_evidence_add(&list, &config, &summary, path, scl_claims[c], &err);
        if (status == SCL_OK) status = scl_claims[c]->judge(&judgement, scl_claims[c], list.cells, list.n, &err);
        scl_judgement_free(&judgement);
        scl_evidence_free(&list);
    }
    scl_table_free(&summary);
    scl_free(path);
    HOLDS(status == SCL_OK || scl_status_exit(status) == 2);
    HOLDS(status == SCL_OK || strstr(err.message, folder) != NULL);
    HOLDS(scl_memory_live() == live);
    return 0;
}
