/* Uses of estimators: see uses.h. */
#include "claims/uses.h"

#include "study/draw_text.h"

#include <string.h>

bool scl_use_is(const char *use, const char *name)
{
    size_t length = strlen(name);
    return use && strncmp(use, name, length) == 0 && (use[length] == '\0' || use[length] == '{');
}

size_t scl_use_options(const char *use)
{
    size_t n = 0;
    for (const char *at = use ? strchr(use, '{') : NULL; at; at = strchr(at + 1, ',')) n++;
    return n;
}

double scl_use_option(const char *use, const char *option, double otherwise)
{
    size_t length = strlen(option);
    for (const char *at = use ? strchr(use, '{') : NULL; at; at = strchr(at + 1, ',')) {
        if (strncmp(at + 1, option, length) != 0 || at[1 + length] != '=') continue;
        char number[SCL_NUMBER_CHARS];
        double value;
        size_t digits = strcspn(at + length + 2, ",}");
        if (digits >= sizeof number) return otherwise;
        memcpy(number, at + length + 2, digits);
        number[digits] = '\0';
        return scl_number_parse(number, true, &value) ? value : otherwise;
    }
    return otherwise;
}

static scl_status is_use(bool *same, const scl_estimator_use *use, const char *text, scl_error *err)
{
    scl_text written = {0};
    scl_status status = scl_draw_text_estimator(&written, use, err);
    *same = status == SCL_OK && strcmp(scl_text_get(&written), text) == 0;
    scl_text_free(&written);
    return status;
}

scl_status scl_use_find(size_t *use, const scl_config *config, const char *text, scl_error *err)
{
    bool found = false;
    scl_status status = SCL_OK;
    for (*use = 0; *use < config->n_estimators; ++*use) {
        status = is_use(&found, &config->estimators[*use], text, err);
        if (status != SCL_OK || found) break;
    }
    return status;
}

scl_status scl_use_find_own(size_t *use, const scl_config *config, const scl_claim *claim, scl_error *err)
{
    scl_status status = scl_use_find(use, config, claim->estimator, err);
    if (status != SCL_OK || *use < config->n_estimators || !claim->or_use) return status;
    return scl_use_find(use, config, claim->or_use, err);
}

scl_status scl_use_find_pair(size_t *pair, bool *reversed, const scl_config *config, const scl_use_pair *wanted,
                             scl_error *err)
{
    scl_status status = SCL_OK;
    for (*pair = 0; *pair < config->n_compares; ++*pair) {
        const scl_estimator_use *left = &config->estimators[config->compares[*pair].left],
                                *right = &config->estimators[config->compares[*pair].right];
        for (int turned = 0; turned < 2; turned++) {
            bool first = false, second = false;
            status = is_use(&first, turned ? right : left, wanted->left, err);
            if (status == SCL_OK) status = is_use(&second, turned ? left : right, wanted->right, err);
            *reversed = turned;
            if (status != SCL_OK || (first && second)) return status;
        }
    }
    return SCL_OK;
}

bool scl_metric_is_measured(const scl_config *config, const char *name)
{
    for (size_t m = 0; m < config->n_metrics; m++)
        if (strcmp(config->metrics[m]->name, name) == 0) return true;
    return false;
}

scl_status scl_use_own_text(scl_text *text, const scl_claim *claim, scl_error *err)
{
    bool plain = !strchr(claim->estimator, '{');
    scl_status status = scl_text_add(text, err, "%s%s", claim->estimator, plain ? " with default options" : "");
    return status == SCL_OK && claim->or_use ? scl_text_add(text, err, " or %s", claim->or_use) : status;
}
