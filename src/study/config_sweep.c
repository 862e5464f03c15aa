/* The sweep: each dotted key becomes an axis of cells with its values as canonical texts. */
#include "base/memory.h"
#include "study/config_parts.h"

#include <string.h>

enum { MOST_CELLS = 100000 }; /* every cell is checked when the config is read */

static scl_status refuse_key(const scl_reader *reader, size_t node, scl_key key)
{
    const char *names[SCL_N_KEYS], *word = scl_tree_key(&reader->tree, node);
    size_t n_names = 0;
    scl_place place = scl_place_of_key(reader, node);
    for (size_t k = 0; k < SCL_N_KEYS; k++) {
        if (!scl_key_rules[k].sweepable) continue;
        if (strcmp(scl_key_leaf((scl_key)k), word) == 0) { /* n for sample.n */
            return scl_reader_fail(reader, place, "sweep", "dotted keys", scl_config_keys[k].key, "unknown key \"%s\"",
                                   word);
        }
        names[n_names++] = scl_config_keys[k].key;
    }
    const char *what = key != SCL_N_KEYS || scl_key_is_group(word) ? "cannot be swept:" : "unknown key";
    return scl_reader_unknown(reader, place, "sweep", what, word, names, n_names);
}

static scl_status add_value(const scl_reader *reader, scl_sweep_axis *axis, scl_key key, size_t list, size_t item)
{
    scl_value value = {0};
    scl_status status = scl_reader_value(reader, item, key, &value);
    if (status != SCL_OK) return status;
    char number[SCL_NUMBER_CHARS];
    const char *text = scl_key_canonical(number, key, &value);
    size_t earlier = reader->tree.nodes[list].first;
    for (size_t i = 0; i < axis->n_values; i++, earlier = reader->tree.nodes[earlier].next) {
        if (strcmp(axis->values[i], text) != 0) continue;
        const scl_node *first = &reader->tree.nodes[earlier];
        return scl_reader_fail(reader, scl_place_of_value(reader, item), axis->key, "each value once", NULL,
                               "%s is repeated, first at %zu:%zu", text, first->line, first->column);
    }
    axis->values[axis->n_values] = scl_strdup(text, reader->err);
    if (!axis->values[axis->n_values]) return SCL_ERR_MEMORY;
    axis->n_values++;
    return SCL_OK;
}

static scl_status add_axis(scl_reader *reader, size_t node)
{
    scl_config *config = reader->config;
    const char *dotted = scl_tree_key(&reader->tree, node);
    scl_key key = scl_key_find(dotted);
    if (key == SCL_N_KEYS || !scl_key_rules[key].sweepable) return refuse_key(reader, node, key);
    const scl_node *list = &reader->tree.nodes[node];
    if (list->kind != SCL_NODE_LIST || list->n_children == 0)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), dotted, "a list of values, [a, b, ...]", NULL,
                               list->kind == SCL_NODE_LIST ? "the swept list is empty" : "is swept, but is not a list");
    size_t set_node = reader->given[key];
    if (set_node && reader->tree.nodes[set_node].set)
        return scl_reader_fail(reader, scl_place_of_value(reader, set_node), dotted, "keys that are not swept", NULL,
                               "the config sweeps this key (at %zu:%zu)", list->key_line, list->key_column);
    reader->axis_nodes[config->n_axes] = node;
    scl_sweep_axis *axis = &config->axes[config->n_axes++];
    reader->axis[key] = config->n_axes;
    axis->key = scl_strdup(dotted, reader->err);
    axis->values = scl_alloc(list->n_children, sizeof *axis->values, reader->err);
    if (!axis->key || !axis->values) return SCL_ERR_MEMORY;
    scl_status status = SCL_OK;
    for (size_t item = list->first; item && status == SCL_OK; item = reader->tree.nodes[item].next)
        status = add_value(reader, axis, key, node, item);
    return status;
}

scl_status scl_reader_sweep(scl_reader *reader)
{
    scl_config *config = reader->config;
    const scl_key_doc *doc = &scl_config_keys[SCL_KEY_SWEEP];
    size_t node = reader->given[SCL_KEY_SWEEP];
    if (!node) return SCL_OK;
    const scl_node *sweep = &reader->tree.nodes[node];
    if (sweep->kind != SCL_NODE_MAPPING)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), doc->key, doc->allowed, NULL,
                               "is not a mapping");
    config->axes = scl_alloc(sweep->n_children, sizeof *config->axes, reader->err);
    reader->axis_nodes = scl_alloc(sweep->n_children, sizeof *reader->axis_nodes, reader->err);
    if (!config->axes || !reader->axis_nodes) return SCL_ERR_MEMORY;
    size_t cells = 1;
    for (size_t axis = sweep->first; axis; axis = reader->tree.nodes[axis].next) {
        scl_status status = add_axis(reader, axis);
        if (status != SCL_OK) return status;
        cells *= config->axes[config->n_axes - 1].n_values; /* at most MOST_CELLS times the items of a list */
        if (cells > MOST_CELLS)
            return scl_reader_fail(reader, scl_place_of_key(reader, axis), doc->key, "at most 100000 cells", NULL,
                                   "the product of the lists has %zu cells or more", cells);
    }
    return SCL_OK;
}
