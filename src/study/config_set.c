/* --set key=value: puts values into the tree of the file before anything is read from it, so that what comes from the
 * command line passes the same checks. A number, word or text is taken as it stands; a list, or a whole group, is
 * written as YAML: --set 'metrics=[cos2]', --set 'model.latent={student: {df: 5}}'. */
#include "study/config_parts.h"

#include <string.h>

enum { LONGEST_KEY = 120 };

static scl_status unknown_key(const scl_reader *reader, scl_place place, const char *dotted)
{
    const char *names[SCL_N_KEYS];
    for (size_t key = 0; key < SCL_N_KEYS; key++) names[key] = scl_config_keys[key].key;
    const char *nearest = scl_nearest_name(dotted, names, SCL_N_KEYS);
    for (size_t key = 0; key < SCL_N_KEYS; key++) {
        size_t length = strlen(names[key]);
        bool part = scl_key_rules[key].kind == SCL_RULE_PARTS && strncmp(dotted, names[key], length) == 0;
        if (part && dotted[length] == '.') nearest = names[key]; /* sweep.sample.n: only set as a whole */
        if (strcmp(dotted, scl_key_leaf((scl_key)key)) == 0) nearest = names[key];
    }
    return scl_reader_fail(reader, place, NULL, "the dotted keys of a config", nearest, "unknown key \"%s\"", dotted);
}

/* Puts `node` at the dotted path, making the groups that are missing. */
static scl_status graft(scl_reader *reader, const char *dotted, scl_node node)
{
    scl_tree *tree = &reader->tree;
    size_t at = tree->root;
    for (;;) {
        char part[LONGEST_KEY + 1];
        size_t length = strcspn(dotted, ".");
        memcpy(part, dotted, length);
        part[length] = '\0';
        bool word = tree->nodes[at].kind == SCL_NODE_SCALAR && strcmp(scl_tree_text(tree, at), part) == 0;
        if (word) tree->nodes[at].kind = SCL_NODE_MAPPING; /* latent: student is latent: {student: {}} */
        if (tree->nodes[at].kind != SCL_NODE_MAPPING)
            return scl_reader_fail(reader, scl_place_of_value(reader, at), scl_tree_key(tree, at), "a mapping of keys",
                                   NULL, "is not a mapping");
        bool last = dotted[length] == '\0';
        size_t child = scl_tree_child(tree, at, part);
        if (child && last) {
            node.key = tree->nodes[child].key;
            node.next = tree->nodes[child].next;
            tree->nodes[child] = node;
            return SCL_OK;
        }
        if (!child) {
            scl_node added = {.kind = SCL_NODE_MAPPING, .set = node.set, .line = 1, .column = 1};
            if (last) added = node;
            scl_status status = scl_tree_add_text(tree, part, length, &added.key, reader->err);
            if (status == SCL_OK) status = scl_tree_add(tree, &added, at, &child, reader->err);
            if (status != SCL_OK || last) return status;
        }
        at = child;
        dotted += length + 1;
    }
}

bool scl_is_own_option(const char *set)
{
    return strncmp(set, "--", 2) == 0;
}

static scl_status apply_set(scl_reader *reader, size_t set)
{
    const char *text = reader->sets[set - 1];
    if (scl_is_own_option(text)) text += 2;
    scl_place place = {set, 1, 1};
    const char *equals = strchr(text, '=');
    if (!equals || equals == text) return scl_reader_fail(reader, place, NULL, "key=value", NULL, "no key and value");
    char dotted[LONGEST_KEY + 1];
    size_t length = (size_t)(equals - text);
    if (length > LONGEST_KEY)
        return scl_reader_fail(reader, place, NULL, "the dotted keys of a config", NULL, "unknown key");
    memcpy(dotted, text, length);
    dotted[length] = '\0';
    const char *value = equals + 1;
    scl_key key = scl_key_find(dotted);
    if (key == SCL_N_KEYS && !scl_key_is_group(dotted)) return unknown_key(reader, place, dotted);

    scl_node node = {.kind = SCL_NODE_SCALAR, .plain = true, .set = set, .line = 1, .column = 1};
    bool structured = (value[0] == '{' && scl_key_is_group(dotted)) ||
                      (value[0] == '[' && (key == SCL_KEY_NU || key == SCL_KEY_WEIGHTS));
    if (key == SCL_N_KEYS || scl_key_rules[key].kind == SCL_RULE_PARTS || structured) {
        size_t root = 0;
        scl_status status = scl_reader_parse(reader, set, value, strlen(value), &root);
        if (status != SCL_OK) return status;
        node = reader->tree.nodes[root];
    } else {
        scl_status status = scl_reader_check_bytes(reader, set, value, strlen(value));
        if (status == SCL_OK) status = scl_tree_add_text(&reader->tree, value, strlen(value), &node.text, reader->err);
        if (status != SCL_OK) return status;
    }
    return graft(reader, dotted, node);
}

scl_status scl_reader_apply_sets(scl_reader *reader)
{
    scl_status status = SCL_OK;
    for (size_t set = 1; set <= reader->n_sets && status == SCL_OK; set++) status = apply_set(reader, set);
    return status;
}
