/* What a config lacks for a claim: see lacks.h. */
#include "claims/lacks.h"

#include "claims/bound.h"
#include "claims/bound_cells.h"
#include "claims/uses.h"

#include <math.h>
#include <string.h>

bool scl_claim_coherent_model(const scl_model_spec *model)
{
    return model->loadings == SCL_LOADINGS_AXIS || (model->loadings == SCL_LOADINGS_COHERENT && model->mass > 0);
}

/* Whether the claim is about a cell of these settings, but for its model's being fixed. */
static bool is_inside(const scl_claim *claim, const scl_settings *settings)
{
    const scl_model_spec *model = &settings->model;
    bool has_labels = model->task.kind != SCL_TASK_NONE && settings->labels.m >= 2;
    if (claim->labelled && !has_labels) return false;
    if (!claim->domain) return true;
    if (claim->domain->coherent && !scl_claim_coherent_model(model)) return false;
    if (claim->domain->few_tasks && model->task.n_tasks > model->r) return false;
    return scl_in_domain(claim->domain, settings->n, (double)model->d, (double)model->r);
}

/* Cells whose model is fixed, where the claim needs that, and those of them in its domain. Replicates are not asked about: they may
 * grow. */
static void count_cells(size_t *n_fixed, size_t *n_inside, const scl_config *config, const scl_claim *claim)
{
    *n_fixed = *n_inside = 0;
    for (size_t c = 0; c < scl_config_cells(config); c++) {
        scl_settings settings = scl_config_cell(config, c);
        if (!claim->redrawn && !scl_config_model_fixed(config, &settings)) continue;
        *n_fixed += 1;
        *n_inside += is_inside(claim, &settings);
    }
}

static const char *separator(const scl_text *list)
{
    return list->length ? ", " : "";
}

static scl_status lacks_use(scl_text *lacking, const scl_config *config, const char *text, scl_error *err)
{
    size_t use = 0;
    scl_status status = scl_use_find(&use, config, text, err);
    if (status != SCL_OK || use < config->n_estimators) return status;
    bool plain = !strchr(text, '{');
    return scl_text_add(lacking, err, "%sthe estimator %s%s", separator(lacking), text,
                        plain ? " with default options" : "");
}

static scl_status lacks_pairs(scl_text *lacking, const scl_config *config, const scl_claim *claim, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t p = 0; status == SCL_OK && p < SCL_MAX_PAIRS && claim->pairs[p].left; p++) {
        const scl_use_pair *pair = &claim->pairs[p];
        size_t left = 0, right = 0, found = 0;
        bool reversed = false;
        status = scl_use_find(&left, config, pair->left, err);
        if (status == SCL_OK) status = scl_use_find(&right, config, pair->right, err);
        if (status == SCL_OK) status = scl_use_find_pair(&found, &reversed, config, pair, err);
        if (status != SCL_OK || found < config->n_compares) continue;
        if (left == config->n_estimators && strcmp(pair->left, claim->estimator) != 0)
            status = lacks_use(lacking, config, pair->left, err);
        if (status == SCL_OK && right == config->n_estimators) status = lacks_use(lacking, config, pair->right, err);
        if (status == SCL_OK)
            status = scl_text_add(lacking, err, "%sthe pair [%s, %s] under compare", separator(lacking), pair->left,
                                  pair->right);
    }
    return status;
}

static scl_status sizes_text(scl_text *text, const scl_domain *domain, scl_error *err)
{
    char number[SCL_NUMBER_CHARS];
    scl_status status;
    if (isinf(domain->least_n_over_d))
        status = scl_text_add(text, err, "n = inf");
    else if (domain->sampled)
        status = scl_text_add(text, err, "n finite");
    else
        status = scl_text_add(text, err, "n >= %s d (or n = inf)", scl_number_shortest(number, domain->least_n_over_d));
    if (status == SCL_OK)
        status = scl_text_add(text, err, " and d >= %s r", scl_number_shortest(number, domain->least_d_over_r));
    if (status == SCL_OK && domain->least_d > 0)
        status = scl_text_add(text, err, " and d >= %s", scl_number_shortest(number, domain->least_d));
    return status == SCL_OK && domain->coherent ? scl_text_add(text, err, ", of coherent loadings") : status;
}

scl_status scl_claim_domain_text(scl_text *text, const scl_claim *claim, scl_error *err)
{
    scl_status status = SCL_OK;
    if (claim->domain && !claim->domain->few_tasks) status = sizes_text(text, claim->domain, err);
    if (status == SCL_OK && claim->labelled)
        status = scl_text_add(text, err, "%sa task and at least 2 labelled samples", text->length ? ", " : "");
    return status == SCL_OK && claim->domain && claim->domain->few_tasks
               ? scl_text_add(text, err, ", of at most r tasks")
               : status;
}

static scl_status lacks_own_use(scl_text *lacking, const scl_config *config, const scl_claim *of, scl_error *err)
{
    size_t use = 0;
    scl_status status = scl_use_find_own(&use, config, of, err);
    if (status != SCL_OK || use < config->n_estimators) return status;
    status = scl_text_add(lacking, err, "%sthe estimator ", separator(lacking));
    return status == SCL_OK ? scl_use_own_text(lacking, of, err) : status;
}

/* A use of the estimator that is tuned, its option positive. */
static scl_status lacks_tuned(scl_text *lacking, const scl_config *config, const scl_claim *of, scl_error *err)
{
    if (!of->tuned) return SCL_OK;
    for (size_t u = 0; u < config->n_estimators; u++) {
        const scl_estimator *estimator = config->estimators[u].estimator;
        if (strcmp(estimator->name, of->tuned) != 0) continue;
        for (size_t o = 0; o < estimator->n_options; o++)
            if (strcmp(estimator->options[o].key, of->by) == 0 && config->estimators[u].options[o] > 0) return SCL_OK;
    }
    return scl_text_add(lacking, err, "%sthe estimator %s with %s > 0", separator(lacking), of->tuned, of->by);
}

static scl_status lacks_metric(scl_text *lacking, const scl_config *config, const char *name, scl_error *err)
{
    if (!name || scl_metric_is_measured(config, name)) return SCL_OK;
    return scl_text_add(lacking, err, "%sthe metric %s", separator(lacking), name);
}

static scl_status lacks_cells(scl_text *lacking, const scl_config *config, const scl_claim *of, scl_error *err)
{
    size_t n_fixed, n_inside;
    count_cells(&n_fixed, &n_inside, config, of);
    if (n_fixed == 0)
        return scl_text_add(lacking, err, "%sa model that is drawn once (redraw: cell)", separator(lacking));
    if (n_inside > 0) return SCL_OK;
    scl_text cells = {0};
    scl_status status = scl_claim_domain_text(&cells, of, err);
    if (status == SCL_OK)
        status = scl_text_add(lacking, err, "%sa cell with %s", separator(lacking), scl_text_get(&cells));
    scl_text_free(&cells);
    return status;
}

static scl_status add_lacking(scl_text *lacking, const scl_config *config, const scl_claim *of, scl_error *err)
{
    scl_status status = lacks_own_use(lacking, config, of, err);
    if (status == SCL_OK) status = lacks_tuned(lacking, config, of, err);
    if (status == SCL_OK) status = lacks_pairs(lacking, config, of, err);
    if (status == SCL_OK) status = lacks_metric(lacking, config, scl_claim_metric(of), err);
    if (status == SCL_OK) status = lacks_metric(lacking, config, of->also, err);
    if (status == SCL_OK && of->equal_spikes && config->base.model.nus)
        status = scl_text_add(lacking, err, "%sspikes of one size (one number for model.nu)", separator(lacking));
    if (status == SCL_OK) status = lacks_cells(lacking, config, of, err);
    return status == SCL_OK ? scl_bound_lacks_values(lacking, config, of, err) : status;
}

scl_status scl_claim_lacks(scl_text *lacking, const scl_config *config, const char *claim, scl_error *err)
{
    const scl_claim *registered = scl_claim_find(claim);
    if (registered) return add_lacking(lacking, config, registered, err);
    scl_status status = SCL_OK;
    for (size_t i = 0; i < config->n_bounds && status == SCL_OK; i++) {
        scl_bound_claim own;
        if (strcmp(config->bounds[i].id, claim) != 0) continue;
        status = scl_bound_claim_new(&own, config, &config->bounds[i], err);
        if (status == SCL_OK) status = add_lacking(lacking, config, &own.claim, err);
        scl_bound_claim_free(&own);
    }
    return status;
}
