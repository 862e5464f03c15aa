/* From the rows of a summary to the panels of a waterfall: see waterfall.h. */
#include "base/memory.h"
#include "evaluate/audit.h"
#include "report/figure_data.h"
#include "report/waterfall.h"

#include <math.h>
#include <string.h>

/* Places of a panel's numbers: the audit's bounds, then these. */
enum { MEASURED = SCL_AUDIT_BOUNDS, RATE_BIAS, RATE_SAMPLING, N_NUMBERS };
_Static_assert((int)N_NUMBERS == (int)SCL_WATERFALL_NUMBERS, "waterfall.h promises room for all numbers");

enum {
    MOST_PANELS = 60
}; /* a page of 20 rows of panels, near 8000 pixels high; few enough to be searched row by row */

#define NORM(angle)      "\342\200\226sin \316\230(" angle ")\342\200\226_F"
#define AT_MOST          "\342\211\244 "
#define ABOUT            "\342\211\210 "
#define CONSTANT         ", constant 1"
#define ALONE(number)    number, -1
#define SUM(first, last) first, last

const scl_waterfall_step scl_waterfall_steps[SCL_WATERFALL_STEPS] = {
    {"error " NORM("U, Q"), SCL_WATERFALL_EXACT, ALONE(MEASURED), true},
    {AT_MOST "bias + sampling error", SCL_WATERFALL_THEOREM, SUM(SCL_AUDIT_BIAS, SCL_AUDIT_SAMPLING), false},
    {"sampling error " NORM("Q_0, Q"), SCL_WATERFALL_EXACT, ALONE(SCL_AUDIT_SAMPLING), true},
    {AT_MOST "Davis and Kahan", SCL_WATERFALL_THEOREM, ALONE(SCL_AUDIT_SAMPLING_DAVIS_KAHAN), false},
    {AT_MOST "the whole residual", SCL_WATERFALL_THEOREM, ALONE(SCL_AUDIT_SAMPLING_RESIDUAL), false},
    {AT_MOST "spectral norm times \342\210\232r", SCL_WATERFALL_THEOREM, ALONE(SCL_AUDIT_SAMPLING_NORM), false},
    {AT_MOST "gap of the population, factor 2", SCL_WATERFALL_THEOREM, ALONE(SCL_AUDIT_SAMPLING_GAP), false},
    {AT_MOST "the diagonal put back, factor 2", SCL_WATERFALL_THEOREM, ALONE(SCL_AUDIT_SAMPLING_DELETION), false},
    {ABOUT "rate of \342\200\226S - C\342\200\226_2" CONSTANT, SCL_WATERFALL_RATE, ALONE(SCL_AUDIT_SAMPLING_RATE),
     false},
    {"bias " NORM("U, Q_0"), SCL_WATERFALL_EXACT, ALONE(SCL_AUDIT_BIAS), true},
    {AT_MOST "Davis and Kahan", SCL_WATERFALL_THEOREM, ALONE(SCL_AUDIT_BIAS_DAVIS_KAHAN), false},
    {AT_MOST "the whole residual", SCL_WATERFALL_THEOREM, ALONE(SCL_AUDIT_BIAS_RESIDUAL), false},
    {AT_MOST "spread of the diagonal", SCL_WATERFALL_THEOREM, ALONE(SCL_AUDIT_BIAS_GAP), false},
    {AT_MOST "incoherence", SCL_WATERFALL_THEOREM, ALONE(SCL_AUDIT_BIAS_INCOHERENCE), false},
    {ABOUT "r^{3/2} log(d) / d" CONSTANT, SCL_WATERFALL_RATE, ALONE(RATE_BIAS), false},
    {AT_MOST "last bounds of both", SCL_WATERFALL_THEOREM, SUM(SCL_AUDIT_BIAS_INCOHERENCE, SCL_AUDIT_SAMPLING_DELETION),
     true},
    {ABOUT "that + (d r / n)^{1/2}" CONSTANT, SCL_WATERFALL_RATE, SUM(RATE_BIAS, RATE_SAMPLING), false},
};

/* Standard errors add: exactly where one of the two is fixed, as under `redraw: cell`, and as an upper bound elsewhere. */
scl_waterfall_number scl_waterfall_value(const scl_waterfall_panel *panel, size_t step)
{
    scl_waterfall_number sum = panel->numbers[scl_waterfall_steps[step].first];
    if (scl_waterfall_steps[step].second < 0) return sum;
    scl_waterfall_number other = panel->numbers[scl_waterfall_steps[step].second];
    return (scl_waterfall_number){sum.mean + other.mean, sum.mcse + other.mcse, sum.half + other.half};
}

/* Summaries have 10 digits. */
bool scl_waterfall_vacuous(const scl_waterfall_panel *panel, size_t step)
{
    int number = scl_waterfall_steps[step].first;
    bool by_separation = number == SCL_AUDIT_BIAS_DAVIS_KAHAN || number == SCL_AUDIT_BIAS_RESIDUAL ||
                         (number >= SCL_AUDIT_SAMPLING_DAVIS_KAHAN && number <= SCL_AUDIT_SAMPLING_NORM);
    return by_separation && panel->numbers[number].mean >= panel->root * (1 - 1e-9);
}

void scl_waterfall_free(scl_waterfall *waterfall)
{
    for (size_t i = 0; i < waterfall->n_panels; i++) {
        scl_free(waterfall->panels[i].estimator);
        scl_free(waterfall->panels[i].title);
    }
    scl_free(waterfall->panels);
    *waterfall = (scl_waterfall){0};
}

/* The columns that are read, as places in the summary. */
static const char *const column_names[] = {"cell",    "r",    "estimator", "metric",  "status",    "n_ok",
                                           "mean",    "mcse", "ci_low",    "ci_high", "rate_bias", "rate_sampling",
                                           "n_failed"};
enum { CELL, R, ESTIMATOR, METRIC, STATUS, N_OK, MEAN, MCSE, LOW, HIGH, BIAS, SAMPLING, FAILED, N_COLUMNS };

typedef struct source {
    const scl_config *config;
    const scl_table *summary;
    size_t columns[N_COLUMNS];
} source;

static scl_status find_columns(source *from, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t i = 0; i < N_COLUMNS && status == SCL_OK; i++)
        status = scl_figure_find_column(&from->columns[i], from->summary, column_names[i], err);
    return status;
}

static double number_at(const source *from, size_t row, size_t column)
{
    return scl_table_number(from->summary, row, from->columns[column]);
}

static const char *text_at(const source *from, size_t row, size_t column)
{
    return scl_table_text(from->summary, row, from->columns[column]);
}

/* Which number the row has; N_NUMBERS: none that is drawn. */
static size_t place_of(const source *from, size_t row)
{
    const char *metric = text_at(from, row, METRIC);
    if (strcmp(metric, SCL_AUDIT_MEASURED) == 0) return MEASURED;
    for (size_t k = 0; k < SCL_AUDIT_BOUNDS; k++)
        if (strcmp(metric, scl_audit_metrics[k].name) == 0) return k;
    return N_NUMBERS;
}

/* It has a chain: its matrix is S - H. */
static bool is_audited(const scl_estimator_use *use)
{
    const scl_model no_model = {0};
    const scl_sample nothing = {.n = INFINITY, .model = &no_model};
    return use && use->estimator->learned && use->estimator->learned((scl_matrix){0}, &nothing, use->options);
}

/* "contrastive, n = 1000" */
static scl_status write_title(scl_text *title, const source *from, size_t row, scl_error *err)
{
    scl_status status = scl_text_add(title, err, "%s", text_at(from, row, ESTIMATOR));
    for (size_t i = 0; i < from->config->n_axes && status == SCL_OK; i++) {
        const char *key = from->config->axes[i].key;
        size_t column;
        status = scl_figure_find_column(&column, from->summary, key, err);
        if (status == SCL_OK) status = scl_text_add(title, err, ", ");
        if (status == SCL_OK)
            status = scl_figure_add_value(title, key, scl_table_text(from->summary, row, column), err);
    }
    return status;
}

/* The row's panel, made when it is new. */
static scl_status panel_of(scl_waterfall_panel **panel, scl_waterfall *out, const source *from, size_t row,
                           scl_error *err)
{
    const char *estimator = text_at(from, row, ESTIMATOR);
    for (size_t i = 0; i < out->n_panels; i++) {
        *panel = &out->panels[i];
        if ((*panel)->cell == number_at(from, row, CELL) && strcmp((*panel)->estimator, estimator) == 0) return SCL_OK;
    }
    if (out->n_panels == MOST_PANELS)
        return scl_error_set(err, SCL_ERR_INPUT,
                             "the figure of \"%s\" would have more than %d panels, one for each estimator and cell; "
                             "spread them over several configs",
                             from->config->name, MOST_PANELS);
    scl_status status = scl_grow((void **)&out->panels, &out->capacity, out->n_panels + 1, sizeof *out->panels, err);
    if (status != SCL_OK) return status;
    *panel = &out->panels[out->n_panels++];
    **panel = (scl_waterfall_panel){.cell = number_at(from, row, CELL), .root = sqrt(number_at(from, row, R))};
    for (size_t k = 0; k < N_NUMBERS; k++) (*panel)->numbers[k] = (scl_waterfall_number){NAN, 0, 0};
    scl_text title = {0};
    (*panel)->estimator = scl_strdup(estimator, err);
    status = (*panel)->estimator ? write_title(&title, from, row, err) : SCL_ERR_MEMORY;
    (*panel)->title = title.data;
    return status;
}

static double or_zero(double value)
{
    return isfinite(value) ? value : 0;
}

static void count_replicates(scl_waterfall *out, size_t n_ok)
{
    if (out->most_n_ok == 0 || n_ok < out->least_n_ok) out->least_n_ok = n_ok;
    if (n_ok > out->most_n_ok) out->most_n_ok = n_ok;
}

static scl_status add_row(scl_waterfall *out, const source *from, size_t row, scl_error *err)
{
    size_t place = place_of(from, row);
    const scl_estimator_use *use = scl_config_use(from->config, text_at(from, row, ESTIMATOR));
    if (place == N_NUMBERS || !is_audited(use)) return SCL_OK;
    scl_waterfall_panel *panel;
    scl_status status = panel_of(&panel, out, from, row, err);
    if (status != SCL_OK) return status;
    double half = (number_at(from, row, HIGH) - number_at(from, row, LOW)) / 2;
    panel->numbers[place] =
        (scl_waterfall_number){number_at(from, row, MEAN), or_zero(number_at(from, row, MCSE)), or_zero(half)};
    if (place != MEASURED) return SCL_OK;
    if (scl_estimator_shift(use->estimator, use->options).shift ==
        SCL_SHIFT_DIAGONAL) { /* the recovery rate is no theorem's about the others */
        panel->numbers[RATE_BIAS].mean = number_at(from, row, BIAS);
        panel->numbers[RATE_SAMPLING].mean = number_at(from, row, SAMPLING);
    }
    panel->random = strcmp(text_at(from, row, STATUS), "exact") != 0;
    out->unfinished += strcmp(text_at(from, row, STATUS), "incomplete") == 0;
    out->failed += (size_t)or_zero(number_at(from, row, FAILED));
    if (panel->random && number_at(from, row, N_OK) >= 1) count_replicates(out, (size_t)number_at(from, row, N_OK));
    return SCL_OK;
}

/* Panels without a chain go: r = d. */
static void keep_chains(scl_waterfall *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < out->n_panels; i++) {
        scl_waterfall_panel panel = out->panels[i];
        if (isfinite(panel.numbers[SCL_AUDIT_BIAS].mean)) {
            out->panels[i] = out->panels[kept];
            out->panels[kept++] = panel;
        }
    }
    for (size_t i = kept; i < out->n_panels; i++) {
        scl_free(out->panels[i].estimator);
        scl_free(out->panels[i].title);
    }
    out->n_panels = kept;
}

/* Estimator by estimator, which keeps the cells' order. */
static void sort_panels(scl_waterfall *out)
{
    for (size_t placed = 0; placed < out->n_panels;) {
        const char *estimator = out->panels[placed].estimator;
        size_t begin = placed++;
        for (size_t i = placed; i < out->n_panels; i++) {
            scl_waterfall_panel panel = out->panels[i];
            if (strcmp(panel.estimator, estimator) != 0) continue;
            memmove(&out->panels[placed + 1], &out->panels[placed], (i - placed) * sizeof panel);
            out->panels[placed++] = panel;
        }
        if (placed - begin > out->widest) out->widest = placed - begin;
    }
}

/* Values that are zeros with rounding errors beside the largest do not stretch the axis. */
static void find_range(scl_waterfall *out)
{
    double most = 0;
    out->low = INFINITY;
    out->high = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < out->n_panels; i++)
            for (size_t s = 0; s < SCL_WATERFALL_STEPS; s++) {
                double value = scl_waterfall_value(&out->panels[i], s).mean;
                if (!isfinite(value)) continue;
                most = fmax(most, value);
                out->any_vacuous = out->any_vacuous || scl_waterfall_vacuous(&out->panels[i], s);
                if (pass == 0 || value <= SCL_FIGURE_ZERO * most) continue;
                out->low = fmin(out->low, value);
                out->high = fmax(out->high, value);
            }
}

scl_status scl_waterfall_read(scl_waterfall *out, const scl_config *config, const scl_table *summary, scl_error *err)
{
    *out = (scl_waterfall){0};
    source from = {.config = config, .summary = summary};
    scl_status status = find_columns(&from, err);
    for (size_t row = 0; row < summary->n_rows && status == SCL_OK; row++) status = add_row(out, &from, row, err);
    if (status != SCL_OK) return status;
    keep_chains(out);
    sort_panels(out);
    find_range(out);
    if (!(out->high > 0))
        return scl_error_set(
            err, SCL_ERR_INPUT,
            "the figure of \"%s\" has nothing to draw: no estimator of the summary has a chain of bounds",
            config->name);
    return SCL_OK;
}
