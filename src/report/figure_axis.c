/* Axes: see figure_axis.h. gnuplot's own tics are few on a logarithmic axis of less than two decades and many on a
 * long one. Here the labels are chosen: the swept values themselves when they are few, otherwise round numbers; of the
 * sets of labels that come into question, the first whose labels have room. */
#include "report/figure_axis.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Up to this many decades a logarithmic axis is labelled at round steps, up to the second at 1, 2, 3, 4, 6, 8, up to
 * the third at 1, 2, 5, beyond at powers of ten; up to the others it has short tics at all digits, at all powers. */
static const double decades_of_steps = 0.75, decades_of_many = 1.2, decades_of_125 = 2.4, decades_with_short = 12,
                    decades_with_power = 60;
/* Pixels: of a digit in a label, of a raised one, of the word for n = inf, and of a line's height; the least gap
 * between two labels, how far one may reach beyond the frame, and what a label takes when there are many. */
static const double digit = 7.6, raised_digit = 6.1, inf_width = 16, line = 14;
static const double gap_along_x = 9, gap_along_y = 6, overhang = 8, room_along_x = 46, room_along_y = 32;

typedef struct tic {
    double value;
    bool labelled;   /* otherwise short */
    double at, half; /* the label's middle and half its size along the axis, in pixels */
    char label[3 * SCL_NUMBER_CHARS];
} tic;

enum { MOST_TICS = 160 };

typedef struct tics {
    tic items[MOST_TICS];
    size_t count;
    const scl_figure_axis *axis;
    double length, gap;
    bool along_x;
} tics;

/* Of a logarithmic axis, 0 of another; the quotient of the ends may be beyond all numbers. */
static double decades_of(const scl_figure_axis *axis)
{
    return axis->log ? log10(axis->high) - log10(axis->low) : 0;
}

/* In pixels from the axis's start. */
static double position(const tics *list, double value)
{
    const scl_figure_axis *axis = list->axis;
    double share = axis->log ? (log10(value) - log10(axis->low)) / decades_of(axis)
                             : (value - axis->low) / (axis->high - axis->low);
    return share * list->length;
}

static void add_tic(tics *list, double value, bool labelled)
{
    const scl_figure_axis *axis = list->axis;
    if (!(value >= axis->low && value <= axis->high) || list->count == MOST_TICS) return;
    if (isfinite(axis->population) && value > axis->last) return; /* there the numbers end */
    list->items[list->count++] = (tic){.value = value, .labelled = labelled, .at = position(list, value)};
}

/* Size of a label along x: what follows ^ is raised, braces are not seen, a UTF-8 character counts once. */
static double label_width(const char *label)
{
    double width = 0;
    bool raised = false;
    for (; *label; label++) {
        if (*label == '^') raised = true;
        if (strchr("^{}", *label) || ((unsigned char)*label & 0xc0) == 0x80) continue;
        width += raised ? raised_digit : digit;
    }
    return width;
}

/* Writes the label of one tic with so many digits; false when they do not say the value. */
static bool set_label(tic *t, bool powers, int digits, bool along_x)
{
    char number[SCL_NUMBER_CHARS], raised[SCL_NUMBER_CHARS];
    double exponent = powers && t->value != 0 ? floor(log10(fabs(t->value)) + 1e-9) : 0, said = 0;
    double scaled = t->value / pow(10, exponent);
    scl_number_digits(number, scaled, digits);
    scl_number_digits(raised, exponent, digits);
    bool one = powers && strcmp(number, "1") == 0;
    if (powers && t->value != 0)
        snprintf(t->label, sizeof t->label, "%s%s10^{%s}", one ? "" : number, one ? "" : "\303\227", raised);
    else
        snprintf(t->label, sizeof t->label, "%s", number);
    t->half = (along_x ? label_width(t->label) : line) / 2;
    return scl_number_parse(number, false, &said) && fabs(said - scaled) <= 1e-5 * fabs(scaled);
}

static bool write_labels(tics *list, bool powers, int digits)
{
    bool said = true;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].labelled) said = set_label(&list->items[i], powers, digits, list->along_x) && said;
    return said;
}

/* Writes all labels, as powers of ten when one of them is long otherwise; true when they have room. At an end, a label
 * that would reach far beyond the frame is left away. */
static bool set_labels(tics *list)
{
    bool powers = false, fit = true;
    for (size_t i = 0; i < list->count; i++) {
        double size = fabs(list->items[i].value);
        if (list->items[i].labelled && size != 0 && (size >= 1e5 || size < 1e-3)) powers = true;
    }
    if (!write_labels(list, powers, powers ? 4 : 6)) fit = write_labels(list, false, 9);
    double end = -INFINITY;
    for (size_t i = 0; i < list->count; i++) {
        tic *t = &list->items[i];
        if (t->at - t->half < -overhang || t->at + t->half > list->length + overhang) t->labelled = false;
        if (!t->labelled) continue;
        if (t->at - t->half < end + list->gap) fit = false;
        end = t->at + t->half;
    }
    return fit;
}

static size_t count_labels(const tics *list)
{
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++) count += list->items[i].labelled;
    return count;
}

/* Digits times powers of ten: the digits in `labelled` get a label at every `every`-th power, the others a short tic.
 * True when at least two labels stand there and have room. */
static bool try_digits(tics *list, const char *labelled, int every)
{
    double decades = decades_of(list->axis);
    list->count = 0;
    for (int e = (int)floor(log10(list->axis->low)); e <= (int)floor(log10(list->axis->high)); e++)
        for (int m = 1; m <= 9; m++) {
            bool label = strchr(labelled, '0' + m) && e % every == 0;
            if (label || decades <= (m == 1 ? decades_with_power : every == 1 ? decades_with_short : 0))
                add_tic(list, m * pow(10, e), label);
        }
    return set_labels(list) && count_labels(list) >= 2;
}

/* The swept values; on a logarithmic axis with short tics at the digits between. True when they have room. */
static bool try_swept(tics *list)
{
    const scl_figure_axis *axis = list->axis;
    list->count = 0;
    if (axis->n_values == 0) return false;
    bool between = axis->log && decades_of(axis) <= decades_with_short;
    double value = axis->low;
    for (size_t i = 0; i <= axis->n_values; i++) {
        double next = i < axis->n_values ? axis->values[i] : axis->high;
        double power = between ? pow(10, floor(log10(value))) : INFINITY; /* of the digits after `value` */
        for (double m = floor(value / power + 1e-9) + 1; m * power < next * (1 - 1e-9); m++) {
            if (m > 9) {
                power *= 10;
                m = 1;
            }
            if (m * power < next * (1 - 1e-9)) add_tic(list, m * power, false);
        }
        if (i < axis->n_values) add_tic(list, next, true);
        value = next;
    }
    return set_labels(list);
}

/* Multiples of 1, 2 or 5 times a power of ten, at most about `most` of them. */
static bool try_steps(tics *list, double most)
{
    const scl_figure_axis *axis = list->axis;
    double rough = (axis->high - axis->low) / most, step = pow(10, floor(log10(rough)));
    step *= rough <= step ? 1 : rough <= 2 * step ? 2 : rough <= 5 * step ? 5 : 10;
    list->count = 0;
    double end = floor(axis->high / step + 1e-9);
    for (double k = ceil(axis->low / step - 1e-9); k <= end; k++) add_tic(list, k * step, true);
    return set_labels(list);
}

static void choose(tics *list)
{
    const scl_figure_axis *axis = list->axis;
    double decades = decades_of(axis);
    if (try_swept(list)) return;
    if (decades <= decades_of_steps) {
        double most = floor(list->length / (list->along_x ? room_along_x : room_along_y));
        while (!try_steps(list, fmax(most, 2)) && most > 2) most--;
        return;
    }
    if (decades <= decades_of_many && try_digits(list, "123468", 1)) return;
    if (decades <= decades_of_125 && (try_digits(list, "125", 1) || try_digits(list, "15", 1))) return;
    for (int every = 1; every < decades; every++)
        if (try_digits(list, "1", every)) return;
}

static scl_status add_tics(scl_text *script, const tics *list, bool labels, scl_error *err)
{
    char number[SCL_NUMBER_CHARS];
    scl_status status = SCL_OK;
    for (size_t i = 0; i < list->count && status == SCL_OK; i++) {
        const tic *t = &list->items[i];
        status = scl_text_add(script, err, "%s'%s' %s %d", i ? ", " : "", labels && t->labelled ? t->label : "",
                              scl_number_digits(number, t->value, 12), t->labelled ? 0 : 1);
    }
    const scl_figure_axis *axis = list->axis;
    if (status != SCL_OK || !isfinite(axis->population)) return status;
    double end = -INFINITY, at = position(list, axis->population);
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].labelled) end = fmax(end, list->items[i].at + list->items[i].half);
    const char *label = at - inf_width / 2 >= end + list->gap ? "inf" : "";
    return scl_text_add(script, err, "%s'%s' %s 0", list->count ? ", " : "", labels ? label : "",
                        scl_number_digits(number, axis->population, 12));
}

scl_status scl_figure_axis_commands(scl_text *script, const char *name, const scl_figure_axis *axis, double length,
                                    bool labels, scl_error *err)
{
    char low[SCL_NUMBER_CHARS], high[SCL_NUMBER_CHARS];
    bool along_x = name[0] == 'x';
    tics list = {.axis = axis, .length = length, .gap = along_x ? gap_along_x : gap_along_y, .along_x = along_x};
    scl_status status =
        scl_text_add(script, err, "%sset logscale %s\nset %srange [%s:%s]\nset %stics (", axis->log ? "" : "un", name,
                     name, scl_number_shortest(low, axis->low), scl_number_shortest(high, axis->high), name);
    if (status != SCL_OK) return status;
    choose(&list);
    status = add_tics(script, &list, labels, err);
    return status == SCL_OK ? scl_text_add(script, err, ")\n") : status;
}

/* Bytes of the UTF-8 character at `s` (at most `left`), 0 when there is none that XML may hold. Source: RFC 3629. */
static size_t utf8_length(const unsigned char *s, size_t left)
{
    size_t length = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
    if (length == 0 || length > left) return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    if (s[0] == 0xe0 && s[1] < 0xa0) return 0;                  /* overlong */
    if (s[0] == 0xed && s[1] > 0x9f) return 0;                  /* surrogates */
    if (s[0] == 0xf0 && s[1] < 0x90) return 0;                  /* overlong */
    if (s[0] == 0xf4 && s[1] > 0x8f) return 0;                  /* beyond U+10FFFF */
    if (s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe) return 0; /* U+FFFE, U+FFFF */
    return length;
}

scl_status scl_figure_quote(scl_text *script, const char *text, size_t length, scl_error *err)
{
    scl_status status = scl_text_add(script, err, "'");
    for (size_t i = 0; i < length && status == SCL_OK;) {
        const unsigned char *s = (const unsigned char *)text + i;
        size_t bytes = utf8_length(s, length - i);
        if (bytes == 0)
            status = scl_text_add(script, err, "?");
        else if (*s == '\'')
            status = scl_text_add(script, err, "'.\"'\".'");
        else if (*s < ' ' || *s == 0x7f)
            status = scl_text_add(script, err, " ");
        else
            status = scl_text_add(script, err, "%.*s", (int)bytes, text + i);
        i += bytes ? bytes : 1;
    }
    return status == SCL_OK ? scl_text_add(script, err, "'") : status;
}
