/* One row of a CSV table: see row_texts.h. */
#include "study/row_texts.h"

#include <math.h>

void scl_row_put_text(scl_row_texts *row, const char *text)
{
    row->cells[row->n++] = text;
}

void scl_row_put_number(scl_row_texts *row, double value)
{
    row->cells[row->n] = isnan(value) ? "" : scl_number_digits(row->numbers[row->n], value, SCL_ROW_DIGITS);
    row->n++;
}

void scl_row_put_size(scl_row_texts *row, double value)
{
    row->cells[row->n] = scl_number_shortest(row->numbers[row->n], value);
    row->n++;
}

void scl_row_put_cell(scl_row_texts *row, const scl_plan *plan, size_t cell)
{
    const scl_settings *s = &plan->cells[cell].settings;
    row->n = 0;
    scl_row_put_text(row, plan->config->name);
    scl_row_put_size(row, (double)cell);
    scl_row_put_size(row, s->n);
    scl_row_put_size(row, (double)s->model.d);
    scl_row_put_size(row, (double)s->model.r);
    for (size_t a = 0; a < plan->config->n_axes; a++)
        scl_row_put_text(row, scl_config_axis_value(plan->config, cell, a));
}

void scl_row_put_cell_names(scl_row_texts *row, const scl_config *config)
{
    static const char *const names[] = {"experiment", "cell", "n", "d", "r"};
    row->n = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) scl_row_put_text(row, names[i]);
    for (size_t a = 0; a < config->n_axes; a++) scl_row_put_text(row, config->axes[a].key);
}
