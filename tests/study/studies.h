/* Small studies for tests: configs from texts, plans, runs in this process, and estimators that misbehave on purpose. */
#ifndef SCL_TESTS_STUDY_STUDIES_H
#define SCL_TESTS_STUDY_STUDIES_H

#include "base/files.h"

#include "linalg/linalg.h"
#include "study/study.h"

#include <gsl/gsl_errno.h>
#include <math.h>

/* The errors of a step end the test with their message. */
#define WELL(call, err)                                                                                                \
    do {                                                                                                               \
        if ((call) != SCL_OK) fail_msg("%s: %s", #call, (err)->message);                                               \
    } while (0)

static const char *const studies_claims[] = {"contrastive-recovery-upper", "autoencoder-recovery-lower"};

/* One replicate takes about 0.1 ms; it has everything that makes rows differ: a random estimator, an exact cell, a pair, a
 * metric that does not apply to all. 4 cells, 3 estimators. */
static const char *const small_study =
    "name: small\nseed: 7\nreplicates: 6\nmodel: {d: 8, r: 2, noise: {profile: linear, ratio: 2}}\n"
    "sample: {n: 50}\nestimators: [pca, contrastive, random]\nmetrics: [sin-theta-f, top-eigenvalue]\n"
    "compare: [[contrastive, pca]]\nsweep: {model.nu: [1, 2], sample.n: [50, inf]}\n";

/* For estimators that need no scratch space. */
static inline size_t no_workspace(size_t d, size_t r)
{
    (void)d;
    (void)r;
    return 0;
}

static inline int studies_setup(void **state)
{
    scl_blas_start();
    gsl_set_error_handler_off();
    return files_setup(state);
}

/* Reads the config in `text` with n_sets --set texts; to be freed with scl_config_free. */
static inline scl_config config_with(const char *text, const char *const *sets, size_t n_sets)
{
    scl_config_names names = {.claims = studies_claims, .n_claims = 2};
    scl_config config;
    scl_error err = {0};
    write_text(in_root("c.yaml"), text);
    WELL(scl_config_read(&config, in_root("c.yaml"), sets, n_sets, &names, &err), &err);
    return config;
}

static inline scl_config config_of(const char *text)
{
    return config_with(text, NULL, 0);
}

/* As the functions of study.h, for tests that do not look at the state. */
static inline scl_status summarise_study(const scl_config *config, const char *results, scl_error *err)
{
    scl_study_state state;
    scl_status status = scl_study_summarise(&state, config, results, err);
    scl_study_state_free(&state);
    return status;
}

static inline scl_status export_study(const scl_config *config, const char *results, const char *path, scl_error *err)
{
    scl_study_state state;
    scl_status status = scl_study_export(&state, config, results, path, err);
    scl_study_state_free(&state);
    return status;
}

/* Runs a study to its end below <root>/<results>. */
static inline void run_study(scl_config *config, const char *results, size_t workers)
{
    scl_progress progress = {0};
    scl_error err = {0};
    size_t resumed = 0;
    scl_study_options options = {.pool = {.workers = workers}, .command = "test"};
    WELL(scl_study_run(&progress, &resumed, config, in_root(results), &options, &err), &err);
    assert_true(progress.last || progress.done == progress.total);
    assert_int_equal(progress.done, progress.total);
}

/* The bytes of a file of a study, to be freed with free(). */
static inline char *study_file(const char *results, const char *experiment, const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s/%s", results, experiment, name);
    char *bytes = read_bytes(in_root(path), NULL);
    if (!bytes) fail_msg("%s is missing", path);
    return bytes;
}

/* The same rows, bit for bit (NaN included). */
static inline bool same_row(const scl_row *a, const scl_row *b, size_t n_metrics)
{
    return a->job == b->job && a->estimator == b->estimator && a->kind == b->kind && a->status == b->status &&
           strcmp(a->message, b->message) == 0 && memcmp(a->values, b->values, n_metrics * sizeof(double)) == 0;
}

#endif
