/* Shards: every job belongs to one of m, their names are read back and nothing else is, and a provenance keeps what it says of
 * merged shards. */
#include "study/studies.h"

#include "base/file.h"
#include "study/provenance.h"
#include "study/shard.h"

static void every_job_is_in_one_shard(void **state)
{
    (void)state;
    for (size_t n_jobs = 0; n_jobs < 40; n_jobs++)
        for (size_t count = 1; count < 12; count++) {
            size_t all = 0;
            for (size_t index = 1; index <= count; index++) {
                scl_shard shard = {index, count};
                size_t own = 0;
                for (size_t job = 0; job < n_jobs; job++) {
                    assert_int_equal(scl_shard_has(shard, job), job % count == index - 1);
                    own += scl_shard_has(shard, job);
                }
                assert_int_equal(scl_shard_jobs(shard, n_jobs), own);
                all += own;
            }
            assert_int_equal(all, n_jobs);
        }
    assert_int_equal(scl_shard_jobs((scl_shard){0}, 17), 17);
    assert_true(scl_shard_has((scl_shard){0}, 16));
}

static void names_are_read_back_and_no_others(void **state)
{
    (void)state;
    static const char *const bad[] = {"",        "1",     "0/3",  "4/3",  "1/0",  "-1/3",  "1/-3",
                                      "1/3 ",    " 1/3",  "+1/3", "01/3", "1/03", "1//3",  "1/3/",
                                      "1/10001", "1.0/3", "a/b",  "1/",   "/3",   "1e0/3", "99999999999999999999/3"};
    scl_shard shard;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (scl_shard_parse(&shard, bad[i])) fail_msg("\"%s\" was taken for a shard", bad[i]);
    static const scl_shard good[] = {{1, 1}, {3, 3}, {2, 17}, {10000, 10000}};
    for (size_t i = 0; i < 4; i++) {
        char text[32], name[SCL_SHARD_CHARS];
        snprintf(text, sizeof text, "%zu/%zu", good[i].index, good[i].count);
        assert_true(scl_shard_parse(&shard, text));
        assert_true(shard.index == good[i].index && shard.count == good[i].count);
        shard = (scl_shard){0};
        assert_true(scl_shard_named(&shard, scl_shard_name(name, good[i])));
        assert_true(shard.index == good[i].index && shard.count == good[i].count);
    }
    static const char *const others[] = {"shard-1-of-3.old-1", "shard-4-of-3",  "shard-1-of-",
                                         "shard-01-of-3",      "xshard-1-of-3", "shard-1/3"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (scl_shard_named(&shard, others[i])) fail_msg("%s was taken for a shard's folder", others[i]);
}

static void folders_are_listed_in_order(void **state)
{
    (void)state;
    scl_shard *shards = NULL;
    size_t n = 9;
    scl_error err = {0};
    WELL(scl_shard_list(&shards, &n, in_root("none"), &err), &err);
    assert_int_equal(n, 0);
    scl_free(shards);
    static const char *const folders[] = {"list",
                                          "list/shard-2-of-10",
                                          "list/shard-1-of-2",
                                          "list/shard-10-of-10",
                                          "list/shard-1-of-10",
                                          "list/shard-1-of-2.old-1",
                                          "list/other"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        WELL(scl_folder_make(in_root(folders[i]), &err), &err);
    write_text(in_root("list/shard-1-of-7"), "somebody's notes");
    WELL(scl_shard_list(&shards, &n, in_root("list"), &err), &err);
    assert_int_equal(n, 4);
    static const scl_shard wanted[] = {{1, 2}, {1, 10}, {2, 10}, {10, 10}};
    for (size_t i = 0; i < 4; i++)
        assert_true(shards[i].index == wanted[i].index && shards[i].count == wanted[i].count);
    scl_free(shards);
    write_text(in_root("file"), "");
    assert_int_equal(scl_shard_list(&shards, &n, in_root("file"), &err), SCL_ERR_IO);
    assert_int_equal(scl_memory_live(), 0);
}

static void a_provenance_keeps_its_shards(void **state)
{
    (void)state;
    static const char earlier[] = "experiment: x\nmerged: shard-1-of-2, 3 rows\n  experiment: x\n  seed=1\n"
                                  "merged: shard-2-of-2, 1 row\n  machine: y\nsummary: the first 2\n  not of a shard\n";
    scl_text text = {0};
    scl_error err = {0};
    WELL(scl_provenance_keep(&text, earlier, NULL, 0, &err), &err);
    assert_string_equal(text.data,
                        "merged: shard-1-of-2, 3 rows\n  experiment: x\n  seed=1\nmerged: shard-2-of-2, 1 row\n"
                        "  machine: y\n");
    scl_text_free(&text);
    const char *but[] = {"shard-1-of-20", "shard-1-of-2"};
    WELL(scl_provenance_keep(&text, earlier, but, 2, &err), &err);
    WELL(scl_provenance_merged(&text, "shard-1-of-2", 7, "a: b\nc", &err), &err);
    assert_string_equal(text.data,
                        "merged: shard-2-of-2, 1 row\n  machine: y\nmerged: shard-1-of-2, 7 rows\n  a: b\n  c\n");
    scl_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_job_is_in_one_shard),
        cmocka_unit_test(names_are_read_back_and_no_others),
        cmocka_unit_test(folders_are_listed_in_order),
        cmocka_unit_test(a_provenance_keeps_its_shards),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
