/* One swept key of one block: its list of values and ranges, appended to its axis as canonical texts. */
#include "study/config_parts.h"

#include "base/memory.h"

#include <string.h>

#define LIST_FORMS "a list of values, [a, b, ...], or a range, {geometric: [first, last, count]} or {linear: [..]}"

scl_status scl_reader_add_axis_value(scl_reader *reader, size_t axis, const char *text, size_t node)
{
    scl_sweep_axis *out = &reader->config->axes[axis];
    scl_axis_source *source = &reader->sources[axis];
    size_t need = out->n_values + 1;
    if (need > SCL_MOST_AXIS_VALUES)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), out->key, "at most 10000", NULL,
                               "more than 10000 values");
    scl_status status =
        scl_grow((void **)&out->values, &source->values_capacity, need, sizeof *out->values, reader->err);
    if (status == SCL_OK)
        status = scl_grow((void **)&source->nodes, &source->nodes_capacity, need, sizeof *source->nodes, reader->err);
    if (status != SCL_OK) return status;
    source->nodes[out->n_values] = node;
    out->values[out->n_values] = scl_strdup(text, reader->err);
    if (!out->values[out->n_values]) return SCL_ERR_MEMORY;
    out->n_values++;
    return SCL_OK;
}

/* Adds a value of the block that began at `begin`. */
static scl_status add_value(scl_reader *reader, size_t axis, size_t begin, bool may_repeat, const char *text,
                            size_t node)
{
    const scl_sweep_axis *out = &reader->config->axes[axis];
    for (size_t i = begin; i < out->n_values && !may_repeat; i++) {
        if (strcmp(out->values[i], text) != 0) continue;
        const scl_node *first = &reader->tree.nodes[reader->sources[axis].nodes[i]];
        return scl_reader_fail(reader, scl_place_of_value(reader, node), out->key, "each value once", NULL,
                               "%s is repeated, first at %zu:%zu", text, first->line, first->column);
    }
    return scl_reader_add_axis_value(reader, axis, text, node);
}

static scl_status add_item(scl_reader *reader, size_t axis, size_t begin, bool may_repeat, scl_key key, size_t node)
{
    char number[SCL_NUMBER_CHARS];
    scl_value value = {0};
    if (reader->tree.nodes[node].kind != SCL_NODE_MAPPING) {
        scl_status status = scl_reader_value(reader, node, key, &value);
        if (status != SCL_OK) return status;
        return add_value(reader, axis, begin, may_repeat, scl_key_canonical(number, key, &value), node);
    }
    const char *dotted = scl_config_keys[key].key;
    bool range_like = scl_tree_child(&reader->tree, node, "linear") || scl_tree_child(&reader->tree, node, "geometric");
    if (scl_key_rules[key].kind == SCL_RULE_WORD && scl_key_is_group(dotted) && !range_like)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), dotted,
                               "names; what a name takes is a key of its own", NULL,
                               "is a mapping among names to sweep (`spikedcl list keys` shows those of %s)", dotted);
    scl_range range;
    scl_status status = scl_reader_range(&range, reader, node, key);
    for (size_t i = 0; status == SCL_OK && i < range.count; i++) {
        value.number = scl_range_value(&range, i);
        status = add_value(reader, axis, begin, may_repeat, scl_key_canonical(number, key, &value), node);
    }
    return status;
}

scl_status scl_reader_axis(scl_reader *reader, size_t node, scl_key key, bool may_repeat)
{
    const char *dotted = scl_config_keys[key].key;
    const scl_node *values = &reader->tree.nodes[node];
    if (values->kind == SCL_NODE_SCALAR || (values->kind == SCL_NODE_LIST && values->n_children == 0))
        return scl_reader_fail(reader, scl_place_of_value(reader, node), dotted, LIST_FORMS, NULL,
                               values->kind == SCL_NODE_LIST ? "the swept list is empty"
                                                             : "is swept, but is not a list");
    size_t axis = reader->axis[key] - 1, begin = reader->config->axes[axis].n_values;
    if (values->kind == SCL_NODE_MAPPING) return add_item(reader, axis, begin, may_repeat, key, node);
    scl_status status = SCL_OK;
    for (size_t item = values->first; item && status == SCL_OK; item = reader->tree.nodes[item].next)
        status = add_item(reader, axis, begin, may_repeat, key, item);
    return status;
}
