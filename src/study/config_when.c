/* when: conditions that the cells of a block must meet. A product of lists has corners that make no sense (r near d, n below d);
 * a condition leaves them out: "model.r <= 0.1 model.d", "sample.n >= 50 model.d", "model.loadings != dct".
 *
 * A condition compares two sides. A side is a key, a number, or a number times a key; beside a key of names stands a name. Keys
 * are those that may be swept, with the value they have in the cell, swept or not; sample.n is the one that aspect gives. */
#include "base/memory.h"
#include "study/config_parts.h"

#include <stdio.h>
#include <string.h>

#define FORM       "a condition on keys, like model.r <= 0.1 model.d or model.loadings != dct"
#define OPERATORS  "<>=!"
#define WHEN_CHARS 200

typedef enum comparison { LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, EQUAL, NOT_EQUAL, N_COMPARISONS } comparison;
static const char *const comparison_names[N_COMPARISONS] = {"<", "<=", ">", ">=", "=", "!="};

/* factor times the key's value; without a key (SCL_N_KEYS) the number or the index of a name. */
typedef struct side {
    scl_key key;
    double factor;
} side;

typedef struct condition {
    side left, right;
    comparison how;
} condition;

static double side_value(const side *s, const scl_settings *cell)
{
    return s->key == SCL_N_KEYS ? s->factor : s->factor * scl_key_number(cell, s->key);
}

static bool holds(const condition *c, const scl_settings *cell)
{
    double left = side_value(&c->left, cell), right = side_value(&c->right, cell);
    const bool answers[N_COMPARISONS] = {left<right, left <= right, left> right, left >= right, left == right,
                                         left != right};
    return answers[c->how];
}

/* ---- reading one condition --------------------------------------------------------------------------------------- */

static char *trim(char *text)
{
    while (*text == ' ') text++;
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == ' ') text[--length] = '\0';
    return text;
}

static bool has_words(scl_key key)
{
    return key != SCL_N_KEYS && scl_key_rules[key].kind == SCL_RULE_WORD;
}

static scl_status unknown_side(const scl_reader *reader, size_t node, const char *word)
{
    const char *names[SCL_N_KEYS];
    size_t n_names = 0;
    for (size_t key = 0; key < SCL_N_KEYS; key++) {
        if (!scl_key_rules[key].sweepable) continue;
        names[n_names++] = scl_config_keys[key].key;
        if (strcmp(scl_key_leaf((scl_key)key), word) == 0) /* n for sample.n */
            return scl_reader_fail(reader, scl_place_of_value(reader, node), "sweep.when", FORM,
                                   scl_config_keys[key].key, "unknown key \"%s\"", word);
    }
    return scl_reader_unknown(reader, scl_place_of_value(reader, node), "sweep.when",
                              "neither a number nor a key:", word, names, n_names);
}

/* "number", "key", "number key" or "number * key"; the text is cut to pieces. */
static scl_status read_side(side *out, const scl_reader *reader, size_t node, char *text)
{
    *out = (side){SCL_N_KEYS, 1};
    if (scl_number_parse(text, true, &out->factor)) return SCL_OK;
    char *last = text + strlen(text), shown[SCL_CLIP_CHARS];
    while (last > text && last[-1] != ' ' && last[-1] != '*') last--;
    out->key = scl_key_find(last);
    double number = 0;
    if (scl_number_parse(last, true, &number)) /* "model.d + 5": the 5 is not what is wrong */
        return scl_reader_fail(reader, scl_place_of_value(reader, node), "sweep.when", FORM, NULL,
                               "\"%s\" is no number, key, or number times a key", scl_clip(shown, text));
    if (out->key == SCL_N_KEYS || !scl_key_rules[out->key].sweepable)
        return unknown_side(reader, node, scl_clip(shown, last));
    if (last == text) return SCL_OK;
    last[-1] = '\0';
    text = trim(text);
    size_t length = strlen(text);
    if (length > 0 && text[length - 1] == '*') text[length - 1] = '\0';
    if (scl_number_parse(trim(text), false, &out->factor)) return SCL_OK;
    return scl_reader_fail(reader, scl_place_of_value(reader, node), "sweep.when", FORM, NULL, "\"%s\" is not a number",
                           scl_clip(shown, text));
}

/* A key of names, compared with one of its names. */
static scl_status read_word(condition *out, const scl_reader *reader, size_t node, const char *word)
{
    const scl_rule *rule = &scl_key_rules[out->left.key];
    scl_value value = {0};
    char shown[SCL_CLIP_CHARS];
    if (out->how != EQUAL && out->how != NOT_EQUAL)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), "sweep.when", "= or !=", NULL,
                               "%s has names, which have no order", scl_config_keys[out->left.key].key);
    if (scl_key_parse(&value, out->left.key, word) != NULL)
        return scl_reader_unknown(reader, scl_place_of_value(reader, node), scl_config_keys[out->left.key].key,
                                  "not one of its names:", scl_clip(shown, word), rule->words, rule->n_words);
    out->right = (side){SCL_N_KEYS, (double)value.word};
    return SCL_OK;
}

static scl_status read_condition(condition *out, const scl_reader *reader, size_t node)
{
    const char *text = NULL;
    char copy[WHEN_CHARS], shown[SCL_CLIP_CHARS], symbol[3] = "";
    scl_status status = scl_reader_text(reader, node, "sweep.when", FORM, &text);
    if (status != SCL_OK) return status;
    snprintf(copy, sizeof copy, "%s", text);
    size_t at = strcspn(copy, OPERATORS), length = strspn(copy + at, OPERATORS);
    if (length < sizeof symbol) memcpy(symbol, copy + at, length);
    out->how = LESS;
    while (out->how < N_COMPARISONS && strcmp(comparison_names[out->how], symbol) != 0) out->how++;
    copy[at] = '\0';
    char *left = trim(copy), *right = trim(copy + at + length);
    bool whole =
        strlen(text) < sizeof copy && out->how < N_COMPARISONS && *left && *right && !strpbrk(right, OPERATORS);
    if (!whole)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), "sweep.when", FORM, NULL,
                               "\"%s\" is no condition", scl_clip(shown, text));
    status = read_side(&out->left, reader, node, left);
    if (status != SCL_OK) return status;
    if (has_words(out->left.key) && out->left.factor == 1) return read_word(out, reader, node, right);
    status = read_side(&out->right, reader, node, right);
    if (status != SCL_OK) return status;
    if (has_words(out->left.key) || has_words(out->right.key) ||
        (out->left.key == SCL_N_KEYS && out->right.key == SCL_N_KEYS))
        return scl_reader_fail(reader, scl_place_of_value(reader, node), "sweep.when", FORM, NULL,
                               "\"%s\" compares no numbers of a cell", scl_clip(shown, text));
    return SCL_OK;
}

/* ---- the cells of a block ---------------------------------------------------------------------------------------- */

static scl_status read_conditions(condition **out, size_t *n, const scl_reader *reader, size_t when)
{
    const scl_node *nodes = reader->tree.nodes;
    bool listed = nodes[when].kind == SCL_NODE_LIST;
    size_t most = listed ? nodes[when].n_children : 1;
    *n = 0;
    *out = NULL;
    if (nodes[when].kind == SCL_NODE_MAPPING || most == 0)
        return scl_reader_fail(reader, scl_place_of_value(reader, when), "sweep.when", "a list of conditions", NULL,
                               most ? "is a mapping" : "is empty");
    *out = scl_alloc(most, sizeof **out, reader->err);
    if (!*out) return SCL_ERR_MEMORY;
    scl_status status = SCL_OK;
    for (size_t node = listed ? nodes[when].first : when; node && status == SCL_OK; node = nodes[node].next) {
        status = read_condition(&(*out)[*n], reader, node);
        *n += status == SCL_OK;
        if (!listed) break; /* the next of the mapping is another key */
    }
    return status;
}

/* Leaves only the cells that meet the conditions; the block's first cell stays where it is. */
static scl_status filter(scl_reader *reader, scl_sweep_block *block, size_t when)
{
    condition *conditions = NULL;
    size_t n_conditions = 0, n_kept = 0;
    scl_status status = read_conditions(&conditions, &n_conditions, reader, when);
    size_t *kept = status == SCL_OK ? scl_alloc(block->n_cells, sizeof *kept, reader->err) : NULL;
    if (status == SCL_OK && !kept) status = SCL_ERR_MEMORY;
    for (size_t k = 0; status == SCL_OK && k < block->n_cells; k++) {
        scl_settings cell = scl_config_cell(reader->config, block->first_cell + k);
        size_t met = 0;
        while (met < n_conditions && holds(&conditions[met], &cell)) met++;
        if (met == n_conditions) kept[n_kept++] = k;
    }
    if (status == SCL_OK && n_kept == 0)
        status =
            scl_reader_fail(reader, scl_place_of_value(reader, when), "sweep.when", "conditions that some cell meets",
                            NULL, "none of the %zu cells meets them", block->n_cells);
    block->kept = kept;
    block->n_cells = n_kept;
    scl_free(conditions);
    return status;
}

scl_status scl_reader_when(scl_reader *reader, scl_sweep_block *block, size_t node)
{
    size_t when = scl_tree_child(&reader->tree, node, SCL_WHEN);
    return when ? filter(reader, block, when) : SCL_OK;
}
