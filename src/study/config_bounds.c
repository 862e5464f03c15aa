/* Bounds of the user's own: {id, kind, metric, estimator, terms}. */
#include "base/memory.h"
#include "study/config_parts.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_ID = 64 };

static const char *const parts[] = {"id", "kind", "metric", "estimator", "terms"};
enum { PART_ID, PART_KIND, PART_METRIC, PART_ESTIMATOR, PART_TERMS, N_PARTS };

static scl_status fail_at(const scl_reader *reader, size_t node, const char *allowed, const char *what,
                          const char *word)
{
    char shown[SCL_CLIP_CHARS];
    return scl_reader_fail(reader, scl_place_of_value(reader, node), "bounds", allowed, NULL, what,
                           scl_clip(shown, word));
}

/* The nodes of the keys, each there once, no other. */
static scl_status find_parts(size_t nodes[N_PARTS], const scl_reader *reader, size_t item)
{
    const scl_tree *tree = &reader->tree;
    if (tree->nodes[item].kind != SCL_NODE_MAPPING)
        return scl_reader_fail(reader, scl_place_of_value(reader, item), "bounds",
                               scl_config_keys[SCL_KEY_OWN_BOUNDS].allowed, NULL, "a bound is not a mapping");
    for (size_t child = tree->nodes[item].first; child; child = tree->nodes[child].next) {
        const char *key = scl_tree_key(tree, child);
        size_t part = 0;
        while (part < N_PARTS && strcmp(parts[part], key) != 0) part++;
        if (part == N_PARTS)
            return scl_reader_unknown(reader, scl_place_of_key(reader, child), "bounds", "unknown key of a bound", key,
                                      parts, N_PARTS);
    }
    for (size_t part = 0; part < N_PARTS; part++) {
        nodes[part] = scl_tree_child(tree, item, parts[part]);
        if (!nodes[part])
            return scl_reader_fail(reader, scl_place_of_value(reader, item), "bounds",
                                   "id, kind, metric, estimator, terms", NULL, "a bound lacks its %s", parts[part]);
    }
    return SCL_OK;
}

static scl_status read_id(scl_bound *bound, const scl_reader *reader, size_t node)
{
    static const char allowed[] = "1 to 64 letters, digits, - _ . (first a letter or a digit)";
    const char *id = NULL;
    scl_status status = scl_reader_text(reader, node, "bounds: id", allowed, &id);
    if (status != SCL_OK) return status;
    if (!scl_is_plain_name(id, LONGEST_ID)) return fail_at(reader, node, allowed, "\"%s\" is no identifier", id);
    for (size_t i = 0; reader->names && i < reader->names->n_claims; i++)
        if (strcmp(reader->names->claims[i], id) == 0)
            return fail_at(reader, node, "an id of its own", "\"%s\" is a claim of the program", id);
    for (size_t i = 0; i < reader->config->n_bounds; i++)
        if (strcmp(reader->config->bounds[i].id, id) == 0)
            return fail_at(reader, node, "an id of its own for each", "id \"%s\" is taken", id);
    bound->id = scl_strdup(id, reader->err);
    return bound->id ? SCL_OK : SCL_ERR_MEMORY;
}

static scl_status read_kind(scl_bound *bound, const scl_reader *reader, size_t node)
{
    const char *word = NULL;
    scl_status status = scl_reader_text(reader, node, "bounds: kind", "upper, lower", &word);
    if (status != SCL_OK) return status;
    for (size_t kind = 0; kind < SCL_N_BOUND_KINDS; kind++) {
        bound->kind = (scl_bound_kind)kind;
        if (strcmp(scl_bound_kind_names[kind], word) == 0) return SCL_OK;
    }
    return scl_reader_unknown(reader, scl_place_of_value(reader, node), "bounds", "unknown kind", word,
                              scl_bound_kind_names, SCL_N_BOUND_KINDS);
}

/* What a metric is that is no error. */
static const char *other_than_error(const scl_metric *metric)
{
    if (metric->of == SCL_OF_MODEL)
        return "\"%s\" is a number of the model, the same for every estimator, not an error";
    if (metric->of == SCL_OF_SAMPLE)
        return "\"%s\" is a number of the sample, the same for every estimator, not an error";
    return "\"%s\" is no error: it is not 0 when U is found";
}

static scl_status read_metric(scl_bound *bound, const scl_reader *reader, size_t node)
{
    const scl_config *config = reader->config;
    const char *word = NULL, *names[SCL_MAX_METRICS];
    scl_status status = scl_reader_text(reader, node, "bounds: metric", "a metric of this config", &word);
    if (status != SCL_OK) return status;
    for (size_t i = 0; i < config->n_metrics; i++) {
        names[i] = config->metrics[i]->name;
        if (strcmp(names[i], word) == 0) bound->metric = config->metrics[i];
    }
    if (!bound->metric)
        return scl_reader_unknown(reader, scl_place_of_value(reader, node), "bounds",
                                  "not among this config's metrics:", word, names, config->n_metrics);
    if (bound->metric->largest) return SCL_OK;
    scl_text errors = {0};
    for (size_t i = 0; i < scl_n_metrics && status == SCL_OK; i++)
        if (scl_metrics[i]->largest)
            status = scl_text_add(&errors, reader->err, "%s%s", errors.length ? ", " : "", scl_metrics[i]->name);
    if (status == SCL_OK) status = fail_at(reader, node, scl_text_get(&errors), other_than_error(bound->metric), word);
    scl_text_free(&errors);
    return status;
}

static bool has_defaults(const scl_estimator_use *use)
{
    for (size_t i = 0; i < use->estimator->n_options; i++)
        if (use->options[i] != use->estimator->options[i].fallback) return false;
    return true;
}

/* An id of the config; else a registered name, whose use with default options has another id. */
static scl_status read_use(scl_bound *bound, const scl_reader *reader, size_t node)
{
    const scl_config *config = reader->config;
    const char *word = NULL, *ids[64];
    scl_status status = scl_reader_text(reader, node, "bounds: estimator", "an estimator of this config", &word);
    if (status != SCL_OK) return status;
    size_t use = 0, n_ids = config->n_estimators < 64 ? config->n_estimators : 64;
    while (use < config->n_estimators && strcmp(config->estimators[use].id, word) != 0) use++;
    for (size_t i = 0; use == config->n_estimators && i < config->n_estimators; i++)
        if (strcmp(config->estimators[i].estimator->name, word) == 0 && has_defaults(&config->estimators[i])) use = i;
    for (size_t i = 0; i < n_ids; i++) ids[i] = config->estimators[i].id;
    if (use == config->n_estimators)
        return scl_reader_unknown(reader, scl_place_of_value(reader, node), "bounds",
                                  "not among this config's estimators:", word, ids, n_ids);
    bound->use = use;
    if (!scl_use_draws(&config->estimators[use])) return SCL_OK;
    return fail_at(reader, node, "an estimator without random numbers of its own",
                   "\"%s\" draws random numbers of its own, so that it has no population value", word);
}

/* ---- terms ---- */

/* Where byte `at` of a scalar's text was written. Only a scalar of one line without escapes is the file's bytes; for others, and for
 * --set, false and where its key is. */
static bool find_place(scl_place *place, const scl_reader *reader, size_t node, const char *text, size_t at)
{
    scl_place value = scl_place_of_value(reader, node);
    *place = scl_place_of_key(reader, node);
    if (place->set) return false;
    const char *source = reader->config->source;
    if (strncmp(source, "\xEF\xBB\xBF", 3) == 0) source += 3; /* a byte order mark is no column */
    for (size_t line = 1; line < value.line; line++) {
        const char *end = strchr(source, '\n');
        if (!end) return false;
        source = end + 1;
    }
    size_t column = 1;
    while (*source && column < value.column)
        if ((*++source & 0xC0) != 0x80) column++;
    if (!reader->tree.nodes[node].plain && (*source == '"' || *source == '\'')) {
        source++;
        column++;
    }
    if (strncmp(source, text, strlen(text)) != 0) return false;
    for (size_t i = 0; i < at; i++) column += (text[i] & 0xC0) != 0x80;
    *place = (scl_place){0, value.line, column};
    return true;
}

/* All that an expression may hold. */
static scl_status list_allowed(scl_text *allowed, bool without_n, scl_error *err)
{
    scl_status status = scl_text_add(allowed, err, "numbers, + - * / ^ ( ), ");
    for (size_t q = 0; q < SCL_N_QUANTITIES && status == SCL_OK; q++)
        if (!(without_n && q == SCL_QUANTITY_N)) status = scl_text_add(allowed, err, "%s, ", scl_quantity_names[q]);
    return status == SCL_OK ? scl_text_add(allowed, err, "%s", scl_expression_functions) : status;
}

static scl_status bad_term(const scl_reader *reader, size_t node, const char *text, scl_bound_term term,
                           const scl_expression_fault *fault)
{
    scl_place place;
    scl_text allowed = {0};
    char where[48] = "";
    bool plain = reader->tree.nodes[node].plain, open = plain && fault->at == strlen(text) && strchr(text, '(');
    if (!find_place(&place, reader, node, text, fault->at))
        snprintf(where, sizeof where, " (character %zu of the text)", fault->at + 1);
    scl_status status = list_allowed(&allowed, term != SCL_TERM_SAMPLING, reader->err);
    if (status == SCL_OK)
        status = scl_reader_fail(reader, place, "bounds", scl_text_get(&allowed), fault->nearest, "term %s: %s%s%s",
                                 scl_bound_term_names[term], fault->what, where,
                                 open ? " (inside { } an expression with a comma must stand in quotes)" : "");
    scl_text_free(&allowed);
    return status;
}

/* Only the sampling term may fall with n: the others are about n = inf, and about every n. */
static scl_status check_n(const scl_reader *reader, size_t node, const char *text, scl_bound_term term,
                          const scl_expression *expression)
{
    if (term == SCL_TERM_SAMPLING || !(scl_expression_uses(expression) & SCL_QUANTITY_BIT(SCL_QUANTITY_N)))
        return SCL_OK;
    scl_expression_fault fault = {.at = scl_expression_place(expression, SCL_QUANTITY_N)};
    snprintf(fault.what, sizeof fault.what, "%s",
             term == SCL_TERM_BIAS ? "n cannot stand here: the bias is what is left at n = inf"
                                   : "n cannot stand here: the floor holds for every n, n = inf among them");
    return bad_term(reader, node, text, term, &fault);
}

static scl_status read_term(scl_bound *bound, const scl_reader *reader, size_t node, scl_bound_term term)
{
    const char *text = NULL;
    scl_expression *expression = NULL;
    scl_expression_fault fault;
    scl_error unsaid = {0}; /* the fault is told with its place */
    char key[32];
    snprintf(key, sizeof key, "bounds: term %s", scl_bound_term_names[term]);
    scl_status status = scl_reader_text(reader, node, key, "an expression", &text);
    if (status != SCL_OK) return status;
    status = scl_expression_new(&expression, &fault, text, &unsaid);
    if (status == SCL_ERR_INPUT) return bad_term(reader, node, text, term, &fault);
    if (status != SCL_OK) return scl_error_set(reader->err, status, "%s", unsaid.message);
    status = check_n(reader, node, text, term, expression);
    scl_expression_free(expression);
    if (status != SCL_OK) return status;
    bound->terms[term] = scl_strdup(text, reader->err);
    return bound->terms[term] ? SCL_OK : SCL_ERR_MEMORY;
}

static scl_status read_terms(scl_bound *bound, const scl_reader *reader, size_t node)
{
    const scl_tree *tree = &reader->tree;
    const char *allowed = bound->kind == SCL_BOUND_UPPER
                              ? "a mapping of sampling and bias, or one of them (kind: upper)"
                              : "a mapping of floor (kind: lower)";
    const char *names[SCL_N_BOUND_TERMS];
    size_t n_names = 0;
    for (size_t term = 0; term < SCL_N_BOUND_TERMS; term++)
        if (scl_bound_kind_of((scl_bound_term)term) == bound->kind) names[n_names++] = scl_bound_term_names[term];
    if (tree->nodes[node].kind != SCL_NODE_MAPPING || tree->nodes[node].n_children == 0)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), "bounds", allowed, NULL, "terms %s",
                               tree->nodes[node].kind == SCL_NODE_MAPPING ? "are empty" : "are not a mapping");
    scl_status status = SCL_OK;
    for (size_t child = tree->nodes[node].first; child && status == SCL_OK; child = tree->nodes[child].next) {
        const char *key = scl_tree_key(tree, child);
        size_t term = 0;
        while (term < SCL_N_BOUND_TERMS &&
               (strcmp(scl_bound_term_names[term], key) != 0 || scl_bound_kind_of((scl_bound_term)term) != bound->kind))
            term++;
        if (term == SCL_N_BOUND_TERMS)
            return scl_reader_unknown(reader, scl_place_of_key(reader, child), "bounds",
                                      bound->kind == SCL_BOUND_UPPER ? "an upper bound has no term"
                                                                     : "a lower bound has no term",
                                      key, names, n_names);
        status = read_term(bound, reader, child, (scl_bound_term)term);
    }
    return status;
}

static scl_status read_bound(scl_reader *reader, size_t item)
{
    size_t nodes[N_PARTS];
    scl_status status = find_parts(nodes, reader, item);
    if (status != SCL_OK) return status;
    scl_bound bound = {0};
    status = read_id(&bound, reader, nodes[PART_ID]);
    reader->config->bounds[reader->config->n_bounds] = bound; /* the config owns what was read, complete or not */
    scl_bound *kept = &reader->config->bounds[reader->config->n_bounds];
    reader->config->n_bounds += status == SCL_OK;
    if (status == SCL_OK) status = read_kind(kept, reader, nodes[PART_KIND]);
    if (status == SCL_OK) status = read_metric(kept, reader, nodes[PART_METRIC]);
    if (status == SCL_OK) status = read_use(kept, reader, nodes[PART_ESTIMATOR]);
    if (status == SCL_OK) status = read_terms(kept, reader, nodes[PART_TERMS]);
    return status;
}

scl_status scl_reader_bounds(scl_reader *reader)
{
    size_t item = 0, count = 0;
    scl_status status = scl_reader_open_list(reader, SCL_KEY_OWN_BOUNDS, true, &item, &count);
    if (status != SCL_OK) return status;
    reader->config->bounds = scl_alloc(count, sizeof *reader->config->bounds, reader->err);
    if (!reader->config->bounds) return SCL_ERR_MEMORY;
    for (; item && status == SCL_OK; item = reader->tree.nodes[item].next) {
        if (reader->config->n_bounds == SCL_MAX_BOUNDS)
            return scl_reader_fail(reader, scl_place_of_value(reader, item), "bounds", NULL, NULL,
                                   "more than %d bounds", SCL_MAX_BOUNDS);
        status = read_bound(reader, item);
    }
    return status;
}
