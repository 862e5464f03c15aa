/* The sweep: blocks of swept keys, laid out as cells.
 *
 * A block is a product. Its keys and its zip (keys that advance together, as one) are the factors, in the order of the
 * mapping, the last one fastest: a factor's stride is the product of the lengths of the later ones. A key that is swept
 * in another block only has the single value that the rest of the config gives it. */
#include "base/memory.h"
#include "study/config_parts.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_CELLS = 100000 }; /* every cell is checked when the config is read */
#define ZIP "zip"

/* ---- keys -------------------------------------------------------------------------------------------------------- */

/* True for "alpha" and for "estimators.label-terms.alpha". */
static bool is_option(const char *word)
{
    const char *dot = strrchr(word, '.'), *leaf = dot ? dot + 1 : word;
    if (dot && strncmp(word, "estimators.", strlen("estimators.")) != 0) return false;
    for (size_t e = 0; e < scl_n_estimators; e++)
        for (size_t o = 0; o < scl_estimators[e]->n_options; o++)
            if (strcmp(scl_estimators[e]->options[o].key, leaf) == 0) return true;
    return false;
}

static scl_status refuse_key(const scl_reader *reader, size_t node, scl_key key, bool zipped)
{
    const char *names[SCL_N_KEYS + 2], *word = scl_tree_key(&reader->tree, node);
    const char *where = zipped ? "sweep.zip" : "sweep";
    size_t n_names = 0;
    scl_place place = scl_place_of_key(reader, node);
    for (size_t k = 0; k < SCL_N_KEYS; k++) {
        if (!scl_key_rules[k].sweepable) continue;
        if (strcmp(scl_key_leaf((scl_key)k), word) == 0) { /* n for sample.n */
            return scl_reader_fail(reader, place, where, "dotted keys", scl_config_keys[k].key, "unknown key \"%s\"",
                                   word);
        }
        names[n_names++] = scl_config_keys[k].key;
    }
    if (is_option(word))
        return scl_reader_fail(reader, place, where,
                               "dotted keys; an estimator with several values of an option is listed once for each, "
                               "with an id: {name: .., id: .., <option>: value}",
                               NULL, "options of estimators are not swept: \"%s\"", word);
    if (!zipped) names[n_names++] = ZIP;
    if (!zipped) names[n_names++] = SCL_WHEN;
    const char *what = key != SCL_N_KEYS || scl_key_is_group(word) ? "cannot be swept:" : "unknown key";
    return scl_reader_unknown(reader, place, where, what, word, names, n_names);
}

/* The axis of a key, made when it is new. */
static scl_status find_axis(size_t *axis, scl_reader *reader, scl_key key, size_t node)
{
    scl_config *config = reader->config;
    if (!reader->axis[key]) {
        reader->sources[config->n_axes].key = node;
        config->axes[config->n_axes].key = scl_strdup(scl_config_keys[key].key, reader->err);
        reader->axis[key] = ++config->n_axes;
        if (!config->axes[config->n_axes - 1].key) return SCL_ERR_MEMORY;
    }
    *axis = reader->axis[key] - 1;
    return SCL_OK;
}

/* Adds a key's values to the block, as a part of the factor that is open. */
static scl_status add_key(scl_reader *reader, scl_sweep_block *block, size_t node, bool zipped)
{
    scl_key key = scl_key_find(scl_tree_key(&reader->tree, node));
    if (key == SCL_N_KEYS || !scl_key_rules[key].sweepable) return refuse_key(reader, node, key, zipped);
    const char *dotted = scl_config_keys[key].key;
    const scl_node *at = &reader->tree.nodes[node];
    size_t set_node = reader->given[key], axis = 0;
    if (set_node && reader->tree.nodes[set_node].set)
        return scl_reader_fail(reader, scl_place_of_value(reader, set_node), dotted, "keys that are not swept", NULL,
                               "the config sweeps this key (at %zu:%zu)", at->key_line, at->key_column);
    scl_status status = find_axis(&axis, reader, key, node);
    if (status != SCL_OK) return status;
    scl_axis_source *source = &reader->sources[axis];
    if (block->spans[axis].count) {
        const scl_node *first = &reader->tree.nodes[source->latest];
        return scl_reader_fail(reader, scl_place_of_key(reader, node), dotted, "each key once in a block", NULL,
                               "is zipped and swept, first at %zu:%zu", first->key_line, first->key_column);
    }
    source->latest = node;
    size_t begin = reader->config->axes[axis].n_values;
    status = scl_reader_axis(reader, node, key, zipped);
    block->spans[axis] = (scl_sweep_span){begin, reader->config->axes[axis].n_values - begin, 0};
    return status;
}

/* Ends a factor of `length` values: it is the fastest of those so far. */
static scl_status close_factor(const scl_reader *reader, scl_sweep_block *block, size_t node, size_t length)
{
    for (size_t axis = 0; axis < reader->config->n_axes; axis++) {
        scl_sweep_span *span = &block->spans[axis];
        span->stride = span->stride ? span->stride * length : span->count > 0;
    }
    block->n_cells *= length; /* at most MOST_CELLS times the values of an axis */
    size_t cells = block->first_cell + block->n_cells;
    if (cells <= MOST_CELLS) return SCL_OK;
    return scl_reader_fail(reader, scl_place_of_key(reader, node), "sweep", "at most 100000 cells", NULL,
                           "the %s %zu cells or more", block->first_cell ? "blocks have" : "product of the lists has",
                           cells);
}

/* ---- zip --------------------------------------------------------------------------------------------------------- */

/* No two places of a zip have the same values: the cells would be the same. */
static scl_status check_places_differ(const scl_reader *reader, const scl_sweep_block *block, size_t zip)
{
    const scl_config *config = reader->config;
    size_t axes[SCL_N_KEYS] = {0}, n_axes = 0;
    for (size_t key = reader->tree.nodes[zip].first; key; key = reader->tree.nodes[key].next)
        axes[n_axes++] = reader->axis[scl_key_find(scl_tree_key(&reader->tree, key))] - 1;
    for (size_t j = 1; j < block->spans[axes[0]].count; j++) {
        for (size_t i = 0; i < j; i++) {
            size_t same = 0;
            for (; same < n_axes; same++) {
                char *const *values = config->axes[axes[same]].values + block->spans[axes[same]].first;
                if (strcmp(values[i], values[j]) != 0) break;
            }
            if (same < n_axes) continue;
            size_t node = reader->sources[axes[0]].nodes[block->spans[axes[0]].first + j];
            return scl_reader_fail(reader, scl_place_of_value(reader, node), "sweep.zip", "each combination once", NULL,
                                   "place %zu has the same values as place %zu", j + 1, i + 1);
        }
    }
    return SCL_OK;
}

static scl_status add_zip(scl_reader *reader, scl_sweep_block *block, size_t zip)
{
    static const char allowed[] = "a mapping of two or more dotted keys to lists of equal length";
    const scl_node *nodes = reader->tree.nodes, *mapping = &nodes[zip];
    if (mapping->kind != SCL_NODE_MAPPING)
        return scl_reader_fail(reader, scl_place_of_value(reader, zip), "sweep.zip", allowed, NULL, "is not a mapping");
    if (mapping->n_children < 2)
        return scl_reader_fail(reader, scl_place_of_value(reader, zip), "sweep.zip", allowed, NULL,
                               mapping->n_children ? "one key has nothing to advance with" : "is empty");
    size_t length = 0;
    for (size_t node = mapping->first; node; node = nodes[node].next) {
        scl_status status = add_key(reader, block, node, true);
        if (status != SCL_OK) return status;
        const scl_sweep_axis *axes = reader->config->axes;
        size_t axis = reader->axis[scl_key_find(scl_tree_key(&reader->tree, node))] - 1;
        size_t count = block->spans[axis].count;
        if (node == mapping->first) length = count;
        if (count != length) {
            const scl_node *first = &nodes[mapping->first];
            return scl_reader_fail(reader, scl_place_of_value(reader, node), axes[axis].key,
                                   "lists of equal length in a zip", NULL, "has %zu value%s, and %s at %zu:%zu has %zu",
                                   count, count == 1 ? "" : "s", scl_tree_key(&reader->tree, mapping->first),
                                   first->key_line, first->key_column, length);
        }
    }
    scl_status status = check_places_differ(reader, block, zip);
    return status == SCL_OK ? close_factor(reader, block, zip, length) : status;
}

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

static scl_status add_block(scl_reader *reader, size_t node)
{
    scl_config *config = reader->config;
    const scl_key_doc *doc = &scl_config_keys[SCL_KEY_SWEEP];
    if (reader->tree.nodes[node].kind != SCL_NODE_MAPPING)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), doc->key, doc->allowed, NULL,
                               "is not a mapping");
    scl_sweep_block *block = &config->blocks[config->n_blocks];
    *block = (scl_sweep_block){.first_cell = scl_config_cells(config), .n_cells = 1};
    if (config->n_blocks == 0) block->first_cell = 0; /* without blocks there is one cell */
    block->spans = scl_alloc(SCL_N_KEYS, sizeof *block->spans, reader->err);
    if (!block->spans) return SCL_ERR_MEMORY;
    config->n_blocks++;
    scl_status status = SCL_OK;
    for (size_t item = reader->tree.nodes[node].first; item && status == SCL_OK; item = reader->tree.nodes[item].next) {
        if (strcmp(scl_tree_key(&reader->tree, item), SCL_WHEN) == 0) continue; /* when all values are known */
        if (strcmp(scl_tree_key(&reader->tree, item), ZIP) == 0) {
            status = add_zip(reader, block, item);
            continue;
        }
        status = add_key(reader, block, item, false);
        if (status != SCL_OK) break;
        size_t axis = reader->axis[scl_key_find(scl_tree_key(&reader->tree, item))] - 1;
        status = close_factor(reader, block, item, block->spans[axis].count);
    }
    return status;
}

/* Gives a block the value of a key that it does not sweep: what the config says elsewhere, or the default. */
static scl_status add_unswept(scl_reader *reader, scl_sweep_block *block, size_t node, size_t axis)
{
    scl_sweep_axis *out = &reader->config->axes[axis];
    scl_key key = scl_key_find(out->key);
    const scl_key_doc *doc = &scl_config_keys[key];
    size_t given = reader->given[key];
    scl_value value = {0};
    if (given) {
        scl_status status = scl_reader_value(reader, given, key, &value);
        if (status != SCL_OK) return status;
    } else if (scl_key_parse(&value, key, doc->fallback) != NULL) {
        return scl_reader_fail(reader, scl_place_of_value(reader, node), doc->key, doc->allowed, NULL,
                               "has no value in this block: swept in another one, it needs one here or outside sweep");
    }
    char number[SCL_NUMBER_CHARS];
    block->spans[axis] = (scl_sweep_span){out->n_values, 1, 1};
    return scl_reader_add_axis_value(reader, axis, scl_key_canonical(number, key, &value), given);
}

/* ---- no cell twice ----------------------------------------------------------------------------------------------- */

typedef struct named_cell {
    unsigned long long hash; /* of all its values */
    size_t cell, block;
} named_cell;

static int by_hash_and_cell(const void *left, const void *right)
{
    const named_cell *a = left, *b = right;
    if (a->hash != b->hash) return a->hash < b->hash ? -1 : 1;
    return (a->cell > b->cell) - (a->cell < b->cell);
}

static bool same_values(const scl_config *config, size_t left, size_t right)
{
    for (size_t axis = 0; axis < config->n_axes; axis++)
        if (strcmp(scl_config_axis_value(config, left, axis), scl_config_axis_value(config, right, axis)) != 0)
            return false;
    return true;
}

static size_t block_node(const scl_reader *reader, size_t block)
{
    size_t node = reader->tree.nodes[reader->given[SCL_KEY_SWEEP]].first;
    while (block-- > 0) node = reader->tree.nodes[node].next;
    return node;
}

static scl_status refuse_twin(const scl_reader *reader, const named_cell *first, const named_cell *second)
{
    scl_text where = {0};
    const scl_node *at = &reader->tree.nodes[block_node(reader, first->block)];
    scl_status status = scl_reader_cell_text(&where, reader, second->cell);
    if (status == SCL_OK)
        status = scl_reader_fail(reader, scl_place_of_value(reader, block_node(reader, second->block)), "sweep",
                                 "each cell once", NULL, "repeats a cell of the block at %zu:%zu%s", at->line,
                                 at->column, scl_text_get(&where));
    scl_text_free(&where);
    return status;
}

static scl_status check_cells_differ(const scl_reader *reader)
{
    const scl_config *config = reader->config;
    size_t n_cells = scl_config_cells(config), block = 0;
    named_cell *cells = scl_alloc(n_cells, sizeof *cells, reader->err);
    if (!cells) return SCL_ERR_MEMORY;
    for (size_t c = 0; c < n_cells; c++) {
        while (c >= config->blocks[block].first_cell + config->blocks[block].n_cells) block++;
        cells[c] = (named_cell){SCL_FNV_START, c, block};
        for (size_t axis = 0; axis < config->n_axes; axis++) {
            const char *value = scl_config_axis_value(config, c, axis);
            cells[c].hash = scl_fnv1a(cells[c].hash, value, strlen(value) + 1);
        }
    }
    qsort(cells, n_cells, sizeof *cells, by_hash_and_cell);
    scl_status status = SCL_OK;
    for (size_t i = 1; i < n_cells && status == SCL_OK; i++)
        if (cells[i].hash == cells[i - 1].hash && same_values(config, cells[i].cell, cells[i - 1].cell))
            status = refuse_twin(reader, &cells[i - 1], &cells[i]);
    scl_free(cells);
    return status;
}

/* ---- the sweep --------------------------------------------------------------------------------------------------- */

/* Lets conditions leave out cells, and numbers the others. */
static scl_status filter_blocks(scl_reader *reader, size_t node)
{
    scl_config *config = reader->config;
    scl_status status = SCL_OK;
    for (size_t b = 0; b < config->n_blocks && status == SCL_OK; b++, node = reader->tree.nodes[node].next)
        status = scl_reader_when(reader, &config->blocks[b], node);
    for (size_t b = 1; b < config->n_blocks; b++)
        config->blocks[b].first_cell = config->blocks[b - 1].first_cell + config->blocks[b - 1].n_cells;
    return status;
}

static scl_status read_blocks(scl_reader *reader, size_t list)
{
    scl_config *config = reader->config;
    scl_status status = SCL_OK;
    size_t first = reader->tree.nodes[list].first, node = first;
    for (; node && status == SCL_OK; node = reader->tree.nodes[node].next) status = add_block(reader, node);
    node = first;
    for (size_t block = 0; block < config->n_blocks && status == SCL_OK; block++, node = reader->tree.nodes[node].next)
        for (size_t axis = 0; axis < config->n_axes && status == SCL_OK; axis++)
            if (!config->blocks[block].spans[axis].count)
                status = add_unswept(reader, &config->blocks[block], node, axis);
    if (status == SCL_OK) status = filter_blocks(reader, first);
    return status == SCL_OK ? check_cells_differ(reader) : status;
}

scl_status scl_reader_sweep(scl_reader *reader)
{
    scl_config *config = reader->config;
    const scl_key_doc *doc = &scl_config_keys[SCL_KEY_SWEEP];
    size_t node = reader->given[SCL_KEY_SWEEP];
    if (!node) return SCL_OK;
    const scl_node *sweep = &reader->tree.nodes[node];
    bool listed = sweep->kind == SCL_NODE_LIST;
    if (listed && sweep->n_children == 0)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), doc->key, doc->allowed, NULL, "is empty");
    config->axes = scl_alloc(SCL_N_KEYS, sizeof *config->axes, reader->err);
    config->blocks = scl_alloc(listed ? sweep->n_children : 1, sizeof *config->blocks, reader->err);
    if (!config->axes || !config->blocks) return SCL_ERR_MEMORY;
    if (listed) return read_blocks(reader, node);
    scl_status status = add_block(reader, node);
    return status == SCL_OK ? filter_blocks(reader, node) : status;
}
