/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What is in the hypervisor's file system: how it was built, the pool of processors, and those of
 * Xen's parameters that mean something here. A path that Xen has need not be there, but one that
 * is there means the same (Xen's docs/misc/hypfs-paths.pandoc): so there is no config, and there
 * are no parameters of a console's keys and time stamps, of what is dumped when Xen crashes, of
 * EPT, PCIDs and global pages.
 */
#include "hypfs.h"
#include "grant_table.h"
#include "version.h"

#include <ctype.h>
#include <stdio.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define DIRECTORY(name_, children_)                                                                \
    .name = name_, .type = XEN_HYPFS_TYPE_DIR, .children = children_,                              \
    .child_count = COUNT(children_)
#define TEXT(name_, text_) .name = name_, .type = XEN_HYPFS_TYPE_STRING, .text = text_
#define NUMBER(name_, n)   .name = name_, .type = XEN_HYPFS_TYPE_UINT, .number = n
#define PRINTED(name_, fn) .name = name_, .type = XEN_HYPFS_TYPE_STRING, .print = fn

/* ---- parameters: how many frames a domain may ask for ---- */

static void print_grant_frames(const struct hypervisor *hv, char value[HYPFS_VALUE_SIZE])
{
    snprintf(value, HYPFS_VALUE_SIZE, "%u", hv->grant_frames);
}

static void print_maptrack_frames(const struct hypervisor *hv, char value[HYPFS_VALUE_SIZE])
{
    snprintf(value, HYPFS_VALUE_SIZE, "%u", hv->maptrack_frames);
}

static unsigned int digit(char c)
{
    if (!isxdigit((unsigned char)c))
        return 16;
    return isdigit((unsigned char)c) ? (unsigned int)(c - '0')
                                     : (unsigned int)(tolower((unsigned char)c) - 'a' + 10);
}

/*
 * A number as C writes it; none at all is 0, and it wraps around (Xen's common/vsprintf.c,
 * simple_strtoul, as parse_gnttab_limit calls it).
 */
static long parse_limit(const char *value, uint32_t most, uint32_t *limit)
{
    unsigned int base = 10;
    uint64_t n = 0;

    if (value[0] == '0') {
        bool is_hex = tolower((unsigned char)value[1]) == 'x' && digit(value[2]) < 16;

        base = is_hex ? 16 : 8;
        value += is_hex ? 2 : 1;
    }
    for (; digit(*value) < base; value++)
        n = n * base + digit(*value);
    if (*value)
        return -EINVAL;
    if (n > most) /* Xen's limit is INT_MAX, here it is what a table has place for */
        return -ERANGE;
    *limit = (uint32_t)n;
    return 0;
}

static long write_grant_frames(struct hypervisor *hv, const char *value)
{
    return parse_limit(value, MAX_GRANT_FRAMES, &hv->grant_frames);
}

static long write_maptrack_frames(struct hypervisor *hv, const char *value)
{
    return parse_limit(value, UINT32_MAX / MAPTRACK_A_FRAME, &hv->maptrack_frames);
}

/* ---- parameters: what is logged ---- */

/* By threshold: levels (enum hypervisor_log_level) below it are logged. */
static const char *const level_names[] = {"none", "error", "warning", "info", "all"};

static void print_levels(const struct log_threshold *t, char value[HYPFS_VALUE_SIZE])
{
    snprintf(value, HYPFS_VALUE_SIZE, "%s/%s", level_names[t->always], level_names[t->limited]);
}

static void print_log_level(const struct hypervisor *hv, char value[HYPFS_VALUE_SIZE])
{
    print_levels(&hv->log, value);
}

static void print_guest_log_level(const struct hypervisor *hv, char value[HYPFS_VALUE_SIZE])
{
    print_levels(&hv->guest_log, value);
}

/* Of the level at FROM; *VALUE becomes its end, unless it is none. */
static uint8_t parse_level(const char *from, const char **value)
{
    for (unsigned int i = 0; i < COUNT(level_names); i++) {
        size_t len = strlen(level_names[i]);

        if (!strncmp(from, level_names[i], len)) {
            *value = from + len;
            return (uint8_t)i;
        }
    }
    if (!strncmp(from, "debug", 5)) {
        *value = from + 5;
        return COUNT(level_names) - 1;
    }
    return 2; /* whatever it is, errors and warnings should be seen */
}

/* Set even if there is an error at the end (Xen's drivers/char/console.c, _parse_loglvl). */
static long write_levels(struct log_threshold *t, const char *value)
{
    t->always = t->limited = parse_level(value, &value);
    if (*value == '/')
        t->limited = parse_level(value + 1, &value);
    if (t->limited < t->always)
        t->limited = t->always;
    return *value ? -EINVAL : 0;
}

static long write_log_level(struct hypervisor *hv, const char *value)
{
    return write_levels(&hv->log, value);
}

static long write_guest_log_level(struct hypervisor *hv, const char *value)
{
    return write_levels(&hv->guest_log, value);
}

#define PARAMETER(name_, fn, size)                                                                 \
    PRINTED(name_, print_##fn), .write = write_##fn, .max_write = size,                            \
                                .write_limit = HYPFS_VALUE_SIZE, .unterminated = -EDOM

static const struct hypfs_entry parameters[] = {
    {PARAMETER("gnttab_max_frames", grant_frames, 12)},
    {PARAMETER("gnttab_max_maptrack_frames", maptrack_frames, 12)},
    {PARAMETER("guest_loglvl", guest_log_level, 16)},
    {PARAMETER("loglvl", log_level, 16)},
};

/* ---- pools of processors: Pool-0 ---- */

/* Cannot be changed while the pool has processors. */
static long write_granularity(struct hypervisor *hv, const char *value)
{
    (void)hv;
    if (strcmp(value, "cpu") && strcmp(value, "core") && strcmp(value, "socket"))
        return -EINVAL;
    return -EBUSY;
}

static const struct hypfs_entry pool[] = {
    {TEXT("sched-gran", "cpu"), .write = write_granularity, .max_write = 8, .write_limit = 8,
     .unterminated = -EINVAL},
};

static const struct hypfs_entry pools[] = {{DIRECTORY("0", pool)}};

/* ---- how it was built (version.c) ---- */

static const struct hypfs_entry compilation[] = {
    {TEXT("compile_by", VERSION_COMPILE_BY)},
    {TEXT("compile_date", VERSION_COMPILE_DATE)},
    {TEXT("compile_domain", VERSION_COMPILE_DOMAIN)},
    {TEXT("compiler", VERSION_COMPILER)},
};

static const struct hypfs_entry version[] = {
    {TEXT("extra", VERSION_EXTRA)},
    {NUMBER("major", VERSION_MAJOR)},
    {NUMBER("minor", VERSION_MINOR)},
};

static const struct hypfs_entry building[] = {
    {TEXT("changeset", VERSION_CHANGESET)},
    {DIRECTORY("compileinfo", compilation)},
    {DIRECTORY("version", version)},
};

static const struct hypfs_entry top[] = {
    {DIRECTORY("buildinfo", building)},
    {DIRECTORY("cpupool", pools), .is_numbered = true},
    {DIRECTORY("params", parameters)},
};

const struct hypfs_entry hypfs_root = {DIRECTORY("", top)};
