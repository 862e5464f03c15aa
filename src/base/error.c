/* Errors: see error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

scl_status scl_error_set(scl_error *err, scl_status status, const char *format, ...)
{
    if (!err) return status;
    if (err->status != SCL_OK) return err->status;
    err->status = status;
    va_list args;
    va_start(args, format);
    vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    return status;
}

void scl_error_clear(scl_error *err)
{
    err->status = SCL_OK;
    err->message[0] = '\0';
}

int scl_status_exit(scl_status status)
{
    switch (status) {
#define SCL_STATUS_EXIT(name, exit_status, meaning)                                                                    \
    case name:                                                                                                         \
        return exit_status;
        SCL_STATUS_LIST(SCL_STATUS_EXIT)
#undef SCL_STATUS_EXIT
    }
    return 3;
}

const char *scl_status_name(scl_status status)
{
    switch (status) {
#define SCL_STATUS_NAME(name, exit_status, meaning)                                                                    \
    case name:                                                                                                         \
        return #name;
        SCL_STATUS_LIST(SCL_STATUS_NAME)
#undef SCL_STATUS_NAME
    }
    return "unknown status";
}
