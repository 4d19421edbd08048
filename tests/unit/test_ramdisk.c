/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The RAM disk (runtime/drivers/ramdisk.c): what the common archivers write is read, paths are
 * resolved as POSIX says, and an archive that is damaged or cut off gives one clear line.
 *
 *   cc -std=gnu11 -Iruntime tests/unit/test_ramdisk.c $(pkg-config --cflags --libs check)
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/ramdisk.c"

static char archive[1 << 20];
static size_t archive_len;

const void *domain_ramdisk(size_t *len)
{
    *len = archive_len;
    return archive_len ? archive : NULL;
}

static void setup(void)
{
    /* The index of the test before, if they run in one process. */
    free(table);
    table = NULL;
    table_size = table_used = 0;
    last_inode = 1;
    root.first = root.last = NULL;
    root.links = 2;
    root.mode = 0755;
    memset(archive, 0, sizeof archive);
    archive_len = 0;
}

static void seal(struct tar_header *h)
{
    unsigned sum = 0;

    memset(h->checksum, ' ', sizeof h->checksum);
    for (size_t i = 0; i < BLOCK; i++)
        sum += ((unsigned char *)h)[i];
    snprintf(h->checksum, sizeof h->checksum, "%06o", sum);
}

/* Appends a member; returns its header for tests that spoil it. */
static struct tar_header *put(char type, const char *name, const char *link, const void *data,
                              size_t size)
{
    struct tar_header *h = (struct tar_header *)(archive + archive_len);

    strncpy(h->name, name, sizeof h->name);
    strncpy(h->linkname, link, sizeof h->linkname);
    strcpy(h->mode, type == '5' ? "0000750" : "0000640");
    strcpy(h->uid, "0000012");
    strcpy(h->gid, "0000013");
    snprintf(h->size, sizeof h->size, "%011zo", size);
    strcpy(h->mtime, "11145401322"); /* 1234567890 */
    h->type = type;
    memcpy(h->magic,
           "ustar\0"
           "00",
           8);
    seal(h);
    archive_len += BLOCK;
    memcpy(archive + archive_len, data, size);
    archive_len += (size + BLOCK - 1) / BLOCK * BLOCK;
    return h;
}

static void put_file(const char *name, const char *text) { put('0', name, "", text, strlen(text)); }

static void finish(void) { archive_len += 2 * BLOCK; }

static void mounts(void)
{
    const char *error = ramdisk_mount();

    ck_assert_msg(!error, "%s", error ? error : "");
}

static struct ramdisk_node *at(const char *path)
{
    struct ramdisk_node *n;

    return ramdisk_find(ramdisk_root(), path, true, &n) == 0 ? n : NULL;
}

static int error_at(const char *path)
{
    struct ramdisk_node *n;

    return ramdisk_find(ramdisk_root(), path, true, &n);
}

static bool holds(const char *path, const char *text)
{
    struct ramdisk_node *n = at(path);

    return n && n->type == RAMDISK_FILE && n->size == strlen(text) &&
           !memcmp(n->data, text, n->size);
}

START_TEST(no_archive_is_an_empty_root)
{
    mounts();
    ck_assert_ptr_eq(at("/"), ramdisk_root());
    ck_assert_ptr_eq(at("."), ramdisk_root());
    ck_assert_ptr_eq(at("/.."), ramdisk_root());
    ck_assert_ptr_null(ramdisk_root()->first);
    ck_assert_int_eq(error_at("/a"), -ENOENT);
    ck_assert_int_eq(error_at(""), -ENOENT);
}
END_TEST

START_TEST(files_and_their_attributes)
{
    struct ramdisk_node *n;

    put('5', "./", "", "", 0);
    put_file("./a", "alpha");
    put('5', "./d/", "", "", 0);
    put_file("./d/b", "");
    finish();
    mounts();
    ck_assert(holds("/a", "alpha"));
    ck_assert(holds("a", "alpha"));
    ck_assert(holds("//./d/../a", "alpha"));
    ck_assert(holds("/d/b", ""));
    n = at("/a");
    ck_assert_uint_eq(n->mode, 0640);
    ck_assert_uint_eq(n->uid, 10);
    ck_assert_uint_eq(n->gid, 11);
    ck_assert_int_eq(n->mtime, 1234567890);
    ck_assert_uint_eq(n->links, 1);
    ck_assert_uint_ne(n->inode, at("/d/b")->inode);
    ck_assert_uint_eq(at("/d")->mode, 0750);
    ck_assert_int_eq(error_at("/a/x"), -ENOTDIR);
    ck_assert_int_eq(error_at("/a/"), -ENOTDIR);
    ck_assert_int_eq(error_at("/d/x"), -ENOENT);
    ck_assert_int_eq(error_at("/x/y"), -ENOENT);
}
END_TEST

START_TEST(directories_are_implied_by_paths)
{
    put_file("x/y/z", "deep");
    put_file("x/w", "wide");
    mounts(); /* blocks at the end are not needed */
    ck_assert(holds("/x/y/z", "deep"));
    ck_assert_int_eq(at("/x")->type, RAMDISK_DIRECTORY);
    ck_assert_uint_eq(at("/x")->mode, 0755);
    ck_assert(holds("/x/y/../w", "wide"));
}
END_TEST

START_TEST(listing_has_the_archives_order)
{
    const char *const names[] = {"zeta", "alpha", "mid"};
    struct ramdisk_node *n;

    for (int i = 0; i < 3; i++)
        put_file(names[i], names[i]);
    mounts();
    n = ramdisk_root()->first;
    for (int i = 0; i < 3; i++, n = n->next)
        ck_assert(n->name_len == strlen(names[i]) && !memcmp(n->name, names[i], n->name_len));
    ck_assert_ptr_null(n);
}
END_TEST

START_TEST(links)
{
    struct ramdisk_node *n;

    put_file("d/target", "text");
    put('2', "d/rel", "target", "", 0);
    put('2', "abs", "/d/target", "", 0);
    put('2', "dir", "d", "", 0);
    put('2', "up", "d/../d/rel", "", 0);
    put('2', "loop", "loop", "", 0);
    put('2', "nowhere", "missing", "", 0);
    put('1', "hard", "./d/target", "", 0);
    mounts();
    ck_assert(holds("/d/rel", "text"));
    ck_assert(holds("/abs", "text"));
    ck_assert(holds("/dir/target", "text"));
    ck_assert(holds("/up", "text"));
    ck_assert(holds("/hard", "text"));
    ck_assert_int_eq(error_at("/loop"), -ELOOP);
    ck_assert_int_eq(error_at("/loop/x"), -ELOOP);
    ck_assert_int_eq(error_at("/nowhere"), -ENOENT);
    ck_assert_int_eq(error_at("/abs/x"), -ENOTDIR);
    ck_assert_int_eq(ramdisk_find(ramdisk_root(), "/dir", false, &n), 0);
    ck_assert_int_eq(n->type, RAMDISK_SYMLINK);
    ck_assert_uint_eq(n->size, 1);
    ck_assert_int_eq(ramdisk_find(ramdisk_root(), "/dir/", false, &n), 0);
    ck_assert_int_eq(n->type, RAMDISK_DIRECTORY);
    ck_assert_uint_eq(at("/hard")->inode, at("/d/target")->inode);
    ck_assert_uint_eq(at("/d/target")->links, 2);
    ck_assert_uint_eq(at("/hard")->links, 2);
}
END_TEST

/* A prefix field, GNU's 'L' and 'K', and pax's records all make one name. */
START_TEST(long_names)
{
    char name[300], pax[400];
    struct tar_header *h;

    memset(name, 'n', 250);
    memcpy(name + 100, "/", 1);
    name[250] = '\0';
    put('L', "././@LongLink", "", name, 251);
    put_file("cut off", "gnu");
    snprintf(pax, sizeof pax,
             "20 path=pax/\xce\xbb/file\n"
             "30 mtime=1350244992.023960108\n");
    put('x', "PaxHeaders/file", "", pax, strlen(pax));
    put_file("cut off", "pax");
    h = put('0', "tail", "", "ustar", 5);
    strcpy(h->prefix, "some/prefix");
    seal(h);
    put('K', "././@LongLink", "", "pax/\xce\xbb/file", 12);
    put('2', "link", "cut off", "", 0);
    put('g', "global", "", "17 comment=hello\n", 17);
    put_file("last", "name is its own again");
    finish();
    mounts();
    ck_assert(holds(name, "gnu"));
    ck_assert(holds("/pax/\xce\xbb/file", "pax"));
    ck_assert(holds("/some/prefix/tail", "ustar"));
    ck_assert(holds("/link", "pax"));
    ck_assert(holds("/last", "name is its own again"));
    ck_assert_int_eq(error_at("/cut off"), -ENOENT);
}
END_TEST

START_TEST(pax_size_and_binary_size)
{
    struct tar_header *h;

    put('x', "p", "", "9 size=3\n", 9);
    h = put('0', "a", "", "abc", 3);
    strcpy(h->size, "00000000000");
    seal(h);
    h = put('0', "b", "", "xyz", 3);
    memset(h->size, 0, sizeof h->size);
    h->size[0] = (char)0x80;
    h->size[11] = 3;
    seal(h);
    put_file("c", "end");
    mounts();
    ck_assert(holds("a", "abc"));
    ck_assert(holds("b", "xyz"));
    ck_assert(holds("c", "end"));
}
END_TEST

START_TEST(a_later_member_replaces_an_earlier)
{
    put_file("a", "old");
    put_file("a", "new!");
    put_file("f", "a file");
    put_file("f/g", "now below a directory");
    put('3', "device", "", "", 0);
    mounts();
    ck_assert(holds("a", "new!"));
    ck_assert(holds("f/g", "now below a directory"));
    ck_assert_int_eq(error_at("device"), -ENOENT);
    ck_assert_ptr_eq(ramdisk_root()->first->next, ramdisk_root()->last);
}
END_TEST

START_TEST(dots_do_not_leave_the_archive)
{
    put_file("../../etc/passwd", "inside");
    put_file("/abs", "too");
    mounts();
    ck_assert(holds("/etc/passwd", "inside"));
    ck_assert(holds("/abs", "too"));
}
END_TEST

START_TEST(many_files)
{
    char name[32];
    struct ramdisk_node *n;

    for (int i = 0; i < 1500; i++) {
        snprintf(name, sizeof name, "dir%d/file%d", i % 7, i);
        put('0', name, "", "", 0);
    }
    mounts();
    for (int i = 0; i < 1500; i++) {
        snprintf(name, sizeof name, "/dir%d/file%d", i % 7, i);
        n = at(name);
        ck_assert(n && n->type == RAMDISK_FILE);
    }
    ck_assert_int_eq(error_at("/dir0/file1"), -ENOENT);
}
END_TEST

START_TEST(paths_of_directories)
{
    char buf[20];

    put_file("a/bc/d", "");
    mounts();
    ck_assert_int_eq(ramdisk_path(ramdisk_root(), buf, sizeof buf), 2);
    ck_assert_str_eq(buf, "/");
    ck_assert_int_eq(ramdisk_path(at("a/bc"), buf, sizeof buf), 6);
    ck_assert_str_eq(buf, "/a/bc");
    ck_assert_int_eq(ramdisk_path(at("a/bc"), buf, 6), 6);
    ck_assert_int_eq(ramdisk_path(at("a/bc"), buf, 5), -ERANGE);
    ck_assert_int_eq(ramdisk_path(ramdisk_root(), buf, 1), -ERANGE);
}
END_TEST

START_TEST(names_can_be_too_long)
{
    static char path[PATH_MAX + 10];

    mounts();
    memset(path, 'x', NAME_MAX + 1);
    ck_assert_int_eq(error_at(path), -ENAMETOOLONG);
    memset(path, '/', sizeof path - 1);
    ck_assert_int_eq(error_at(path), -ENAMETOOLONG);
}
END_TEST

#define REFUSED(text) ck_assert_str_eq(ramdisk_mount(), text)

START_TEST(no_tar_is_refused)
{
    memset(archive, 'x', 2000);
    archive_len = 2000;
    REFUSED("not a tar archive (bad checksum in the header at byte 0)");
    setup();
    archive_len = 100;
    archive[0] = 'x';
    REFUSED("not a tar archive (no room in the header at byte 0)");
}
END_TEST

START_TEST(damage_is_found)
{
    struct tar_header *h;

    put_file("a", "alpha");
    h = put('0', "b", "", "beta", 4);
    h->name[0] ^= 1;
    REFUSED("not a tar archive (bad checksum in the header at byte 1024)");
    setup();
    h = put('0', "b", "", "beta", 4);
    memcpy(h->magic, "nonsense", 8);
    seal(h);
    REFUSED("not a tar archive (bad magic in the header at byte 0)");
    setup();
    h = put('0', "b", "", "beta", 4);
    h->size[3] = 'z';
    seal(h);
    REFUSED("not a tar archive (bad size in the header at byte 0)");
    setup();
    put('x', "p", "", "99 path=a\n", 10);
    put_file("a", "alpha");
    REFUSED("not a tar archive (bad pax record in the header at byte 0)");
}
END_TEST

START_TEST(a_cut_off_archive_is_refused)
{
    put_file("pad", "x");
    put('0', "a/b", "", archive, 1234);
    archive_len = BLOCK * 3 + 1000;
    REFUSED("truncated: member \"a/b\" needs 1234 bytes at 1536, the archive has 2536");
    /* Without the padding of the last member it is complete. */
    setup();
    put_file("a", "alpha");
    archive_len = BLOCK + 5;
    mounts();
    ck_assert(holds("a", "alpha"));
    setup();
    put('0', "a", "", "x", 1);
    archive_len = BLOCK;
    REFUSED("truncated: member \"a\" needs 1 byte at 512, the archive has 512");
}
END_TEST

/* Whatever is spoilt, reading stays inside the archive (run this under ASan or valgrind). */
START_TEST(spoilt_archives_do_no_harm)
{
    uint64_t x = 1234567 + (uint64_t)_i;
    struct tar_header *h;
    char *exact;

    put('x', "p", "", "9 size=3\n16 path=long/er\n", 25);
    put('0', "a", "", "abc", 3);
    put('L', "l", "", "name", 5);
    put('1', "h", "a", "", 0);
    put('2', "s", "h", "", 0);
    for (int n = 0; n < 3; n++) {
        x = x * 6364136223846793005UL + 1442695040888963407UL;
        archive[(x >> 33) % archive_len] = (char)(x >> 20);
    }
    for (size_t i = 0; i + BLOCK <= archive_len; i += BLOCK) {
        h = (struct tar_header *)(archive + i);
        if (!memcmp(h->magic, "ustar", 5))
            seal(h);
    }
    archive_len -= x % 700;
    exact = malloc(archive_len);
    memcpy(exact, archive, archive_len);
    read_archive(exact, archive_len);
    error_at("s");
    setup();
    free(exact);
}
END_TEST

/* A guest keeps what it learnt of its RAM disk until it ends. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) { return "detect_leaks=0"; }

int main(void)
{
    Suite *s = suite_create("ramdisk");
    TCase *c = tcase_create("tar");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(c, setup, NULL);
    tcase_add_test(c, no_archive_is_an_empty_root);
    tcase_add_test(c, files_and_their_attributes);
    tcase_add_test(c, directories_are_implied_by_paths);
    tcase_add_test(c, listing_has_the_archives_order);
    tcase_add_test(c, links);
    tcase_add_test(c, long_names);
    tcase_add_test(c, pax_size_and_binary_size);
    tcase_add_test(c, a_later_member_replaces_an_earlier);
    tcase_add_test(c, dots_do_not_leave_the_archive);
    tcase_add_test(c, many_files);
    tcase_add_test(c, paths_of_directories);
    tcase_add_test(c, names_can_be_too_long);
    tcase_add_test(c, no_tar_is_refused);
    tcase_add_test(c, damage_is_found);
    tcase_add_test(c, a_cut_off_archive_is_refused);
    tcase_add_loop_test(c, spoilt_archives_do_no_harm, 0, 100);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
