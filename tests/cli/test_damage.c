/* A store that was damaged at a random place: either the summary is the same, or the damage is refused with status 3 and what to do,
 * and doing it gives the same summary to the byte. Wrong numbers are never read. */
#include "cli/program.h"

static const char *const config =
    "name: small\nreplicates: 300\nseed: 3\nmodel: {d: 8, r: 2, noise: {profile: linear, ratio: 2}}\n"
    "sample: {n: 50}\nestimators: [pca, contrastive, random]\n"
    "metrics: [sin-theta-f, cos2, top-eigenvalue]\nsweep: {sample.n: [50, 60, inf]}\n";

static char *wanted; /* the summary */
static char *store;  /* the finished store */
static size_t length;

static int setup(void **state)
{
    if (files_setup(state) != 0) return -1;
    write_text(in_root("c.yaml"), config);
    outcome o = shell("$S run c.yaml --jobs 2");
    int status = o.status;
    outcome_free(&o);
    wanted = read_bytes(in_root("runs/small/summary.csv"), NULL);
    store = read_bytes(in_root("runs/small/trials.sqlite"), &length);
    return status != 0 || !wanted || !store;
}

static int teardown(void **state)
{
    free(wanted);
    free(store);
    return files_teardown(state);
}

static uint64_t bits = 20211006;
static uint64_t draw(uint64_t below)
{
    bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
    return (bits >> 11) % below;
}

typedef struct tally {
    size_t same, rerun, fresh; /* nothing lost; refused, then run again in part; refused, then all anew */
} tally;

static void plant(const char *bytes, size_t n)
{
    remove_tree(in_root("runs/small"));
    assert_int_equal(mkdir(in_root("runs/small"), 0777), 0);
    write_bytes(in_root("runs/small/trials.sqlite"), bytes, n);
}

/* Ends with 3, names the file and the way out, and writes nothing. */
static void assert_refused(const char *command)
{
    uint64_t before = fingerprint(files_root);
    outcome o = shell(command);
    if (o.status != 3 || !strstr(o.err, "runs/small/trials.sqlite: ") || !strstr(o.err, "`spikedcl run c.yaml"))
        fail_msg("%s: exit %d: %s", command, o.status, o.err);
    outcome_free(&o);
    if (fingerprint(files_root) != before) fail_msg("%s: changed something", command);
}

/* Runs again and compares; `anew` as the refusal said. */
static void assert_restored(bool anew, const char *what)
{
    outcome o = shell(anew ? "$S run c.yaml --fresh --jobs 1" : "$S run c.yaml --jobs 1");
    if (o.status != 0) fail_msg("%s: exit %d: %s", what, o.status, o.err);
    if (!anew && !strstr(o.err, " was damaged: ")) fail_msg("%s: no warning: %s", what, o.err);
    outcome_free(&o);
    assert_same_file(in_root("runs/small/summary.csv"), wanted);
    if (!anew) assert_true(exists(in_root("runs/small/trials.sqlite.damaged-1")));
    if (anew) assert_true(exists(in_root("runs/small.old-1/trials.sqlite"))); /* moved aside, not deleted */
    remove_tree(in_root("runs/small.old-1"));
}

static void check_damaged(tally *t, const char *bytes, size_t n, const char *what)
{
    plant(bytes, n);
    write_text(in_root("runs/small/run.lock"), "");
    uint64_t before = fingerprint(files_root);
    outcome o = shell("$S summarise c.yaml");
    int status = o.status;
    bool anew = strstr(o.err, "--fresh`") != NULL;
    if (status != 0 && (status != 3 || fingerprint(files_root) != before))
        fail_msg("%s: exit %d, or something was changed: %s%s", what, status, o.out, o.err);
    if (getenv("SCL_FLIPS") && status) print_message("%s: %s", what, o.err);
    outcome_free(&o);
    if (status == 0) { /* nothing that matters was hit */
        assert_same_file(in_root("runs/small/summary.csv"), wanted);
        t->same++;
        outcome again = shell("$S run c.yaml --jobs 1");
        if (again.status != 0) fail_msg("%s: exit %d: %s", what, again.status, again.err);
        outcome_free(&again);
        assert_same_file(in_root("runs/small/summary.csv"), wanted);
        return;
    }
    assert_refused(t->rerun % 2 ? "$S status c.yaml" : "$S export c.yaml --out trials.csv");
    if (anew) assert_refused("$S run c.yaml --jobs 1");
    assert_restored(anew, what);
    t->fresh += anew;
    t->rerun += !anew;
}

/* SCL_FLIPS makes it more than fifty. */
static void flipped_bytes_are_found(void **state)
{
    (void)state;
    const char *more = getenv("SCL_FLIPS");
    long flips = more ? strtol(more, NULL, 10) : 50;
    for (int i = 0; i < 4; i++) (void)draw(2); /* let the generator leave its small seed */
    char *bytes = malloc(length), what[80];
    tally t = {0};
    for (long i = 0; i < flips; i++) {
        size_t at = draw(length);
        unsigned char mask = (unsigned char)(1 + draw(255));
        memcpy(bytes, store, length);
        bytes[at] = (char)((unsigned char)bytes[at] ^ mask);
        snprintf(what, sizeof what, "byte %zu of %zu, xor %02x", at, length, mask);
        check_damaged(&t, bytes, length, what);
    }
    free(bytes);
    print_message("%zu flips: %zu changed nothing, %zu ran jobs again, %zu everything\n", (size_t)flips, t.same,
                  t.rerun, t.fresh);
    assert_true(t.rerun > (size_t)flips / 2); /* most of a store is rows: their jobs alone run again */
}

static void cut_files_are_found(void **state)
{
    (void)state;
    char what[80];
    tally t = {0};
    for (int i = 0; i < 15; i++) {
        size_t kept = i == 0 ? 1 : i == 1 ? length - 1 : 1 + draw(length - 1);
        snprintf(what, sizeof what, "%zu bytes of %zu", kept, length);
        check_damaged(&t, store, kept, what);
    }
    assert_int_equal(t.same, 0);
}

int main(int argc, char **argv)
{
    (void)argc;
    program_beside(argv[0]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flipped_bytes_are_found),
        cmocka_unit_test(cut_files_are_found),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
