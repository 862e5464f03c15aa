/* CSV: see csv.h. One scanner of fields with positions serves tables and matrices. */
#include "base/csv.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* ---- tables in memory ---- */

void scl_table_free(scl_table *table)
{
    for (size_t i = 0; i < table->n_columns; i++) scl_free(table->names[i]);
    scl_free(table->names);
    scl_free(table->texts);
    scl_free(table->starts);
    *table = (scl_table){0};
}

scl_status scl_table_add_column(scl_table *table, const char *name, scl_error *err)
{
    if (table->n_rows > 0)
        return scl_error_set(err, SCL_ERR_SHAPE, "column \"%s\" added after %zu rows", name, table->n_rows);
    if (scl_table_column(table, name) < table->n_columns)
        return scl_error_set(err, SCL_ERR_SHAPE, "column \"%s\" added twice", name);
    scl_status status =
        scl_grow((void **)&table->names, &table->names_capacity, table->n_columns + 1, sizeof(char *), err);
    if (status != SCL_OK) return status;
    char *copy = scl_strdup(name, err);
    if (!copy) return SCL_ERR_MEMORY;
    table->names[table->n_columns++] = copy;
    return SCL_OK;
}

/* Writes a cell of the row after the last at *length, which moves on; end_row keeps the row. */
static scl_status add_cell(scl_table *table, size_t column, const char *text, size_t *length, scl_error *err)
{
    size_t index = table->n_rows * table->n_columns + column, bytes = strlen(text) + 1;
    scl_status status =
        scl_grow((void **)&table->starts, &table->starts_capacity, index + 1, sizeof *table->starts, err);
    if (status == SCL_OK) status = scl_grow((void **)&table->texts, &table->texts_capacity, *length + bytes, 1, err);
    if (status != SCL_OK) return status;
    memcpy(table->texts + *length, text, bytes);
    table->starts[index] = *length;
    *length += bytes;
    return SCL_OK;
}

static void end_row(scl_table *table, size_t length)
{
    table->texts_length = length;
    table->n_rows++;
}

scl_status scl_table_add_row(scl_table *table, const char *const *cells, scl_error *err)
{
    if (table->n_columns == 0) return scl_error_set(err, SCL_ERR_SHAPE, "a row for a table without columns");
    scl_status status = SCL_OK;
    size_t length = table->texts_length;
    for (size_t i = 0; i < table->n_columns && status == SCL_OK; i++)
        status = add_cell(table, i, cells[i], &length, err);
    if (status == SCL_OK) end_row(table, length);
    return status;
}

size_t scl_table_column(const scl_table *table, const char *name)
{
    size_t column = 0;
    while (column < table->n_columns && strcmp(table->names[column], name) != 0) column++;
    return column;
}

const char *scl_table_text(const scl_table *table, size_t row, size_t column)
{
    bool exists = row < table->n_rows && column < table->n_columns;
    return exists ? table->texts + table->starts[row * table->n_columns + column] : "";
}

double scl_table_number(const scl_table *table, size_t row, size_t column)
{
    const char *text = scl_table_text(table, row, column);
    double value = 0;
    if (strcmp(text, "-inf") == 0) return -INFINITY;
    return scl_number_parse(text, true, &value) ? value : NAN;
}

/* ---- writing ---- */

static scl_status add_field(scl_text *out, const char *field, bool alone, scl_error *err)
{
    bool quoted = strpbrk(field, ",\"\r\n") != NULL || (alone && field[0] == '\0'); /* a blank line is no row */
    if (!quoted) return scl_text_add(out, err, "%s", field);
    scl_status status = scl_text_add(out, err, "\"");
    while (status == SCL_OK && *field) {
        size_t plain = strcspn(field, "\"");
        status = scl_text_add(out, err, "%.*s%s", (int)plain, field, field[plain] ? "\"\"" : "");
        field += plain + (field[plain] != '\0');
    }
    return status == SCL_OK ? scl_text_add(out, err, "\"") : status;
}

scl_status scl_table_csv(scl_text *out, const scl_table *table, scl_error *err)
{
    if (table->n_columns == 0) return scl_error_set(err, SCL_ERR_SHAPE, "a table without columns");
    scl_status status = SCL_OK;
    for (size_t line = 0; line <= table->n_rows && status == SCL_OK; line++) {
        for (size_t column = 0; column < table->n_columns && status == SCL_OK; column++) {
            const char *field = line == 0 ? table->names[column] : scl_table_text(table, line - 1, column);
            if (column > 0) status = scl_text_add(out, err, ",");
            if (status == SCL_OK) status = add_field(out, field, table->n_columns == 1, err);
        }
        if (status == SCL_OK) status = scl_text_add(out, err, "\n");
    }
    return status;
}

scl_status scl_table_write(const scl_table *table, const char *path, scl_error *err)
{
    scl_text out = {0};
    scl_status status = scl_table_csv(&out, table, err);
    if (status == SCL_OK) status = scl_file_write(path, out.data, out.length, err);
    scl_text_free(&out);
    return status;
}

/* ---- reading ---- */

typedef struct scanner {
    const char *path;
    const char *data;
    size_t length, at;
    size_t line, column;             /* 1-based, of data[at]; columns count characters */
    size_t field_line, field_column; /* where the last field began */
    scl_text field;                  /* its text */
    bool was_quoted;
    bool row_ended; /* after the last field */
    scl_error *err;
} scanner;

static scl_status scan_error(const scanner *s, size_t line, size_t column, const char *what)
{
    return scl_error_set(s->err, SCL_ERR_INPUT, "%s:%zu:%zu: %s", s->path, line, column, what);
}

static scl_status scan_open(scanner *s, const char *path, char **bytes, scl_error *err)
{
    *s = (scanner){.path = path, .line = 1, .column = 1, .err = err};
    scl_status status = scl_file_read(bytes, &s->length, path, err);
    if (status != SCL_OK) return status;
    s->data = *bytes;
    if (s->length >= 3 && memcmp(s->data, "\xEF\xBB\xBF", 3) == 0) s->at = 3; /* a byte order mark */
    return SCL_OK;
}

static bool line_ends(const scanner *s)
{
    const char *c = s->data + s->at; /* the file's text is followed by a NUL */
    return *c == '\n' || (*c == '\r' && c[1] == '\n');
}

static void step(scanner *s)
{
    unsigned char byte = (unsigned char)s->data[s->at++];
    if (byte == '\n') {
        s->line++;
        s->column = 1;
    } else if ((byte & 0xC0) != 0x80) {
        s->column++;
    }
}

static void skip_line_end(scanner *s)
{
    if (s->at < s->length && s->data[s->at] == '\r') step(s);
    if (s->at < s->length) step(s);
}

/* True when a row follows; blank lines are passed over. */
static bool scan_row_follows(scanner *s)
{
    while (s->at < s->length && line_ends(s)) skip_line_end(s);
    return s->at < s->length;
}

static scl_status scan_quoted(scanner *s, char *out, size_t *length)
{
    step(s);
    for (;;) {
        if (s->at >= s->length)
            return scan_error(s, s->field_line, s->field_column, "a quotation mark that is never closed");
        if (s->data[s->at] == '\0') return scan_error(s, s->line, s->column, "a NUL byte");
        if (s->data[s->at] == '"') {
            step(s);
            if (s->at >= s->length || s->data[s->at] != '"') return SCL_OK;
        }
        out[(*length)++] = s->data[s->at];
        step(s);
    }
}

static scl_status scan_field(scanner *s)
{
    s->field_line = s->line;
    s->field_column = s->column;
    s->was_quoted = s->at < s->length && s->data[s->at] == '"';
    size_t length = 0, most = s->was_quoted ? s->length - s->at : strcspn(s->data + s->at, ",\r\n");
    if (s->was_quoted) { /* up to the closing mark, doubled marks passed over */
        const char *end = s->data + s->at + 1;
        while ((end = memchr(end, '"', (size_t)(s->data + s->length - end))) != NULL && end[1] == '"') end += 2;
        if (end) most = (size_t)(end - (s->data + s->at));
    }
    scl_status status = scl_grow((void **)&s->field.data, &s->field.capacity, most + 3, 1, s->err);
    if (status != SCL_OK) return status;
    char *out = s->field.data;
    if (s->was_quoted) status = scan_quoted(s, out, &length);
    if (status != SCL_OK) return status;
    while (s->at < s->length && s->data[s->at] != ',' && !line_ends(s)) {
        char byte = s->data[s->at];
        if (s->was_quoted) return scan_error(s, s->line, s->column, "text after a closing quotation mark");
        if (byte == '"') return scan_error(s, s->line, s->column, "a quotation mark inside a field without quotes");
        if (byte == '\0') return scan_error(s, s->line, s->column, "a NUL byte");
        if (byte == '\r') return scan_error(s, s->line, s->column, "a carriage return without a line feed");
        out[length++] = byte;
        step(s);
    }
    out[length] = '\0';
    s->field.length = length;
    s->row_ended = s->at >= s->length || s->data[s->at] != ',';
    if (!s->row_ended) {
        step(s);
    } else {
        skip_line_end(s);
    }
    return SCL_OK;
}

static scl_status ragged(const scanner *s, size_t have, size_t need)
{
    return scl_error_set(s->err, SCL_ERR_INPUT,
                         "%s:%zu:%zu: fields in this row: %s%zu; allowed: %zu, as in the first row", s->path,
                         s->field_line, s->field_column, have > need ? "at least " : "", have, need);
}

static scl_status read_header(scl_table *table, scanner *s)
{
    if (!scan_row_follows(s)) return scan_error(s, 1, 1, "no header: the file is empty");
    do {
        scl_status status = scan_field(s);
        if (status != SCL_OK) return status;
        if (scl_table_column(table, s->field.data) < table->n_columns)
            return scan_error(s, s->field_line, s->field_column, "a column name that is repeated");
        status = scl_table_add_column(table, s->field.data, s->err);
        if (status != SCL_OK) return status;
    } while (!s->row_ended);
    return SCL_OK;
}

static scl_status read_row(scl_table *table, scanner *s)
{
    size_t count = 0, length = table->texts_length;
    do {
        scl_status status = scan_field(s);
        if (status == SCL_OK && count == table->n_columns) status = ragged(s, count + 1, table->n_columns);
        if (status == SCL_OK) status = add_cell(table, count++, s->field.data, &length, s->err);
        if (status != SCL_OK) return status;
    } while (!s->row_ended);
    if (count < table->n_columns) return ragged(s, count, table->n_columns);
    end_row(table, length);
    return SCL_OK;
}

scl_status scl_table_read(scl_table *table, const char *path, scl_error *err)
{
    *table = (scl_table){0};
    char *bytes = NULL;
    scanner s;
    scl_status status = scan_open(&s, path, &bytes, err);
    if (status == SCL_OK) status = read_header(table, &s);
    while (status == SCL_OK && scan_row_follows(&s)) status = read_row(table, &s);
    if (status != SCL_OK) scl_table_free(table);
    scl_text_free(&s.field);
    scl_free(bytes);
    return status;
}

/* ---- numbers ---- */

typedef struct number_list {
    double *values;
    size_t count, capacity;
    size_t rows, columns;
    double low, high; /* both ends allowed */
} number_list;

/* The field as a number, blanks around it allowed; "inf" and "nan" are numbers here, so that they are refused as such
 * and never taken for a name. */
static bool field_number(scanner *s, double *value)
{
    char *text = s->field.data;
    while (*text == ' ' || *text == '\t') text++;
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t", text[length - 1])) text[--length] = '\0';
    *value = NAN;
    const char *unsigned_text = text + (text[0] == '-' || text[0] == '+');
    if (strcasecmp(unsigned_text, "nan") == 0 || strncasecmp(unsigned_text, "inf", 3) == 0) return true;
    return scl_number_parse(text, true, value);
}

/* A slip like "1O" or "1 2 3" is no header. */
static bool begins_a_name(const char *field)
{
    field += strspn(field, " \t");
    return *field != '\0' && !strchr("0123456789+-.", *field) && !strchr(field, ';');
}

static scl_status bad_number(const scanner *s, const number_list *list, double value, bool number)
{
    char low[SCL_NUMBER_CHARS], high[SCL_NUMBER_CHARS], shown[64];
    const char *what = isfinite(value)                  ? "is out of range"
                       : number                         ? "is not finite"
                       : strpbrk(s->field.data, "; \t") ? "is not a number (numbers are separated by commas or lines)"
                                                        : "is not a number";
    size_t length = s->field.length < sizeof shown - 1 ? s->field.length : sizeof shown - 1;
    memcpy(shown, s->field.data, length);
    shown[length] = '\0';
    bool bounded = isfinite(list->low);
    return scl_error_set(s->err, SCL_ERR_INPUT, "%s:%zu:%zu: \"%s\" %s; allowed: finite numbers%s%s%s%s", s->path,
                         s->field_line, s->field_column, shown, what, bounded ? ", " : "",
                         bounded ? scl_number_shortest(low, list->low) : "", bounded ? " to " : "",
                         bounded ? scl_number_shortest(high, list->high) : "");
}

/* Reads one row. In the first row of the file, names are no error as long as no number stands among them. */
static scl_status read_numbers_row(number_list *list, scanner *s, bool first)
{
    size_t fields = 0, names = 0;
    do {
        scl_status status = scan_field(s);
        if (status != SCL_OK) return status;
        double value = 0;
        bool number = field_number(s, &value);
        bool fits = number && isfinite(value) && value >= list->low && value <= list->high;
        bool name = first && !number && names == fields && begins_a_name(s->field.data);
        fields++;
        if (list->rows > 0 && fields > list->columns) return ragged(s, fields, list->columns);
        if (name) {
            names++;
            continue;
        }
        if (!fits) return bad_number(s, list, value, number);
        if (names > 0)
            return scan_error(s, s->field_line, s->field_column, "a number in a line that begins with names");
        status = scl_grow((void **)&list->values, &list->capacity, list->count + 1, sizeof(double), s->err);
        if (status != SCL_OK) return status;
        list->values[list->count++] = value;
    } while (!s->row_ended);
    if (names > 0) return SCL_OK;
    if (list->rows > 0 && fields < list->columns) return ragged(s, fields, list->columns);
    list->columns = fields;
    list->rows++;
    return SCL_OK;
}

static scl_status read_numbers(number_list *list, const char *path, scl_error *err)
{
    char *bytes = NULL;
    scanner s;
    scl_status status = scan_open(&s, path, &bytes, err);
    for (bool first = true; status == SCL_OK && scan_row_follows(&s); first = false)
        status = read_numbers_row(list, &s, first);
    if (status == SCL_OK && list->count == 0) status = scan_error(&s, s.line, s.column, "no numbers");
    if (status != SCL_OK) {
        scl_free(list->values);
        list->values = NULL;
    }
    scl_text_free(&s.field);
    scl_free(bytes);
    return status;
}

scl_status scl_csv_numbers(double **values, size_t *rows, size_t *columns, const char *path, scl_error *err)
{
    number_list list = {.low = -INFINITY, .high = INFINITY};
    scl_status status = read_numbers(&list, path, err);
    *values = list.values;
    *rows = status == SCL_OK ? list.rows : 0;
    *columns = status == SCL_OK ? list.columns : 0;
    return status;
}

scl_status scl_csv_vector(double **values, size_t *count, double low, double high, const char *path, scl_error *err)
{
    number_list list = {.low = low, .high = high};
    scl_status status = read_numbers(&list, path, err);
    if (status == SCL_OK && list.rows > 1 && list.columns > 1) {
        status = scl_error_set(err, SCL_ERR_INPUT, "%s:1:1: %zu rows of %zu numbers; allowed: one row or one column",
                               path, list.rows, list.columns);
        scl_free(list.values);
        list.values = NULL;
    }
    *values = list.values;
    *count = status == SCL_OK ? list.count : 0;
    return status;
}
