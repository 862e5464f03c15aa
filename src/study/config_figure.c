/* The figure: its axes must exist, and a logarithmic axis must hold numbers. */
#include "base/memory.h"
#include "study/config_parts.h"

#include <string.h>

/* n, d and r are columns of every summary; swept or not, they have their short names. */
static const struct {
    scl_key key;
    const char *name;
} columns[] = {{SCL_KEY_N, "n"}, {SCL_KEY_D, "d"}, {SCL_KEY_R, "r"}};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

static scl_status check_x(scl_reader *reader)
{
    scl_config *config = reader->config;
    const scl_key_doc *doc = &scl_config_keys[SCL_KEY_FIGURE_X];
    scl_place place = scl_place_of_value(reader, reader->given[SCL_KEY_FIGURE_X]);
    const char *names[N_COLUMNS + SCL_N_KEYS], *x = config->figure.x;
    size_t n_names = 0;
    bool known = false;
    for (size_t i = 0; i < N_COLUMNS; i++) names[n_names++] = columns[i].name;
    for (size_t axis = 0; axis < config->n_axes; axis++) names[n_names++] = config->axes[axis].key;
    for (size_t i = 0; i < n_names; i++) known = known || strcmp(names[i], x) == 0;
    if (!known) return scl_reader_unknown(reader, place, doc->key, "neither n, d, r nor swept:", x, names, n_names);
    scl_key key = scl_key_find(x);
    bool words = key != SCL_N_KEYS && scl_key_rules[key].kind == SCL_RULE_WORD;
    bool log_x = config->figure.scale == SCL_SCALE_LOGX || config->figure.scale == SCL_SCALE_LOGLOG;
    if (words && log_x) {
        size_t node = reader->given[SCL_KEY_SCALE];
        return scl_reader_fail(reader, scl_place_of_value(reader, node), "figure.scale", "linear | logy", NULL,
                               "a logarithmic x axis needs numbers, and %s has names", x);
    }
    for (size_t i = 0; i < N_COLUMNS; i++) {
        if (columns[i].key != key) continue;
        char *shorter = scl_strdup(columns[i].name, reader->err);
        if (!shorter) return SCL_ERR_MEMORY;
        scl_free(config->figure.x);
        config->figure.x = shorter;
        break;
    }
    return SCL_OK;
}

static scl_status check_y(const scl_reader *reader)
{
    const scl_config *config = reader->config;
    const char *names[SCL_MAX_METRICS];
    for (size_t i = 0; i < config->n_metrics; i++) {
        names[i] = config->metrics[i]->name;
        if (strcmp(names[i], config->figure.y) == 0) return SCL_OK;
    }
    return scl_reader_unknown(reader, scl_place_of_value(reader, reader->given[SCL_KEY_FIGURE_Y]), "figure.y",
                              "not among this config's metrics:", config->figure.y, names, config->n_metrics);
}

/* A linear axis shows a small number as what it is. */
static scl_status check_floor(const scl_reader *reader)
{
    const scl_figure_spec *figure = &reader->config->figure;
    bool log_y = figure->scale == SCL_SCALE_LOGY || figure->scale == SCL_SCALE_LOGLOG;
    if (!(figure->floor > 0) || log_y) return SCL_OK;
    return scl_reader_fail(reader, scl_place_of_value(reader, reader->given[SCL_KEY_FLOOR]), "figure.floor",
                           "no floor, or scale: logy | loglog", NULL,
                           "the y axis is linear, and a floor is for a "
                           "logarithmic one");
}

scl_status scl_reader_figure(scl_reader *reader)
{
    if (!reader->config->figure.wanted) return SCL_OK;
    scl_status status = check_x(reader);
    if (status == SCL_OK) status = check_y(reader);
    return status == SCL_OK ? check_floor(reader) : status;
}
