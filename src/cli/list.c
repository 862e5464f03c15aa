/* spikedcl list: what configs may say, from the tables that parse them. */
#include "cli/cli.h"

#include "base/memory.h"
#include "base/text.h"
#include "claims/claims.h"
#include "claims/from_summary.h"

#include <stdio.h>
#include <string.h>

/* What one call prints of a topic: all, or the entries of one name; the title stands before the first. */
typedef struct page {
    const char *only; /* NULL: all */
    bool titled, started;
} page;

/* Whether the entry is wanted, with the title printed before the first one. */
static bool wants(page *p, const char *title, const char *name)
{
    if (p->only && strcmp(p->only, name) != 0) return false;
    if (!p->titled) printf("%s%s\n", p->started ? "\n" : "", title);
    return p->titled = p->started = true;
}

/* The words that a source's status may have are explained below those that have one. */
static bool has_status(const char *source)
{
    return strstr(source, "paper") || strstr(source, "recalled") || strstr(source, "derived");
}

static void explain_sources(bool wanted)
{
    if (wanted)
        printf("  sources: paper: read in a text that quotes the paper; recalled: from memory, its text not at hand; "
               "derived: for this project\n");
}

static void print_kinds(unsigned kinds)
{
    scl_text text = {0};
    if (scl_task_kinds(&text, kinds, NULL) == SCL_OK) printf("%s", scl_text_get(&text));
    scl_text_free(&text);
}

static scl_status list_estimators(page *p, scl_error *err)
{
    (void)err;
    bool explained = false;
    for (size_t i = 0; i < scl_n_estimators; i++) {
        const scl_estimator *e = scl_estimators[i];
        if (!wants(p, "estimators", e->name)) continue;
        explained = explained || has_status(e->source);
        printf("  %-24s %s\n  %-24s   source: %s\n", e->name, e->summary, "", e->source);
        if (e->labels != SCL_LABELS_UNUSED) {
            printf("  %-24s   learns from labels: tasks ", "");
            print_kinds(scl_label_need_tasks(e->labels));
            putchar('\n');
        }
        for (size_t o = 0; o < e->n_options; o++) {
            const scl_option *option = &e->options[o];
            char allowed[SCL_OPTION_CHARS], fallback[SCL_NUMBER_CHARS];
            printf("  %-24s   %s: %s; %s, default %s\n", "", option->key, option->meaning,
                   scl_option_allowed(allowed, option), scl_option_show(fallback, option, option->fallback));
        }
    }
    explain_sources(explained);
    return SCL_OK;
}

/* "tasks logistic, probit; labelled samples, sampler data": what a config needs for a metric. */
static void print_needs(const scl_metric *metric)
{
    if (!metric->tasks) return;
    printf("  %-27s   needs a task: ", "");
    print_kinds(metric->tasks);
    printf("%s%s\n", metric->needs_labels ? "; labelled samples" : "", metric->needs_rows ? "; sampler data" : "");
}

static scl_status list_metrics(page *p, scl_error *err)
{
    (void)err;
    for (size_t i = 0; i < scl_n_metrics; i++)
        if (wants(p, "metrics", scl_metrics[i]->name)) {
            printf("  %-27s %s\n", scl_metrics[i]->name, scl_metrics[i]->summary);
            print_needs(scl_metrics[i]);
        }
    if (p->titled)
        printf(
            "  symbols: U the true loadings, Q the learned orthonormal basis, of k columns, S the sample covariance, C "
            "= U "
            "diag(nu^2) U' + D its "
            "mean,\n    sigma_(1) >= .. >= sigma_(d) the noise standard deviations, A1 to A5 the paper's assumptions "
            "(docs/theory.md, section 1),\n    m the labelled samples of a task, t its latent score, corr the "
            "correlation of t with "
            "its best linear prediction from W x (section 5)\n");
    return SCL_OK;
}

/* The groups of the models: `list laws` is all of one, `list student` one of its names. */
static const struct group {
    const char *name, *title, *symbols;
    const char *const *names, *const *summaries;
    size_t n;
} groups[] = {{"loadings", "loadings", "j = 0, .., d - 1 a coordinate, k a column of U", scl_loadings_names,
               scl_loadings_summaries, SCL_N_LOADINGS},
              {"noise", "noise profiles",
               "j = 0, .., d - 1 a coordinate, sigma_j its noise standard deviation, frac the fractional part",
               scl_noise_names, scl_noise_summaries, SCL_N_NOISE},
              {"laws", "laws (model.latent, model.noise_law)", NULL, scl_law_names, scl_law_summaries, SCL_N_LAWS},
              {"samplers", "samplers", NULL, scl_sampler_names, scl_sampler_summaries, SCL_N_SAMPLERS},
              {"tasks", "tasks (model.task.kind)",
               "t = sum_k w_k z_k/nu_k the latent score, of variance 1, w the direction of the task", scl_task_names,
               scl_task_summaries, SCL_N_TASK_KINDS},
              {"directions", "directions of tasks (model.task.w)", NULL, scl_weights_names, scl_weights_summaries,
               SCL_N_WEIGHTS}};
enum { N_GROUPS = sizeof groups / sizeof *groups };

static scl_status list_models(page *p, scl_error *err)
{
    (void)err;
    for (size_t g = 0; g < N_GROUPS; g++) {
        const struct group *group = &groups[g];
        bool whole = p->only && strcmp(p->only, group->name) == 0;
        page part = {.only = whole ? NULL : p->only, .started = p->started};
        for (size_t i = 0; i < group->n; i++)
            if (wants(&part, group->title, group->names[i]))
                printf("  %-18s %s\n", group->names[i], group->summaries[i]);
        if (part.titled && group->symbols) printf("  symbols: %s\n", group->symbols);
        p->started = part.started;
    }
    return SCL_OK;
}

static scl_status list_claims(page *p, scl_error *err)
{
    scl_status status = SCL_OK;
    bool explained = false;
    for (size_t i = 0; i < scl_n_claims && status == SCL_OK; i++) {
        const scl_claim *claim = scl_claims[i];
        if (!wants(p, "claims", claim->id)) continue;
        explained = explained || has_status(claim->source);
        printf("  %s\n      %s\n      source: %s; judged on: %s%s%s%s, %s%s%s\n", claim->id, claim->statement,
               claim->source, claim->estimator, claim->or_use ? " or " : "", claim->or_use ? claim->or_use : "",
               claim->every_estimator ? " and every other estimator of the config" : "", scl_claim_metric(claim),
               claim->also ? " and " : "", claim->also ? claim->also : "");
        for (size_t t = 0; t < SCL_N_BOUND_TERMS; t++)
            if (claim->terms[t])
                printf("      %s bound, term %s: %s\n", scl_bound_kind_names[scl_bound_kind_of((scl_bound_term)t)],
                       scl_bound_term_names[t], claim->terms[t]);
        scl_text cells = {0};
        status = scl_claim_domain_text(&cells, claim, err);
        if (status == SCL_OK && cells.length) printf("      needs a cell with %s\n", scl_text_get(&cells));
        scl_text_free(&cells);
        if (claim->tuned)
            printf("      needs %s with %s above 0; a pair of it with %s under compare makes the limits narrower\n",
                   claim->tuned, claim->by, claim->estimator);
        for (size_t k = 0; k < SCL_MAX_PAIRS && claim->pairs[k].left; k++)
            printf("      needs under compare: [%s, %s]\n", claim->pairs[k].left, claim->pairs[k].right);
    }
    explain_sources(explained);
    return status;
}

static scl_status list_quantities(page *p, scl_error *err)
{
    (void)err;
    for (size_t i = 0; i < SCL_N_QUANTITIES; i++)
        if (wants(p, "quantities (of a cell, for the terms of bounds)", scl_quantity_names[i]))
            printf("  %-18s %s\n", scl_quantity_names[i], scl_quantity_meanings[i]);
    if (p->titled) printf("  and numbers, + - * / ^ ( ), %s\n", scl_expression_functions);
    return SCL_OK;
}

static scl_status list_keys(page *p, scl_error *err)
{
    (void)err;
    for (size_t i = 0; i < scl_n_config_keys; i++) {
        const scl_key_doc *key = &scl_config_keys[i];
        if (!wants(p, "keys", key->key)) continue;
        printf("  %-28s %s\n  %-28s   allowed: %s; default: %s\n", key->key, key->meaning, "", key->allowed,
               key->fallback);
    }
    return SCL_OK;
}

static const struct topic {
    const char *name;
    scl_status (*print)(page *p, scl_error *err);
} topics[] = {{"keys", list_keys},       {"models", list_models}, {"estimators", list_estimators},
              {"metrics", list_metrics}, {"claims", list_claims}, {"quantities", list_quantities}};
enum { N_TOPICS = sizeof topics / sizeof *topics };

/* Everything that may be asked for, topics first; names NULL: only counted. */
static size_t all_names(const char **names)
{
    size_t n = 0;
#define ADD(name) (names ? (void)(names[n] = (name)) : (void)0, n++)
    for (size_t i = 0; i < N_TOPICS; i++) ADD(topics[i].name);
    for (size_t g = 0; g < N_GROUPS; g++) ADD(groups[g].name);
    for (size_t g = 0; g < N_GROUPS; g++)
        for (size_t i = 0; i < groups[g].n; i++) ADD(groups[g].names[i]);
    for (size_t i = 0; i < scl_n_estimators; i++) ADD(scl_estimators[i]->name);
    for (size_t i = 0; i < scl_n_metrics; i++) ADD(scl_metrics[i]->name);
    for (size_t i = 0; i < scl_n_claims; i++) ADD(scl_claims[i]->id);
    for (size_t i = 0; i < SCL_N_QUANTITIES; i++) ADD(scl_quantity_names[i]);
    for (size_t i = 0; i < scl_n_config_keys; i++) ADD(scl_config_keys[i].key);
#undef ADD
    return n;
}

/* "; names that begin so: audit-bias, audit-gap", or nothing. */
static scl_status add_beginnings(scl_text *text, const char *asked, const char *const *names, size_t n, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t k = 0; k < n && status == SCL_OK; k++)
        if (strncmp(names[k], asked, strlen(asked)) == 0)
            status = scl_text_add(text, err, "%s%s", text->length ? ", " : "; names that begin so: ", names[k]);
    return status;
}

static scl_status check_names(const scl_arguments *arguments, scl_error *err)
{
    size_t n = all_names(NULL);
    const char **names = scl_alloc(n, sizeof *names, err);
    if (!names) return SCL_ERR_MEMORY;
    all_names(names);
    scl_status status = SCL_OK;
    for (size_t i = 0; i < arguments->n_paths && status == SCL_OK; i++) {
        const char *asked = arguments->paths[i];
        bool known = false;
        for (size_t k = 0; k < n; k++) known = known || strcmp(asked, names[k]) == 0;
        if (known) continue;
        const char *nearest = scl_nearest_name(asked, names, n);
        scl_text others = {0};
        if (!nearest && *asked) status = add_beginnings(&others, asked, names, n, err);
        if (status == SCL_OK)
            status = scl_error_set(err, SCL_ERR_USAGE,
                                   "unknown topic \"%s\"%s%s%s%s; known: keys, models, estimators, metrics, claims, "
                                   "quantities, and whatever they list",
                                   asked, nearest ? "; did you mean \"" : "", nearest ? nearest : "",
                                   nearest ? "\"?" : "", others.length ? scl_text_get(&others) : "");
        scl_text_free(&others);
    }
    scl_free(names);
    return status;
}

static bool is_asked(const scl_arguments *arguments, const char *topic)
{
    for (size_t i = 0; i < arguments->n_paths; i++)
        if (strcmp(arguments->paths[i], topic) == 0) return true;
    return arguments->n_paths == 0;
}

static bool is_topic(const char *name)
{
    for (size_t t = 0; t < N_TOPICS; t++)
        if (strcmp(name, topics[t].name) == 0) return true;
    return false;
}

static int run(const scl_arguments *arguments)
{
    scl_error err = {0};
    scl_status status = check_names(arguments, &err);
    page p = {0};
    for (size_t t = 0; t < N_TOPICS && status == SCL_OK; t++) {
        bool whole = is_asked(arguments, topics[t].name);
        for (size_t i = 0; i < (whole ? 1 : arguments->n_paths) && status == SCL_OK; i++) {
            if (!whole && is_topic(arguments->paths[i])) continue; /* `claims` is a key, too */
            p.only = whole ? NULL : arguments->paths[i];
            p.titled = false;
            status = topics[t].print(&p, &err);
        }
    }
    if (status == SCL_OK) return 0;
    fprintf(stderr, "spikedcl list: %s\n", err.message);
    return status == SCL_ERR_USAGE ? 2 : 3;
}

const scl_command scl_command_list = {
    .name = "list",
    .summary = "describe config keys, models, estimators, metrics, claims and quantities",
    .usage = "[keys] [models] [estimators] [metrics] [claims] [quantities] [NAME...]",
    .options = "",
    .needs_paths = false,
    .run = run,
};
