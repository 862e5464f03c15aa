/* Draw texts. A text lists, sorted, only the keys that the draw is a function of, numbers in shortest round-trip form and
 * files by content hash; a key at the value the program had before the key existed is left out. So U is shared along noise, nu
 * and n, and a new key never moves old streams. tests/study pins their hashes. Source: docs/design.md, Streams. */
#include "study/draw_text.h"

#include "study/config_keys.h"

#include <stdio.h>
#include <string.h>

static void set_number(scl_draw_key *entry, const char *key, double value)
{
    entry->key = key;
    scl_number_shortest(entry->value, value);
}

static void set_name(scl_draw_key *entry, const char *key, const char *value)
{
    entry->key = key;
    snprintf(entry->value, sizeof entry->value, "%s", value);
}

static void set_hash(scl_draw_key *entry, const char *key, uint64_t hash)
{
    entry->key = key;
    snprintf(entry->value, sizeof entry->value, "%016llx", (unsigned long long)hash);
}

/* How loadings or noise are made: by the bytes of a file, or by name. */
static void set_loadings(scl_draw_key *entry, const scl_settings *settings)
{
    if (settings->model.loadings == SCL_LOADINGS_FILE)
        set_hash(entry, "model.loadings.file", settings->loadings_hash);
    else
        set_name(entry, "model.loadings", scl_loadings_names[settings->model.loadings]);
}

static void set_noise(scl_draw_key *entry, const scl_settings *settings)
{
    if (settings->model.noise == SCL_NOISE_FILE)
        set_hash(entry, "model.noise.file", settings->noise_hash);
    else
        set_name(entry, "model.noise.profile", scl_noise_names[settings->model.noise]);
}

/* A list as it stands; one that is too long by its hash. */
static void set_list(scl_draw_key *entry, const char *key, const char *list)
{
    if (strlen(list) < sizeof entry->value) {
        set_name(entry, key, list);
        return;
    }
    entry->key = key;
    snprintf(entry->value, sizeof entry->value, "list-%016llx", scl_fnv1a(SCL_FNV_START, list, strlen(list)));
}

static void set_nu(scl_draw_key *entry, const scl_settings *settings)
{
    if (settings->model.nus)
        set_list(entry, "model.nu", settings->nu_text);
    else
        set_number(entry, "model.nu", settings->model.nu);
}

/* Where the task's directions come from. */
static void set_weights(scl_draw_key *entry, const scl_settings *settings)
{
    if (settings->model.task.weights != SCL_WEIGHTS_GIVEN)
        set_name(entry, "model.task.w", scl_weights_names[settings->model.task.weights]);
    else if (settings->weights_file)
        set_hash(entry, "model.task.w.file", settings->weights_hash);
    else
        set_list(entry, "model.task.w", settings->weights_text);
}

/* Of the task and the labels; a study without task has none of these keys. */
static size_t task_keys(scl_draw_key *keys, const scl_settings *settings)
{
    const scl_task_spec *task = &settings->model.task;
    size_t n = 0;
    if (task->kind == SCL_TASK_NONE) return 0;
    set_name(&keys[n++], "model.task.kind", scl_task_names[task->kind]);
    if (scl_task_has_scores(task->kind)) {
        set_number(&keys[n++], "model.task.tasks", (double)task->n_tasks);
        set_weights(&keys[n++], settings);
        if (task->weights == SCL_WEIGHTS_AXIS)
            set_number(&keys[n++], "model.task.w.axis.direction", (double)task->direction);
        if (task->kind == SCL_TASK_REGRESSION)
            set_number(&keys[n++], "model.task.label_noise", task->label_noise);
        else
            set_number(&keys[n++], "model.task.offset", task->offset);
    }
    if (settings->labels.m == 0) return n;
    set_number(&keys[n++], "sample.labelled", settings->labels.m);
    if (settings->labels.apart) set_name(&keys[n++], "sample.labelled_apart", "true");
    if (settings->labels.shared && task->n_tasks > 1) set_name(&keys[n++], "sample.labelled_shared", "true");
    return n;
}

static bool is_task_part(const scl_part *part)
{
    return part->of == SCL_KEY_TASK_KIND || part->of == SCL_KEY_WEIGHTS;
}

static void sort_keys(scl_draw_key *keys, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        scl_draw_key key = keys[i];
        size_t at = i;
        for (; at > 0 && strcmp(keys[at - 1].key, key.key) > 0; at--) keys[at] = keys[at - 1];
        keys[at] = key;
    }
}

const char *scl_draw_left_out(const char *key, size_t length)
{
    static const struct {
        const char *key, *value;
    } neutral[] = {{"model.latent", "gaussian"},
                   {"model.noise_law", "gaussian"},
                   {"sample.labelled", "0"},
                   {"sample.labelled_apart", "false"},
                   {"sample.labelled_shared", "false"}};
    for (size_t i = 0; i < sizeof neutral / sizeof *neutral; i++)
        if (strlen(neutral[i].key) == length && strncmp(neutral[i].key, key, length) == 0) return neutral[i].value;
    return NULL;
}

size_t scl_draw_keys(scl_draw_key keys[SCL_MAX_DRAW_KEYS], const scl_settings *settings)
{
    size_t n = 0;
    set_number(&keys[n++], "model.d", (double)settings->model.d);
    if (settings->model.latent.kind != SCL_LAW_GAUSSIAN)
        set_name(&keys[n++], "model.latent", scl_law_names[settings->model.latent.kind]);
    set_loadings(&keys[n++], settings);
    set_noise(&keys[n++], settings);
    if (settings->model.noise_law.kind != SCL_LAW_GAUSSIAN)
        set_name(&keys[n++], "model.noise_law", scl_law_names[settings->model.noise_law.kind]);
    set_nu(&keys[n++], settings);
    set_number(&keys[n++], "model.r", (double)settings->model.r);
    set_number(&keys[n++], "sample.n", settings->n);
    set_name(&keys[n++], "sample.sampler", scl_sampler_names[settings->sampler]);
    for (size_t i = 0; i < scl_n_parts; i++)
        if (!is_task_part(&scl_parts[i]) && scl_part_counts(&scl_parts[i], settings))
            set_number(&keys[n++], scl_config_keys[scl_parts[i].key].key, scl_key_number(settings, scl_parts[i].key));
    n += task_keys(&keys[n], settings);
    sort_keys(keys, n);
    return n;
}

/* The mass is left out: V is drawn without it. */
static size_t loadings_keys(scl_draw_key *keys, const scl_settings *settings)
{
    size_t n = 0;
    set_name(&keys[n++], "object", "loadings"); /* comes first, whatever its place in the alphabet */
    set_number(&keys[n++], "model.d", (double)settings->model.d);
    set_loadings(&keys[n++], settings);
    set_number(&keys[n++], "model.r", (double)settings->model.r);
    return n;
}

/* min and max are left out: they scale uniform numbers that are drawn without them. */
static size_t noise_keys(scl_draw_key *keys, const scl_settings *settings)
{
    size_t n = 0;
    set_name(&keys[n++], "object", "noise");
    set_number(&keys[n++], "model.d", (double)settings->model.d);
    set_noise(&keys[n++], settings);
    return n;
}

static char *append(char *end, const char *text)
{
    size_t length = strlen(text);
    memcpy(end, text, length + 1);
    return end + length;
}

/* In one piece: a sweep may have 1e5 cells. */
static scl_status join_keys(scl_text *text, const scl_draw_key *keys, size_t n, scl_error *err)
{
    enum { LONGEST_LINE = 32 + sizeof keys->value };
    char lines[SCL_MAX_DRAW_KEYS * LONGEST_LINE], *end = lines;
    for (size_t i = 0; i < n; i++) {
        if (i > 0) end = append(end, "\n");
        end = append(append(append(end, keys[i].key), "="), keys[i].value);
    }
    return scl_text_add(text, err, "%s", lines);
}

scl_status scl_draw_text_loadings(scl_text *text, const scl_settings *settings, scl_error *err)
{
    scl_draw_key keys[SCL_MAX_DRAW_KEYS];
    return join_keys(text, keys, loadings_keys(keys, settings), err);
}

scl_status scl_draw_text_noise(scl_text *text, const scl_settings *settings, scl_error *err)
{
    scl_draw_key keys[SCL_MAX_DRAW_KEYS];
    return join_keys(text, keys, noise_keys(keys, settings), err);
}

/* The number of tasks is left out: more of them leave the first ones alone. */
scl_status scl_draw_text_task(scl_text *text, const scl_settings *settings, scl_error *err)
{
    scl_draw_key keys[3];
    set_name(&keys[0], "object", "task");
    set_number(&keys[1], "model.r", (double)settings->model.r);
    set_weights(&keys[2], settings);
    return join_keys(text, keys, 3, err);
}

scl_status scl_draw_text_data(scl_text *text, const scl_settings *settings, scl_error *err)
{
    scl_draw_key keys[SCL_MAX_DRAW_KEYS];
    return join_keys(text, keys, scl_draw_keys(keys, settings), err);
}

scl_status scl_draw_text_estimator(scl_text *text, const scl_estimator_use *use, scl_error *err)
{
    size_t shown = 0;
    scl_status status = scl_text_add(text, err, "%s", use->estimator->name);
    for (size_t i = 0; status == SCL_OK && i < use->estimator->n_options; i++) {
        char number[SCL_NUMBER_CHARS];
        const scl_option *option = &use->estimator->options[i];
        if (use->options[i] == option->fallback) continue;
        status = scl_text_add(text, err, "%s%s=%s", shown++ ? "," : "{", option->key,
                              scl_option_show(number, option, use->options[i]));
    }
    return status == SCL_OK && shown ? scl_text_add(text, err, "}") : status;
}
