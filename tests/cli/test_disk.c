/* A full disk at random points of a run: exit status 3 and a message that names the file and what to do; nothing that was committed
 * is lost, nothing half-written is left to be read, and with room again the same command goes on to the same bytes. The disk is
 * a small tmpfs where one can be mounted, and a limit on file sizes everywhere. SCL_DISKS makes it more than a few points. */
#include "cli/program.h"

#include <sys/mount.h>

/* A store of some megabytes, more than a second of jobs on two workers: some points lie behind a commit. */
static const char *const config =
    "name: full\nreplicates: 6000\nseed: 5\nmodel: {d: 24, r: 2, noise: {profile: linear, ratio: 2}}\n"
    "sample: {n: 50}\nestimators: [pca, contrastive, random]\nmetrics: [sin-theta-f, cos2]\nredraw: replicate\n"
    "sweep: {sample.n: [50, 60]}\nfigure: {x: n, y: cos2}\n";

static char *wanted; /* the summary of an undisturbed run */
static size_t store_bytes;

static int teardown(void **state)
{
    free(wanted);
    umount(in_root("disk"));
    return files_teardown(state);
}

static int setup(void **state)
{
    if (files_setup(state) != 0) return -1;
    write_text(in_root("c.yaml"), config);
    outcome o = shell("$S run c.yaml --results whole --jobs 2");
    if (o.status != 0) fprintf(stderr, "%s", o.err);
    struct stat about;
    int status = o.status;
    outcome_free(&o);
    wanted = read_bytes(in_root("whole/full/summary.csv"), NULL);
    if (status != 0 || !wanted || stat(in_root("whole/full/trials.sqlite"), &about) != 0) return -1;
    store_bytes = (size_t)about.st_size;
    return 0;
}

static uint64_t bits = 20211006;
static size_t draw(size_t below)
{
    bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
    return (size_t)((bits >> 11) % below);
}

static size_t points(size_t quick)
{
    const char *more = getenv("SCL_DISKS");
    return more ? strtoul(more, NULL, 10) : quick;
}

/* A random point of the i-th of n parts, so that few points lie at the beginning as well as behind commits. */
static size_t point(size_t i, size_t n, size_t whole)
{
    return (i * whole + draw(whole)) / n;
}

/* The jobs that are in the store. */
static size_t jobs_done(void)
{
    size_t done = 0, total = 0;
    outcome o = shell("$S status c.yaml --results disk");
    bool nothing_yet = o.status == 2 && (strstr(o.err, "never started") || strstr(o.err, "no trials yet"));
    if (!nothing_yet && (o.status > 1 || sscanf(o.out, "full: %zu of %zu jobs done", &done, &total) != 2))
        fail_msg("status: exit %d: %s%s", o.status, o.out, o.err);
    outcome_free(&o);
    return done;
}

static void assert_nothing_half_written(void)
{
    if (!exists(in_root("disk/full"))) return;
    const char *part = first_with(in_root("disk/full"), ".part");
    if (part) fail_msg("left: %s", part);
    assert_false(exists(in_root("disk/full/summary.csv")));
}

static void assert_says_what_to_do(const outcome *o, size_t room)
{
    if (o->status != 3 || !strstr(o->err, "disk/full") ||
        !strstr(o->err, "make room there, then give the same command again"))
        fail_msg("room for %zu bytes: exit %d: %s", room, o->status, o->err);
}

/* With room again. */
static void assert_goes_on(size_t done)
{
    size_t resumed = 0;
    outcome o = shell("$S run c.yaml --results disk --jobs 2");
    if (o.status != 0) fail_msg("exit %d: %s", o.status, o.err);
    if (done > 0 && (sscanf(o.out, "full: resumed, %zu of", &resumed) != 1 || resumed != done))
        fail_msg("%zu jobs were there: %s", done, o.out);
    outcome_free(&o);
    assert_same_file(in_root("disk/full/summary.csv"), wanted);
}

static bool mount_disk(size_t bytes)
{
    char size[40];
    snprintf(size, sizeof size, "size=%zu", bytes);
    mkdir(in_root("disk"), 0777);
    return mount("tmpfs", in_root("disk"), "tmpfs", 0, size) == 0;
}

static void give_room(void)
{
    assert_int_equal(mount("tmpfs", in_root("disk"), "tmpfs", MS_REMOUNT, "size=32m"), 0);
}

static void unmount_disk(void)
{
    assert_int_equal(umount(in_root("disk")), 0);
    remove_tree(in_root("disk"));
}

static void skip_without_mount(void)
{
    print_message("skipped: no tmpfs can be mounted here\n");
    skip();
}

static void a_full_disk_loses_nothing(void **state)
{
    (void)state;
    enum { PAGE = 4096 };
    size_t n = points(3), with_rows = 0;
    for (int i = 0; i < 4; i++) (void)draw(2); /* let the generator leave its small seed */
    for (size_t i = 0; i < n; i++) {
        size_t room = PAGE + point(i, n, store_bytes - PAGE);
        if (!mount_disk(room)) skip_without_mount();
        outcome o = shell("$S run c.yaml --results disk --jobs 2");
        assert_says_what_to_do(&o, room);
        outcome_free(&o);
        assert_nothing_half_written();
        size_t done = jobs_done();
        with_rows += done > 0;
        give_room();
        assert_goes_on(done);
        unmount_disk();
    }
    print_message("%zu full disks, %zu of them behind a commit\n", n, with_rows);
}

static void a_file_size_limit_loses_nothing(void **state)
{
    (void)state;
    enum { BLOCK = 512 };
    size_t n = points(1), with_rows = 0;
    for (size_t i = 0; i < n; i++) {
        char command[128];
        size_t room = BLOCK * point(i, n, store_bytes / BLOCK);
        snprintf(command, sizeof command, "ulimit -f %zu; $S run c.yaml --results disk --jobs 2", room / BLOCK);
        outcome o = shell(command);
        assert_says_what_to_do(&o, room);
        outcome_free(&o);
        assert_nothing_half_written();
        size_t done = jobs_done();
        with_rows += done > 0;
        assert_goes_on(done);
        remove_tree(in_root("disk"));
    }
    print_message("%zu limits, %zu of them behind a commit\n", n, with_rows);
}

/* What reads a finished study leaves it as it was. */
static void a_full_disk_spoils_no_results(void **state)
{
    (void)state;
    if (!mount_disk(16 << 20)) skip_without_mount();
    outcome o = shell("cp -r whole/full disk && cat /dev/zero >disk/filler");
    outcome_free(&o);
    uint64_t before = fingerprint(in_root("disk/full"));
    static const char advice[] = "make room there, then give the same command again";
    SAYS("$S summarise c.yaml --results disk", 3, "disk/full/", advice);
    SAYS("$S export c.yaml --results disk --out disk/trials.csv", 3, "disk/trials.csv", advice);
    SAYS("$S plot c.yaml --results disk", 3, "disk/full.", advice);
    SAYS("$S run c.yaml --results disk", 3, "disk/full/", advice);
    assert_false(exists(in_root("disk/trials.csv")) || exists(in_root("disk/full.svg")) ||
                 exists(in_root("disk/full.png")));
    WRITES_NOTHING("$S status c.yaml --results disk", "full: 12000 of 12000 jobs done");
    assert_true(first_with(in_root("disk"), ".part") == NULL && first_with(in_root("disk/full"), ".part") == NULL);
    assert_true(before != 0);
    assert_same_file(in_root("disk/full/summary.csv"), wanted);
    unlink(in_root("disk/filler"));
    SAYS("$S summarise c.yaml --results disk", 0, "full: disk/full/summary.csv");
    assert_same_file(in_root("disk/full/summary.csv"), wanted);
    unmount_disk();
}

int main(int argc, char **argv)
{
    (void)argc;
    program_beside(argv[0]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_disk_loses_nothing),
        cmocka_unit_test(a_file_size_limit_loses_nothing),
        cmocka_unit_test(a_full_disk_spoils_no_results),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
