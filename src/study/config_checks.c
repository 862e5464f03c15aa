/* What must hold between keys, in every cell of the sweep: the noise's keys fit its profile and its variances are
 * positive and finite, r fits d, the noise file has d values, the noise leaves the spike visible, aspect gives a number of
 * samples, the sampler can draw them from these laws, precision's metric is measured, the figure's axes exist, the claims can be judged.
 *
 * A failure is placed at the key that can mend it: at a swept value when it is swept, at a --set when that is involved.
 * Variances: docs/theory.md, section 1. */
#include "base/csv.h"
#include "base/file.h"
#include "base/memory.h"
#include "study/config_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Variances are kept where squares and sums of d of them neither overflow nor vanish. */
#define SMALLEST_VARIANCE 1e-100
#define LARGEST_VARIANCE  1e100
#define MOST_NOISE        1e9  /* largest noise variance over nu^2; eigenvectors are then good to about 1e-6 */
#define MOST_SPREAD       1e24 /* largest over smallest noise variance; samples are wrong from about 1e30 on */
#define LARGEST_N         1e15
#define MOST_DATA_SAMPLES 1e9 /* drawing one by one; 1e9 samples of d = 100 take an hour */

static const scl_key noise_parts[] = {SCL_KEY_SIGMA_MAX, SCL_KEY_RATIO, SCL_KEY_MIN, SCL_KEY_MAX};
enum { N_NOISE_PARTS = sizeof noise_parts / sizeof *noise_parts };

static bool profile_takes(scl_noise profile, scl_key part)
{
    switch (profile) {
    case SCL_NOISE_CONSTANT:
    case SCL_NOISE_GAP:
        return part == SCL_KEY_SIGMA_MAX;
    case SCL_NOISE_LINEAR:
        return part == SCL_KEY_SIGMA_MAX || part == SCL_KEY_RATIO;
    case SCL_NOISE_GOLDEN:
        return part == SCL_KEY_MIN || part == SCL_KEY_MAX;
    default:
        return false;
    }
}

size_t scl_reader_node_in_cell(const scl_reader *reader, scl_key key, size_t cell)
{
    if (!reader->axis[key]) return reader->given[key];
    size_t axis = reader->axis[key] - 1;
    return reader->sources[axis].nodes[scl_config_axis_index(reader->config, cell, axis)];
}

/* Which of several keys that do not fit together to complain about: the first from the command line, else the first given. */
static size_t to_blame(const scl_reader *reader, size_t cell, const scl_key *keys, size_t n_keys)
{
    size_t first = n_keys;
    for (size_t i = 0; i < n_keys; i++) {
        size_t node = scl_reader_node_in_cell(reader, keys[i], cell);
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
    size_t node = scl_reader_node_in_cell(reader, key, cell);
    if (status == SCL_OK)
        status = scl_reader_fail(reader, scl_place_of_value(reader, node ? node : reader->tree.root),
                                 scl_config_keys[key].key, allowed, NULL, "%s%s", what, scl_text_get(&where));
    scl_text_free(&where);
    return status;
}

/* ---- the noise's keys, before any cell ---- */

static const char *parts_of(scl_noise profile)
{
    return profile == SCL_NOISE_LINEAR   ? "profile, sigma_max, ratio"
           : profile == SCL_NOISE_GOLDEN ? "profile, min, max"
                                         : "profile, sigma_max";
}

static scl_status check_part(const scl_reader *reader, const scl_noise *profiles, size_t n_profiles, scl_key part)
{
    size_t axis = reader->axis[part], node = axis ? reader->sources[axis - 1].key : reader->given[part];
    if (!node) return SCL_OK;
    scl_place place = scl_place_of_key(reader, node);
    const char *dotted = scl_config_keys[part].key, *leaf = scl_key_leaf(part);
    size_t users = 0, stranger = 0;
    for (size_t i = 0; i < n_profiles; i++) {
        if (profile_takes(profiles[i], part)) {
            users++;
        } else {
            stranger = i;
        }
    }
    if (axis && users < n_profiles) /* it would make cells that differ in nothing */
        return scl_reader_fail(reader, place, dotted, parts_of(profiles[stranger]), NULL,
                               "is swept, but noise profile %s takes no %s", scl_noise_names[profiles[stranger]], leaf);
    if (users == 0)
        return scl_reader_fail(reader, place, dotted, parts_of(profiles[stranger]), NULL,
                               "noise profile %s takes no %s", scl_noise_names[profiles[stranger]], leaf);
    return SCL_OK;
}

static scl_status check_ratio_given(const scl_reader *reader, const scl_noise *profiles, size_t n_profiles)
{
    if (reader->given[SCL_KEY_RATIO] || reader->axis[SCL_KEY_RATIO]) return SCL_OK;
    size_t axis = reader->axis[SCL_KEY_PROFILE], node = reader->given[SCL_KEY_PROFILE];
    const char *linear = scl_noise_names[SCL_NOISE_LINEAR];
    for (size_t i = 0; i < n_profiles; i++) {
        if (profiles[i] != SCL_NOISE_LINEAR) continue;
        for (size_t v = 0; axis && v < reader->config->axes[axis - 1].n_values; v++)
            if (strcmp(reader->config->axes[axis - 1].values[v], linear) == 0) {
                node = reader->sources[axis - 1].nodes[v];
                break;
            }
        return scl_reader_fail(reader, scl_place_of_value(reader, node), "model.noise.profile",
                               parts_of(SCL_NOISE_LINEAR), NULL, "linear noise needs a ratio");
    }
    return SCL_OK;
}

static scl_status check_file_alone(const scl_reader *reader)
{
    for (size_t key = SCL_KEY_PROFILE; key < SCL_KEY_FILE; key++) { /* profile and what belongs to profiles */
        size_t axis = reader->axis[key], node = axis ? reader->sources[axis - 1].key : reader->given[key];
        if (node)
            return scl_reader_fail(reader, scl_place_of_key(reader, node), scl_config_keys[key].key,
                                   "either {file: ..} or {profile: ..}", NULL, "noise from a file takes no %s",
                                   scl_key_leaf((scl_key)key));
    }
    return SCL_OK;
}

/* The profiles of all cells, each once; returns how many. */
static size_t list_profiles(scl_noise profiles[SCL_N_NOISE], const scl_reader *reader)
{
    const scl_config *config = reader->config;
    size_t n_profiles = 0, axis = reader->axis[SCL_KEY_PROFILE];
    profiles[0] = config->base.model.noise;
    if (!axis) return 1;
    for (int profile = 0; profile < SCL_NOISE_FILE; profile++) {
        size_t v = 0, n_values = config->axes[axis - 1].n_values;
        while (v < n_values && strcmp(config->axes[axis - 1].values[v], scl_noise_names[profile]) != 0) v++;
        if (v < n_values) profiles[n_profiles++] = (scl_noise)profile;
    }
    return n_profiles;
}

static scl_status check_noise_keys(const scl_reader *reader)
{
    const scl_config *config = reader->config;
    if (config->base.noise_file) return check_file_alone(reader);
    scl_noise profiles[SCL_N_NOISE];
    size_t n_profiles = list_profiles(profiles, reader);
    scl_status status = SCL_OK;
    for (size_t i = 0; i < N_NOISE_PARTS && status == SCL_OK; i++)
        status = check_part(reader, profiles, n_profiles, noise_parts[i]);
    return status == SCL_OK ? check_ratio_given(reader, profiles, n_profiles) : status;
}

/* ---- n and aspect, before any cell ---- */

static size_t node_of_key(const scl_reader *reader, scl_key key)
{
    return reader->axis[key] ? reader->sources[reader->axis[key] - 1].key : reader->given[key];
}

/* n = round(d/aspect): one of the two. Blames the one that was said last. */
static scl_status check_n_or_aspect(const scl_reader *reader)
{
    scl_key first = SCL_KEY_N, second = SCL_KEY_ASPECT;
    if (!node_of_key(reader, first) || !node_of_key(reader, second)) return SCL_OK;
    if (reader->tree.nodes[node_of_key(reader, first)].set > reader->tree.nodes[node_of_key(reader, second)].set) {
        first = SCL_KEY_ASPECT;
        second = SCL_KEY_N;
    }
    return scl_reader_fail(reader, scl_place_of_key(reader, node_of_key(reader, second)), scl_config_keys[second].key,
                           "n, or aspect = d/n", NULL, "%s is given too", scl_config_keys[first].key);
}

/* ---- the noise file ---- */

static scl_status read_noise_file(scl_reader *reader)
{
    scl_config *config = reader->config;
    const char *written = config->base.noise_file;
    if (!written) return SCL_OK;
    scl_text path = {0};
    scl_error cause = {0};
    char *bytes = NULL;
    size_t length = 0;
    const char *slash = strrchr(config->path, '/');
    int folder = slash && written[0] != '/' ? (int)(slash + 1 - config->path) : 0;
    scl_status status = scl_text_add(&path, &cause, "%.*s%s", folder, config->path, written);
    if (status == SCL_OK) status = scl_file_read(&bytes, &length, path.data, &cause);
    if (status == SCL_OK) {
        config->base.noise_hash = scl_fnv1a(SCL_FNV_START, bytes, length);
        config->base.model.noise = SCL_NOISE_FILE;
        status = scl_csv_vector(&config->file_variances, &reader->n_variances, SMALLEST_VARIANCE, LARGEST_VARIANCE,
                                path.data, &cause);
        config->base.model.file_variances = config->file_variances;
    }
    if (status == SCL_ERR_INPUT) {
        status = scl_reader_fail(reader, scl_place_of_value(reader, reader->given[SCL_KEY_FILE]), "model.noise.file",
                                 NULL, NULL, "%s", cause.message);
    } else if (status != SCL_OK) {
        status = scl_error_set(reader->err, status, "%s", cause.message);
    }
    scl_free(bytes);
    scl_text_free(&path);
    return status;
}

/* ---- every cell ---- */

/* "r = 12 is above d = 10" */
static const char *two_numbers(char out[160], const char *before, double a, const char *between, double b)
{
    char number[SCL_NUMBER_CHARS];
    strcat(strcpy(out, before), scl_number_shortest(number, a));
    strcat(out, between);
    return strcat(out, scl_number_shortest(number, b));
}

static scl_status check_shape(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    char what[160];
    if (s->model.r > s->model.d)
        return scl_reader_fail_cell(
            reader, cell, SCL_KEYS(SCL_KEY_R, SCL_KEY_D), "r <= d",
            two_numbers(what, "r = ", (double)s->model.r, " is above d = ", (double)s->model.d));
    if (s->model.noise == SCL_NOISE_GAP && s->model.r == s->model.d)
        return scl_reader_fail_cell(reader, cell, SCL_KEYS(SCL_KEY_R, SCL_KEY_D, SCL_KEY_PROFILE), "r < d",
                                    "noise profile gap needs a coordinate beyond the first r");
    return SCL_OK;
}

/* The extreme variances of a cell, in the order of their coordinates where the profile has one. */
typedef struct ends {
    double first, last;
} ends;

static ends ends_of(const scl_reader *reader, const scl_model_spec *m)
{
    double top = m->sigma_max * m->sigma_max, d = (double)m->d;
    if (m->noise == SCL_NOISE_GAP) return (ends){top, top / 4};
    if (m->noise == SCL_NOISE_GOLDEN) return (ends){m->variance_min, m->variance_max};
    if (m->noise == SCL_NOISE_LINEAR) { /* sigma_max and sigma_max (1 - (1 - 1/ratio)(d - 1)/d) */
        double sigma = m->sigma_max * (1 - (1 - 1 / m->ratio) * (d - 1) / d);
        return (ends){top, sigma > 0 ? sigma * sigma : 0};
    }
    if (m->noise != SCL_NOISE_FILE) return (ends){top, top};
    ends of_file = {INFINITY, 0};
    for (size_t j = 0; j < reader->n_variances; j++) {
        of_file.first = fmin(of_file.first, m->file_variances[j]);
        of_file.last = fmax(of_file.last, m->file_variances[j]);
    }
    return of_file;
}

static scl_status check_variances(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    const scl_model_spec *m = &s->model;
    char what[160];
    if (m->noise == SCL_NOISE_FILE) return SCL_OK; /* checked when it was read */
    if (m->noise == SCL_NOISE_GOLDEN) {
        if (m->variance_min > m->variance_max)
            return scl_reader_fail_cell(
                reader, cell, SCL_KEYS(SCL_KEY_MIN, SCL_KEY_MAX), "min <= max",
                two_numbers(what, "min = ", m->variance_min, " is above max = ", m->variance_max));
        return SCL_OK;
    }
    const double rounding = 1e-12; /* the square of 1e50 lies above 1e100 */
    ends e = ends_of(reader, m);
    bool fits = fmin(e.first, e.last) >= SMALLEST_VARIANCE * (1 - rounding) &&
                fmax(e.first, e.last) <= LARGEST_VARIANCE * (1 + rounding);
    if (fits) return SCL_OK;
    const char *allowed = "variances from 1e-100 to 1e100";
    two_numbers(what, "the noise variances reach from ", e.first, " to ", e.last);
    if (m->noise == SCL_NOISE_LINEAR)
        return scl_reader_fail_cell(reader, cell, SCL_KEYS(SCL_KEY_RATIO, SCL_KEY_SIGMA_MAX), allowed, what);
    return scl_reader_fail_cell(reader, cell, SCL_KEYS(SCL_KEY_SIGMA_MAX, SCL_KEY_PROFILE), allowed, what);
}

/* Eigenvectors of a spike are known to eps times the noise over the spike; below 1e-24 of the largest variance the moments
 * sampler's factor of C loses the loudest coordinates. */
static scl_status check_loudness(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    ends e = ends_of(reader, &s->model);
    double smallest = fmin(e.first, e.last), largest = fmax(e.first, e.last), spike = s->model.nu * s->model.nu;
    char what[160];
    if (largest > MOST_SPREAD * smallest) {
        two_numbers(what, "the noise variances reach from ", smallest, " to ", largest);
        return scl_reader_fail_cell(
            reader, cell, SCL_KEYS(SCL_KEY_FILE, SCL_KEY_MIN, SCL_KEY_MAX, SCL_KEY_RATIO, SCL_KEY_SIGMA_MAX),
            "largest over smallest noise variance up to 1e24 (beyond, double precision loses some)", what);
    }
    if (largest <= MOST_NOISE * spike) return SCL_OK;
    two_numbers(what, "the largest noise variance, ", largest, ", is over 1e9 times nu^2 = ", spike);
    return scl_reader_fail_cell(reader, cell,
                                SCL_KEYS(SCL_KEY_FILE, SCL_KEY_MAX, SCL_KEY_SIGMA_MAX, SCL_KEY_RATIO, SCL_KEY_NU),
                                "noise variances up to 1e9 nu^2 (beyond, double precision loses the spike)", what);
}

static scl_status check_file_length(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    if (s->model.noise != SCL_NOISE_FILE || reader->n_variances == s->model.d) return SCL_OK;
    char what[160];
    two_numbers(what, "variances in the file: ", (double)reader->n_variances, ", but d = ", (double)s->model.d);
    return scl_reader_fail_cell(reader, cell, SCL_KEYS(SCL_KEY_FILE, SCL_KEY_D),
                                "one variance for each of the d coordinates", what);
}

/* The rounded n is what is drawn; fewer than two samples have no covariance. */
static scl_status check_aspect(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    if (s->aspect == 0 || (s->n >= 2 && s->n <= LARGEST_N)) return SCL_OK;
    char what[160];
    return scl_reader_fail_cell(reader, cell, SCL_KEYS(SCL_KEY_ASPECT, SCL_KEY_D), "aspects that give n from 2 to 1e15",
                                two_numbers(what, "n = d/aspect rounds to ", s->n, " for d = ", (double)s->model.d));
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
        status = check_shape(reader, &settings, cell);
        if (status == SCL_OK) status = check_variances(reader, &settings, cell);
        if (status == SCL_OK) status = check_file_length(reader, &settings, cell);
        if (status == SCL_OK) status = check_loudness(reader, &settings, cell);
        if (status == SCL_OK) status = check_aspect(reader, &settings, cell);
        if (status == SCL_OK) status = check_sampler(reader, &settings, cell);
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

/* ---- the claims ---- */

static scl_status check_claims(const scl_reader *reader)
{
    const scl_config *config = reader->config;
    if (!reader->names || !reader->names->claim_lacks) return SCL_OK;
    size_t list = reader->given[SCL_KEY_CLAIMS], item = list ? reader->tree.nodes[list].first : 0;
    scl_status status = SCL_OK;
    for (size_t i = 0; status == SCL_OK && i < config->n_claims; i++, item = reader->tree.nodes[item].next) {
        scl_text lacking = {0};
        status = reader->names->claim_lacks(&lacking, config, config->claims[i], reader->err);
        if (status == SCL_OK && lacking.length > 0)
            status = scl_reader_fail(reader, scl_place_of_value(reader, item), "claims", NULL, NULL,
                                     "%s cannot be judged on this config, which lacks %s", config->claims[i],
                                     scl_text_get(&lacking));
        scl_text_free(&lacking);
    }
    return status;
}

scl_status scl_reader_checks(scl_reader *reader)
{
    scl_status status = check_n_or_aspect(reader);
    if (status == SCL_OK) status = check_noise_keys(reader);
    if (status == SCL_OK) status = read_noise_file(reader);
    if (status == SCL_OK) status = scl_reader_laws(reader);
    if (status == SCL_OK) status = check_cells(reader);
    if (status == SCL_OK) status = check_precision(reader);
    if (status == SCL_OK) status = scl_reader_figure(reader);
    if (status == SCL_OK) status = check_claims(reader);
    return status;
}
