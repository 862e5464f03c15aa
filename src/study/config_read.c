/* A config from its file: bytes, tree, keys, lists, checks. See config.h and config_parts.h. */
#include "base/file.h"
#include "base/memory.h"
#include "study/config_parts.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_NAME = 100 };

static const char *kind_name(scl_node_kind kind)
{
    return kind == SCL_NODE_LIST ? "a list" : kind == SCL_NODE_MAPPING ? "a mapping" : "a single value";
}

scl_status scl_reader_text(const scl_reader *reader, size_t node, const char *key, const char *allowed,
                           const char **text)
{
    const scl_node *at = &reader->tree.nodes[node];
    if (at->kind != SCL_NODE_SCALAR)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), key, allowed, NULL, "is %s",
                               kind_name(at->kind));
    *text = scl_tree_text(&reader->tree, node);
    bool nothing = (*text)[0] == '\0' || (at->plain && (strcmp(*text, "~") == 0 || strcmp(*text, "null") == 0));
    if (nothing) return scl_reader_fail(reader, scl_place_of_value(reader, node), key, allowed, NULL, "is empty");
    return SCL_OK;
}

/* {coherent: {mass: ..}}: the word of a key whose words have keys of their own; NULL when the mapping does not begin with a word. */
static const char *word_of_mapping(const scl_reader *reader, size_t node, scl_key key)
{
    const scl_node *at = &reader->tree.nodes[node];
    scl_value value;
    if (at->kind != SCL_NODE_MAPPING || at->n_children != 1 || !scl_key_is_group(scl_config_keys[key].key)) return NULL;
    const char *word = scl_tree_key(&reader->tree, at->first);
    return scl_key_parse(&value, key, word) == NULL ? word : NULL;
}

scl_status scl_reader_value(const scl_reader *reader, size_t node, scl_key key, scl_value *value)
{
    const char *name = scl_config_keys[key].key, *allowed = scl_config_keys[key].allowed, *text = NULL;
    const scl_rule *rule = &scl_key_rules[key];
    const char *word = rule->kind == SCL_RULE_WORD ? word_of_mapping(reader, node, key) : NULL;
    if (word && scl_key_parse(value, key, word) == NULL) return SCL_OK;
    scl_status status = scl_reader_text(reader, node, name, allowed, &text);
    if (status != SCL_OK) return status;
    char shown[SCL_CLIP_CHARS];
    scl_place place = scl_place_of_value(reader, node);
    if (rule->kind != SCL_RULE_WORD && !reader->tree.nodes[node].plain)
        return scl_reader_fail(reader, place, name, allowed, NULL, "\"%s\" in quotes is a text, not a number",
                               scl_clip(shown, text));
    const char *wrong = scl_key_parse(value, key, text);
    if (!wrong) return SCL_OK;
    const char *nearest = rule->kind == SCL_RULE_WORD ? scl_nearest_name(text, rule->words, rule->n_words) : NULL;
    return scl_reader_fail(reader, place, name, allowed, nearest, "\"%s\" %s", scl_clip(shown, text), wrong);
}

bool scl_is_plain_name(const char *text, size_t longest)
{
    size_t length = strlen(text);
    if (length > longest || !isalnum((unsigned char)text[0])) return false;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte > 0x7E || (!isalnum(byte) && !strchr("-_.", byte))) return false;
    }
    return true;
}

/* A question is one line of text, also when it was written as a block. */
static void make_one_line(char *text)
{
    size_t length = strlen(text);
    while (length > 0 && strchr(" \n\r\t", text[length - 1])) text[--length] = '\0';
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F) text[i] = ' ';
}

static scl_status read_text(scl_reader *reader, size_t node, scl_key key)
{
    scl_config *config = reader->config;
    const scl_key_doc *doc = &scl_config_keys[key];
    const scl_node *at = &reader->tree.nodes[node];
    const char *text = "";
    bool nothing_said =
        key == SCL_KEY_QUESTION && at->kind == SCL_NODE_SCALAR && !scl_tree_text(&reader->tree, node)[0];
    scl_status status = nothing_said ? SCL_OK : scl_reader_text(reader, node, doc->key, doc->allowed, &text);
    if (status != SCL_OK) return status;
    char shown[SCL_CLIP_CHARS];
    if (key == SCL_KEY_NAME && !scl_is_plain_name(text, LONGEST_NAME))
        return scl_reader_fail(reader, scl_place_of_value(reader, node), doc->key, doc->allowed, NULL,
                               "\"%s\" cannot name a folder", scl_clip(shown, text));
    char **target = key == SCL_KEY_NAME               ? &config->name
                    : key == SCL_KEY_QUESTION         ? &config->question
                    : key == SCL_KEY_LOADINGS_FILE    ? &config->base.loadings_file
                    : key == SCL_KEY_FILE             ? &config->base.noise_file
                    : key == SCL_KEY_WEIGHTS_FILE     ? &config->base.weights_file
                    : key == SCL_KEY_PRECISION_METRIC ? &config->precision.metric_name
                    : key == SCL_KEY_FIGURE_X         ? &config->figure.x
                    : key == SCL_KEY_FIGURE_Y         ? &config->figure.y
                                                      : &config->figure.metric;
    *target = scl_strdup(text, reader->err);
    if (!*target) return SCL_ERR_MEMORY;
    if (key == SCL_KEY_QUESTION) make_one_line(*target);
    return SCL_OK;
}

scl_status scl_reader_numbers(double **numbers, size_t *n, char **canonical, const scl_reader *reader, size_t node,
                              scl_key key, scl_number_reader *read)
{
    const scl_node *list = &reader->tree.nodes[node];
    if (list->n_children == 0)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), scl_config_keys[key].key,
                               scl_config_keys[key].allowed, NULL, "is an empty list");
    *n = 0;
    *numbers = scl_alloc(list->n_children, sizeof **numbers, reader->err);
    scl_text text = {0};
    scl_status status = *numbers ? SCL_OK : SCL_ERR_MEMORY;
    for (size_t item = list->first; item && status == SCL_OK; item = reader->tree.nodes[item].next) {
        char digits[SCL_NUMBER_CHARS];
        double *number = &(*numbers)[*n];
        status = read(number, reader, item);
        if (status != SCL_OK) break;
        status = scl_text_add(&text, reader->err, "%s%s", (*n)++ ? "," : "", scl_number_shortest(digits, *number));
    }
    *canonical = text.data;
    return status;
}

static scl_status read_nu(double *out, const scl_reader *reader, size_t item)
{
    scl_value value = {0};
    scl_status status = scl_reader_value(reader, item, SCL_KEY_NU, &value);
    *out = value.number;
    return status;
}

/* nu: [2, 1, 1]; how many there are is compared with r in every cell. */
static scl_status read_nus(scl_reader *reader, size_t node)
{
    scl_config *config = reader->config;
    scl_settings *base = &config->base;
    scl_status status =
        scl_reader_numbers(&config->nus, &base->n_nus, &base->nu_text, reader, node, SCL_KEY_NU, read_nu);
    base->model.nus = config->nus;
    base->model.nu = INFINITY;
    for (size_t k = 0; k < base->n_nus; k++) base->model.nu = fmin(base->model.nu, config->nus[k]);
    return status;
}

static scl_status read_key(scl_reader *reader, size_t node, scl_key key)
{
    reader->given[key] = node;
    if (key == SCL_KEY_NU && reader->tree.nodes[node].kind == SCL_NODE_LIST) return read_nus(reader, node);
    if (key == SCL_KEY_WEIGHTS && reader->tree.nodes[node].kind == SCL_NODE_LIST)
        return scl_reader_weights(reader, node);
    if (scl_key_rules[key].kind == SCL_RULE_PARTS) return SCL_OK; /* read later, when the names they use are known */
    if (scl_key_rules[key].kind == SCL_RULE_TEXT) return read_text(reader, node, key);
    if (scl_key_rules[key].sweepable && reader->tree.nodes[node].kind == SCL_NODE_LIST)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), scl_config_keys[key].key,
                               scl_config_keys[key].allowed, NULL,
                               "is a list (several values go under sweep, as %s: [a, b])", scl_config_keys[key].key);
    scl_value value = {0};
    scl_status status = scl_reader_value(reader, node, key, &value);
    if (status == SCL_OK) scl_key_store(reader->config, key, &value);
    return status;
}

/* The keys of a group, whose dotted name with a final dot is `prefix` ("" for the file, "model."). */
typedef struct siblings {
    char storage[SCL_N_KEYS][32];
    const char *names[SCL_N_KEYS];
    size_t count;
    scl_text list; /* "d, r, nu" */
} siblings;

static scl_status find_siblings(siblings *out, const char *prefix, scl_error *err)
{
    size_t length = strlen(prefix);
    *out = (siblings){0};
    scl_status status = SCL_OK;
    for (size_t key = 0; key < SCL_N_KEYS && status == SCL_OK; key++) {
        const char *dotted = scl_config_keys[key].key;
        if (strncmp(dotted, prefix, length) != 0) continue;
        char *name = out->storage[out->count];
        snprintf(name, sizeof out->storage[0], "%.*s", (int)strcspn(dotted + length, "."), dotted + length);
        if (out->count > 0 && strcmp(out->names[out->count - 1], name) == 0)
            continue; /* a group's keys are neighbours */
        status = scl_text_add(&out->list, err, "%s%s", out->count ? ", " : "", name);
        out->names[out->count++] = name;
    }
    return status;
}

static scl_status unknown_key(const scl_reader *reader, size_t node, const char *prefix)
{
    const char *word = scl_tree_key(&reader->tree, node), *elsewhere = NULL;
    bool dotted = strchr(word, '.') != NULL;
    siblings known;
    scl_status status = find_siblings(&known, prefix, reader->err);
    for (size_t key = 0; key < SCL_N_KEYS; key++)
        if (strcmp(scl_key_leaf((scl_key)key), word) == 0) elsewhere = scl_config_keys[key].key;
    if (status == SCL_OK) {
        const char *here = scl_nearest_name(word, known.names, known.count), *nearest = here ? here : elsewhere;
        char shown[SCL_CLIP_CHARS];
        status = scl_reader_fail(reader, scl_place_of_key(reader, node), NULL, scl_text_get(&known.list), nearest,
                                 "unknown key \"%s%s\"%s", prefix, scl_clip(shown, word),
                                 dotted ? " (dotted keys are for sweep and --set; here they are nested, model: {d: ..})"
                                        : "");
    }
    scl_text_free(&known.list);
    return status;
}

static scl_status not_a_group(const scl_reader *reader, size_t node, const char *prefix)
{
    char name[128];
    snprintf(name, sizeof name, "%.*s", prefix[0] ? (int)strlen(prefix) - 1 : 0, prefix);
    siblings known;
    scl_status status = find_siblings(&known, prefix, reader->err);
    scl_text allowed = {0};
    if (status == SCL_OK) status = scl_text_add(&allowed, reader->err, "a mapping of %s", scl_text_get(&known.list));
    if (status == SCL_OK)
        status =
            scl_reader_fail(reader, scl_place_of_value(reader, node), prefix[0] ? name : NULL, scl_text_get(&allowed),
                            NULL, prefix[0] ? "is not a mapping" : "the file is a list or a text, not a mapping");
    scl_text_free(&allowed);
    scl_text_free(&known.list);
    return status;
}

static scl_status read_group(scl_reader *reader, size_t group, const char *prefix);

/* A key of words as a mapping of one key: {coherent: {mass: ..}}, a word with keys of its own, or {file: ..}. */
static scl_status read_choice(scl_reader *reader, size_t node, scl_key key)
{
    const scl_key_doc *doc = &scl_config_keys[key];
    size_t n_children = reader->tree.nodes[node].n_children;
    char prefix[128];
    scl_value value = {0};
    if (n_children != 1)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), doc->key, doc->allowed, NULL,
                               "is a mapping of %zu keys, not of one", n_children);
    reader->given[key] = node;
    if (word_of_mapping(reader, node, key)) {
        scl_status status = scl_reader_value(reader, node, key, &value);
        if (status != SCL_OK) return status;
        scl_key_store(reader->config, key, &value);
    }
    snprintf(prefix, sizeof prefix, "%s.", doc->key);
    return read_group(reader, node, prefix);
}

/* Reads the keys of the mapping `group`, whose dotted name with a final dot is `prefix`, and of the groups below. */
static scl_status read_group(scl_reader *reader, size_t group, const char *prefix)
{
    const scl_tree *tree = &reader->tree;
    const scl_node *above = &tree->nodes[group];
    if (above->kind != SCL_NODE_MAPPING) return not_a_group(reader, group, prefix);
    scl_status status = SCL_OK;
    for (size_t child = above->first; child && status == SCL_OK; child = tree->nodes[child].next) {
        char dotted[128];
        const char *word = scl_tree_key(tree, child);
        int length = snprintf(dotted, sizeof dotted, "%s%s", prefix, word);
        bool fits = length > 0 && (size_t)length < sizeof dotted - 1;
        scl_key key = fits && !strchr(word, '.') ? scl_key_find(dotted) : SCL_N_KEYS;
        bool mapping = tree->nodes[child].kind == SCL_NODE_MAPPING;
        if (key != SCL_N_KEYS && mapping && scl_key_is_group(dotted)) {
            status = read_choice(reader, child, key);
        } else if (key != SCL_N_KEYS) {
            status = read_key(reader, child, key);
        } else if (fits && !strchr(word, '.') && scl_key_is_group(dotted)) {
            strcat(dotted, ".");
            status = read_group(reader, child, dotted);
        } else {
            status = unknown_key(reader, child, prefix);
        }
    }
    return status;
}

static void store_defaults(scl_config *config)
{
    for (size_t key = 0; key < SCL_N_KEYS; key++) {
        scl_rule_kind kind = scl_key_rules[key].kind;
        scl_value value = {0};
        if (kind == SCL_RULE_TEXT || kind == SCL_RULE_PARTS) continue;
        if (scl_key_parse(&value, (scl_key)key, scl_config_keys[key].fallback) == NULL) /* "required" is no value */
            scl_key_store(config, (scl_key)key, &value);
    }
}

/* True for a key of a group that the config may leave out whole, and does; a waterfall has no axes to choose, and only winners have a
 * metric beside them. */
static bool is_left_out(const scl_config *config, const char *dotted)
{
    if (strcmp(dotted, scl_config_keys[SCL_KEY_FIGURE_METRIC].key) == 0 && config->figure.kind != SCL_FIGURE_WINNERS)
        return true;
    if (strncmp(dotted, "figure.", 7) == 0)
        return !config->figure.wanted || config->figure.kind == SCL_FIGURE_WATERFALL;
    return strncmp(dotted, "precision.", 10) == 0 && !config->precision.wanted;
}

static scl_status check_required(const scl_reader *reader)
{
    for (size_t key = 0; key < SCL_N_KEYS; key++) {
        const scl_key_doc *doc = &scl_config_keys[key];
        if (strcmp(doc->fallback, SCL_KEY_REQUIRED) != 0 || is_left_out(reader->config, doc->key)) continue;
        if (reader->given[key] || reader->axis[key]) continue;
        if (key == SCL_KEY_N && (reader->given[SCL_KEY_ASPECT] || reader->axis[SCL_KEY_ASPECT])) continue;
        size_t group = scl_tree_deepest(&reader->tree, doc->key);
        return scl_reader_fail(reader, scl_place_of_key(reader, group), doc->key, doc->allowed, NULL, "is missing");
    }
    return SCL_OK;
}

static scl_status read_all(scl_reader *reader)
{
    scl_config *config = reader->config;
    size_t length = 0;
    scl_status status = scl_file_read(&config->source, &length, config->path, reader->err);
    if (status == SCL_OK) status = scl_reader_parse(reader, 0, config->source, length, &reader->tree.root);
    if (status != SCL_OK) return status;
    if (!reader->tree.root)
        return scl_reader_fail(reader, (scl_place){0, 1, 1}, NULL, "a mapping (key: value)", NULL,
                               "the file says nothing");
    status = scl_reader_apply_sets(reader);
    store_defaults(config);
    if (status == SCL_OK) status = read_group(reader, reader->tree.root, "");
    if (status != SCL_OK) return status;
    config->precision.wanted = scl_tree_child(&reader->tree, reader->tree.root, "precision") != 0;
    config->figure.wanted = scl_tree_child(&reader->tree, reader->tree.root, "figure") != 0;
    if (!config->question) config->question = scl_strdup("", reader->err);
    if (!config->question) return SCL_ERR_MEMORY;
    status = scl_reader_sweep(reader);
    if (status == SCL_OK) status = check_required(reader);
    if (status == SCL_OK) status = scl_reader_lists(reader);
    if (status == SCL_OK) status = scl_reader_checks(reader);
    return status;
}

static scl_status name_study(const scl_reader *reader)
{
    scl_text words = {0};
    const char *results = reader->names ? reader->names->results : NULL;
    /* a path that begins like an option needs a ./ before it */
    scl_status status = scl_text_add(&words, reader->err, "%s", reader->config->path[0] == '-' ? "./" : "");
    if (status == SCL_OK) status = scl_text_add_word(&words, reader->config->path, reader->err);
    if (status == SCL_OK && results) status = scl_text_add(&words, reader->err, " --results ");
    if (status == SCL_OK && results) status = scl_text_add_word(&words, results, reader->err);
    for (size_t i = 0; i < reader->n_sets && status == SCL_OK; i++) {
        status = scl_text_add(&words, reader->err, scl_is_own_option(reader->sets[i]) ? " " : " --set ");
        if (status == SCL_OK) status = scl_text_add_word(&words, reader->sets[i], reader->err);
    }
    reader->config->words = words.data;
    return status;
}

scl_status scl_config_read(scl_config *config, const char *path, const char *const *sets, size_t n_sets,
                           const scl_config_names *names, scl_error *err)
{
    *config = (scl_config){0};
    scl_error unheard = {0}; /* the caller may want no message */
    scl_reader reader = {.config = config, .sets = sets, .n_sets = n_sets, .names = names, .err = err ? err : &unheard};
    config->path = scl_strdup(path, reader.err);
    scl_status status = config->path ? name_study(&reader) : SCL_ERR_MEMORY;
    if (status == SCL_OK) status = read_all(&reader);
    scl_tree_free(&reader.tree);
    for (size_t axis = 0; axis < SCL_N_KEYS; axis++) scl_free(reader.sources[axis].nodes);
    scl_free(reader.estimator_nodes);
    scl_free(reader.metric_nodes);
    if (status != SCL_OK) scl_config_free(config);
    return status;
}
