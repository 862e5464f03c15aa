/* The keys that hold lists of names: claims, expect, metrics; estimators and compare are in config_estimators.c. */
#include "base/memory.h"
#include "study/config_parts.h"

#include <string.h>

static const char *const verdicts[] = {"confirmed", "refuted", "undecided"};

scl_status scl_reader_open_list(const scl_reader *reader, scl_key key, bool may_be_empty, size_t *first, size_t *count)
{
    const scl_key_doc *doc = &scl_config_keys[key];
    size_t node = reader->given[key];
    *first = *count = 0;
    if (!node) return SCL_OK;
    const scl_node *list = &reader->tree.nodes[node];
    if (list->kind != SCL_NODE_LIST)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), doc->key, doc->allowed, NULL, "is not a list");
    if (list->n_children == 0 && !may_be_empty)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), doc->key, doc->allowed, NULL, "is empty");
    *first = list->first;
    *count = list->n_children;
    return SCL_OK;
}

scl_status scl_reader_unknown(const scl_reader *reader, scl_place place, const char *key, const char *what,
                              const char *word, const char *const *names, size_t n_names)
{
    scl_text allowed = {0};
    scl_status status = SCL_OK;
    for (size_t i = 0; i < n_names && status == SCL_OK; i++)
        status = scl_text_add(&allowed, reader->err, "%s%s", i ? ", " : "", names[i]);
    char shown[SCL_CLIP_CHARS], some[900];
    if (status == SCL_OK) {
        strncpy(some, n_names ? scl_text_get(&allowed) : "none", sizeof some - 1);
        some[sizeof some - 1] = '\0';
        status = scl_reader_fail(reader, place, key, some, scl_nearest_name(word, names, n_names), "%s \"%s\"", what,
                                 scl_clip(shown, word));
    }
    scl_text_free(&allowed);
    return status;
}

static scl_status repeated(const scl_reader *reader, size_t node, const char *key, const char *word)
{
    char shown[SCL_CLIP_CHARS];
    return scl_reader_fail(reader, scl_place_of_value(reader, node), key, "each once", NULL, "\"%s\" is repeated",
                           scl_clip(shown, word));
}

/* Whether a bound has that id, before the bounds are read. */
static bool is_bound(const scl_reader *reader, const char *word)
{
    const scl_tree *tree = &reader->tree;
    size_t list = reader->given[SCL_KEY_OWN_BOUNDS];
    for (size_t item = list ? tree->nodes[list].first : 0; item; item = tree->nodes[item].next) {
        size_t id = scl_tree_child(tree, item, "id");
        if (id && strcmp(scl_tree_text(tree, id), word) == 0) return true;
    }
    return false;
}

static scl_status read_claims(scl_reader *reader)
{
    scl_config *config = reader->config;
    size_t item = 0, count = 0;
    scl_status status = scl_reader_open_list(reader, SCL_KEY_CLAIMS, true, &item, &count);
    if (status != SCL_OK) return status;
    config->claims = scl_alloc(count, sizeof *config->claims, reader->err);
    if (!config->claims) return SCL_ERR_MEMORY;
    const char *const *known = reader->names ? reader->names->claims : NULL;
    size_t n_known = reader->names ? reader->names->n_claims : 0;
    for (; item; item = reader->tree.nodes[item].next) {
        const char *word = NULL;
        status = scl_reader_text(reader, item, "claims", "names of claims", &word);
        if (status != SCL_OK) return status;
        size_t i = 0;
        while (i < n_known && strcmp(known[i], word) != 0) i++;
        if (i == n_known)
            return scl_reader_unknown(reader, scl_place_of_value(reader, item), "claims",
                                      is_bound(reader, word) ? "a bound is judged without standing among the claims:"
                                                             : "unknown claim",
                                      word, known, n_known);
        for (i = 0; i < config->n_claims; i++)
            if (strcmp(config->claims[i], word) == 0) return repeated(reader, item, "claims", word);
        config->claims[config->n_claims] = scl_strdup(word, reader->err);
        if (!config->claims[config->n_claims]) return SCL_ERR_MEMORY;
        config->n_claims++;
    }
    return SCL_OK;
}

static bool is_judged(const scl_config *config, const char *id)
{
    for (size_t i = 0; i < config->n_claims; i++)
        if (strcmp(config->claims[i], id) == 0) return true;
    for (size_t i = 0; i < config->n_bounds; i++)
        if (strcmp(config->bounds[i].id, id) == 0) return true;
    return false;
}

static scl_status not_judged(const scl_reader *reader, size_t item, const char *id)
{
    const scl_config *config = reader->config;
    size_t n = 0;
    const char **names = scl_alloc(config->n_claims + config->n_bounds, sizeof *names, reader->err);
    if (!names) return SCL_ERR_MEMORY;
    for (size_t i = 0; i < config->n_claims; i++) names[n++] = config->claims[i];
    for (size_t i = 0; i < config->n_bounds; i++) names[n++] = config->bounds[i].id;
    scl_status status = scl_reader_unknown(
        reader, scl_place_of_key(reader, item), "expect",
        config->n_bounds ? "not among this config's claims and bounds:" : "not among this config's claims:", id, names,
        n);
    scl_free(names);
    return status;
}

static scl_status read_expects(scl_reader *reader)
{
    scl_config *config = reader->config;
    const scl_key_doc *doc = &scl_config_keys[SCL_KEY_EXPECT];
    size_t node = reader->given[SCL_KEY_EXPECT];
    size_t count = node ? reader->tree.nodes[node].n_children : 0;
    if (node && reader->tree.nodes[node].kind != SCL_NODE_MAPPING)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), doc->key, doc->allowed, NULL,
                               "is not a mapping");
    config->expects = scl_alloc(count, sizeof *config->expects, reader->err);
    if (!config->expects) return SCL_ERR_MEMORY;
    for (size_t item = node ? reader->tree.nodes[node].first : 0; item; item = reader->tree.nodes[item].next) {
        const char *claim = scl_tree_key(&reader->tree, item), *verdict = NULL;
        size_t i = 0;
        if (!is_judged(config, claim)) return not_judged(reader, item, claim);
        scl_status status = scl_reader_text(reader, item, "expect", doc->allowed, &verdict);
        if (status != SCL_OK) return status;
        for (i = 0; i < 3 && strcmp(verdicts[i], verdict) != 0;) i++;
        if (i == 3)
            return scl_reader_unknown(reader, scl_place_of_value(reader, item), "expect", "unknown verdict", verdict,
                                      verdicts, 3);
        scl_expectation *expect = &config->expects[config->n_expects++];
        expect->claim = scl_strdup(claim, reader->err);
        expect->verdict = scl_strdup(verdict, reader->err);
        if (!expect->claim || !expect->verdict) return SCL_ERR_MEMORY;
    }
    return SCL_OK;
}

static scl_status read_metrics(scl_reader *reader)
{
    scl_config *config = reader->config;
    const char *names[128];
    size_t n_names = scl_n_metrics < 128 ? scl_n_metrics : 128;
    for (size_t i = 0; i < n_names; i++) names[i] = scl_metrics[i]->name;
    size_t item = 0, count = 0;
    scl_status status = scl_reader_open_list(reader, SCL_KEY_METRICS, false, &item, &count);
    if (status != SCL_OK) return status;
    config->metrics = scl_alloc(count, sizeof *config->metrics, reader->err);
    reader->metric_nodes = scl_alloc(count, sizeof *reader->metric_nodes, reader->err);
    if (!config->metrics || !reader->metric_nodes) return SCL_ERR_MEMORY;
    for (; item; item = reader->tree.nodes[item].next) {
        const char *word = NULL;
        status = scl_reader_text(reader, item, "metrics", "names of metrics", &word);
        if (status != SCL_OK) return status;
        scl_place place = scl_place_of_value(reader, item);
        const scl_metric *metric = scl_metric_find(word);
        if (!metric) return scl_reader_unknown(reader, place, "metrics", "unknown metric", word, names, n_names);
        for (size_t i = 0; i < config->n_metrics; i++)
            if (config->metrics[i] == metric) return repeated(reader, item, "metrics", word);
        if (config->n_metrics == SCL_MAX_METRICS)
            return scl_reader_fail(reader, place, "metrics", NULL, NULL, "more than %d metrics", SCL_MAX_METRICS);
        reader->metric_nodes[config->n_metrics] = item;
        config->metrics[config->n_metrics++] = metric;
    }
    return SCL_OK;
}

scl_status scl_reader_lists(scl_reader *reader)
{
    scl_status status = read_claims(reader);
    if (status == SCL_OK) status = scl_reader_estimators(reader);
    if (status == SCL_OK) status = read_metrics(reader);
    if (status == SCL_OK) status = scl_reader_bounds(reader);
    if (status == SCL_OK) status = read_expects(reader);
    return status;
}
