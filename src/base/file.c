/* Files: see file.h. */
#include "base/file.h"

#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

scl_status scl_file_read(char **content, size_t *length, const char *path, scl_error *err)
{
    *content = NULL;
    *length = 0;
    /* without O_NONBLOCK a pipe that nobody writes to would be waited for; a device may have no end */
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0) return scl_error_set(err, SCL_ERR_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    scl_status status = SCL_OK;
    size_t capacity = 0;
    struct stat about;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        status = scl_error_set(err, SCL_ERR_INPUT, "%s: is a %s, not a file", path,
                               S_ISDIR(about.st_mode) ? "folder" : "pipe or a device");
        goto done;
    }
    for (ssize_t got = -1; got != 0;) {
        status = scl_grow((void **)content, &capacity, *length + 65536, 1, err);
        if (status != SCL_OK) goto done;
        got = read(file, *content + *length, 65535);
        if (got > 0) *length += (size_t)got;
        if (got >= 0 || errno == EINTR) continue;
        status = scl_error_set(err, SCL_ERR_IO, "%s: reading failed: %s", path, strerror(errno));
        goto done;
    }
    (*content)[*length] = '\0';
done:
    close(file);
    if (status != SCL_OK) {
        scl_free(*content);
        *content = NULL;
        *length = 0;
    }
    return status;
}

static scl_status write_all(int file, const char *content, size_t length, const char *path, scl_error *err)
{
    while (length > 0) {
        ssize_t written = write(file, content, length);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0)
            return scl_error_set(err, SCL_ERR_IO, "%s: cannot be written: %s%s", path, strerror(errno),
                                 scl_error_advice(errno));
        content += written;
        length -= (size_t)written;
    }
    if (fsync(file) != 0)
        return scl_error_set(err, SCL_ERR_IO, "%s: cannot be flushed to disk: %s%s", path, strerror(errno),
                             scl_error_advice(errno));
    return SCL_OK;
}

/* Makes a file beside `path` under a name that nothing has; mkstemp would give it to its owner alone, whatever the umask. */
static scl_status open_beside(int *file, scl_text *name, const char *path, scl_error *err)
{
    enum { MOST_TRIES = 1000 };
    const char *slash = strrchr(path, '/');
    *file = -1;
    for (int i = 0; i < MOST_TRIES && *file < 0; i++) {
        name->length = 0;
        scl_status status = scl_text_add(name, err, "%.*s.spikedcl-%ld-%d.part", slash ? (int)(slash + 1 - path) : 0,
                                         path, (long)getpid(), i);
        if (status != SCL_OK) return status;
        *file = open(name->data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (*file < 0 && errno != EEXIST) break;
    }
    if (*file >= 0) return SCL_OK;
    return scl_error_set(err, SCL_ERR_IO, "%s: cannot be created: %s%s", path, strerror(errno),
                         scl_error_advice(errno));
}

scl_status scl_file_write(const char *path, const char *content, size_t length, scl_error *err)
{
    scl_text temporary = {0};
    int file = -1;
    scl_status status = open_beside(&file, &temporary, path, err);
    if (status != SCL_OK) goto done;
    status = write_all(file, content, length, path, err);
    if (close(file) != 0 && status == SCL_OK)
        status = scl_error_set(err, SCL_ERR_IO, "%s: cannot be closed: %s%s", path, strerror(errno),
                               scl_error_advice(errno));
    if (status == SCL_OK && rename(temporary.data, path) != 0)
        status = scl_error_set(err, SCL_ERR_IO, "%s: cannot be replaced: %s%s", path, strerror(errno),
                               scl_error_advice(errno));
    if (status != SCL_OK) unlink(temporary.data);
done:
    scl_text_free(&temporary);
    return status;
}

scl_status scl_folder_make(const char *path, scl_error *err)
{
    scl_text partial = {0};
    scl_status status = scl_text_add(&partial, err, "%s", path);
    if (status != SCL_OK) return status;
    for (char *slash = partial.data + 1; status == SCL_OK; slash++) {
        if (*slash != '/' && *slash != '\0') continue;
        char kept = *slash;
        *slash = '\0';
        struct stat about;
        if (mkdir(partial.data, 0777) != 0 &&
            !(errno == EEXIST && stat(partial.data, &about) == 0 && S_ISDIR(about.st_mode)))
            status = scl_error_set(err, SCL_ERR_IO, "%s: folder cannot be made: %s%s", partial.data,
                                   errno == EEXIST ? "a file of that name is in the way" : strerror(errno),
                                   scl_error_advice(errno));
        *slash = kept;
        if (kept == '\0') break;
    }
    scl_text_free(&partial);
    return status;
}

scl_status scl_file_is_new(const char *path, const char *command, scl_error *err)
{
    struct stat about;
    if (lstat(path, &about) != 0) return SCL_OK;
    return scl_error_set(err, SCL_ERR_INPUT, "%s: exists already; %s replaces nothing, remove it or name another file",
                         path, command);
}
