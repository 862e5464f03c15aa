/* Draw texts. A text lists, sorted, only the keys that the draw is a function of, numbers in shortest round-trip form and
 * files by content hash; a key at the value the program had before the key existed is left out. So U is shared along noise, nu
 * and n, and a new key never moves old streams. tests/study pins their hashes. Source: docs/design.md, Streams. */
#include "study/draw_text.h"

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

static size_t noise_keys(scl_draw_key *keys, const scl_settings *settings)
{
    const scl_model_spec *model = &settings->model;
    size_t n = 0;
    switch (model->noise) {
    case SCL_NOISE_GOLDEN:
        set_number(&keys[n++], "model.noise.max", model->variance_max);
        set_number(&keys[n++], "model.noise.min", model->variance_min);
        set_name(&keys[n++], "model.noise.profile", scl_noise_names[model->noise]);
        return n;
    case SCL_NOISE_FILE:
        keys[n].key = "model.noise.file";
        snprintf(keys[n].value, sizeof keys[n].value, "%016llx", (unsigned long long)settings->noise_hash);
        return n + 1;
    case SCL_NOISE_LINEAR:
        set_name(&keys[n++], "model.noise.profile", scl_noise_names[model->noise]);
        set_number(&keys[n++], "model.noise.ratio", model->ratio);
        set_number(&keys[n++], "model.noise.sigma_max", model->sigma_max);
        return n;
    case SCL_NOISE_CONSTANT:
    case SCL_NOISE_GAP:
    case SCL_N_NOISE:
        break;
    }
    set_name(&keys[n++], "model.noise.profile", scl_noise_names[model->noise]);
    set_number(&keys[n++], "model.noise.sigma_max", model->sigma_max);
    return n;
}

size_t scl_draw_keys(scl_draw_key keys[SCL_MAX_DRAW_KEYS], const scl_settings *settings)
{
    size_t n = 0;
    set_number(&keys[n++], "model.d", (double)settings->model.d);
    set_name(&keys[n++], "model.loadings", scl_loadings_names[settings->model.loadings]);
    n += noise_keys(keys + n, settings);
    set_number(&keys[n++], "model.nu", settings->model.nu);
    set_number(&keys[n++], "model.r", (double)settings->model.r);
    set_number(&keys[n++], "sample.n", settings->n);
    set_name(&keys[n++], "sample.sampler", scl_sampler_names[settings->sampler]);
    return n;
}

static size_t loadings_keys(scl_draw_key *keys, const scl_settings *settings)
{
    size_t n = 0;
    set_name(&keys[n++], "object", "loadings"); /* comes first, whatever its place in the alphabet */
    set_number(&keys[n++], "model.d", (double)settings->model.d);
    set_name(&keys[n++], "model.loadings", scl_loadings_names[settings->model.loadings]);
    set_number(&keys[n++], "model.r", (double)settings->model.r);
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
