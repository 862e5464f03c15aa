/* Uses of estimators that claims are about: as plan.csv writes them, "name" or "name{option=value,...}", and in a config. */
#ifndef SCL_CLAIMS_USES_H
#define SCL_CLAIMS_USES_H

#include "claims/claims.h"
#include "study/config.h"

/* Whether a use is one of the estimator of that name, whatever its options. */
bool scl_use_is(const char *use, const char *name);

/* How many options are not at their defaults. */
size_t scl_use_options(const char *use);

/* The value of an option that is a number, `otherwise` when the use does not name it: then it is at its default. */
double scl_use_option(const char *use, const char *option, double otherwise);

/* The first use of that text (an estimator's name: with default options); n_estimators when there is none. */
scl_status scl_use_find(size_t *use, const scl_config *config, const char *text, scl_error *err) SCL_CHECKED;

/* The use that a claim is about: of its estimator with default options, else its or_use. */
scl_status scl_use_find_own(size_t *use, const scl_config *config, const scl_claim *claim, scl_error *err) SCL_CHECKED;

/* The pair under `compare` that compares these uses, either way round; n_compares when there is none. */
scl_status scl_use_find_pair(size_t *pair, bool *reversed, const scl_config *config, const scl_use_pair *wanted,
                             scl_error *err) SCL_CHECKED;

/* Whether the config has the metric of that name. */
bool scl_metric_is_measured(const scl_config *config, const char *name);

/* "contrastive", or "contrastive or label-terms{alpha=0}", with the words for default options. */
scl_status scl_use_own_text(scl_text *text, const scl_claim *claim, scl_error *err) SCL_CHECKED;

#endif
