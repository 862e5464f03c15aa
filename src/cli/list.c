/* spikedcl list: what configs may say, from the tables that parse them. */
#include "cli/cli.h"

#include "base/text.h"
#include "claims/claims.h"

#include <stdio.h>
#include <string.h>

static void list_estimators(void)
{
    printf("estimators\n");
    for (size_t i = 0; i < scl_n_estimators; i++) {
        const scl_estimator *e = scl_estimators[i];
        printf("  %-24s %s\n  %-24s   source: %s\n", e->name, e->summary, "", e->source);
        for (size_t o = 0; o < e->n_options; o++) {
            const scl_option *option = &e->options[o];
            char allowed[SCL_OPTION_CHARS], fallback[SCL_NUMBER_CHARS];
            printf("  %-24s   %s: %s; %s, default %s\n", "", option->key, option->meaning,
                   scl_option_allowed(allowed, option), scl_option_show(fallback, option, option->fallback));
        }
    }
}

static void list_metrics(void)
{
    printf("metrics\n");
    for (size_t i = 0; i < scl_n_metrics; i++) printf("  %-27s %s\n", scl_metrics[i]->name, scl_metrics[i]->summary);
}

static void list_names(const char *title, const char *const *names, const char *const *summaries, size_t n)
{
    printf("%s\n", title);
    for (size_t i = 0; i < n; i++) printf("  %-18s %s\n", names[i], summaries[i]);
}

static void list_models(void)
{
    list_names("loadings", scl_loadings_names, scl_loadings_summaries, SCL_N_LOADINGS);
    list_names("noise profiles", scl_noise_names, scl_noise_summaries, SCL_N_NOISE);
    list_names("laws (model.latent, model.noise_law)", scl_law_names, scl_law_summaries, SCL_N_LAWS);
    list_names("samplers", scl_sampler_names, scl_sampler_summaries, SCL_N_SAMPLERS);
}

static void list_claims(void)
{
    printf("claims\n");
    for (size_t i = 0; i < scl_n_claims; i++) {
        const scl_claim *claim = scl_claims[i];
        printf("  %s\n      %s\n      source: %s; judged on: %s%s\n", claim->id, claim->statement, claim->source,
               claim->estimator, claim->every_estimator ? ", and every other estimator of the config" : "");
        for (size_t t = 0; t < SCL_N_BOUND_TERMS; t++)
            if (claim->terms[t])
                printf("      %s bound, term %s: %s\n", scl_bound_kind_names[scl_bound_kind_of((scl_bound_term)t)],
                       scl_bound_term_names[t], claim->terms[t]);
        for (size_t p = 0; p < SCL_MAX_PAIRS && claim->pairs[p].left; p++)
            printf("      compare: %s with %s\n", claim->pairs[p].left, claim->pairs[p].right);
    }
}

static void list_quantities(void)
{
    list_names("quantities (of a cell, for the terms of bounds)", scl_quantity_names, scl_quantity_meanings,
               SCL_N_QUANTITIES);
    printf("  and numbers, + - * / ^ ( ), %s\n", scl_expression_functions);
}

static void list_keys(void)
{
    printf("keys\n");
    for (size_t i = 0; i < scl_n_config_keys; i++) {
        const scl_key_doc *key = &scl_config_keys[i];
        printf("  %-28s %s\n  %-28s   allowed: %s; default: %s\n", key->key, key->meaning, "", key->allowed,
               key->fallback);
    }
}

typedef struct topic {
    const char *name;
    void (*print)(void);
} topic;

static const topic topics[] = {{"keys", list_keys},       {"models", list_models}, {"estimators", list_estimators},
                               {"metrics", list_metrics}, {"claims", list_claims}, {"quantities", list_quantities}};
enum { N_TOPICS = sizeof topics / sizeof *topics };

static int run(const scl_arguments *arguments)
{
    const char *names[N_TOPICS];
    for (size_t t = 0; t < N_TOPICS; t++) names[t] = topics[t].name;
    for (size_t i = 0; i < arguments->n_paths; i++) {
        bool known = false;
        for (size_t t = 0; t < N_TOPICS; t++) known = known || strcmp(arguments->paths[i], names[t]) == 0;
        if (known) continue;
        const char *nearest = scl_nearest_name(arguments->paths[i], names, N_TOPICS);
        fprintf(stderr,
                "spikedcl list: unknown topic \"%s\"%s%s%s; known: keys, models, estimators, metrics, claims, "
                "quantities\n",
                arguments->paths[i], nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
        return 2;
    }
    for (size_t t = 0, printed = 0; t < N_TOPICS; t++) {
        bool wanted = arguments->n_paths == 0;
        for (size_t i = 0; i < arguments->n_paths; i++) wanted = wanted || strcmp(arguments->paths[i], names[t]) == 0;
        if (!wanted) continue;
        if (printed++) putchar('\n');
        topics[t].print();
    }
    return 0;
}

const scl_command scl_command_list = {
    .name = "list",
    .summary = "describe config keys, models, estimators, metrics, claims and quantities",
    .usage = "[keys] [models] [estimators] [metrics] [claims] [quantities]",
    .options = "",
    .needs_paths = false,
    .run = run,
};
