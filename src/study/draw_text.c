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

const char *scl_draw_left_out(const char *key, size_t length)
{
    static const struct {
        const char *key, *value;
    } neutral[] = {{"model.latent", "gaussian"}, {"model.noise_law", "gaussian"}};
    for (size_t i = 0; i < sizeof neutral / sizeof *neutral; i++)
        if (strlen(neutral[i].key) == length && strncmp(neutral[i].key, key, length) == 0) return neutral[i].value;
    return NULL;
}

/* Nothing for the Gaussian law. */
static size_t law_keys(scl_draw_key *keys, const char *law_key, const char *df_key, scl_law law)
{
    if (law.kind == SCL_LAW_GAUSSIAN) return 0;
    set_name(&keys[0], law_key, scl_law_names[law.kind]);
    if (law.kind != SCL_LAW_STUDENT) return 1;
    set_number(&keys[1], df_key, law.df);
    return 2;
}

size_t scl_draw_keys(scl_draw_key keys[SCL_MAX_DRAW_KEYS], const scl_settings *settings)
{
    size_t n = 0;
    set_number(&keys[n++], "model.d", (double)settings->model.d);
    n += law_keys(keys + n, "model.latent", "model.latent.student.df", settings->model.latent);
    set_name(&keys[n++], "model.loadings", scl_loadings_names[settings->model.loadings]);
    n += noise_keys(keys + n, settings);
    n += law_keys(keys + n, "model.noise_law", "model.noise_law.student.df", settings->model.noise_law);
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
