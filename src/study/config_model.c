/* What must hold for the model of every cell: keys go with the words that read them, r fits d, files have the cell's size, the
 * noise's variances are positive and finite and leave the spikes visible. Variances: docs/theory.md, section 1. */
#include "study/config_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_NOISE  1e9 /* largest noise variance over nu^2; eigenvectors are then good to about 1e-6 */
#define MOST_SPIKES 1e9 /* largest over smallest nu^2; likewise */
/* Largest over smallest noise variance. The moments sampler's C is then good to 1e-9 beside its diagonal, and the whitening oracle, which
 * divides by both, to 1e-5 at worst (few quiet coordinates); at 1e16 to 1e-8 and .1, at 1e24 the sampler to 1e-4. */
#define MOST_SPREAD 1e12

/* ---- keys that go with some words only ---- */

/* How messages speak of a key of words. */
typedef struct owner {
    const char *title, *takes; /* "noise profile" linear "takes" no .. */
    const char *needs;         /* linear "noise needs" .. */
    const char *own;           /* what may stand beside the parts */
} owner;

static const owner *owner_of(scl_key key)
{
    static const owner loadings = {"loadings", "take", "loadings need", ""},
                       noise = {"noise profile", "takes", "noise needs", "profile"},
                       law = {"the law", "takes", "needs", ""}, task = {"task", "takes", "needs", "kind"},
                       weights = {"w", "takes", "needs", ""};
    return key == SCL_KEY_PROFILE     ? &noise
           : key == SCL_KEY_LOADINGS  ? &loadings
           : key == SCL_KEY_TASK_KIND ? &task
           : key == SCL_KEY_WEIGHTS   ? &weights
                                      : &law;
}

static const char *name_of_word(scl_key key, size_t word)
{
    return scl_key_rules[key].words[word];
}

/* The words that a key has in some cell of a span of its axis, as bits. */
static unsigned words_of_span(const scl_reader *reader, scl_key key, size_t first, size_t count)
{
    const scl_sweep_axis *axis = &reader->config->axes[reader->axis[key] - 1];
    unsigned words = 0;
    for (size_t v = first; v < first + count; v++) {
        scl_value value = {0};
        if (scl_key_parse(&value, key, axis->values[v]) == NULL) words |= 1u << value.word;
    }
    return words;
}

/* ... in some cell. */
static unsigned words_of(const scl_reader *reader, scl_key key)
{
    const scl_config *config = reader->config;
    if (!reader->axis[key]) return 1u << (size_t)scl_key_number(&config->base, key);
    return words_of_span(reader, key, 0, config->axes[reader->axis[key] - 1].n_values);
}

/* ... in some cell of a block in which `swept` has several values. */
static unsigned words_beside(const scl_reader *reader, scl_key key, scl_key swept)
{
    const scl_config *config = reader->config;
    unsigned words = 0;
    for (size_t b = 0; b < config->n_blocks; b++) {
        if (config->blocks[b].spans[reader->axis[swept] - 1].count < 2) continue;
        const scl_sweep_span *span = reader->axis[key] ? &config->blocks[b].spans[reader->axis[key] - 1] : NULL;
        words |= span ? words_of_span(reader, key, span->first, span->count) : words_of(reader, key);
    }
    return words;
}

/* The part's name in the group of its word; NULL where it stands in none: sample.labelled is not beside model.task.kind. */
static const char *name_beside(scl_key part, scl_key of)
{
    const char *key = scl_config_keys[of].key, *name = scl_config_keys[part].key;
    size_t group = (size_t)(strrchr(key, '.') - key) + 1;
    return strncmp(name, key, group) == 0 ? name + group : NULL;
}

/* "model.task.kind regression | logistic": the words that a part of another group goes with. */
static scl_status words_with(scl_text *list, scl_key part, scl_key of, scl_error *err)
{
    unsigned words = 0;
    for (size_t i = 0; i < scl_n_parts; i++)
        if (scl_parts[i].key == part && scl_parts[i].of == of) words |= scl_parts[i].words;
    scl_status status = scl_text_add(list, err, "%s", scl_config_keys[of].key);
    bool several = false;
    for (size_t word = 0; words >> word && status == SCL_OK; word++) {
        if (!(words >> word & 1)) continue;
        status = scl_text_add(list, err, "%s %s", several ? " |" : "", name_of_word(of, word));
        several = true;
    }
    return status;
}

/* "profile, sigma_max, ratio": what goes with a word; "{coherent: {mass: ..}}" where the part stands inside of the word */
static scl_status parts_of(scl_text *list, scl_key of, size_t word, scl_error *err)
{
    const char *own = owner_of(of)->own;
    scl_status status = scl_text_add(list, err, "%s", own);
    for (size_t i = 0; i < scl_n_parts && status == SCL_OK; i++) {
        if (scl_parts[i].of != of || !scl_part_goes_with(&scl_parts[i], word)) continue;
        const char *part = scl_key_leaf(scl_parts[i].key), *beside = name_beside(scl_parts[i].key, of);
        if (!beside || (own[0] && strchr(beside, '.'))) continue; /* w.file is a way to say w */
        if (own[0])
            status = scl_text_add(list, err, ", %s", part);
        else
            status = scl_text_add(list, err, "{%s: {%s: ..}}", name_of_word(of, word), part);
    }
    return status;
}

/* Complains about `key`, telling what goes with that word. */
static scl_status fail_part(const scl_reader *reader, scl_place place, scl_key key, scl_key of, size_t word,
                            const char *what)
{
    scl_text list = {0};
    bool beside = name_beside(key, of) != NULL;
    scl_status status = beside ? parts_of(&list, of, word, reader->err) : words_with(&list, key, of, reader->err);
    if (status == SCL_OK)
        status = scl_reader_fail(reader, place, scl_config_keys[key].key,
                                 list.length ? list.data : scl_config_keys[key].allowed, NULL, "%s", what);
    scl_text_free(&list);
    return status;
}

/* A part that is given goes with some word of the cells; where it is swept with all, or cells would differ in nothing. */
static scl_status check_part(const scl_reader *reader, const scl_part *part)
{
    size_t node = scl_reader_node_of(reader, part->key), stranger = 0;
    unsigned words = words_of(reader, part->of), strangers = words & ~part->words;
    if (!node) return SCL_OK;
    if (strangers != words)
        strangers = reader->axis[part->key] ? words_beside(reader, part->of, part->key) & ~part->words : 0;
    if (strangers == 0) return SCL_OK;
    while (strangers >> (stranger + 1)) stranger++;
    const owner *of = owner_of(part->of);
    char what[SCL_WHAT_CHARS];
    snprintf(what, sizeof what, "%s%s %s %s no %s", reader->axis[part->key] ? "is swept, but " : "", of->title,
             name_of_word(part->of, stranger), of->takes, scl_key_leaf(part->key));
    return fail_part(reader, scl_place_of_key(reader, node), part->key, part->of, stranger, what);
}

/* The node that gives a key a word in some cell. */
static size_t node_of_word(const scl_reader *reader, scl_key key, size_t word)
{
    size_t axis = reader->axis[key];
    for (size_t v = 0; axis && v < reader->config->axes[axis - 1].n_values; v++)
        if (strcmp(reader->config->axes[axis - 1].values[v], name_of_word(key, word)) == 0)
            return reader->sources[axis - 1].nodes[v];
    return reader->given[key];
}

static scl_status check_needed(const scl_reader *reader, const scl_part *part)
{
    unsigned users = words_of(reader, part->of) & part->words;
    if (!part->needs || !users || scl_reader_node_of(reader, part->key)) return SCL_OK;
    size_t word = 0;
    while (!(users >> word & 1)) word++;
    char what[SCL_WHAT_CHARS];
    snprintf(what, sizeof what, "%s %s %s", name_of_word(part->of, word), owner_of(part->of)->needs, part->needs);
    return fail_part(reader, scl_place_of_value(reader, node_of_word(reader, part->of, word)), part->of, part->of, word,
                     what);
}

/* Noise from a file has no profile, loadings from a file are not swept. */
static scl_status check_files_alone(const scl_reader *reader)
{
    const scl_config *config = reader->config;
    for (size_t key = SCL_KEY_PROFILE; config->base.noise_file && key < SCL_KEY_FILE; key++) {
        size_t node = scl_reader_node_of(reader, (scl_key)key);
        if (node)
            return scl_reader_fail(reader, scl_place_of_key(reader, node), scl_config_keys[key].key,
                                   "either {file: ..} or {profile: ..}", NULL, "noise from a file takes no %s",
                                   scl_key_leaf((scl_key)key));
    }
    for (size_t key = SCL_KEY_LOADINGS; config->base.loadings_file && key < SCL_KEY_LOADINGS_FILE; key++)
        if (reader->axis[key])
            return scl_reader_fail(reader, scl_place_of_key(reader, scl_reader_node_of(reader, (scl_key)key)),
                                   scl_config_keys[key].key, "either {file: ..} or swept loadings", NULL,
                                   "is swept, but the loadings are from a file");
    return SCL_OK;
}

/* A list of nu is one value for all cells. */
static scl_status check_nu_alone(const scl_reader *reader)
{
    if (!reader->config->nus || !reader->axis[SCL_KEY_NU]) return SCL_OK;
    return scl_reader_fail(reader, scl_place_of_key(reader, scl_reader_node_of(reader, SCL_KEY_NU)), "model.nu",
                           "either a list or a swept number", NULL, "is swept, but the config gives it a list");
}

scl_status scl_reader_check_parts(const scl_reader *reader)
{
    const scl_config *config = reader->config;
    scl_status status = check_files_alone(reader);
    if (status == SCL_OK) status = check_nu_alone(reader);
    for (int needed = 0; needed < 2; needed++)
        for (size_t i = 0; i < scl_n_parts && status == SCL_OK; i++) {
            const scl_part *part = &scl_parts[i];
            if (part->of == SCL_KEY_PROFILE && config->base.noise_file) continue;
            if (part->of == SCL_KEY_LOADINGS && config->base.loadings_file) continue;
            status = needed ? check_needed(reader, part) : check_part(reader, part);
        }
    return status;
}

/* ---- every cell ---- */

static scl_status check_shape(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    char what[SCL_WHAT_CHARS];
    if (s->model.r > s->model.d)
        return scl_reader_fail_cell(
            reader, cell, SCL_KEYS(SCL_KEY_R, SCL_KEY_D), "r <= d",
            scl_two_numbers(what, "r = ", (double)s->model.r, " is above d = ", (double)s->model.d));
    if (s->model.noise == SCL_NOISE_GAP && s->model.r == s->model.d)
        return scl_reader_fail_cell(reader, cell, SCL_KEYS(SCL_KEY_R, SCL_KEY_D, SCL_KEY_PROFILE), "r < d",
                                    "noise profile gap needs a coordinate beyond the first r");
    if (s->model.noise == SCL_NOISE_TWO_LEVEL &&
        (scl_noise_loud(&s->model) < 1 || scl_noise_loud(&s->model) >= s->model.d))
        return scl_reader_fail_cell(reader, cell, SCL_KEYS(SCL_KEY_LOUD, SCL_KEY_D),
                                    "shares that make 1 to d - 1 coordinates loud",
                                    scl_two_numbers(what, "loud d rounds to ", (double)scl_noise_loud(&s->model),
                                                    " for d = ", (double)s->model.d));
    if (s->model.loadings == SCL_LOADINGS_DCT && s->model.r == s->model.d)
        return scl_reader_fail_cell(reader, cell, SCL_KEYS(SCL_KEY_R, SCL_KEY_D, SCL_KEY_LOADINGS), "r < d",
                                    "loadings dct have d - 1 columns at most");
    if (s->model.loadings == SCL_LOADINGS_COHERENT && s->model.d - s->model.r < s->model.r)
        return scl_reader_fail_cell(reader, cell, SCL_KEYS(SCL_KEY_R, SCL_KEY_D, SCL_KEY_LOADINGS, SCL_KEY_MASS),
                                    "r <= d - r",
                                    scl_two_numbers(what, "coherent loadings have r = ", (double)s->model.r,
                                                    " columns on d - r = ", (double)(s->model.d - s->model.r)));
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
    if (m->noise == SCL_NOISE_GOLDEN || m->noise == SCL_NOISE_UNIFORM) return (ends){m->variance_min, m->variance_max};
    if (m->noise == SCL_NOISE_TWO_LEVEL) return (ends){top, top / (m->ratio * m->ratio)};
    if (m->noise == SCL_NOISE_POWER) return (ends){top, top * pow(d, -2 * m->exponent)};
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

/* A list of nu has a number for each direction. */
static scl_status check_spikes(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    char what[SCL_WHAT_CHARS];
    double largest = 0;
    if (!s->model.nus) return SCL_OK;
    if (s->n_nus != s->model.r)
        return scl_reader_fail_cell(
            reader, cell, SCL_KEYS(SCL_KEY_NU, SCL_KEY_R), "one number, or one for each of the r directions",
            scl_two_numbers(what, "the list's length is ", (double)s->n_nus, ", but r = ", (double)s->model.r));
    for (size_t k = 0; k < s->n_nus; k++) largest = fmax(largest, s->model.nus[k]);
    if (largest * largest <= MOST_SPIKES * s->model.nu * s->model.nu) return SCL_OK;
    return scl_reader_fail_cell(
        reader, cell, SCL_KEYS(SCL_KEY_NU),
        "largest over smallest nu^2 up to 1e9 (beyond, double precision loses the smallest spike)",
        scl_two_numbers(what, "nu reaches from ", s->model.nu, " to ", largest));
}

static scl_status check_variances(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    const scl_model_spec *m = &s->model;
    char what[SCL_WHAT_CHARS];
    if (m->noise == SCL_NOISE_FILE) return SCL_OK; /* checked when it was read */
    if (m->noise == SCL_NOISE_GOLDEN || m->noise == SCL_NOISE_UNIFORM) {
        if (m->variance_min > m->variance_max)
            return scl_reader_fail_cell(
                reader, cell, SCL_KEYS(SCL_KEY_MIN, SCL_KEY_MAX), "min <= max",
                scl_two_numbers(what, "min = ", m->variance_min, " is above max = ", m->variance_max));
        return SCL_OK;
    }
    const double rounding = 1e-12; /* the square of 1e50 lies above 1e100 */
    ends e = ends_of(reader, m);
    bool fits = fmin(e.first, e.last) >= SCL_SMALLEST_VARIANCE * (1 - rounding) &&
                fmax(e.first, e.last) <= SCL_LARGEST_VARIANCE * (1 + rounding);
    if (fits) return SCL_OK;
    const char *allowed = "variances from 1e-100 to 1e100";
    scl_two_numbers(what, "the noise variances reach from ", e.first, " to ", e.last);
    return scl_reader_fail_cell(
        reader, cell, SCL_KEYS(SCL_KEY_RATIO, SCL_KEY_EXPONENT, SCL_KEY_SIGMA_MAX, SCL_KEY_PROFILE), allowed, what);
}

/* Eigenvectors of a spike are known to eps times the noise over the spike; the moments sampler's factor of C knows the loudest coordinates to
 * eps times the largest standard deviation over the smallest. */
static scl_status check_loudness(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    ends e = ends_of(reader, &s->model);
    double smallest = fmin(e.first, e.last), largest = fmax(e.first, e.last), spike = s->model.nu * s->model.nu;
    char what[SCL_WHAT_CHARS];
    if (largest > MOST_SPREAD * smallest * (1 + 1e-12)) { /* a ratio of 1e6, squared, may round upwards */
        scl_two_numbers(what, "the noise variances reach from ", smallest, " to ", largest);
        return scl_reader_fail_cell(
            reader, cell,
            SCL_KEYS(SCL_KEY_FILE, SCL_KEY_MIN, SCL_KEY_MAX, SCL_KEY_RATIO, SCL_KEY_EXPONENT, SCL_KEY_SIGMA_MAX),
            "largest over smallest noise variance up to 1e12 (beyond, double precision loses some)", what);
    }
    if (largest <= MOST_NOISE * spike) return SCL_OK;
    scl_two_numbers(what, "the largest noise variance, ", largest, ", is over 1e9 times nu^2 = ", spike);
    return scl_reader_fail_cell(
        reader, cell,
        SCL_KEYS(SCL_KEY_FILE, SCL_KEY_MAX, SCL_KEY_SIGMA_MAX, SCL_KEY_RATIO, SCL_KEY_EXPONENT, SCL_KEY_NU),
        "noise variances up to 1e9 nu^2 (beyond, double precision loses the spike)", what);
}

static scl_status check_file_sizes(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    char what[SCL_WHAT_CHARS];
    if (s->model.loadings == SCL_LOADINGS_FILE &&
        (reader->file_rows != s->model.d || reader->file_columns != s->model.r)) {
        snprintf(what, sizeof what, "the file has %zu row%s of %zu, but d = %zu and r = %zu", reader->file_rows,
                 scl_plural(reader->file_rows), reader->file_columns, s->model.d, s->model.r);
        return scl_reader_fail_cell(reader, cell, SCL_KEYS(SCL_KEY_LOADINGS_FILE, SCL_KEY_D, SCL_KEY_R),
                                    "d rows of r numbers", what);
    }
    if (s->model.noise != SCL_NOISE_FILE || reader->n_variances == s->model.d) return SCL_OK;
    scl_two_numbers(what, "variances in the file: ", (double)reader->n_variances, ", but d = ", (double)s->model.d);
    return scl_reader_fail_cell(reader, cell, SCL_KEYS(SCL_KEY_FILE, SCL_KEY_D),
                                "one variance for each of the d coordinates", what);
}

scl_status scl_reader_check_model(const scl_reader *reader, const scl_settings *settings, size_t cell)
{
    scl_status status = check_shape(reader, settings, cell);
    if (status == SCL_OK) status = check_spikes(reader, settings, cell);
    if (status == SCL_OK) status = check_variances(reader, settings, cell);
    if (status == SCL_OK) status = check_file_sizes(reader, settings, cell);
    return status == SCL_OK ? check_loudness(reader, settings, cell) : status;
}
