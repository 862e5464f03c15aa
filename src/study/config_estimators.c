/* The estimators of a config, with their ids and options, and the pairs that are compared. */
#include "base/memory.h"
#include "study/config_parts.h"

#include <math.h>
#include <string.h>

enum { LONGEST_ID = 64 };

static scl_status unknown_option(const scl_reader *reader, size_t node, const scl_estimator *estimator)
{
    const char *names[SCL_MAX_OPTIONS + 2] = {"name", "id"};
    for (size_t i = 0; i < estimator->n_options; i++) names[i + 2] = estimator->options[i].key;
    char what[128] = "unknown option of ";
    strncat(what, estimator->name, 64);
    return scl_reader_unknown(reader, scl_place_of_key(reader, node), "estimators", what,
                              scl_tree_key(&reader->tree, node), names, estimator->n_options + 2);
}

/* The index of the word in `value`; false when it is none of them. */
static bool find_word(double *value, const scl_option *option, const char *word)
{
    for (size_t i = 0; option->words[i]; i++) {
        *value = (double)i;
        if (strcmp(option->words[i], word) == 0) return true;
    }
    return false;
}

static scl_status read_option(const scl_reader *reader, size_t node, const scl_option *option, double *out)
{
    const char *text = NULL, *wrong = NULL, *nearest = NULL;
    char allowed[SCL_OPTION_CHARS], shown[SCL_CLIP_CHARS];
    double value = 0;
    scl_status status = scl_reader_text(reader, node, option->key, scl_option_allowed(allowed, option), &text);
    if (status != SCL_OK) return status;
    if (option->words) {
        size_t n = 0;
        while (option->words[n]) n++;
        nearest = scl_nearest_name(text, option->words, n);
        wrong = find_word(&value, option, text) ? NULL : "is unknown";
    } else if (!reader->tree.nodes[node].plain) {
        wrong = "in quotes is a text, not a number";
    } else if (!scl_number_parse(text, false, &value)) {
        wrong = "is not a finite number";
    } else if (value < option->low || value > option->high) {
        wrong = "is out of range";
    } else if (option->whole && value != floor(value)) {
        wrong = "is not a whole number";
    }
    if (wrong)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), option->key, allowed, nearest, "\"%s\" %s",
                               scl_clip(shown, text), wrong);
    *out = value;
    return SCL_OK;
}

/* Reads the keys of {name, id, <option>: value}; `id` stays NULL when there is none. */
static scl_status read_use(const scl_reader *reader, size_t node, scl_estimator_use *use, const char **id,
                           size_t *id_node)
{
    const scl_tree *tree = &reader->tree;
    char shown[SCL_CLIP_CHARS];
    const char *allowed = "1 to 64 letters, digits, - _ . (first a letter or a digit)";
    for (size_t child = tree->nodes[node].first; child; child = tree->nodes[child].next) {
        const char *key = scl_tree_key(tree, child);
        scl_status status = SCL_OK;
        if (strcmp(key, "name") == 0) continue;
        if (strcmp(key, "id") == 0) {
            *id_node = child;
            status = scl_reader_text(reader, child, "id", allowed, id);
            if (status == SCL_OK && !scl_is_plain_name(*id, LONGEST_ID))
                status = scl_reader_fail(reader, scl_place_of_value(reader, child), "id", allowed, NULL,
                                         "\"%s\" is no identifier", scl_clip(shown, *id));
        } else {
            size_t i = 0;
            while (i < use->estimator->n_options && strcmp(use->estimator->options[i].key, key) != 0) i++;
            if (i == use->estimator->n_options) return unknown_option(reader, child, use->estimator);
            status = read_option(reader, child, &use->estimator->options[i], &use->options[i]);
        }
        if (status != SCL_OK) return status;
    }
    return SCL_OK;
}

/* Options that make no sense together, blamed on one that is written. */
static scl_status check_clash(const scl_reader *reader, size_t item, const scl_estimator_use *use)
{
    size_t option = 0;
    const char *allowed = NULL, *text = NULL;
    char shown[SCL_CLIP_CHARS];
    if (!use->estimator->clash || !use->estimator->clash(&option, &allowed, use->options)) return SCL_OK;
    const char *key = use->estimator->options[option].key;
    size_t node = scl_tree_child(&reader->tree, item, key);
    scl_status status = scl_reader_text(reader, node, key, allowed, &text);
    if (status != SCL_OK) return status;
    return scl_reader_fail(reader, scl_place_of_value(reader, node), key, allowed, NULL,
                           "\"%s\" contradicts another option", scl_clip(shown, text));
}

static scl_status read_estimator(scl_reader *reader, size_t item)
{
    scl_config *config = reader->config;
    const scl_key_doc *doc = &scl_config_keys[SCL_KEY_ESTIMATORS];
    scl_node_kind kind = reader->tree.nodes[item].kind;
    bool mapping = kind == SCL_NODE_MAPPING;
    size_t name_node = mapping ? scl_tree_child(&reader->tree, item, "name") : item;
    scl_place place = scl_place_of_value(reader, item);
    if (!name_node || kind == SCL_NODE_LIST)
        return scl_reader_fail(reader, place, doc->key, doc->allowed, NULL,
                               mapping ? "an estimator without a name" : "a list in the list");
    const char *word = NULL;
    scl_status status = scl_reader_text(reader, name_node, doc->key, doc->allowed, &word);
    if (status != SCL_OK) return status;
    scl_estimator_use use = {.estimator = scl_estimator_find(word)};
    if (!use.estimator) {
        const char *names[64];
        size_t n_names = scl_n_estimators < 64 ? scl_n_estimators : 64;
        for (size_t i = 0; i < n_names; i++) names[i] = scl_estimators[i]->name;
        return scl_reader_unknown(reader, scl_place_of_value(reader, name_node), doc->key, "unknown estimator", word,
                                  names, n_names);
    }
    for (size_t i = 0; i < use.estimator->n_options; i++) use.options[i] = use.estimator->options[i].fallback;
    size_t id_node = name_node;
    if (mapping) status = read_use(reader, item, &use, &word, &id_node);
    if (mapping && status == SCL_OK) status = check_clash(reader, item, &use);
    if (status != SCL_OK) return status;
    for (size_t i = 0; i < config->n_estimators; i++) {
        if (strcmp(config->estimators[i].id, word) != 0) continue;
        const scl_node *first = &reader->tree.nodes[reader->estimator_nodes[i]];
        char shown[SCL_CLIP_CHARS];
        return scl_reader_fail(reader, scl_place_of_value(reader, id_node), doc->key,
                               "an id of its own for each: {name: .., id: ..}", NULL, "id \"%s\" is taken at %zu:%zu",
                               scl_clip(shown, word), first->line, first->column);
    }
    use.id = scl_strdup(word, reader->err);
    if (!use.id) return SCL_ERR_MEMORY;
    reader->estimator_nodes[config->n_estimators] = id_node;
    config->estimators[config->n_estimators++] = use;
    return SCL_OK;
}

static scl_status read_estimators(scl_reader *reader)
{
    size_t item = 0, count = 0;
    scl_status status = scl_reader_open_list(reader, SCL_KEY_ESTIMATORS, false, &item, &count);
    if (status != SCL_OK) return status;
    reader->config->estimators = scl_alloc(count, sizeof *reader->config->estimators, reader->err);
    reader->estimator_nodes = scl_alloc(count, sizeof *reader->estimator_nodes, reader->err);
    if (!reader->config->estimators || !reader->estimator_nodes) return SCL_ERR_MEMORY;
    for (; item && status == SCL_OK; item = reader->tree.nodes[item].next) status = read_estimator(reader, item);
    return status;
}

static scl_status find_id(const scl_reader *reader, size_t node, size_t *index)
{
    const scl_config *config = reader->config;
    const char *word = NULL;
    scl_status status = scl_reader_text(reader, node, "compare", "ids of estimators", &word);
    if (status != SCL_OK) return status;
    for (*index = 0; *index < config->n_estimators; ++*index)
        if (strcmp(config->estimators[*index].id, word) == 0) return SCL_OK;
    const char *ids[64];
    size_t n_ids = config->n_estimators < 64 ? config->n_estimators : 64;
    for (size_t i = 0; i < n_ids; i++) ids[i] = config->estimators[i].id;
    return scl_reader_unknown(reader, scl_place_of_value(reader, node), "compare", "unknown estimator id", word, ids,
                              n_ids);
}

static scl_status read_compares(scl_reader *reader)
{
    scl_config *config = reader->config;
    size_t item = 0, count = 0;
    scl_status status = scl_reader_open_list(reader, SCL_KEY_COMPARE, true, &item, &count);
    if (status != SCL_OK) return status;
    config->compares = scl_alloc(count, sizeof *config->compares, reader->err);
    if (!config->compares) return SCL_ERR_MEMORY;
    for (; item; item = reader->tree.nodes[item].next) {
        const scl_node *pair = &reader->tree.nodes[item];
        scl_place place = scl_place_of_value(reader, item);
        if (pair->kind != SCL_NODE_LIST || pair->n_children != 2)
            return scl_reader_fail(reader, place, "compare", "list of pairs [id, id]", NULL, "is not a pair");
        scl_compare compare = {0};
        status = find_id(reader, pair->first, &compare.left);
        if (status == SCL_OK) status = find_id(reader, pair->last, &compare.right);
        if (status != SCL_OK) return status;
        if (compare.left == compare.right)
            return scl_reader_fail(reader, place, "compare", "two different ids", NULL, "\"%s\" against itself",
                                   config->estimators[compare.left].id);
        for (size_t i = 0; i < config->n_compares; i++)
            if (config->compares[i].left == compare.left && config->compares[i].right == compare.right)
                return scl_reader_fail(reader, place, "compare", "each pair once", NULL, "the pair is repeated");
        config->compares[config->n_compares++] = compare;
    }
    return SCL_OK;
}

scl_status scl_reader_estimators(scl_reader *reader)
{
    scl_status status = read_estimators(reader);
    return status == SCL_OK ? read_compares(reader) : status;
}
