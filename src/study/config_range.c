/* Ranges: {geometric: [first, last, count]} and {linear: [first, last, count]} stand for a swept list of numbers.
 *
 *   linear     v_i = a + (b - a) t_i        t_i = i/(count - 1), i = 0..count-1
 *   geometric  v_i = a (b/a)^t_i            a, b > 0
 *
 * a and b are exact. What lies between is rounded, to whole numbers for keys that count, else to 10 digits: the last
 * digits of pow() differ from library to library, and a value is part of the name of its random draws. */
#include "study/config_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define RANGE_FORMS "geometric: [first, last, count] | linear: [first, last, count]"

enum { DIGITS = 10 };

static const char *const shapes[] = {"linear", "geometric"}; /* [range->geometric] */

double scl_range_value(const scl_range *range, size_t i)
{
    double a = range->first, b = range->last, t = (double)i / (double)(range->count - 1), value = 0;
    if (i == 0) return a;
    if (i + 1 == range->count) return b;
    value = range->geometric ? a * pow(b / a, t) : a + (b - a) * t;
    if (range->whole) return round(value);
    char text[SCL_NUMBER_CHARS];
    return scl_number_parse(scl_number_digits(text, value, DIGITS), false, &value) ? value : NAN;
}

/* No two values are the same. The search begins where a geometric range is dense, at its small end. */
static bool values_differ(const scl_range *range)
{
    bool rising = range->first < range->last;
    for (size_t k = 0; k + 1 < range->count; k++) {
        size_t i = rising ? k : range->count - 2 - k;
        double step = scl_range_value(range, i + 1) - scl_range_value(range, i);
        if (!(rising ? step > 0 : step < 0)) return false;
    }
    return true;
}

static scl_status refuse_repeats(const scl_reader *reader, const scl_range *range, size_t count_node, scl_key key)
{
    char first[SCL_NUMBER_CHARS], last[SCL_NUMBER_CHARS], allowed[64];
    scl_range shorter = *range;
    do shorter.count--;
    while (shorter.count > 2 && !values_differ(&shorter));
    snprintf(allowed, sizeof allowed, "a count up to %zu here", shorter.count);
    return scl_reader_fail(reader, scl_place_of_value(reader, count_node), scl_config_keys[key].key, allowed, NULL,
                           "%zu values from %s to %s repeat when rounded to %s", range->count,
                           scl_number_shortest(first, range->first), scl_number_shortest(last, range->last),
                           range->whole ? "whole numbers" : "10 digits");
}

static scl_status read_end(double *end, const scl_reader *reader, size_t node, scl_key key)
{
    scl_value value = {0};
    scl_status status = scl_reader_value(reader, node, key, &value);
    *end = value.number;
    if (status != SCL_OK || isfinite(value.number)) return status;
    return scl_reader_fail(reader, scl_place_of_value(reader, node), scl_config_keys[key].key,
                           "numbers in a range, and inf beside it, [{geometric: [..]}, inf]", NULL,
                           "a range cannot reach inf");
}

static scl_status read_count(size_t *count, const scl_reader *reader, size_t node, scl_key key)
{
    const char *dotted = scl_config_keys[key].key, *text = NULL;
    static const char allowed[] = "a range's count, a whole number, 2 to 10000";
    scl_status status = scl_reader_text(reader, node, dotted, allowed, &text);
    if (status != SCL_OK) return status;
    char shown[SCL_CLIP_CHARS];
    double number = 0;
    bool is_number = reader->tree.nodes[node].plain && scl_number_parse(text, true, &number);
    const char *wrong = !is_number                                    ? "is not a number"
                        : number != floor(number)                     ? "is not a whole number"
                        : number < 2 || number > SCL_MOST_AXIS_VALUES ? "is out of range"
                                                                      : NULL;
    if (wrong)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), dotted, allowed, NULL, "\"%s\" %s",
                               scl_clip(shown, text), wrong);
    *count = (size_t)number;
    return SCL_OK;
}

/* The node of [first, last, count], and which shape it has. */
static scl_status find_parts(size_t *parts, scl_range *range, const scl_reader *reader, size_t node, scl_key key)
{
    const char *dotted = scl_config_keys[key].key;
    const scl_node *mapping = &reader->tree.nodes[node];
    if (scl_key_rules[key].kind == SCL_RULE_WORD)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), dotted, scl_config_keys[key].allowed, NULL,
                               "has names, and a range is made of numbers");
    if (mapping->n_children == 0)
        return scl_reader_fail(reader, scl_place_of_value(reader, node), dotted, RANGE_FORMS, NULL,
                               "the range is empty");
    *parts = mapping->first;
    const char *word = scl_tree_key(&reader->tree, *parts);
    range->geometric = strcmp(word, shapes[true]) == 0;
    char shown[SCL_CLIP_CHARS];
    if (!range->geometric && strcmp(word, shapes[false]) != 0)
        return scl_reader_fail(reader, scl_place_of_key(reader, *parts), dotted, RANGE_FORMS,
                               scl_nearest_name(word, shapes, 2), "unknown range \"%s\"", scl_clip(shown, word));
    const scl_node *list = &reader->tree.nodes[*parts];
    if (list->next)
        return scl_reader_fail(reader, scl_place_of_key(reader, list->next), dotted, RANGE_FORMS, NULL,
                               "a range has one key, and \"%s\" is the second",
                               scl_clip(shown, scl_tree_key(&reader->tree, list->next)));
    if (list->kind != SCL_NODE_LIST)
        return scl_reader_fail(reader, scl_place_of_value(reader, *parts), dotted, RANGE_FORMS, NULL,
                               "%s is not a list", word);
    if (list->n_children != 3)
        return scl_reader_fail(reader, scl_place_of_value(reader, *parts), dotted, RANGE_FORMS, NULL,
                               "%s has %zu numbers, not 3", word, list->n_children);
    return SCL_OK;
}

scl_status scl_reader_range(scl_range *range, const scl_reader *reader, size_t node, scl_key key)
{
    *range = (scl_range){.whole = scl_key_rules[key].kind != SCL_RULE_NUMBER};
    size_t parts = 0;
    scl_status status = find_parts(&parts, range, reader, node, key);
    if (status != SCL_OK) return status;
    const scl_node *nodes = reader->tree.nodes;
    size_t first = nodes[parts].first, last = nodes[first].next, count = nodes[last].next;
    status = read_end(&range->first, reader, first, key);
    if (status == SCL_OK) status = read_end(&range->last, reader, last, key);
    if (status == SCL_OK) status = read_count(&range->count, reader, count, key);
    if (status != SCL_OK) return status;
    char number[SCL_NUMBER_CHARS];
    if (range->first == range->last)
        return scl_reader_fail(reader, scl_place_of_value(reader, last), scl_config_keys[key].key, "two different ends",
                               NULL, "the range begins and ends at %s", scl_number_shortest(number, range->first));
    return values_differ(range) ? SCL_OK : refuse_repeats(reader, range, count, key);
}
