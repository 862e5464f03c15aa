/* A config that was read: its cells, and its end. See config.h. */
#include "study/config.h"

#include "base/memory.h"
#include "study/config_keys.h"

size_t scl_config_cells(const scl_config *config)
{
    size_t cells = 1;
    for (size_t axis = 0; axis < config->n_axes; axis++)
        cells *= config->axes[axis].n_values; /* bounded by the checks */
    return cells;
}

const char *scl_config_axis_value(const scl_config *config, size_t cell, size_t axis)
{
    for (size_t later = config->n_axes - 1; later > axis; later--) cell /= config->axes[later].n_values;
    return config->axes[axis].values[cell % config->axes[axis].n_values];
}

scl_settings scl_config_cell(const scl_config *config, size_t cell)
{
    scl_settings settings = config->base;
    settings.model.file_variances = config->file_variances;
    for (size_t axis = 0; axis < config->n_axes; axis++) {
        scl_key key = scl_key_find(config->axes[axis].key);
        scl_value value = {0};
        if (key < SCL_N_KEYS && scl_key_parse(&value, key, scl_config_axis_value(config, cell, axis)) == NULL)
            scl_key_store_setting(&settings, key, &value);
    }
    return settings;
}

void scl_config_free(scl_config *config)
{
    scl_free(config->path);
    scl_free(config->source);
    scl_free(config->name);
    scl_free(config->question);
    scl_free(config->base.noise_file);
    scl_free(config->file_variances);
    for (size_t i = 0; i < config->n_estimators; i++) scl_free(config->estimators[i].id);
    scl_free(config->estimators);
    scl_free(config->metrics);
    scl_free(config->compares);
    for (size_t i = 0; i < config->n_claims; i++) scl_free(config->claims[i]);
    scl_free(config->claims);
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
    scl_free(config->figure.x);
    scl_free(config->figure.y);
    *config = (scl_config){0};
}
