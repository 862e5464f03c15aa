/* A config that was read: its cells, and its end. See config.h. */
#include "study/config.h"

#include "base/memory.h"
#include "study/config_parts.h"

#include <math.h>
#include <string.h>

size_t scl_config_cells(const scl_config *config)
{
    if (config->n_blocks == 0) return 1;
    const scl_sweep_block *last = &config->blocks[config->n_blocks - 1];
    return last->first_cell + last->n_cells;
}

size_t scl_config_axis_index(const scl_config *config, size_t cell, size_t axis)
{
    size_t low = 0, high = config->n_blocks;
    while (high - low > 1) { /* blocks[low].first_cell <= cell < blocks[high].first_cell */
        size_t middle = (low + high) / 2;
        if (config->blocks[middle].first_cell <= cell)
            low = middle;
        else
            high = middle;
    }
    const scl_sweep_block *block = &config->blocks[low];
    const scl_sweep_span *span = &block->spans[axis];
    size_t k = cell - block->first_cell;
    if (block->kept) k = block->kept[k];
    return span->first + k / span->stride % span->count;
}

const scl_estimator_use *scl_config_use(const scl_config *config, const char *id)
{
    for (size_t e = 0; e < config->n_estimators; e++)
        if (strcmp(config->estimators[e].id, id) == 0) return &config->estimators[e];
    return NULL;
}

const char *scl_config_axis_value(const scl_config *config, size_t cell, size_t axis)
{
    return config->axes[axis].values[scl_config_axis_index(config, cell, axis)];
}

bool scl_config_follows(const scl_config *config, size_t axis, size_t leader)
{
    bool zipped = false;
    for (size_t block = 0; block < config->n_blocks; block++) {
        const scl_sweep_span *own = &config->blocks[block].spans[axis], *other = &config->blocks[block].spans[leader];
        if (own->count != other->count || (own->count > 1 && own->stride != other->stride)) return false;
        zipped = zipped || own->count > 1; /* two axes with a single value are not a zip, and have one stride */
    }
    if (!zipped) return false;
    char *const *values = config->axes[axis].values, *const *leading = config->axes[leader].values;
    for (size_t i = 0; i < config->axes[axis].n_values; i++) /* equal counts everywhere: the values are parallel */
        for (size_t j = 0; j < i; j++)
            if (strcmp(leading[i], leading[j]) == 0 && strcmp(values[i], values[j]) != 0) return false;
    return true;
}

scl_settings scl_config_cell(const scl_config *config, size_t cell)
{
    scl_settings settings = config->base;
    settings.model.file_variances = config->file_variances;
    settings.model.file_loadings = config->file_loadings;
    settings.model.nus = config->nus;
    settings.model.task.given = config->weights;
    for (size_t axis = 0; axis < config->n_axes; axis++) {
        scl_key key = scl_key_find(config->axes[axis].key);
        scl_value value = {0};
        if (key < SCL_N_KEYS && scl_key_parse(&value, key, scl_config_axis_value(config, cell, axis)) == NULL)
            scl_key_store_setting(&settings, key, &value);
    }
    if (settings.aspect > 0) settings.n = round((double)settings.model.d / settings.aspect);
    if (settings.labelled_fraction > 0) settings.labels.m = round(settings.labelled_fraction * settings.n);
    return settings;
}

void scl_config_free(scl_config *config)
{
    scl_free(config->path);
    scl_free(config->words);
    scl_free(config->source);
    scl_free(config->name);
    scl_free(config->question);
    scl_free(config->base.noise_file);
    scl_free(config->base.loadings_file);
    scl_free(config->file_loadings);
    scl_free(config->base.nu_text);
    scl_free(config->nus);
    scl_free(config->base.weights_file);
    scl_free(config->base.weights_text);
    scl_free(config->weights);
    scl_free(config->file_variances);
    for (size_t i = 0; i < config->n_estimators; i++) scl_free(config->estimators[i].id);
    scl_free(config->estimators);
    scl_free(config->metrics);
    scl_free(config->compares);
    for (size_t i = 0; i < config->n_claims; i++) scl_free(config->claims[i]);
    scl_free(config->claims);
    for (size_t i = 0; i < config->n_bounds; i++) {
        scl_free(config->bounds[i].id);
        for (size_t t = 0; t < SCL_N_BOUND_TERMS; t++) scl_free(config->bounds[i].terms[t]);
    }
    scl_free(config->bounds);
    for (size_t i = 0; i < config->n_expects; i++) {
        scl_free(config->expects[i].claim);
        scl_free(config->expects[i].verdict);
    }
    scl_free(config->expects);
    for (size_t i = 0; i < config->n_axes; i++) {
        for (size_t j = 0; j < config->axes[i].n_values; j++) scl_free(config->axes[i].values[j]);
        scl_free(config->axes[i].values);
        scl_free(config->axes[i].key);
    }
    scl_free(config->axes);
    for (size_t i = 0; i < config->n_blocks; i++) {
        scl_free(config->blocks[i].spans);
        scl_free(config->blocks[i].kept);
    }
    scl_free(config->blocks);
    scl_free(config->precision.metric_name);
    scl_free(config->figure.x);
    scl_free(config->figure.y);
    scl_free(config->figure.metric);
    *config = (scl_config){0};
}
