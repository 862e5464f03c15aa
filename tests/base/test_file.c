/* Files: writing replaces the file that is named and nothing else, and leaves nothing behind when it fails. */
#include "base/file.h"
#include "base/files.h"
#include "base/memory.h"

#include <signal.h>
#include <sys/resource.h>

/* Names in the root folder. */
static size_t count_names(void)
{
    size_t count = 0;
    DIR *folder = opendir(files_root);
    while (readdir(folder)) count++;
    closedir(folder);
    return count - 2; /* . and .. */
}

static void write_well(const char *path, const char *text)
{
    scl_error err = {0};
    if (scl_file_write(path, text, strlen(text), &err) != SCL_OK) fail_msg("%s", err.message);
}

static void a_users_files_are_left_alone(void **state)
{
    (void)state;
    static const char *const names[] = {"t.csv.part", "t.csv.tmp", "t.csv~", ".t.csv"};
    char next[64], longest[256];
    for (size_t i = 0; i < 4; i++) write_text(in_root(names[i]), "the user's");
    snprintf(next, sizeof next, ".spikedcl-%ld-0.part", (long)getpid()); /* what a run that was killed left */
    write_text(in_root(next), "the user's");
    write_well(in_root("t.csv"), "first");
    write_well(in_root("t.csv"), "second");
    assert_same_file(in_root("t.csv"), "second");
    for (size_t i = 0; i < 4; i++) assert_same_file(in_root(names[i]), "the user's");
    assert_same_file(in_root(next), "the user's");
    memset(longest, 'x', 255);
    longest[255] = '\0';
    write_well(in_root(longest), "a name of 255 bytes");
    assert_int_equal(count_names(), 7);
}

static void the_umask_rules(void **state)
{
    (void)state;
    struct stat about;
    mode_t before = umask(027);
    write_well(in_root("mode"), "");
    umask(before);
    assert_int_equal(stat(in_root("mode"), &about), 0);
    assert_int_equal(about.st_mode & 0777, 0640);
}

static void assert_fails(const char *name, const char *words)
{
    scl_error err = {0};
    size_t before = count_names();
    assert_int_equal(scl_file_write(in_root(name), "0123456789", 10, &err), SCL_ERR_IO);
    if (!strstr(err.message, name) || !strstr(err.message, words)) fail_msg("%s: says %s", name, err.message);
    assert_int_equal(count_names(), before);
    assert_int_equal(scl_memory_live(), 0);
}

static void a_failure_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(mkdir(in_root("folder"), 0700), 0);
    assert_fails("folder", "cannot be replaced: Is a directory");
    assert_fails("nowhere/t.csv", "cannot be created: No such file or directory");
    struct rlimit limit = {.rlim_cur = 5, .rlim_max = RLIM_INFINITY};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    assert_fails("full.csv", "cannot be written: File too large");
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &limit);
    assert_false(exists(in_root("full.csv")));
    scl_memory_fail_at(1);
    assert_int_equal(scl_file_write(in_root("t2.csv"), "", 0, NULL), SCL_ERR_MEMORY);
    scl_memory_fail_at(0);
    assert_false(exists(in_root("t2.csv")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_users_files_are_left_alone),
        cmocka_unit_test(the_umask_rules),
        cmocka_unit_test(a_failure_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
