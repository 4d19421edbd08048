/* SPDX-License-Identifier: BSD-3-Clause
 *
 * hypfs_op as a domain without privilege, and what parameters do that one domain on Xen cannot see:
 * which lines are logged, and whether other domains are heard. A parameter that changes nothing
 * would be caught here, and a value for which there is no place. The rest:
 * tests/conformance/hypfs.c.
 */
#define _GNU_SOURCE
#include "guest.h"
#include "grant_table.h"

#include <xen/hypfs.h>

#include "core/hypercall.h"

/* With PATH, from the guest's own memory. */
static long hypfs(unsigned int op, const char *path, void *buffer, unsigned long len)
{
    const char *own = path ? strcpy(guest_page(1), path) : NULL;

    return hypercall(__HYPERVISOR_hypfs_op, op, HYPERCALL_ARG(own), own ? strlen(own) + 1 : 0,
                     HYPERCALL_ARG(buffer), len);
}

static const char *path_of(const char *parameter)
{
    static char path[64];

    strcpy(stpcpy(path, "/params/"), parameter);
    return path;
}

static long set(const char *parameter, const char *value)
{
    return hypfs(XEN_HYPFS_OP_write_contents, path_of(parameter), strcpy(guest_page(2), value),
                 strlen(value) + 1);
}

static bool is(const char *parameter, const char *value)
{
    struct xen_hypfs_direntry *e = guest_page(2);

    return !hypfs(XEN_HYPFS_OP_read, path_of(parameter), e, PAGE_SIZE) &&
           !strcmp((char *)(e + 1), value);
}

/* ---- without privilege ---- */

static void unprivileged(void *arg)
{
    (void)arg;
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_get_version, NULL, NULL, 0), -EPERM);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_get_version, NULL, NULL, 1), -EPERM);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/", guest_page(1), PAGE_SIZE), -EPERM);
    ck_assert_int_eq(set("loglvl", "all"), -EPERM);
    ck_assert_int_eq(hypfs(9, NULL, NULL, 0), -EPERM);
}

START_TEST(test_unprivileged) { guest_test(unprivileged); }
END_TEST

/* ---- the tree ---- */

static void reading(void *arg)
{
    struct xen_hypfs_direntry *e = guest_page(2);
    struct xen_hypfs_dirlistentry *d = (void *)(e + 1);

    (void)arg;
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_get_version, NULL, NULL, 0), XEN_HYPFS_VERSION);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/cpupool", e, PAGE_SIZE), 0);
    ck_assert_uint_eq(e->content_len, 22);
    ck_assert_str_eq(d->name, "0");
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/buildinfo/version/extra", e, PAGE_SIZE), 0);
    ck_assert_str_eq((char *)(e + 1), "-halvm");
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/buildinfo/version/minor", e, PAGE_SIZE), 0);
    ck_assert_uint_eq(*(uint32_t *)(e + 1), 17);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/buildinfo/config", e, PAGE_SIZE), -ENOENT);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/params/ept", e, PAGE_SIZE), -ENOENT);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/params/loglvl/", e, PAGE_SIZE), -ENOENT);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/cpupool/x", e, PAGE_SIZE), -ENOENT);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/cpupool/:", e, PAGE_SIZE), -ENOENT);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/cpupool/#", e, PAGE_SIZE), -ENOENT);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/none/x/y", e, PAGE_SIZE), -ENOENT);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "", e, PAGE_SIZE), -EINVAL);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, NULL, e, PAGE_SIZE), -EINVAL);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "none", e, PAGE_SIZE), -EINVAL);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/", e, 11), -EINVAL);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/", e, 12), -ENOBUFS);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/", WILD, 12), -EFAULT);
    ck_assert_int_eq(hypfs(99, "/", NULL, 0), -EOPNOTSUPP);
}

/* What the machine's memory ends in the middle of. */
static void at_the_end(void *arg)
{
    char *end = (char *)(uintptr_t)current->domain->virt_end;

    (void)arg;
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/params", end - 12, PAGE_SIZE), -EFAULT);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/params", end - 28, PAGE_SIZE), -EFAULT);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_read, "/params/loglvl", end - 14, PAGE_SIZE), -EFAULT);
    ck_assert_int_eq(hypercall(__HYPERVISOR_hypfs_op, XEN_HYPFS_OP_read, HYPERCALL_ARG(end - 1), 2,
                               HYPERCALL_ARG(guest_page(1)), PAGE_SIZE),
                     -EFAULT);
    ck_assert_int_eq(hypercall(__HYPERVISOR_hypfs_op, XEN_HYPFS_OP_read, HYPERCALL_ARG(end - 1),
                               XEN_HYPFS_MAX_PATHLEN + 1, HYPERCALL_ARG(guest_page(1)), PAGE_SIZE),
                     -EINVAL);
}

START_TEST(test_reading) { guest_test_hardware(reading); }
END_TEST
START_TEST(test_at_the_end) { guest_test_hardware(at_the_end); }
END_TEST

/* ---- parameters ---- */

/* A hypercall that is refused, which is logged as the least important that there is. */
static bool is_logged(void)
{
    host.log_len = 0;
    call(__HYPERVISOR_tmem_op, 0, 0);
    return host.log_len > 0;
}

static void log_levels(void *arg)
{
    (void)arg;
    ck_assert(is("loglvl", "all/all"));
    ck_assert(is_logged());
    ck_assert_int_eq(set("loglvl", "info"), 0);
    ck_assert(is("loglvl", "info/info"));
    ck_assert(!is_logged());
    ck_assert_int_eq(set("loglvl", "none/debug"), 0);
    ck_assert(is("loglvl", "none/all"));
    ck_assert(is_logged());
    ck_assert_int_eq(set("loglvl", "none"), 0);
    ck_assert(!is_logged());
    ck_assert_int_eq(set("loglvl", "all/none"), 0);
    ck_assert(is("loglvl", "all/all"));
    ck_assert_int_eq(set("loglvl", "all/none/"), -EINVAL);
    ck_assert_int_eq(set("loglvl", "which"), -EINVAL);
    ck_assert(is("loglvl", "warning/warning"));
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_write_contents, "/params/loglvl", WILD, 129), -ENOSPC);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_write_contents, "/params/loglvl", WILD, 128), -EFAULT);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_write_contents, "/params/loglvl", WILD, 0), -EDOM);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_write_contents, "/params/loglvl", guest_page(3), 2), -EDOM);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_write_contents, "/params", WILD, 2), -EACCES);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_write_contents, "/none", WILD, 2), -ENOENT);
    ck_assert_int_eq(hypfs(XEN_HYPFS_OP_write_contents, "/cpupool/0/sched-gran",
                           strcpy(guest_page(2), "cpu"), 4),
                     -EBUSY);
    ck_assert_int_eq(
        hypfs(XEN_HYPFS_OP_write_contents, "/cpupool/0/sched-gran", strcpy(guest_page(2), "no"), 3),
        -EINVAL);
}

/* As far as a table has place, which is less than Xen's INT_MAX. */
static void limits(void *arg)
{
    (void)arg;
    ck_assert_int_eq(set("gnttab_max_frames", "64"), 0);
    ck_assert_int_eq(set("gnttab_max_frames", "65"), -ERANGE);
    ck_assert_int_eq(set("gnttab_max_frames", "0x3F"), 0);
    ck_assert_uint_eq(hv->grant_frames, 63);
    ck_assert_int_eq(set("gnttab_max_frames", "0y"), -EINVAL);
    ck_assert_int_eq(set("gnttab_max_frames", "07:"), -EINVAL);
    ck_assert(is("gnttab_max_frames", "63"));
    ck_assert_int_eq(set("gnttab_max_maptrack_frames", "16777215"), 0);
    ck_assert(is("gnttab_max_maptrack_frames", "16777215"));
    ck_assert_uint_eq(hv->maptrack_frames * MAPTRACK_A_FRAME, 0xffffff00U);
    ck_assert_int_eq(set("gnttab_max_maptrack_frames", "16777216"), -ERANGE);
}

START_TEST(test_log_levels) { guest_test_hardware(log_levels); }
END_TEST
START_TEST(test_limits) { guest_test_hardware(limits); }
END_TEST

/* What a domain that may use the debugging console says, while the initial one turns a knob. */
static void say(const char *text)
{
    call3(__HYPERVISOR_console_io, CONSOLEIO_write, strlen(text),
          (uintptr_t)strcpy(guest_page(3), text));
    call(__HYPERVISOR_sched_op, SCHEDOP_yield, 0);
}

static void speaker(void *arg)
{
    (void)arg;
    current->domain->debug_console = true;
    say("a");
    say("b");
    say("c");
}

static void knob(void *arg)
{
    static const char *const levels[] = {"info", "all"};

    (void)arg;
    ck_assert_str_eq(host.err, "a");
    ck_assert(is("guest_loglvl", "all/all"));
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(set("guest_loglvl", levels[i]), 0);
        say("mine ");
    }
    ck_assert_str_eq(host.err, "ac");
    ck_assert_str_eq(host.out, "mine mine ");
}

START_TEST(test_guest_level)
{
    machine_start(64);
    guest_create(8, false, speaker, NULL);
    guest_create(8, true, knob, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

int main(void)
{
    Suite *s = suite_create("hypfs");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_unprivileged);
    tcase_add_test(t, test_reading);
    tcase_add_test(t, test_at_the_end);
    tcase_add_test(t, test_log_levels);
    tcase_add_test(t, test_limits);
    tcase_add_test(t, test_guest_level);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
