/* The plan: see plan.h. */
#include "study/plan.h"

#include "random/random.h"
#include "study/draw_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t cell_replicates(const scl_config *config, const scl_cell *cell)
{
    if (!cell->exact) return config->replicates;
    for (size_t e = 0; e < config->n_estimators; e++)
        if (scl_use_draws(&config->estimators[e])) return config->replicates;
    return 1;
}

static scl_status expand_cell(scl_cell *cell, const scl_config *config, size_t index, scl_error *err)
{
    cell->settings = scl_config_cell(config, index);
    cell->settings.sampler = scl_sampler_resolve(cell->settings.sampler, &cell->settings.model);
    bool model_random = config->redraw_replicate && scl_model_random(&cell->settings.model);
    cell->exact = isinf(cell->settings.n) && !model_random && cell->settings.labels.m == 0; /* labels are drawn */
    scl_text loadings = {0}, noise = {0}, task = {0}, data = {0};
    scl_status status = scl_draw_text_loadings(&loadings, &cell->settings, err);
    if (status == SCL_OK && scl_noise_random(cell->settings.model.noise))
        status = scl_draw_text_noise(&noise, &cell->settings, err);
    if (status == SCL_OK && scl_task_random(&cell->settings.model.task))
        status = scl_draw_text_task(&task, &cell->settings, err);
    if (status == SCL_OK) status = scl_draw_text_data(&data, &cell->settings, err);
    if (status != SCL_OK) {
        scl_text_free(&loadings);
        scl_text_free(&noise);
        scl_text_free(&task);
        scl_text_free(&data);
        return status;
    }
    cell->loadings_text = loadings.data;
    cell->noise_text = noise.data;
    cell->task_text = task.data;
    cell->data_text = data.data;
    return SCL_OK;
}

/* ---- collisions and twins ---------------------------------------------------------------------------------------- */

typedef struct draw {
    uint64_t hash;
    scl_role role;
    const char *estimator; /* its text, "" for a draw of no estimator */
    const char *text;
    size_t cell;
} draw;

static int compare_draws(const void *a, const void *b)
{
    const draw *left = a, *right = b;
    if (left->hash != right->hash) return left->hash < right->hash ? -1 : 1;
    if (left->role != right->role) return left->role < right->role ? -1 : 1;
    int estimators = strcmp(left->estimator, right->estimator);
    return estimators ? estimators : strcmp(left->text, right->text);
}

static bool is_twin(const draw *a, const draw *b)
{
    return a->role == SCL_ROLE_DATA && b->role == SCL_ROLE_DATA && strcmp(a->text, b->text) == 0;
}

/* The draws of all cells; returns how many. */
static size_t list_draws(draw *draws, const scl_plan *plan)
{
    size_t n = 0;
    uint64_t seed = plan->config->seed;
    for (size_t c = 0; c < plan->n_cells; c++) {
        const char *loadings = plan->cells[c].loadings_text, *noise = plan->cells[c].noise_text;
        const char *data = plan->cells[c].data_text;
        draws[n++] = (draw){scl_stream_hash(seed, SCL_ROLE_MODEL, loadings), SCL_ROLE_MODEL, "", loadings, c};
        if (noise) draws[n++] = (draw){scl_stream_hash(seed, SCL_ROLE_MODEL, noise), SCL_ROLE_MODEL, "", noise, c};
        const char *task = plan->cells[c].task_text;
        if (task) draws[n++] = (draw){scl_stream_hash(seed, SCL_ROLE_TASK, task), SCL_ROLE_TASK, "", task, c};
        draws[n++] = (draw){scl_stream_hash(seed, SCL_ROLE_DATA, data), SCL_ROLE_DATA, "", data, c};
        for (size_t e = 0; e < plan->config->n_estimators; e++) {
            if (!scl_use_draws(&plan->config->estimators[e])) continue;
            char text[SCL_ESTIMATOR_DRAW_CHARS];
            scl_plan_estimator_draw(text, plan, c, e);
            draws[n++] = (draw){scl_stream_hash(seed, SCL_ROLE_ESTIMATOR, text), SCL_ROLE_ESTIMATOR,
                                plan->estimator_texts[e], data, c};
        }
    }
    return n;
}

/* Two draws of one hash would be one stream. Two cells of one draw (sampler: auto beside the sampler that it stands for) would
 * be the same numbers twice, under one name in the store. */
static scl_status check_draws(const scl_plan *plan, scl_error *err)
{
    draw *draws = scl_alloc((4 + plan->config->n_estimators) * plan->n_cells, sizeof *draws, err);
    if (!draws) return SCL_ERR_MEMORY;
    size_t n = list_draws(draws, plan);
    qsort(draws, n, sizeof *draws, compare_draws);
    scl_status status = SCL_OK;
    for (size_t i = 1; status == SCL_OK && i < n; i++) {
        const draw *one = &draws[i - 1], *other = &draws[i];
        if (is_twin(one, other))
            status = scl_error_set(err, SCL_ERR_CONFIG,
                                   "%s: cells %zu and %zu of the sweep are one and the same draw; keep one of them",
                                   plan->config->path, one->cell < other->cell ? one->cell : other->cell,
                                   one->cell < other->cell ? other->cell : one->cell);
        else if (one->hash == other->hash && compare_draws(one, other) != 0)
            status = scl_error_set(err, SCL_ERR_CONFIG,
                                   "%s: two different draws share the stream %016" PRIx64 "; change the seed",
                                   plan->config->path, other->hash);
    }
    scl_free(draws);
    return status;
}

void scl_plan_estimator_draw(char text[SCL_ESTIMATOR_DRAW_CHARS], const scl_plan *plan, size_t cell, size_t estimator)
{
    snprintf(text, SCL_ESTIMATOR_DRAW_CHARS, "estimator=%s\n%s", plan->estimator_texts[estimator],
             plan->cells[cell].data_text);
}

/* ---- identity ---------------------------------------------------------------------------------------------------- */

/* The value of a key in the lines "key=value" of a cell's text, *length bytes of it, or the one it has where it is left out; NULL: none. Texts are read again rather than
 * made again: shortest numbers are slow, and there are up to 1e5 cells. */
static const char *value_in(size_t *length, const char *text, const char *key)
{
    size_t key_length = strlen(key);
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (strncmp(line, key, key_length) != 0 || line[key_length] != '=') continue;
        *length = strcspn(line + key_length + 1, "\n");
        return line + key_length + 1;
    }
    const char *neutral = scl_draw_left_out(key, key_length);
    if (neutral) *length = strlen(neutral);
    return neutral;
}

/* "key=v1,v2,..." over the cells, repeated neighbours once. */
static scl_status add_key_line(scl_text *text, const scl_plan *plan, const char *key, scl_error *err)
{
    scl_status status = scl_text_add(text, err, "%s=", key);
    const char *last = "";
    size_t last_length = 0;
    for (size_t c = 0; status == SCL_OK && c < plan->n_cells; c++) {
        size_t length = 4;
        const char *value = value_in(&length, plan->cells[c].data_text, key);
        if (!value) value = "none";
        if (c > 0 && length == last_length && memcmp(value, last, length) == 0) continue;
        status = scl_text_add(text, err, "%s%.*s", c ? "," : "", (int)length, value);
        last = value;
        last_length = length;
    }
    if (status == SCL_OK) status = scl_text_add(text, err, "\n");
    return status;
}

static bool knows_all(const char *const *names, size_t n, const char *text)
{
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        size_t known = 0, length = strcspn(line, "=");
        while (known < n && (strncmp(names[known], line, length) != 0 || names[known][length] != '\0')) known++;
        if (known == n) return false;
    }
    return true;
}

/* The names of all keys that occur in some cell, in order of first appearance. */
static size_t all_keys(const char *names[SCL_MAX_DRAW_KEYS], const scl_plan *plan)
{
    size_t n = 0;
    for (size_t c = 0; c < plan->n_cells; c++) {
        if (knows_all(names, n, plan->cells[c].data_text)) continue;
        scl_draw_key keys[SCL_MAX_DRAW_KEYS];
        size_t here = scl_draw_keys(keys, &plan->cells[c].settings);
        for (size_t i = 0; i < here; i++) {
            size_t known = 0;
            while (known < n && strcmp(names[known], keys[i].key) != 0) known++;
            if (known == n && n < SCL_MAX_DRAW_KEYS) names[n++] = keys[i].key;
        }
    }
    return n;
}

static const char *redraw_name(const scl_config *config)
{
    return config->redraw_replicate ? "replicate" : "cell";
}

/* "id:name{option=value,...},..."; when brief, an id that says it all stands alone. */
static scl_status add_estimators(scl_text *text, const scl_plan *plan, bool brief, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t e = 0; status == SCL_OK && e < plan->config->n_estimators; e++) {
        const char *id = plan->config->estimators[e].id, *use = plan->estimator_texts[e];
        bool alone = brief && strcmp(id, use) == 0;
        status = scl_text_add(text, err, "%s%s%s%s", e ? "," : "", id, alone ? "" : ":", alone ? "" : use);
    }
    return status;
}

void scl_plan_precision(char out[SCL_PRECISION_CHARS], const scl_config *config)
{
    char mcse[SCL_NUMBER_CHARS];
    out[0] = '\0';
    if (!config->precision.wanted) return;
    snprintf(out, SCL_PRECISION_CHARS, "%s mcse %s max %zu", config->precision.metric_name,
             scl_number_shortest(mcse, config->precision.mcse), config->precision.max_replicates);
}

/* What all rows of a store have in common, beside their cell and estimator. */
static scl_status write_shared(scl_text *text, const scl_plan *plan, scl_error *err)
{
    const scl_config *config = plan->config;
    scl_status status =
        scl_text_add(text, err, "seed=%" PRIu64 "\nredraw=%s\nmetrics=", config->seed, redraw_name(config));
    for (size_t m = 0; status == SCL_OK && m < config->n_metrics; m++)
        status = scl_text_add(text, err, "%s%s", m ? "," : "", config->metrics[m]->name);
    return status == SCL_OK ? scl_text_add(text, err, "\n") : status;
}

static scl_status write_identity(scl_text *text, const scl_plan *plan, scl_error *err)
{
    const scl_config *config = plan->config;
    const char *names[SCL_MAX_DRAW_KEYS];
    size_t n_names = all_keys(names, plan);
    scl_status status = scl_text_add(text, err, "seed=%" PRIu64 "\nredraw=%s\n", config->seed, redraw_name(config));
    for (size_t i = 0; status == SCL_OK && i < n_names; i++) status = add_key_line(text, plan, names[i], err);
    if (status == SCL_OK) status = scl_text_add(text, err, "estimators=");
    if (status == SCL_OK) status = add_estimators(text, plan, false, err);
    if (status == SCL_OK) status = scl_text_add(text, err, "\nmetrics=");
    for (size_t m = 0; status == SCL_OK && m < config->n_metrics; m++)
        status = scl_text_add(text, err, "%s%s", m ? "," : "", config->metrics[m]->name);
    unsigned long long hash = SCL_FNV_START;
    for (size_t c = 0; c < plan->n_cells; c++)
        hash = scl_fnv1a(hash, plan->cells[c].data_text, strlen(plan->cells[c].data_text) + 1);
    if (status == SCL_OK) status = scl_text_add(text, err, "\ncells=%zu (%016llx)\n", plan->n_cells, hash);
    return status;
}

/* ---- the plan ---------------------------------------------------------------------------------------------------- */

scl_status scl_plan_new(scl_plan *plan, const scl_config *config, scl_error *err)
{
    *plan = (scl_plan){.config = config, .n_cells = scl_config_cells(config)};
    scl_text identity = {0}, shared = {0};
    scl_status status = SCL_ERR_MEMORY;
    plan->cells = scl_alloc(plan->n_cells, sizeof *plan->cells, err);
    plan->first_job = scl_alloc(plan->n_cells + 1, sizeof *plan->first_job, err);
    plan->estimator_texts = scl_alloc(config->n_estimators, sizeof *plan->estimator_texts, err);
    if (!plan->cells || !plan->first_job || !plan->estimator_texts) goto done;
    for (size_t c = 0; c < plan->n_cells; c++) {
        status = expand_cell(&plan->cells[c], config, c, err);
        if (status != SCL_OK) goto done;
        plan->first_job[c + 1] = plan->first_job[c] + cell_replicates(config, &plan->cells[c]);
    }
    plan->n_jobs = plan->first_job[plan->n_cells];
    for (size_t e = 0; e < config->n_estimators; e++) {
        scl_text text = {0};
        status = scl_draw_text_estimator(&text, &config->estimators[e], err);
        plan->estimator_texts[e] = text.data;
        if (status != SCL_OK) goto done;
    }
    status = check_draws(plan, err);
    if (status == SCL_OK) status = write_shared(&shared, plan, err);
    plan->shared = shared.data;
    if (status == SCL_OK) status = write_identity(&identity, plan, err);
    plan->identity = identity.data;
done:
    if (status != SCL_OK) scl_plan_free(plan);
    return status;
}

void scl_plan_free(scl_plan *plan)
{
    for (size_t c = 0; plan->cells && c < plan->n_cells; c++) {
        scl_free(plan->cells[c].loadings_text);
        scl_free(plan->cells[c].noise_text);
        scl_free(plan->cells[c].task_text);
        scl_free(plan->cells[c].data_text);
    }
    for (size_t e = 0; plan->estimator_texts && e < plan->config->n_estimators; e++) scl_free(plan->estimator_texts[e]);
    scl_free(plan->cells);
    scl_free(plan->first_job);
    scl_free(plan->estimator_texts);
    scl_free(plan->identity);
    scl_free(plan->shared);
    *plan = (scl_plan){0};
}

scl_job scl_plan_job(const scl_plan *plan, size_t index)
{
    size_t low = 0, high = plan->n_cells;
    while (high - low > 1) { /* first_job[low] <= index < first_job[high] */
        size_t middle = (low + high) / 2;
        if (plan->first_job[middle] <= index)
            low = middle;
        else
            high = middle;
    }
    return (scl_job){.cell = low, .replicate = (uint32_t)(index - plan->first_job[low])};
}

size_t scl_plan_replicates(const scl_plan *plan, size_t cell)
{
    return plan->first_job[cell + 1] - plan->first_job[cell];
}

size_t scl_plan_most_replicates(const scl_plan *plan, size_t cell)
{
    const scl_config *config = plan->config;
    bool grows = config->precision.wanted && !plan->cells[cell].exact;
    return grows ? config->precision.max_replicates : cell_replicates(config, &plan->cells[cell]);
}

void scl_plan_set_replicates(scl_plan *plan, const size_t *replicates)
{
    for (size_t c = 0; c < plan->n_cells; c++) plan->first_job[c + 1] = plan->first_job[c] + replicates[c];
    plan->n_jobs = plan->first_job[plan->n_cells];
}

/* Scores of latents that are not Gaussian have no closed form of what classes say of x. */
static bool has_label_population(const scl_cell *cell)
{
    scl_task_kind kind = cell->settings.model.task.kind;
    return cell->settings.model.latent.kind == SCL_LAW_GAUSSIAN || kind == SCL_TASK_REGRESSION ||
           kind == SCL_TASK_CLASSES;
}

bool scl_plan_wants(const scl_plan *plan, scl_job job, size_t estimator, scl_row_kind kind)
{
    const scl_cell *cell = &plan->cells[job.cell];
    bool random = scl_use_draws(&plan->config->estimators[estimator]);
    if (kind == SCL_ROW_SAMPLE) return !cell->exact || random || job.replicate == 0;
    if (isinf(cell->settings.n) || random) return false;
    if (plan->config->estimators[estimator].estimator->labels != SCL_LABELS_UNUSED && !has_label_population(cell))
        return false;
    return plan->config->redraw_replicate || job.replicate == 0;
}

scl_status scl_plan_table(scl_table *table, const scl_plan *plan, scl_error *err)
{
    static const char *const trailing[] = {"redraw", "estimators", "precision", "jobs", "stream"};
    enum { N_TRAILING = sizeof trailing / sizeof *trailing, PRECISION = 2 };
    bool precise = plan->config->precision.wanted;
    char precision[SCL_PRECISION_CHARS];
    scl_plan_precision(precision, plan->config);
    const char *names[SCL_MAX_DRAW_KEYS];
    size_t n_names = all_keys(names, plan);
    scl_text estimators = {0};
    scl_status status = add_estimators(&estimators, plan, true, err);
    if (status == SCL_OK) status = scl_table_add_column(table, "cell", err);
    for (size_t i = 0; status == SCL_OK && i < n_names; i++) status = scl_table_add_column(table, names[i], err);
    for (size_t i = 0; status == SCL_OK && i < N_TRAILING; i++)
        if (i != PRECISION || precise) status = scl_table_add_column(table, trailing[i], err);
    for (size_t c = 0; status == SCL_OK && c < plan->n_cells; c++) {
        const char *cells[1 + SCL_MAX_DRAW_KEYS + N_TRAILING];
        char number[24], jobs[24], stream[24], values[SCL_MAX_DRAW_KEYS][sizeof((scl_draw_key *)0)->value];
        snprintf(number, sizeof number, "%zu", c);
        snprintf(jobs, sizeof jobs, "%zu", scl_plan_replicates(plan, c));
        snprintf(stream, sizeof stream, "%016" PRIx64,
                 scl_stream_hash(plan->config->seed, SCL_ROLE_DATA, plan->cells[c].data_text));
        cells[0] = number;
        for (size_t i = 0; i < n_names; i++) {
            size_t length = 0;
            const char *value = value_in(&length, plan->cells[c].data_text, names[i]);
            snprintf(values[i], sizeof values[i], "%.*s", (int)length, value ? value : "");
            cells[i + 1] = values[i];
        }
        const char *const last[N_TRAILING] = {redraw_name(plan->config), scl_text_get(&estimators),
                                              plan->cells[c].exact ? "" : precision, jobs, stream};
        for (size_t i = 0, at = 1 + n_names; i < N_TRAILING; i++)
            if (i != PRECISION || precise) cells[at++] = last[i];
        status = scl_table_add_row(table, cells, err);
    }
    scl_text_free(&estimators);
    return status;
}
