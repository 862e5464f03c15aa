/* Draw texts: the canonical `key=value` lines that name a random draw. */
#ifndef SCL_STUDY_DRAW_TEXT_H
#define SCL_STUDY_DRAW_TEXT_H

#include "base/text.h"
#include "study/config.h"

/* One key of a cell with its canonical value. */
typedef struct scl_draw_key {
    const char *key;
    char value[96];
} scl_draw_key;

enum { SCL_MAX_DRAW_KEYS = 32 };

/* The keys a cell's data are a function of (model keys and sample keys), sorted; returns how many. */
size_t scl_draw_keys(scl_draw_key keys[SCL_MAX_DRAW_KEYS], const scl_settings *settings);

/* The value of a key (length bytes) in the texts that leave it out: what the program did before the key existed. NULL when it is
 * left out because the draw does not depend on it. */
const char *scl_draw_left_out(const char *key, size_t length);

/* MODEL's texts for the loadings and for noise variances, TASK's text, DATA's text. Lines "key=value", sorted, separated by newlines;
 * MODEL's begin with the line "object=loadings" or "object=noise". The noise text is meant for noise that is random, the task text for weights that are. */
scl_status scl_draw_text_loadings(scl_text *text, const scl_settings *settings, scl_error *err) SCL_CHECKED;
scl_status scl_draw_text_noise(scl_text *text, const scl_settings *settings, scl_error *err) SCL_CHECKED;
scl_status scl_draw_text_task(scl_text *text, const scl_settings *settings, scl_error *err) SCL_CHECKED;
scl_status scl_draw_text_data(scl_text *text, const scl_settings *settings, scl_error *err) SCL_CHECKED;

/* "name" or "name{option=value,...}": options at their defaults are left out, so a new option moves no stream. */
scl_status scl_draw_text_estimator(scl_text *text, const scl_estimator_use *use, scl_error *err) SCL_CHECKED;

#endif
