/* Files for tests: a temporary folder that removes itself, whole files, and the fingerprint of a folder. */
#ifndef SCL_TESTS_BASE_FILES_H
#define SCL_TESTS_BASE_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char files_root[64];

/* For cmocka_run_group_tests: makes the folder that in_root() is about, removes it with all it holds. */
static inline int files_setup(void **state)
{
    (void)state;
    /* in memory where that is possible: stores flush to disk at every commit */
    const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(files_root, sizeof files_root, "%s/scl_test_XXXXXX", folder);
    return mkdtemp(files_root) ? 0 : -1;
}

/* "<folder>/<name>" */
static inline void join_path(char out[1024], const char *folder, const char *name)
{
    int length = snprintf(out, 1024, "%s/%s", folder, name);
    if (length < 0 || length >= 1024) fail_msg("%s: the path is too long", folder);
}

static inline void remove_tree(const char *path)
{
    struct stat about;
    if (lstat(path, &about) != 0) return;
    if (!S_ISDIR(about.st_mode)) {
        unlink(path);
        return;
    }
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        char inner[1024];
        join_path(inner, path, entry->d_name);
        remove_tree(inner);
    }
    if (folder) closedir(folder);
    rmdir(path);
}

static inline int files_teardown(void **state)
{
    (void)state;
    remove_tree(files_root);
    return 0;
}

/* "<root>/<name>"; one of eight buffers that are used in turn. */
static inline const char *in_root(const char *name)
{
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", files_root, name);
    return path;
}

static inline bool exists(const char *path)
{
    struct stat about;
    return lstat(path, &about) == 0;
}

/* The first name in a folder that holds `part`, NULL when there is none. */
static inline const char *first_with(const char *path, const char *part)
{
    static char found[256];
    found[0] = '\0';
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && !found[0] && (entry = readdir(folder));)
        if (strstr(entry->d_name, part)) snprintf(found, sizeof found, "%s", entry->d_name);
    if (folder) closedir(folder);
    return found[0] ? found : NULL;
}

static inline void write_bytes(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    if (!file) fail_msg("%s cannot be made", path);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static inline void write_text(const char *path, const char *text)
{
    write_bytes(path, text, strlen(text));
}

/* NUL-terminated, to be freed with free(); NULL when there is no such file. */
static inline char *read_bytes(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    size_t used = 0, capacity = 1 << 16;
    char *bytes = malloc(capacity + 1);
    for (size_t got; (got = fread(bytes + used, 1, capacity - used, file)) > 0;) {
        used += got;
        if (used == capacity) bytes = realloc(bytes, (capacity *= 2) + 1);
    }
    fclose(file);
    bytes[used] = '\0';
    if (length) *length = used;
    return bytes;
}

static inline void assert_same_file(const char *path, const char *bytes)
{
    char *found = read_bytes(path, NULL);
    if (!found) fail_msg("%s is missing", path);
    assert_string_equal(found, bytes);
    free(found);
}

static inline uint64_t mix_bytes(uint64_t hash, const void *data, size_t length)
{
    const unsigned char *byte = data;
    for (size_t i = 0; i < length; i++) hash = (hash ^ byte[i]) * 0x100000001b3u;
    return hash;
}

/* A number that changes when a name, a size, a byte or a time of change below `path` does; 0 when there is nothing. */
static inline uint64_t fingerprint(const char *path)
{
    struct stat about;
    if (lstat(path, &about) != 0) return 0;
    uint64_t hash = mix_bytes(0xcbf29ce484222325u, &about.st_mode, sizeof about.st_mode);
    hash = mix_bytes(hash, &about.st_mtim, sizeof about.st_mtim);
    if (!S_ISDIR(about.st_mode)) {
        size_t length = 0;
        char *bytes = read_bytes(path, &length);
        hash = bytes ? mix_bytes(hash, bytes, length) : hash;
        free(bytes);
        return hash;
    }
    uint64_t sum = 0; /* the order of a folder's entries is not defined */
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        char inner[1024];
        join_path(inner, path, entry->d_name);
        sum += mix_bytes(fingerprint(inner), entry->d_name, strlen(entry->d_name));
    }
    if (folder) closedir(folder);
    return mix_bytes(hash, &sum, sizeof sum);
}

#endif
