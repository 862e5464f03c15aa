/* Files: whole-file reading and atomic writing, with the system's reason in every message. */
#ifndef SCL_BASE_FILE_H
#define SCL_BASE_FILE_H

#include "base/error.h"

#include <stddef.h>

/* Reads a whole file into a NUL-terminated block (free with scl_free); `length` excludes the NUL.
 * SCL_ERR_INPUT when it does not exist, is no regular file (folder, pipe, device) or may not be read; SCL_ERR_IO when
 * reading fails. */
scl_status scl_file_read(char **content, size_t *length, const char *path, scl_error *err) SCL_CHECKED;

/* Writes atomically: a file of a new name beside `path`, flushed to disk, renamed over it. No other file is touched, and after
 * an error none is left. */
scl_status scl_file_write(const char *path, const char *content, size_t length, scl_error *err) SCL_CHECKED;

/* SCL_ERR_INPUT where anything is at `path`, be it a link to nothing: what `command` writes replaces nothing. */
scl_status scl_file_is_new(const char *path, const char *command, scl_error *err) SCL_CHECKED;

/* Creates a folder and its parents where missing. */
scl_status scl_folder_make(const char *path, scl_error *err) SCL_CHECKED;

#endif
