/* Errors: see error.h. */
#include "base/error.h"

#include <errno.h>
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
    for (char *byte = err->message; *byte; byte++) /* messages quote what files hold; it must not steer a terminal */
        if (((unsigned char)*byte < ' ' && *byte != '\n') || *byte == 0x7F) *byte = '?';
    return status;
}

const char *scl_error_advice(int cause)
{
    switch (cause) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return "; make room there, then give the same command again";
    case EROFS:
    case EACCES:
    case EPERM:
        return "; change its permissions or name another folder";
    default:
        return "";
    }
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
