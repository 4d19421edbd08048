/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hypfs_op as the initial domain: paths, sizes of directories and of buffers, what may be written,
 * and that what has been written counts. Which entries there are, and most values, depend on the
 * machine and on how its hypervisor was built: of those it is asked that every list is in order and
 * that what it says of an entry is what the entry says itself.
 */
#include "toolstack.h"

#include <xen/hypfs.h>

#include "core/domain.h"

static uint8_t pages[3 * 4096] __attribute__((aligned(4096)));
#define BUFFER      pages
#define BUFFER_SIZE (2 * sizeof pages / 3)
#define XEN_RANGE   ((void *)0xffff820000000000)

static long hypfs(unsigned long cmd, const void *path, unsigned long path_len, const void *buffer,
                  unsigned long len)
{
    return hypercall(__HYPERVISOR_hypfs_op, cmd, HYPERCALL_ARG(path), path_len,
                     HYPERCALL_ARG(buffer), len);
}

static long read_into(const char *path, void *buffer, unsigned long len)
{
    return hypfs(XEN_HYPFS_OP_read, path, strlen(path) + 1, buffer, len);
}

static long read_path(const char *path) { return read_into(path, BUFFER, BUFFER_SIZE); }

static long write_bytes(const char *path, const void *bytes, unsigned long len)
{
    return hypfs(XEN_HYPFS_OP_write_contents, path, strlen(path) + 1, bytes, len);
}

static long write_text(const char *path, const char *text)
{
    return write_bytes(path, text, strlen(text) + 1);
}

static const struct xen_hypfs_direntry *about(void) { return (const void *)BUFFER; }
static const char *content(void) { return (const char *)(about() + 1); }

static int is_text(const char *path, const char *text)
{
    return read_path(path) == 0 && about()->type == XEN_HYPFS_TYPE_STRING &&
           about()->content_len == strlen(text) + 1 && !strcmp(content(), text);
}

/* ---- operations and paths ---- */

static void test_operations(void)
{
    answers(hypfs(XEN_HYPFS_OP_get_version, NULL, 0, NULL, 0), 1, "get_version");
    answers(hypfs(1UL << 32 | XEN_HYPFS_OP_get_version, NULL, 0, NULL, 0), 1,
            "the operation has 32 bits");
    answers(hypfs(XEN_HYPFS_OP_get_version, "/", 0, NULL, 0), -XEN_EINVAL, "with a path");
    answers(hypfs(XEN_HYPFS_OP_get_version, NULL, 2, NULL, 0), -XEN_EINVAL, "with its length");
    answers(hypfs(XEN_HYPFS_OP_get_version, NULL, 0, BUFFER, 0), -XEN_EINVAL, "with a buffer");
    answers(hypfs(XEN_HYPFS_OP_get_version, NULL, 0, NULL, 1), -XEN_EINVAL, "with its size");
    answers(hypfs(3, NULL, 0, NULL, 0), -XEN_EINVAL, "operation 3 without a path");
    answers(hypfs(3, "/none", 6, NULL, 0), -XEN_ENOENT, "of what is not there");
    answers(hypfs(3, "/", 2, NULL, 0), -XEN_EOPNOTSUPP, "of the root");
    answers(hypfs(-1U, "/params/loglvl", 15, NULL, 0), -XEN_EOPNOTSUPP, "operation -1");
}

static void test_path_arguments(void)
{
    static char path[1030];
    char *edge = (char *)pages + 2 * 4096 - 4;

    answers(hypfs(XEN_HYPFS_OP_read, "/", 0, BUFFER, 100), -XEN_EINVAL, "a path of no bytes");
    answers(hypfs(XEN_HYPFS_OP_read, WILD_POINTER, 0, BUFFER, 100), -XEN_EINVAL, "from nowhere");
    answers(hypfs(XEN_HYPFS_OP_read, WILD_POINTER, 1, BUFFER, 100), -XEN_EFAULT, "a wild path");
    answers(hypfs(XEN_HYPFS_OP_read, XEN_RANGE, 2, BUFFER, 100), -XEN_EFAULT,
            "a path in Xen's range");
    answers(hypfs(XEN_HYPFS_OP_read, WILD_POINTER, 1025, BUFFER, 100), -XEN_EINVAL,
            "a wild path that is too long");
    answers(hypfs(XEN_HYPFS_OP_read, "/", -1UL, BUFFER, 100), -XEN_EINVAL, "far too long");
    answers(hypfs(XEN_HYPFS_OP_read, "/", 1, BUFFER, 100), -XEN_EINVAL, "without its end");
    answers(hypfs(XEN_HYPFS_OP_read, "/\0", 3, BUFFER, 100), -XEN_EINVAL, "with two ends");
    memset(path, 'a', sizeof path);
    path[0] = '/';
    path[1023] = '\0';
    answers(hypfs(XEN_HYPFS_OP_read, path, 1024, BUFFER, 100), -XEN_ENOENT, "of 1024 bytes");
    path[1023] = 'a';
    path[1024] = '\0';
    answers(hypfs(XEN_HYPFS_OP_read, path, 1025, BUFFER, 100), -XEN_EINVAL, "of 1025 bytes");
    memcpy(edge, "/par", 4);
    hypercall_update_va_mapping(pages + 2 * 4096, 0, UVMF_INVLPG);
    answers(hypfs(XEN_HYPFS_OP_read, edge, 8, BUFFER, 100), -XEN_EFAULT,
            "a path that runs off its page");
}

static void test_paths(void)
{
    static const struct {
        const char *path;
        int error;
    } rows[] = {
        {"", XEN_EINVAL},
        {"params", XEN_EINVAL},
        {"./params", XEN_EINVAL},
        {"/", 0},
        {"/params", 0},
        {"/params/", 0},
        {"/params/loglvl", 0},
        {"/buildinfo/version/", 0},
        {"/buildinfo/version/major", 0},
        {"//", XEN_ENOENT},
        {"//params", XEN_ENOENT},
        {"/params//", XEN_ENOENT},
        {"/params//loglvl", XEN_ENOENT},
        {"/param", XEN_ENOENT},
        {"/paramsx", XEN_ENOENT},
        {"/Params", XEN_ENOENT},
        {"/a", XEN_ENOENT},
        {"/z", XEN_ENOENT},
        {"/.", XEN_ENOENT},
        {"/params/..", XEN_ENOENT},
        {"/params/logl", XEN_ENOENT},
        {"/params/loglvl2", XEN_ENOENT},
        {"/params/loglvl/", XEN_ENOENT}, /* not ENOTDIR */
        {"/params/loglvl/x", XEN_ENOENT},
        {"/none/loglvl", XEN_ENOENT},
        {"/cpupool/", 0},
        {"/cpupool/0", 0},
        {"/cpupool/0/", 0},
        {"/cpupool/0/sched-gran", 0},
        {"/cpupool/000/sched-gran", 0}, /* any way to write the number */
        {"/cpupool//", 0},
        {"/cpupool//sched-gran", 0},
        {"/cpupool/18446744073709551616", 0},
        {"/cpupool/1", XEN_ENOENT},
        {"/cpupool/4294967296", XEN_ENOENT},
        {"/cpupool/0x0", XEN_ENOENT},
        {"/cpupool/-0", XEN_ENOENT},
        {"/cpupool/0 ", XEN_ENOENT},
        {"/cpupool/%u", XEN_ENOENT},
        {"/cpupool/0/none", XEN_ENOENT},
        {"/cpupool/0/sched-gran/", XEN_ENOENT},
    };

    for (unsigned int i = 0; i < sizeof rows / sizeof rows[0]; i++)
        answers(read_path(rows[i].path), -rows[i].error, "read of \"%s\"", rows[i].path);
}

/* ---- directories ---- */

#define RECORD_NAME offsetof(struct xen_hypfs_dirlistentry, name)

static unsigned int record_size(const char *name)
{
    return RECORD_NAME + (((unsigned int)strlen(name) + 4) & ~3U);
}

static unsigned int bad_entries, entries;

/* What a list says of an entry, and the entry itself. */
static void check_entry(const char *path, const struct xen_hypfs_direntry *listed)
{
    bad_entries += read_path(path) != 0 || memcmp(about(), listed, sizeof *listed) != 0;
    bad_entries += about()->type > XEN_HYPFS_TYPE_BOOL || about()->pad != 0;
    if (about()->type == XEN_HYPFS_TYPE_STRING && about()->encoding == XEN_HYPFS_ENC_PLAIN)
        bad_entries += strlen(content()) + 1 != about()->content_len;
    if (about()->type == XEN_HYPFS_TYPE_UINT || about()->type == XEN_HYPFS_TYPE_INT)
        bad_entries += about()->content_len != 4;
    if (!about()->max_write_len)
        bad_entries += write_bytes(path, WILD_POINTER, -1UL) != -XEN_EACCES;
    entries++;
}

static void check_directory(const char *path, unsigned int depth)
{
    static uint8_t lists[4][2048];
    const uint8_t *at = lists[depth];
    struct xen_hypfs_direntry self;
    struct xen_hypfs_dirlistentry e; /* a copy: they are not aligned */
    const char *entry_name, *last = "";
    unsigned int size = 0;
    char name[128];

    bad_entries += read_path(path) != 0 || about()->content_len > sizeof lists[0];
    if (bad_entries)
        return;
    memcpy(&self, BUFFER, sizeof self);
    memcpy(lists[depth], content(), sizeof lists[0]);
    do {
        memcpy(&e, at, sizeof e);
        entry_name = (const char *)at + RECORD_NAME;
        bad_entries += strcmp(last, entry_name) >= 0;
        bad_entries += e.off_next && e.off_next != record_size(entry_name);
        last = entry_name;
        size += record_size(entry_name);
        snprintf(name, sizeof name, "%s/%s", depth ? path : "", entry_name);
        check_entry(name, &e.e);
        if (e.e.type == XEN_HYPFS_TYPE_DIR)
            check_directory(name, depth + 1);
        at += e.off_next;
    } while (e.off_next && !bad_entries && size < self.content_len);
    /* That of the pools is said to be larger than it is. */
    bad_entries += strcmp(path, "/cpupool") ? size != self.content_len : size > self.content_len;
}

static void test_tree(void)
{
    check_directory("/", 0);
    ok(bad_entries == 0, "every list and its entries agree");
    ok(entries >= 17, "all that must be there is");
    read_path("/");
    ok(about()->type == XEN_HYPFS_TYPE_DIR && about()->max_write_len == 0, "root is a directory");
    ok(about()->content_len == 70, "of three entries");
    read_path("/cpupool");
    ok(about()->content_len == 22, "the pools are said to be as large as their name is long");
    ok(((const struct xen_hypfs_dirlistentry *)(const void *)content())->off_next == 0,
       "but there is one");
    ok(!strcmp(((const struct xen_hypfs_dirlistentry *)(const void *)content())->name, "0"),
       "whose name is its number");
    read_path("/cpupool/0");
    ok(about()->content_len == 26, "with one entry");
    read_path("/buildinfo/version/major");
    ok(about()->type == XEN_HYPFS_TYPE_UINT && *(const uint32_t *)(const void *)content() == 4,
       "Xen 4");
    read_path("/buildinfo/version/minor");
    ok(*(const uint32_t *)(const void *)content() == 17, ".17");
    read_path("/buildinfo/version/extra");
    ok(about()->type == XEN_HYPFS_TYPE_STRING, "and the rest is a text");
    ok(is_text("/cpupool/0/sched-gran", "cpu"), "the pool's processors are scheduled one by one");
    ok(about()->max_write_len == 8, "which could be changed");
    ok(is_text("/params/gnttab_max_frames", "64") && about()->max_write_len == 12,
       "gnttab_max_frames");
    ok(is_text("/params/gnttab_max_maptrack_frames", "1024") && about()->max_write_len == 12,
       "gnttab_max_maptrack_frames");
    ok(is_text("/params/loglvl", "warning/warning") && about()->max_write_len == 16, "loglvl");
    ok(is_text("/params/guest_loglvl", "all/all") && about()->max_write_len == 16, "guest_loglvl");
}

/* ---- buffers ---- */

static void test_buffers(void)
{
    uint8_t *end = pages + 2 * 4096;
    unsigned int untouched = 0;

    answers(read_into("/", BUFFER, 0), -XEN_EINVAL, "a buffer of no bytes");
    answers(read_into("/", WILD_POINTER, 11), -XEN_EINVAL, "a wild one of 11");
    answers(read_into("/", WILD_POINTER, 12), -XEN_EFAULT, "of 12");
    answers(read_into("/", XEN_RANGE, 100), -XEN_EFAULT, "in Xen's range");
    answers(read_into("/", (void *)domain_start_info()->pt_base, 100), -XEN_EFAULT,
            "that is read only");
    memset(BUFFER, 0xee, 200);
    answers(read_into("/", BUFFER, 12), -XEN_ENOBUFS, "for the size only");
    ok(about()->content_len == 70 && about()->type == XEN_HYPFS_TYPE_DIR, "has the size");
    answers(read_into("/", BUFFER, 12 + 69), -XEN_ENOBUFS, "one byte too small");
    for (unsigned int i = 12; i < 200; i++)
        untouched += BUFFER[i] == 0xee;
    ok(untouched == 188, "nothing else is stored");
    answers(read_into("/", BUFFER, 12 + 70), 0, "as large as is needed");
    for (unsigned int i = 82; i < 200; i++)
        untouched -= BUFFER[i] == 0xee;
    ok(untouched == 70, "and no more is stored");
    answers(read_into("/", BUFFER, -1UL), 0, "larger than anything");
    answers(read_into("/params/loglvl", BUFFER, 12), -XEN_ENOBUFS, "for a text");
    answers(read_into("/params/loglvl", BUFFER, 12 + 15), -XEN_ENOBUFS, "without its end");
    answers(read_into("/params/loglvl", BUFFER, 12 + 16), 0, "with its end");
    answers(read_into("/", end - 11, 1000), -XEN_EFAULT, "that runs off its page");
    answers(read_into("/", end - 12, 12), -XEN_ENOBUFS, "that ends with its page");
    answers(read_into("/", end - 12, 1000), -XEN_EFAULT, "whose contents are on none");
    answers(read_into("/", end - 30, 1000), -XEN_EFAULT, "whose second name is");
    answers(read_into("/params/loglvl", end - 20, 1000), -XEN_EFAULT, "for a text");
    answers(read_into("/buildinfo/version/major", end - 16, 1000), 0, "a number that just fits");
    answers(read_into("/buildinfo/version/major", end - 15, 1000), -XEN_EFAULT, "that does not");
}

/* ---- writing ---- */

static void test_refused(void)
{
    static const char *const fixed[] = {"/",        "/buildinfo/", "/buildinfo/changeset",
                                        "/cpupool", "/cpupool/0",  "/buildinfo/version/major",
                                        "/params/"};

    for (unsigned int i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
        answers(write_bytes(fixed[i], WILD_POINTER, -1UL), -XEN_EACCES, "write of \"%s\"",
                fixed[i]);
    answers(write_text("/params/none", "x"), -XEN_ENOENT, "write of what is not there");
    answers(write_text("params", "x"), -XEN_EINVAL, "write of no path");
}

static void test_granularity(void)
{
    static const char path[] = "/cpupool/0/sched-gran";

    answers(write_text(path, "cpu"), -XEN_EBUSY, "sched-gran of a pool in use: cpu");
    answers(write_text(path, "core"), -XEN_EBUSY, "core");
    answers(write_text(path, "socket"), -XEN_EBUSY, "socket");
    answers(write_text(path, "node"), -XEN_EINVAL, "node");
    answers(write_text(path, ""), -XEN_EINVAL, "nothing");
    answers(write_bytes(path, "cpu", 3), -XEN_EINVAL, "without its end");
    answers(write_bytes(path, "cpu\0", 5), -XEN_EINVAL, "with two");
    answers(write_bytes(path, BUFFER, 0), -XEN_EINVAL, "of no bytes");
    answers(write_bytes(path, WILD_POINTER, 9), -XEN_ENOSPC, "of 9 bytes");
    answers(write_bytes(path, WILD_POINTER, 8), -XEN_EFAULT, "from nowhere");
    answers(write_bytes(path, "cpu", 1UL << 32 | 4), -XEN_EBUSY, "the size has 32 bits");
}

static void test_levels(const char *path, const char *before, const char *shown)
{
    static const struct {
        const char *text;
        int error;
        const char *now;
    } rows[] = {
        {"none", 0, "none/none"},
        {"error", 0, "error/error"},
        {"none/error", 0, "none/error"},
        {"error/none", 0, "error/error"},
        {"none/info", 0, "none/info"},
        {"warning/x", XEN_EINVAL, "warning/warning"},
        {"none/", XEN_EINVAL, "none/warning"},
        {"/info", 0, "warning/info"},
        {"", 0, "warning/warning"},
        {"error2", XEN_EINVAL, "error/error"},
        {"what", XEN_EINVAL, "warning/warning"},
        {"none/error/", XEN_EINVAL, "none/error"},
        {"none/debug", 0, "none/all"},
    };

    for (unsigned int i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        answers(write_text(path, rows[i].text), -rows[i].error, "%s=%s", path, rows[i].text);
        ok(is_text(path, rows[i].now), "makes it %s", rows[i].now);
    }
    answers(write_text(path, before), 0, "and as it was");
    memset(BUFFER, 'x', 200);
    answers(write_bytes(path, BUFFER, 128), -XEN_EDOM, "a text of 128 bytes without its end");
    answers(write_bytes(path, WILD_POINTER, 128), -XEN_EFAULT, "from nowhere");
    answers(write_bytes(path, WILD_POINTER, 129), -XEN_ENOSPC, "of 129 bytes");
    answers(write_bytes(path, WILD_POINTER, 0), -XEN_EDOM, "of none");
    answers(write_bytes(path, "all\0", 5), -XEN_EDOM, "with two ends");
    answers(write_bytes(path, before, 1UL << 32 | (strlen(before) + 1)), 0, "the size has 32 bits");
    ok(is_text(path, shown), "it is as it was");
}

static void test_limit(const char *path, const char *before)
{
    static const struct {
        const char *text;
        int error;
        const char *now;
    } rows[] = {
        {"7", 0, "7"},
        {"0x1f", 0, "31"},
        {"0X2A", 0, "42"},
        {"017", 0, "15"},
        {"0", 0, "0"},
        {"9", 0, "9"},
        {"", 0, "0"},
        {"00011", 0, "9"},
        {"18446744073709551622", 0, "6"}, /* wraps around */
        {"8x", XEN_EINVAL, "6"},
        {"08", XEN_EINVAL, "6"},
        {"0x", XEN_EINVAL, "6"},
        {"0xg", XEN_EINVAL, "6"},
        {"-1", XEN_EINVAL, "6"},
        {" 1", XEN_EINVAL, "6"},
        {"1 ", XEN_EINVAL, "6"},
        {"2147483648", XEN_ERANGE, "6"},
        {"2147483648x", XEN_EINVAL, "6"},
        {"0x123456789", XEN_ERANGE, "6"},
    };

    for (unsigned int i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        answers(write_text(path, rows[i].text), -rows[i].error, "%s=%s", path, rows[i].text);
        ok(is_text(path, rows[i].now), "it is %s", rows[i].now);
    }
    answers(write_text(path, before), 0, "and as it was");
    answers(write_bytes(path, "7", 1), -XEN_EDOM, "without its end");
    ok(is_text(path, before), "it is as it was");
}

/* Creates a domain with so many frames of both kinds, and destroys it. */
static long create(int32_t grants, int32_t maptrack)
{
    domid_t domid;
    long result;

    good_config(1);
    op.u.createdomain.max_grant_frames = grants;
    op.u.createdomain.max_maptrack_frames = maptrack;
    result = domctl(XEN_DOMCTL_createdomain, 0);
    domid = op.domain;
    if (result == 0)
        domctl_zero(XEN_DOMCTL_destroydomain, domid);
    return result;
}

static void test_limits_count(void)
{
    answers(create(64, 1024), 0, "a domain with as many frames as there may be");
    answers(create(65, 1024), -XEN_EINVAL, "one more");
    answers(create(64, 1025), -XEN_EINVAL, "one more of the other kind");
    write_text("/params/gnttab_max_frames", "3");
    answers(create(3, 1024), 0, "a domain with 3, of 3");
    answers(create(4, 1024), -XEN_EINVAL, "with 4");
    answers(create(-1, -1), 0, "with as many as there may be");
    write_text("/params/gnttab_max_frames", "0");
    answers(create(-1, -1), -XEN_EINVAL, "if that is 0");
    write_text("/params/gnttab_max_frames", "64");
    write_text("/params/gnttab_max_maptrack_frames", "0");
    answers(create(64, -1), 0, "without frames of the other kind");
    answers(create(64, 1), -XEN_EINVAL, "with one");
    write_text("/params/gnttab_max_maptrack_frames", "2048");
    answers(create(64, 2048), 0, "with more than before");
    write_text("/params/gnttab_max_maptrack_frames", "1024");
    answers(create(64, 1025), -XEN_EINVAL, "and not any more");
}

int main(void)
{
    test_operations();
    test_tree();
    test_path_arguments();
    test_paths();
    test_buffers();
    test_refused();
    test_granularity();
    test_levels("/params/loglvl", "warning", "warning/warning");
    test_levels("/params/guest_loglvl", "all", "all/all");
    test_limit("/params/gnttab_max_frames", "64");
    test_limit("/params/gnttab_max_maptrack_frames", "1024");
    test_limits_count();
    return tap_done();
}
