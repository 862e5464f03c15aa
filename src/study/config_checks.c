/* What must hold between keys, in every cell of the sweep: the model can be drawn (config_model.c), aspect gives a number of
 * samples, the sampler can draw them from these laws, precision's metric is measured, the figure's axes exist, the claims and bounds can be judged.
 *
 * A failure is placed at the key that can mend it: at a swept value when it is swept, at a --set when that is involved. */
#include "base/memory.h"
#include "study/config_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LARGEST_N         1e15
#define MOST_DATA_SAMPLES 1e9 /* drawing one by one; 1e9 samples of d = 100 take an hour */

/* The node that gives `key` in a cell, 0 when its default does. */
static size_t node_in_cell(const scl_reader *reader, scl_key key, size_t cell)
{
    if (!reader->axis[key]) return reader->given[key];
    size_t axis = reader->axis[key] - 1;
    return reader->sources[axis].nodes[scl_config_axis_index(reader->config, cell, axis)];
}

static size_t to_blame(const scl_reader *reader, size_t cell, const scl_key *keys, size_t n_keys)
{
    size_t first = n_keys;
    for (size_t i = 0; i < n_keys; i++) {
        size_t node = node_in_cell(reader, keys[i], cell);
        if (node && reader->tree.nodes[node].set) return i;
        if (node && first == n_keys) first = i;
    }
    return first < n_keys ? first : 0;
}

scl_status scl_reader_cell_text(scl_text *out, const scl_reader *reader, size_t cell)
{
    scl_status status = SCL_OK;
    for (size_t axis = 0; axis < reader->config->n_axes && status == SCL_OK; axis++)
        status = scl_text_add(out, reader->err, "%s%s = %s", axis ? ", " : " (in the cell ",
                              reader->config->axes[axis].key, scl_config_axis_value(reader->config, cell, axis));
    if (status == SCL_OK && reader->config->n_axes) status = scl_text_add(out, reader->err, ")");
    return status;
}

scl_status scl_reader_fail_cell(const scl_reader *reader, size_t cell, const scl_key *keys, size_t n_keys,
                                const char *allowed, const char *what)
{
    scl_text where = {0};
    scl_status status = scl_reader_cell_text(&where, reader, cell);
    scl_key key = keys[to_blame(reader, cell, keys, n_keys)];
    size_t node = node_in_cell(reader, key, cell);
    if (status == SCL_OK)
        status = scl_reader_fail(reader, scl_place_of_value(reader, node ? node : reader->tree.root),
                                 scl_config_keys[key].key, allowed, NULL, "%s%s", what, scl_text_get(&where));
    scl_text_free(&where);
    return status;
}

/* ---- n and aspect, before any cell ---- */

size_t scl_reader_node_of(const scl_reader *reader, scl_key key)
{
    return reader->axis[key] ? reader->sources[reader->axis[key] - 1].key : reader->given[key];
}

/* n = round(d/aspect): one of the two. Blames the one that was said last. */
static scl_status check_n_or_aspect(const scl_reader *reader)
{
    scl_key first = SCL_KEY_N, second = SCL_KEY_ASPECT;
    if (!scl_reader_node_of(reader, first) || !scl_reader_node_of(reader, second)) return SCL_OK;
    if (reader->tree.nodes[scl_reader_node_of(reader, first)].set >
        reader->tree.nodes[scl_reader_node_of(reader, second)].set) {
        first = SCL_KEY_ASPECT;
        second = SCL_KEY_N;
    }
    return scl_reader_fail(reader, scl_place_of_key(reader, scl_reader_node_of(reader, second)),
                           scl_config_keys[second].key, "n, or aspect = d/n", NULL, "%s is given too",
                           scl_config_keys[first].key);
}

/* ---- every cell ---- */

const char *scl_two_numbers(char out[SCL_WHAT_CHARS], const char *before, double a, const char *between, double b)
{
    char number[SCL_NUMBER_CHARS];
    strcat(strcpy(out, before), scl_number_shortest(number, a));
    strcat(out, between);
    return strcat(out, scl_number_shortest(number, b));
}

/* The rounded n is what is drawn; fewer than two samples have no covariance. */
static scl_status check_aspect(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    if (s->aspect == 0 || (s->n >= 2 && s->n <= LARGEST_N)) return SCL_OK;
    char what[160];
    return scl_reader_fail_cell(
        reader, cell, SCL_KEYS(SCL_KEY_ASPECT, SCL_KEY_D), "aspects that give n from 2 to 1e15",
        scl_two_numbers(what, "n = d/aspect rounds to ", s->n, " for d = ", (double)s->model.d));
}

static scl_status check_sampler(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    scl_key law = s->model.latent.kind != SCL_LAW_GAUSSIAN ? SCL_KEY_LATENT : SCL_KEY_NOISE_LAW;
    bool gaussian = scl_laws_gaussian(s->model.latent, s->model.noise_law);
    if (isinf(s->n)) return SCL_OK; /* the population is a matter of the covariance alone */
    if (s->sampler == SCL_SAMPLER_MOMENTS && !gaussian) {
        scl_law_kind kind = law == SCL_KEY_LATENT ? s->model.latent.kind : s->model.noise_law.kind;
        char what[160];
        snprintf(what, sizeof what, "moments can only be drawn when latent and noise are gaussian, and %s is %s",
                 scl_config_keys[law].key, scl_law_names[kind]);
        return scl_reader_fail_cell(reader, cell, SCL_KEYS(SCL_KEY_SAMPLER, law), "auto or data with such a law", what);
    }
    if (scl_sampler_resolve(s->sampler, &s->model) != SCL_SAMPLER_DATA || s->n <= MOST_DATA_SAMPLES) return SCL_OK;
    scl_key size = s->aspect > 0 ? SCL_KEY_ASPECT : SCL_KEY_N;
    if (!gaussian)
        return scl_reader_fail_cell(reader, cell, SCL_KEYS(size, law), "n up to 1e9 with laws that are not gaussian",
                                    "too many samples to draw one by one, as these laws must be");
    return scl_reader_fail_cell(
        reader, cell, SCL_KEYS(size, SCL_KEY_SAMPLER), "n up to 1e9 with sampler: data, or sampler: moments",
        "too many samples to draw one by one (the cost of sampler: moments does not depend on n)");
}

static scl_status check_cells(const scl_reader *reader)
{
    scl_status status = SCL_OK;
    for (size_t cell = 0; cell < scl_config_cells(reader->config) && status == SCL_OK; cell++) {
        scl_settings settings = scl_config_cell(reader->config, cell);
        status = scl_reader_check_model(reader, &settings, cell);
        if (status == SCL_OK) status = check_aspect(reader, &settings, cell);
        if (status == SCL_OK) status = check_sampler(reader, &settings, cell);
        if (status == SCL_OK) status = scl_reader_check_task(reader, &settings, cell);
    }
    return status;
}

/* ---- precision ---- */

static scl_status check_precision(scl_reader *reader)
{
    scl_config *config = reader->config;
    scl_precision_spec *precision = &config->precision;
    if (!precision->wanted) return SCL_OK;
    const char *names[SCL_MAX_METRICS] = {NULL};
    for (size_t i = 0; i < config->n_metrics; i++) names[i] = config->metrics[i]->name;
    while (precision->metric < config->n_metrics && strcmp(names[precision->metric], precision->metric_name) != 0)
        precision->metric++;
    if (precision->metric == config->n_metrics)
        return scl_reader_unknown(reader, scl_place_of_value(reader, reader->given[SCL_KEY_PRECISION_METRIC]),
                                  scl_config_keys[SCL_KEY_PRECISION_METRIC].key,
                                  "not among this config's metrics:", precision->metric_name, names, config->n_metrics);
    if (precision->max_replicates >= config->replicates) return SCL_OK;
    size_t most = reader->given[SCL_KEY_MAX_REPLICATES], first = reader->given[SCL_KEY_REPLICATES];
    bool first_set = first && reader->tree.nodes[first].set > reader->tree.nodes[most].set;
    scl_key key = first_set ? SCL_KEY_REPLICATES : SCL_KEY_MAX_REPLICATES;
    return scl_reader_fail(reader, scl_place_of_value(reader, first_set ? first : most), scl_config_keys[key].key,
                           "replicates up to max_replicates", NULL, "replicates = %zu is above max_replicates = %zu",
                           config->replicates, precision->max_replicates);
}

/* ---- the claims and bounds ---- */

static scl_status check_claim(const scl_reader *reader, size_t item, const char *key, const char *id)
{
    scl_text lacking = {0};
    scl_status status = reader->names->claim_lacks(&lacking, reader->config, id, reader->err);
    if (status == SCL_OK && lacking.length > 0)
        status = scl_reader_fail(reader, scl_place_of_value(reader, item), key, NULL, NULL,
                                 "%s cannot be judged on this config, which lacks %s", id, scl_text_get(&lacking));
    scl_text_free(&lacking);
    return status;
}

static scl_status check_claims(const scl_reader *reader)
{
    const scl_config *config = reader->config;
    if (!reader->names || !reader->names->claim_lacks) return SCL_OK;
    size_t list = reader->given[SCL_KEY_CLAIMS], item = list ? reader->tree.nodes[list].first : 0;
    scl_status status = SCL_OK;
    for (size_t i = 0; status == SCL_OK && i < config->n_claims; i++, item = reader->tree.nodes[item].next)
        status = check_claim(reader, item, "claims", config->claims[i]);
    list = reader->given[SCL_KEY_OWN_BOUNDS];
    item = list ? reader->tree.nodes[list].first : 0;
    for (size_t i = 0; status == SCL_OK && i < config->n_bounds; i++, item = reader->tree.nodes[item].next)
        status = check_claim(reader, item, "bounds", config->bounds[i].id);
    return status;
}

scl_status scl_reader_checks(scl_reader *reader)
{
    scl_status status = check_n_or_aspect(reader);
    if (status == SCL_OK) status = scl_reader_check_parts(reader);
    if (status == SCL_OK) status = scl_reader_check_labels_alone(reader);
    if (status == SCL_OK) status = scl_reader_model_files(reader);
    if (status == SCL_OK) status = check_cells(reader);
    if (status == SCL_OK) status = scl_reader_check_frame(reader);
    if (status == SCL_OK) status = check_precision(reader);
    if (status == SCL_OK) status = scl_reader_figure(reader);
    if (status == SCL_OK) status = check_claims(reader);
    return status;
}
