/* Errors: every function that can fail returns a status and fills a caller-owned message.
 *
 * The first message wins: code that meets an error while handling another keeps the cause. Positions (file:line:column)
 * and the numbers that explain the failure belong into the message. */
#ifndef SCL_BASE_ERROR_H
#define SCL_BASE_ERROR_H

/* status, process exit status, meaning; one list serves the enum, the names and the exit codes */
#define SCL_STATUS_LIST(X)                                                                                             \
    X(SCL_OK, 0, "done")                                                                                               \
    X(SCL_ERR_USAGE, 2, "the command line")                                                                            \
    X(SCL_ERR_CONFIG, 2, "a config file")                                                                              \
    X(SCL_ERR_INPUT, 2, "an input file or value of the user's")                                                        \
    X(SCL_ERR_PLAN, 2, "a results folder that holds another plan")                                                     \
    X(SCL_ERR_SHAPE, 3, "array shapes that do not fit (a bug)")                                                        \
    X(SCL_ERR_MEMORY, 3, "memory")                                                                                     \
    X(SCL_ERR_IO, 3, "a file the system would not read or write")                                                      \
    X(SCL_ERR_STORE, 3, "a damaged or locked trial store")                                                             \
    X(SCL_ERR_LAPACK, 3, "a LAPACK routine's own failure")                                                             \
    X(SCL_ERR_INTERNAL, 3, "a broken promise inside (a bug)")

typedef enum scl_status {
#define SCL_STATUS_ENUM(name, exit_status, meaning) name,
    SCL_STATUS_LIST(SCL_STATUS_ENUM)
#undef SCL_STATUS_ENUM
} scl_status;

typedef struct scl_error {
    scl_status status;
    char message[2048];
} scl_error;

#define SCL_CHECKED            __attribute__((warn_unused_result))
#define SCL_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

/* Records status and message unless an earlier error is already there; returns the status that is recorded.
 * `err` may be NULL: then only the status is returned. */
scl_status scl_error_set(scl_error *err, scl_status status, const char *format, ...) SCL_PRINTF(3, 4);

/* What to do about a system error, to end a message with: "; make room .." for a full disk, "" where nothing is known. */
const char *scl_error_advice(int cause);

/* Empties the record. */
void scl_error_clear(scl_error *err);

/* The exit status that a process ending with `status` returns (0, 2 or 3), and the status's name. */
int scl_status_exit(scl_status status);
const char *scl_status_name(scl_status status);

#endif
