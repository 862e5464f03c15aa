/* Text: growing strings, numbers as text independently of the locale, and the nearest known name. */
#ifndef SCL_BASE_TEXT_H
#define SCL_BASE_TEXT_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* A growing string; {0} is empty. `data` is NULL until something was added, NUL-terminated afterwards. */
typedef struct scl_text {
    char *data;
    size_t length;
    size_t capacity;
} scl_text;

/* Appends formatted text. Floating-point conversions in `format` are forbidden (they follow the locale): format
 * numbers with scl_number_* first. */
scl_status scl_text_add(scl_text *text, scl_error *err, const char *format, ...) SCL_PRINTF(3, 4) SCL_CHECKED;
void scl_text_free(scl_text *text);
/* The string itself, "" when nothing was added. */
const char *scl_text_get(const scl_text *text);

#define SCL_NUMBER_CHARS 32

/* Shortest text that reads back as the same double ("0.1", "1e+09" is written 1000000000, "inf", "nan"); returns out. */
char *scl_number_shortest(char out[SCL_NUMBER_CHARS], double value);
/* `digits` significant digits as %.{digits}g, with a decimal point whatever the locale; returns out. -0 is written 0. */
char *scl_number_digits(char out[SCL_NUMBER_CHARS], double value, int digits);

/* Reads the WHOLE text as a decimal number (1, -2.5, 1e9; also inf, .inf, +inf when allowed); hexadecimal, nan, blanks
 * and trailing characters are refused. True on success. */
bool scl_number_parse(const char *text, bool allow_inf, double *value);

/* Appends a word as a shell reads it back, on one line: in single quotes where it has anything but harmless characters, as $'a\nb' where
 * it has control characters. */
scl_status scl_text_add_word(scl_text *text, const char *word, scl_error *err) SCL_CHECKED;

/* "s", or "" after a count of one. */
const char *scl_plural(size_t count);

/* For a dotted word a name with the same last part, sample.n for model.n. Else the name closest to `word` by edit distance, whatever the case, hyphens and underscores; NULL when none is near (more than a
 * third of its length, at least 2). Else the first name that ends in ".word": nu for model.nu. */
const char *scl_nearest_name(const char *word, const char *const *names, size_t n_names);

/* 64-bit FNV-1a of `bytes` bytes, continued from `hash` (start with SCL_FNV_START). Source: Fowler, Noll, Vo. */
#define SCL_FNV_START 0xcbf29ce484222325ULL
unsigned long long scl_fnv1a(unsigned long long hash, const void *data, size_t bytes);

#endif
