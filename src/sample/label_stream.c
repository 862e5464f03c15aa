/* Streams of labelled sets and test sets: see labels.h. */
#include "sample/labels.h"

#include <stdio.h>

static scl_status make(scl_stream *stream, const scl_label_source *source, const char *set, scl_error *err)
{
    char text[SCL_LABEL_TEXT];
    int length = snprintf(text, sizeof text, "set=%s\n%s", set, source->text);
    if (length < 0 || (size_t)length >= sizeof text)
        return scl_error_set(err, SCL_ERR_INTERNAL, "the draw text of labels has %d characters, need fewer than %d",
                             length, SCL_LABEL_TEXT);
    *stream = scl_stream_make(source->seed, source->role, text, source->replicate);
    return SCL_OK;
}

scl_status scl_label_stream(scl_stream *stream, const scl_label_source *source, size_t set, scl_error *err)
{
    char number[24];
    snprintf(number, sizeof number, "%zu", set + 1);
    return make(stream, source, number, err);
}

scl_status scl_test_stream(scl_stream *stream, const scl_label_source *source, scl_error *err)
{
    return make(stream, source, "test", err);
}
