/* Options of estimators as configs write them. */
#include "estimate/estimate.h"

#include <stdio.h>

const char *scl_option_show(char number[SCL_NUMBER_CHARS], const scl_option *option, double value)
{
    return option->words ? option->words[(size_t)value] : scl_number_shortest(number, value);
}

const char *scl_option_allowed(char out[SCL_OPTION_CHARS], const scl_option *option)
{
    char low[SCL_NUMBER_CHARS], high[SCL_NUMBER_CHARS];
    if (!option->words) {
        snprintf(out, SCL_OPTION_CHARS, "%snumber, %s to %s", option->whole ? "whole " : "",
                 scl_number_shortest(low, option->low), scl_number_shortest(high, option->high));
        return out;
    }
    size_t used = 0;
    for (size_t i = 0; option->words[i] && used < SCL_OPTION_CHARS; i++)
        used += (size_t)snprintf(out + used, SCL_OPTION_CHARS - used, "%s%s", i ? ", " : "one of ", option->words[i]);
    return out;
}
