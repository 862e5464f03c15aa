/* Changes of a plan: see changes.h.
 *
 * Texts are lines key=value (study/draw_text.h). A lost cell is one of the store that the plan lacks. A key is named when a lost
 * cell has a value of it that no cell of the plan has; where all values are still there and only their combination is gone,
 * the first lost cell is shown whole. */
#include "study/changes.h"

#include "base/memory.h"
#include "study/draw_text.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_SHOWN = 120 }; /* characters of a list of values in a message */

/* A piece of a text that ends without a NUL. */
typedef struct piece {
    const char *at;
    size_t length;
} piece;

static bool same(piece a, piece b)
{
    return a.length == b.length && memcmp(a.at, b.at, a.length) == 0;
}

static int by_bytes(const void *a, const void *b)
{
    const piece *left = a, *right = b;
    size_t shorter = left->length < right->length ? left->length : right->length;
    int order = memcmp(left->at, right->at, shorter);
    return order ? order : (left->length > right->length) - (left->length < right->length);
}

/* The value after "key=" among the lines of a text; without such a line what that means, or "none". */
static piece value_of(const char *text, piece key)
{
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n')
        if (strncmp(line, key.at, key.length) == 0 && line[key.length] == '=')
            return (piece){line + key.length + 1, strcspn(line, "\n") - key.length - 1};
    const char *neutral = scl_draw_left_out(key.at, key.length);
    return neutral ? (piece){neutral, strlen(neutral)} : (piece){"none", 4};
}

/* ---- lists of values --------------------------------------------------------------------------------------------- */

typedef struct pieces {
    piece *all;
    size_t n, capacity;
} pieces;

static scl_status push(pieces *list, piece value, scl_error *err)
{
    scl_status status = scl_grow((void **)&list->all, &list->capacity, list->n + 1, sizeof *list->all, err);
    if (status == SCL_OK) list->all[list->n++] = value;
    return status;
}

/* The different ones, in order of appearance, while they fit into a message. */
static scl_status add_list(scl_text *text, const pieces *list, scl_error *err)
{
    scl_status status = SCL_OK;
    size_t start = text->length;
    for (size_t i = 0; i < list->n && status == SCL_OK; i++) {
        size_t known = 0;
        while (known < i && !same(list->all[known], list->all[i])) known++;
        if (known < i) continue;
        size_t length = list->all[i].length < MOST_SHOWN ? list->all[i].length : MOST_SHOWN;
        if (text->length - start + length > MOST_SHOWN) return scl_text_add(text, err, ",...");
        status = scl_text_add(text, err, "%s%.*s", text->length > start ? "," : "", (int)length, list->all[i].at);
    }
    return status;
}

static scl_status add_change(scl_text *text, piece key, const pieces *there, const pieces *now, scl_error *err)
{
    scl_status status = scl_text_add(text, err, "\n  %.*s: there ", (int)key.length, key.at);
    if (status == SCL_OK) status = add_list(text, there, err);
    if (status == SCL_OK) status = scl_text_add(text, err, ", now ");
    return status == SCL_OK ? add_list(text, now, err) : status;
}

/* ---- shared settings --------------------------------------------------------------------------------------------- */

static scl_status add_shared(scl_text *text, const char *there, const char *now, scl_error *err)
{
    scl_status status = SCL_OK;
    for (const char *line = now; *line && status == SCL_OK; line += strcspn(line, "\n"), line += *line == '\n') {
        piece key = {line, strcspn(line, "=")};
        piece old = value_of(there, key), new = value_of(now, key);
        if (!same(old, new)) status = add_change(text, key, &(pieces){&old, 1, 1}, &(pieces){&new, 1, 1}, err);
    }
    return status;
}

/* ---- cells ------------------------------------------------------------------------------------------------------- */

/* The keys of all texts, each once. */
static scl_status gather_keys(pieces *keys, const char *text, scl_error *err)
{
    scl_status status = SCL_OK;
    for (const char *line = text; *line && status == SCL_OK; line += strcspn(line, "\n"), line += *line == '\n') {
        piece key = {line, strcspn(line, "=")};
        size_t known = 0;
        while (known < keys->n && !same(keys->all[known], key)) known++;
        if (known == keys->n) status = push(keys, key, err);
    }
    return status;
}

/* The values of a key there, now, and sorted now. */
typedef struct key_values {
    pieces there, now, sorted;
} key_values;

static void key_values_free(key_values *values)
{
    scl_free(values->there.all);
    scl_free(values->now.all);
    scl_free(values->sorted.all);
}

static scl_status gather_values(key_values *values, const scl_stored_texts *cells, const scl_plan *now, piece key,
                                scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t i = 0; i < cells->n && status == SCL_OK; i++)
        if (cells->texts[i]) status = push(&values->there, value_of(cells->texts[i], key), err);
    for (size_t c = 0; c < now->n_cells && status == SCL_OK; c++) {
        piece value = value_of(now->cells[c].data_text, key);
        status = push(&values->now, value, err);
        if (status == SCL_OK) status = push(&values->sorted, value, err);
    }
    if (status == SCL_OK) qsort(values->sorted.all, values->sorted.n, sizeof(piece), by_bytes);
    return status;
}

static bool is_lost(const scl_stored_texts *stored, size_t i)
{
    return stored->texts[i] && stored->places[i] == SCL_NOT_PLANNED;
}

/* Names the key when a lost cell has a value of it that the plan does not know. */
static scl_status add_key(scl_text *text, const scl_stored_texts *cells, const scl_plan *now, piece key, scl_error *err)
{
    key_values values = {0};
    scl_status status = gather_values(&values, cells, now, key, err);
    bool changed = false;
    for (size_t i = 0; i < cells->n && status == SCL_OK && !changed; i++) {
        if (!is_lost(cells, i)) continue;
        piece value = value_of(cells->texts[i], key);
        changed = !bsearch(&value, values.sorted.all, values.sorted.n, sizeof value, by_bytes);
    }
    if (changed) status = add_change(text, key, &values.there, &values.now, err);
    key_values_free(&values);
    return status;
}

/* "cells: 3 of 12 are not in the sweep now, first model.d=40, model.loadings=haar, ..." */
static scl_status add_combination(scl_text *text, const scl_stored_texts *cells, size_t n_lost, size_t first,
                                  scl_error *err)
{
    size_t n = 0;
    for (size_t i = 0; i < cells->n; i++) n += cells->texts[i] != NULL;
    scl_status status =
        scl_text_add(text, err, "\n  cells: %zu of the %zu there are not in the sweep now, first ", n_lost, n);
    for (const char *line = cells->texts[first]; *line && status == SCL_OK;) {
        size_t length = strcspn(line, "\n");
        status = scl_text_add(text, err, "%.*s%s", (int)length, line, line[length] ? ", " : "");
        line += length + (line[length] == '\n');
    }
    return status;
}

static scl_status add_cells(scl_text *text, const scl_stored_texts *cells, const scl_plan *now, scl_error *err)
{
    size_t n_lost = 0, first = 0, before = text->length;
    pieces keys = {0};
    scl_status status = SCL_OK;
    for (size_t i = 0; i < cells->n && status == SCL_OK; i++) {
        if (!is_lost(cells, i)) continue;
        if (n_lost++ == 0) first = i;
        status = gather_keys(&keys, cells->texts[i], err);
    }
    for (size_t c = 0; n_lost && c < now->n_cells && status == SCL_OK; c++)
        status = gather_keys(&keys, now->cells[c].data_text, err);
    if (n_lost && status == SCL_OK) qsort(keys.all, keys.n, sizeof(piece), by_bytes);
    for (size_t k = 0; n_lost && k < keys.n && status == SCL_OK; k++)
        status = add_key(text, cells, now, keys.all[k], err);
    scl_free(keys.all);
    if (status != SCL_OK || n_lost == 0 || text->length > before) return status;
    return add_combination(text, cells, n_lost, first, err);
}

/* ---- estimators -------------------------------------------------------------------------------------------------- */

static scl_status add_estimators(scl_text *text, const scl_stored_texts *estimators, const scl_plan *now,
                                 scl_error *err)
{
    static const char key[] = "estimators";
    pieces old = {0}, new = {0};
    bool lost = false;
    scl_status status = SCL_OK;
    for (size_t i = 0; i < estimators->n && status == SCL_OK; i++) {
        if (!estimators->texts[i]) continue;
        lost = lost || is_lost(estimators, i);
        status = push(&old, (piece){estimators->texts[i], strlen(estimators->texts[i])}, err);
    }
    for (size_t e = 0; e < now->config->n_estimators && status == SCL_OK; e++)
        status = push(&new, (piece){now->estimator_texts[e], strlen(now->estimator_texts[e])}, err);
    if (status == SCL_OK && lost) status = add_change(text, (piece){key, sizeof key - 1}, &old, &new, err);
    scl_free(old.all);
    scl_free(new.all);
    return status;
}

scl_status scl_plan_changes(scl_text *text, const char *shared, const scl_stored_texts *cells,
                            const scl_stored_texts *estimators, const scl_plan *now, scl_error *err)
{
    scl_status status = add_shared(text, shared, now->shared, err);
    if (status == SCL_OK) status = add_cells(text, cells, now, err);
    return status == SCL_OK ? add_estimators(text, estimators, now, err) : status;
}
