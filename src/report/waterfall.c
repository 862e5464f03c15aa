/* The waterfall as a gnuplot script: see waterfall.h. Rows go down from the measured error to the last bound; a bar is what its bound adds to the
 * one above, and a thin line leads from bar to bar. Kinds of rows differ in shade, legible in black and white. */
#include "report/waterfall.h"

#include "report/figure_axis.h"
#include "report/figure_data.h"

#include <math.h>
#include <string.h>

/* Pixels: of a row and a gap between groups of rows, of a frame, of the words on both sides of it. */
static const double row_height = 17, group_gap = 9, frame_width = 200, words_left = 214, words_right = 122;
static const double mean_column = 6, factor_column = 78; /* from the frame's right side */
static const double tic_height = 28, row_gap = 12, legend_line = 22, swatch = 26;
static const double bar_half = 0.36; /* of a row */
static const size_t most_columns = 3;

/* Dark, half dark, empty with a dashed border. */
static const struct look {
    const char *fill, *border, *words;
} looks[SCL_WATERFALL_KINDS] = {
    {"fc rgb '#333333' fs solid 1", "lc rgb '#333333' lw 1 dt 1", "measured or exact"},
    {"fc rgb '#7FB8DE' fs solid 1", "lc rgb '#1F5F8B' lw 1 dt 1", "bound of the row above, by a theorem"},
    {"fc rgb '#FFFFFF' fs solid 1", "lc rgb '#333333' lw 1 dt (4,3)", "rate with constant 1, no bound"},
};

typedef struct layout {
    scl_figure_page page;
    size_t columns, rows; /* of panels */
    double left, top, frame_height, step_x, step_y;
    double x_label, legend, caption; /* tops */
} layout;

/* Appends unless something failed before. */
#define PUT(...)                                                                                                       \
    do {                                                                                                               \
        if (status == SCL_OK) status = scl_text_add(script, err, __VA_ARGS__);                                         \
    } while (0)

/* The middle of a row, in pixels from the frame's top. */
static double row_middle(size_t step)
{
    double at = group_gap + row_height / 2 + (double)step * row_height;
    for (size_t s = 1; s <= step; s++) at += scl_waterfall_steps[s].begins ? group_gap : 0;
    return at;
}

/* Panels of one estimator go on in a further row of the page where it has many. */
static size_t rows_of(const scl_waterfall *waterfall, size_t columns)
{
    size_t rows = 0, run = 0;
    for (size_t i = 0; i < waterfall->n_panels; i++) {
        bool other = i == 0 || strcmp(waterfall->panels[i].estimator, waterfall->panels[i - 1].estimator) != 0;
        run = other ? 0 : run + 1;
        rows += run % columns == 0;
    }
    return rows;
}

/* An entry of the legend: swatch, words, the gap to the next. */
static double entry_width(int kind)
{
    return swatch + 8 + 7 * (double)strlen(looks[kind].words) + 20;
}

static double legend_width(void)
{
    double width = 0;
    for (int kind = 0; kind < SCL_WATERFALL_KINDS; kind++) width += entry_width(kind);
    return width;
}

static layout lay_out(const scl_waterfall *waterfall, const char *title, const char *caption, scl_figure_format format)
{
    layout page = {.columns = waterfall->widest < most_columns ? waterfall->widest : most_columns,
                   .page.measures = scl_figure_measures_of(format)};
    page.rows = rows_of(waterfall, page.columns);
    page.frame_height = row_middle(SCL_WATERFALL_STEPS - 1) + row_height / 2 + group_gap;
    page.step_x = frame_width + words_right;
    page.step_y = page.frame_height + tic_height + SCL_FIGURE_PANEL_TITLE + row_gap;
    page.left = SCL_FIGURE_EDGE + words_left;
    double panels = page.left + (double)page.columns * page.step_x; /* one column is narrower than the legend */
    page.page.width = ceil(fmax(panels, SCL_FIGURE_EDGE + legend_width()) + SCL_FIGURE_EDGE);
    page.top = SCL_FIGURE_EDGE + (double)scl_figure_title_lines(title, page.page.width) * SCL_FIGURE_TITLE_LINE + 8 +
               SCL_FIGURE_PANEL_TITLE;
    page.x_label = page.top + (double)page.rows * page.step_y - SCL_FIGURE_PANEL_TITLE - row_gap + 4;
    page.legend = page.x_label + SCL_FIGURE_LABEL_LINE + 8;
    page.caption = page.legend + legend_line + 8;
    page.page.height =
        ceil(page.caption + (double)scl_figure_caption_lines(caption, page.page.width) * SCL_FIGURE_CAPTION_LINE +
             SCL_FIGURE_EDGE);
    return page;
}

static bool can_stand(const scl_waterfall *waterfall, double value)
{
    return isfinite(value) && value >= waterfall->low;
}

/* Where a bar begins: at the axis, or at the value of the row above that it bounds. */
static double start_of(const scl_waterfall *waterfall, const scl_waterfall_panel *panel, size_t step,
                       const scl_figure_axis *axis)
{
    const scl_waterfall_step *its = &scl_waterfall_steps[step];
    if (its->begins || its->kind != SCL_WATERFALL_THEOREM) return axis->low;
    double above = scl_waterfall_value(panel, step - 1).mean;
    return can_stand(waterfall, above) ? above : axis->low;
}

static scl_status add_row(scl_text *script, const double *values, size_t count, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t i = 0; i < count; i++) {
        char number[SCL_NUMBER_CHARS];
        PUT("%s%s", scl_number_shortest(number, values[i]), i + 1 < count ? " " : "\n");
    }
    return status;
}

/* $k0, $k1, $k2: value, middle, ends of the bars of each kind; $c: the lines between rows; $e: intervals. A block is never empty: a
 * place outside the frame stands for none. */
static scl_status add_blocks(scl_text *script, const scl_waterfall *waterfall, const scl_waterfall_panel *panel,
                             const scl_figure_axis *axis, scl_error *err)
{
    scl_status status = SCL_OK;
    const double nowhere = -1e3;
    for (int kind = 0; kind < SCL_WATERFALL_KINDS; kind++) {
        PUT("$k%d << EOD\n", kind);
        if (status == SCL_OK)
            status =
                add_row(script, (const double[]){axis->low, nowhere, axis->low, axis->low, nowhere, nowhere}, 6, err);
        for (size_t s = 0; s < SCL_WATERFALL_STEPS && status == SCL_OK; s++) {
            double value = scl_waterfall_value(panel, s).mean, y = row_middle(s), half = bar_half * row_height;
            if ((int)scl_waterfall_steps[s].kind != kind || !can_stand(waterfall, value)) continue;
            const double row[] = {value, y, start_of(waterfall, panel, s, axis), value, y - half, y + half};
            status = add_row(script, row, 6, err);
        }
        PUT("EOD\n");
    }
    PUT("$c << EOD\n");
    if (status == SCL_OK) status = add_row(script, (const double[]){axis->low, nowhere, 0}, 3, err);
    for (size_t s = 1; s < SCL_WATERFALL_STEPS && status == SCL_OK; s++) {
        double above = scl_waterfall_value(panel, s - 1).mean, y = row_middle(s - 1) + bar_half * row_height;
        bool bounds = scl_waterfall_steps[s].kind == SCL_WATERFALL_THEOREM && !scl_waterfall_steps[s].begins;
        if (bounds && can_stand(waterfall, above) && can_stand(waterfall, scl_waterfall_value(panel, s).mean))
            status = add_row(script, (const double[]){above, y, row_height * (1 - 2 * bar_half)}, 3, err);
    }
    PUT("EOD\n$e << EOD\n");
    if (status == SCL_OK) status = add_row(script, (const double[]){axis->low, nowhere, 0}, 3, err);
    for (size_t s = 0; s < SCL_WATERFALL_STEPS && status == SCL_OK; s++) {
        scl_waterfall_number number = scl_waterfall_value(panel, s);
        double low = fmax(number.mean - number.half, axis->low);
        if (can_stand(waterfall, number.mean) && number.half > 0)
            status = add_row(script, (const double[]){low, row_middle(s), number.mean + number.half - low}, 3, err);
    }
    PUT("EOD\n");
    return status;
}

/* "0.3012(8)": a mean and its standard error in units of the last digit, which is the error's first one; at most four digits, so that a
 * much smaller error is (0). The digits are written as whole numbers, whatever the locale. */
static scl_status add_mean(scl_text *script, scl_waterfall_number number, scl_error *err)
{
    char text[SCL_NUMBER_CHARS];
    if (!(number.mcse > 0)) return scl_text_add(script, err, "%s", scl_number_digits(text, number.mean, 4));
    int most = 3 - (int)floor(log10(number.mean)), places = -(int)floor(log10(number.mcse));
    places = places < most ? places : most;
    places = places < 0 ? 0 : places;
    if (!(number.mean < 1e15 && number.mcse < 1e15) || places > 15) /* beyond whole numbers */
        return scl_text_add(script, err, "%s", scl_number_digits(text, number.mean, 4));
    long long unit = 1;
    for (int i = 0; i < places; i++) unit *= 10;
    long long mean = llround(number.mean * (double)unit), error = llround(number.mcse * (double)unit);
    scl_status status = scl_text_add(script, err, "%lld", mean / unit);
    if (status == SCL_OK && places > 0) status = scl_text_add(script, err, ".%0*lld", places, mean % unit);
    return status == SCL_OK ? scl_text_add(script, err, "(%lld)", error) : status;
}

/* The number beside a row, and what it is times the row above. */
static scl_status add_value(scl_text *script, const scl_waterfall *waterfall, const scl_waterfall_panel *panel,
                            size_t step, double below, const layout *page, unsigned *label, scl_error *err)
{
    scl_waterfall_number number = scl_waterfall_value(panel, step);
    const scl_waterfall_step *its = &scl_waterfall_steps[step];
    char mean[SCL_NUMBER_CHARS], factor[SCL_NUMBER_CHARS];
    scl_status status = SCL_OK;
    double y = below + row_middle(step);
    scl_figure_share at = scl_figure_share_y(&page->page, y);
    double left = page->left; /* of the panel, set by the caller */
    PUT("set label %u '", (*label)++);
    if (!isfinite(number.mean))
        PUT("none");
    else if (!can_stand(waterfall, number.mean))
        PUT("0");
    else if (scl_waterfall_vacuous(panel, step))
        PUT("%s = \342\210\232r", scl_number_digits(mean, number.mean, 3));
    else if (status == SCL_OK)
        status = add_mean(script, number, err);
    PUT("' at screen %s,%s left noenhanced font '%s'\n",
        scl_figure_share_x(&page->page, left + frame_width + mean_column).text, at.text, page->page.measures.caption);
    bool follows = its->kind == SCL_WATERFALL_THEOREM && !its->begins;
    double above = follows ? scl_waterfall_value(panel, step - 1).mean : NAN;
    if (!can_stand(waterfall, above) || !can_stand(waterfall, number.mean)) return status;
    PUT("set label %u '\303\227%s' at screen %s,%s left noenhanced font '%s' tc rgb '#444444'\n", (*label)++,
        scl_number_digits(factor, number.mean / above, 3),
        scl_figure_share_x(&page->page, left + frame_width + factor_column).text, at.text, page->page.measures.caption);
    return status;
}

/* Row labels, in the first panel of a row of the page. */
static scl_status add_row_labels(scl_text *script, bool labels, scl_error *err)
{
    scl_status status = SCL_OK;
    PUT("set ytics scale 0 enhanced (");
    for (size_t s = 0; s < SCL_WATERFALL_STEPS; s++) {
        char at[SCL_NUMBER_CHARS];
        PUT("%s'%s' %s", s ? ", " : "", labels ? scl_waterfall_steps[s].label : "",
            scl_number_shortest(at, row_middle(s)));
    }
    PUT(")\n");
    return status;
}

static scl_status add_panel(scl_text *script, const scl_waterfall *waterfall, const scl_waterfall_panel *panel,
                            const layout *page, const scl_figure_axis *axis, double top, bool first, scl_error *err)
{
    unsigned label = 1;
    scl_status status = scl_figure_frame(script, &page->page, page->left, top, frame_width, page->frame_height, err);
    if (status == SCL_OK) status = add_row_labels(script, first, err);
    PUT("unset label\nset title ");
    if (status == SCL_OK) status = scl_figure_quote(script, panel->title, strlen(panel->title), err);
    PUT(" noenhanced offset %s\n", page->page.measures.panel_title_offset);
    for (size_t s = 0; s < SCL_WATERFALL_STEPS && status == SCL_OK; s++)
        status = add_value(script, waterfall, panel, s, top, page, &label, err);
    if (status == SCL_OK) status = add_blocks(script, waterfall, panel, axis, err);
    PUT("plot NaN notitle");
    for (int kind = 0; kind < SCL_WATERFALL_KINDS; kind++)
        PUT(", \\\n  $k%d using 1:2:3:4:5:6 with boxxyerror %s border %s notitle", kind, looks[kind].fill,
            looks[kind].border);
    PUT(", \\\n  $c using 1:2:(0):3 with vectors nohead lc rgb '#333333' lw 0.8 dt 1 notitle"
        ", \\\n  $e using 1:2:3:(0) with vectors heads size screen 0.002,90 lc rgb '#000000' lw 1.2 dt 1 notitle\n");
    return status;
}

static scl_status add_panels(scl_text *script, const scl_waterfall *waterfall, const layout *page,
                             const scl_figure_axis *axis, scl_error *err)
{
    scl_status status = SCL_OK;
    size_t run = 0, row = 0;
    for (size_t i = 0; i < waterfall->n_panels && status == SCL_OK; i++) {
        bool other = i > 0 && strcmp(waterfall->panels[i].estimator, waterfall->panels[i - 1].estimator) != 0;
        run = other || i == 0 ? 0 : run + 1;
        row += i > 0 && run % page->columns == 0;
        layout at = *page;
        at.left += (double)(run % page->columns) * page->step_x;
        status = add_panel(script, waterfall, &waterfall->panels[i], &at, axis, page->top + (double)row * page->step_y,
                           run % page->columns == 0, err);
    }
    return status;
}

/* One swatch and its words for each kind. */
static scl_status add_legend(scl_text *script, const layout *page, unsigned *label, scl_error *err)
{
    scl_status status = SCL_OK;
    double x = SCL_FIGURE_EDGE, middle = page->legend + legend_line / 2, half = bar_half * row_height;
    for (int kind = 0; kind < SCL_WATERFALL_KINDS; kind++) {
        PUT("set object %d rect from screen %s,%s to screen %s,%s %s border %s\n", kind + 1,
            scl_figure_share_x(&page->page, x).text, scl_figure_share_y(&page->page, middle + half).text,
            scl_figure_share_x(&page->page, x + swatch).text, scl_figure_share_y(&page->page, middle - half).text,
            looks[kind].fill, looks[kind].border);
        PUT("set label %u '%s' at screen %s,%s left noenhanced\n", (*label)++, looks[kind].words,
            scl_figure_share_x(&page->page, x + swatch + 8).text, scl_figure_share_y(&page->page, middle).text);
        x += entry_width(kind);
    }
    return status;
}

static scl_status write_caption(scl_text *script, const scl_config *config, const scl_waterfall *waterfall,
                                scl_error *err)
{
    scl_status status = scl_figure_settings(script, config, waterfall->least_n_ok, waterfall->most_n_ok, err);
    PUT("Q\342\202\200 is the estimator's eigenspace of the population, Q that of the sample. ");
    if (waterfall->most_n_ok > 0)
        PUT("Means over replicates, in brackets their standard error in units of the last digit; whiskers: "
            "95\302\240%% "
            "confidence interval (Monte Carlo). ");
    PUT("\303\227: a bound over the row above, its slack.");
    if (waterfall->any_vacuous)
        PUT(" \342\210\232r: no separation of the eigenvalues in any replicate, or too little; every error is at most "
            "\342\210\232r.");
    if (waterfall->unfinished)
        PUT(" NOT FINISHED: %zu panel%s without all replicates.", waterfall->unfinished,
            scl_plural(waterfall->unfinished));
    if (waterfall->failed)
        PUT(" %zu failed trial%s not in the means.", waterfall->failed, scl_plural(waterfall->failed));
    return status;
}

scl_status scl_waterfall_script(scl_text *script, const scl_waterfall *waterfall, const scl_config *config,
                                scl_figure_format format, scl_error *err)
{
    static const char x_label[] = "subspace error \342\200\226sin \316\230\342\200\226_F and its bounds";
    scl_text caption = {0};
    unsigned label = 1;
    scl_status status = write_caption(&caption, config, waterfall, err);
    if (status != SCL_OK) goto done;
    const char *title = scl_figure_title(config);
    layout page = lay_out(waterfall, title, scl_text_get(&caption), format);
    scl_figure_axis axis = {.log = true, .low = waterfall->low / 2, .high = waterfall->high * 1.5, .population = NAN};
    double bottom = page.frame_height;
    status = scl_figure_terminal(script, &page.page, format, err);
    PUT("set multiplot\nset grid noytics\nset xtics out nomirror\n");
    if (status == SCL_OK) status = scl_figure_axis_commands(script, "x", &axis, frame_width, true, err);
    PUT("set yrange [%d:0]\n", (int)bottom);
    if (status == SCL_OK) status = add_panels(script, waterfall, &page, &axis, err);
    if (status == SCL_OK) status = scl_figure_overlay(script, err);
    PUT("unset label\n");
    if (status == SCL_OK) status = scl_figure_add_title(script, &page.page, title, SCL_FIGURE_EDGE, &label, err);
    PUT("set label %u '%s' at screen %s,%s center enhanced\n", label++, x_label,
        scl_figure_share_x(&page.page, page.left + ((double)page.columns * page.step_x - words_right) / 2).text,
        scl_figure_share_y(&page.page, page.x_label + SCL_FIGURE_LABEL_LINE / 2).text);
    if (status == SCL_OK) status = add_legend(script, &page, &label, err);
    if (status == SCL_OK)
        status = scl_figure_add_caption(script, &page.page, scl_text_get(&caption), page.caption, &label, err);
    PUT("plot NaN notitle\nunset multiplot\n");
done:
    scl_text_free(&caption);
    return status;
}
