/* The tree of a config and the messages about it: see config_parts.h. */
#include "study/config_parts.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void scl_tree_free(scl_tree *tree)
{
    scl_free(tree->nodes);
    scl_free(tree->texts);
    *tree = (scl_tree){0};
}

scl_status scl_tree_add_text(scl_tree *tree, const char *text, size_t length, size_t *offset, scl_error *err)
{
    size_t need = tree->n_texts + length + 1;
    scl_status status = scl_grow((void **)&tree->texts, &tree->texts_capacity, need, 1, err);
    if (status != SCL_OK) return status;
    *offset = tree->n_texts;
    if (length > 0) memcpy(tree->texts + tree->n_texts, text, length);
    tree->texts[need - 1] = '\0';
    tree->n_texts = need;
    return SCL_OK;
}

scl_status scl_tree_add(scl_tree *tree, const scl_node *node, size_t parent, size_t *index, scl_error *err)
{
    size_t at = tree->n_nodes ? tree->n_nodes : 1;
    scl_status status = scl_grow((void **)&tree->nodes, &tree->nodes_capacity, at + 1, sizeof *tree->nodes, err);
    if (status != SCL_OK) return status;
    tree->nodes[at] = *node;
    tree->n_nodes = at + 1;
    if (parent) {
        scl_node *above = &tree->nodes[parent];
        if (above->last) {
            tree->nodes[above->last].next = at;
        } else {
            above->first = at;
        }
        above->last = at;
        above->n_children++;
    }
    *index = at;
    return SCL_OK;
}

const char *scl_tree_key(const scl_tree *tree, size_t node)
{
    return tree->texts + tree->nodes[node].key;
}

const char *scl_tree_text(const scl_tree *tree, size_t node)
{
    return tree->texts + tree->nodes[node].text;
}

size_t scl_tree_child(const scl_tree *tree, size_t node, const char *key)
{
    if (tree->nodes[node].kind != SCL_NODE_MAPPING) return 0;
    for (size_t child = tree->nodes[node].first; child; child = tree->nodes[child].next)
        if (strcmp(scl_tree_key(tree, child), key) == 0) return child;
    return 0;
}

size_t scl_tree_deepest(const scl_tree *tree, const char *dotted)
{
    size_t node = tree->root;
    for (;;) {
        char part[64];
        size_t length = strcspn(dotted, ".");
        if (length >= sizeof part) return node;
        memcpy(part, dotted, length);
        part[length] = '\0';
        size_t child = scl_tree_child(tree, node, part);
        if (!child) return node;
        node = child;
        if (dotted[length] == '\0') return node;
        dotted += length + 1;
    }
}

const char *scl_clip(char out[SCL_CLIP_CHARS], const char *text)
{
    enum { LONGEST = 80 };
    size_t length = strlen(text);
    bool cut = length > LONGEST;
    if (cut) {
        length = LONGEST;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80) length--; /* never inside a character */
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        out[i] = byte < 0x20 || byte == 0x7F ? '?' : text[i];
    }
    strcpy(out + length, cut ? "..." : "");
    return out;
}

scl_place scl_place_of_value(const scl_reader *reader, size_t node)
{
    const scl_node *at = &reader->tree.nodes[node];
    return (scl_place){at->set, at->line, at->column};
}

scl_place scl_place_of_key(const scl_reader *reader, size_t node)
{
    const scl_node *at = &reader->tree.nodes[node];
    if (!at->key_line) return scl_place_of_value(reader, node);
    return (scl_place){at->set, at->key_line, at->key_column};
}

scl_status scl_reader_fail(const scl_reader *reader, scl_place place, const char *key, const char *allowed,
                           const char *nearest, const char *format, ...)
{
    char what[1024], set_text[SCL_CLIP_CHARS];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    const char *colon = key ? ": " : "";
    const char *before_allowed = allowed ? "; allowed: " : "";
    const char *before_nearest = nearest ? "; did you mean \"" : "";
    const char *after_nearest = nearest ? "\"?" : "";
    if (!key) key = "";
    if (!allowed) allowed = "";
    if (!nearest) nearest = "";
    if (place.set)
        return scl_error_set(reader->err, SCL_ERR_USAGE, "%s%s: %s%s%s%s%s%s%s%s",
                             scl_is_own_option(reader->sets[place.set - 1]) ? "" : "--set ",
                             scl_clip(set_text, reader->sets[place.set - 1]), key, colon, what, before_allowed, allowed,
                             before_nearest, nearest, after_nearest);
    return scl_error_set(reader->err, SCL_ERR_CONFIG, "%s:%zu:%zu: %s%s%s%s%s%s%s%s", reader->config->path, place.line,
                         place.column, key, colon, what, before_allowed, allowed, before_nearest, nearest,
                         after_nearest);
}
