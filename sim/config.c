/* SPDX-License-Identifier: BSD-3-Clause
 *
 * xl's configuration, read with xl's own library. Defaults are xl's and libxl's.
 */
#define _GNU_SOURCE
#include "config.h"
#include "hypervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libxlutil.h>

#define MIB (1UL << 20)

#define MEMORY_DEFAULT 32 /* MiB; libxl's */
#define MEMORY_IMAGE   64 /* of a domain that has no configuration */
#define MEMORY_MAX     (64L << 10)
#define FILE_LIMIT     MIB

struct reader {
    struct domain_settings *s;
    const char *prefix;
    const char *text; /* the file */
    XLU_Config *xlu;
    bool bad;
    char ignored[1024]; /* keys without a meaning here */
};

/* The last line of the file that sets KEY; 0: none. */
struct search {
    const char *key;
    unsigned int line;
};

static void look_at_key(void *context, const char *key, unsigned int line)
{
    struct search *s = context;

    if (!strcmp(key, s->key))
        s->line = line;
}

/* One line about the value of KEY, or (NULL) about the whole file. */
static void tell(const struct reader *r, const char *key, const char *format, va_list args)
{
    struct search s = {.key = key};
    char text[512], place[24] = "";

    vsnprintf(text, sizeof(text), format, args);
    if (key)
        config_keys(r->text, look_at_key, &s);
    if (s.line)
        snprintf(place, sizeof(place), ":%u", s.line);
    fprintf(stderr, "%s: %s%s: %s\n", r->prefix, r->s->path, place, text);
}

static void mistake(struct reader *r, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void mistake(struct reader *r, const char *key, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    tell(r, key, format, args);
    va_end(args);
    r->bad = true;
}

static void note(const struct reader *r, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void note(const struct reader *r, const char *key, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    tell(r, key, format, args);
    va_end(args);
}

/* ---- values ---- */

/* libxlutil reports a value of the wrong kind itself, with its line. */
static bool found(struct reader *r, int error)
{
    if (error && error != ESRCH)
        r->bad = true;
    return !error;
}

static const char *text_of(struct reader *r, const char *key)
{
    const char *value;

    return found(r, xlu_cfg_get_string(r->xlu, key, &value, 0)) ? value : NULL;
}

static long number_of(struct reader *r, const char *key, long min, long max, long otherwise)
{
    long value;

    if (!found(r, xlu_cfg_get_long(r->xlu, key, &value, 0)))
        return otherwise;
    if (value < min || value > max)
        mistake(r, key, "%s = %ld: must be from %ld to %ld", key, value, min, max);
    return value;
}

static char *copy_of(const char *text)
{
    char *copy = text ? strdup(text) : NULL;

    if (text && !copy)
        abort();
    return copy;
}

static void read_uuid(struct reader *r)
{
    const char *text = text_of(r, "uuid"), *p = text;
    unsigned int digits = 0;

    if (!text)
        return;
    /* xl takes hexadecimal digits with dashes anywhere; 32 of them. */
    for (; *p && digits < 32; p++) {
        unsigned int value;

        if (*p == '-')
            continue;
        if (*p >= '0' && *p <= '9')
            value = (unsigned int)(*p - '0');
        else if ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'f')
            value = (unsigned int)((*p | 0x20) - 'a' + 10);
        else
            break;
        r->s->uuid[digits / 2] = (uint8_t)((unsigned int)r->s->uuid[digits / 2] << 4 | value);
        digits++;
    }
    if (digits != 32 || *p)
        mistake(r, "uuid", "uuid = \"%.60s\": not 32 hexadecimal digits", text);
    r->s->has_uuid = true;
}

static void read_action(struct reader *r, const char *key, enum end_reason reason,
                        enum end_action otherwise)
{
    static const struct {
        const char *name;
        enum end_action action;
    } actions[] = {
        {"destroy", END_DESTROY},
        {"restart", END_RESTART},
        {"rename-restart", END_RENAME_RESTART},
        {"preserve", END_PRESERVE},
        {"coredump-destroy", END_DESTROY}, /* no core is written: a note says so */
        {"coredump-restart", END_RESTART},
    };
    const char *text = text_of(r, key);

    r->s->on[reason] = otherwise;
    if (!text)
        return;
    for (size_t k = 0; k < sizeof(actions) / sizeof(actions[0]); k++) {
        if (strcmp(text, actions[k].name))
            continue;
        r->s->on[reason] = actions[k].action;
        if (!strncmp(text, "coredump-", 9))
            note(r, key, "note: %s = \"%s\": no core is written", key, text);
        return;
    }
    mistake(
        r, key,
        "%s = \"%.60s\": must be destroy, restart, rename-restart, preserve, coredump-destroy or "
        "coredump-restart",
        key, text);
}

/* As xl puts it together (xl_parse.c, parse_cmdline). */
static void read_command_line(struct reader *r)
{
    const char *line = text_of(r, "cmdline"), *root = text_of(r, "root");
    const char *extra = text_of(r, "extra");
    char *to = r->s->command_line;
    int len;

    if (line && (root || extra))
        note(r, root ? "root" : "extra",
             "note: root and extra are not used, since there is cmdline");
    if (line)
        len = snprintf(to, MAX_GUEST_CMDLINE, "%s", line);
    else if (root)
        len = snprintf(to, MAX_GUEST_CMDLINE, "root=%s%s%s", root, extra ? " " : "",
                       extra ? extra : "");
    else
        len = snprintf(to, MAX_GUEST_CMDLINE, "%s", extra ? extra : "");
    if (len >= MAX_GUEST_CMDLINE)
        mistake(r,
                line    ? "cmdline"
                : extra ? "extra"
                        : "root",
                "the command line has %d bytes: at most %d are possible", len,
                MAX_GUEST_CMDLINE - 1);
}

static void read_memory(struct reader *r)
{
    long memory = number_of(r, "memory", 1, MEMORY_MAX, MEMORY_DEFAULT);
    long most = number_of(r, "maxmem", 1, MEMORY_MAX, memory);

    if (!r->bad && most < memory)
        mistake(r, "maxmem", "maxmem = %ld is less than memory = %ld", most, memory);
    r->s->memory = (uint64_t)memory * MIB;
    r->s->max_memory = (uint64_t)most * MIB;
}

static void read_vcpus(struct reader *r)
{
    long vcpus = number_of(r, "vcpus", 1, DOMAIN_VCPUS_MAX, 1);

    /* All that it may have are there from the beginning, but for vCPU 0 they are down. */
    r->s->vcpus = (unsigned int)number_of(r, "maxvcpus", vcpus, DOMAIN_VCPUS_MAX, vcpus);
}

static void device_mistake(void *context, const char *key, const char *text)
{
    mistake(context, key, "%s", text);
}

void config_add_device(struct domain_settings *s, const char *device)
{
    char **more = realloc(s->devices, (s->device_count + 1) * sizeof(*more));

    if (!more)
        abort();
    s->devices = more;
    s->devices[s->device_count++] = copy_of(device);
}

static void device_found(void *context, const char *key, const char *spec)
{
    struct reader *r = context;
    bool is_disk = !strcmp(key, "disk");
    char *device;

    if (!is_disk && strcmp(key, "vif") != 0)
        return;
    if (r->s->device_count == CONFIG_DEVICES_MOST) {
        mistake(r, key, "%s: more than %u devices", key, CONFIG_DEVICES_MOST);
        return;
    }
    if (asprintf(&device, "%s%s", is_disk ? CONFIG_DISK : CONFIG_VIF, spec) < 0)
        abort();
    config_add_device(r->s, device);
    free(device);
}

/* Other kinds of domains need a processor's help. */
static void check_type(struct reader *r)
{
    const char *type = text_of(r, "type"), *builder = text_of(r, "builder");

    if (type && strcmp(type, "pv"))
        mistake(r, "type", "type = \"%.20s\": only \"pv\" is possible", type);
    if (builder && strcmp(builder, "generic"))
        mistake(r, "builder",
                "builder = \"%.20s\": only \"generic\" is possible, which makes PV domains",
                builder);
    if (text_of(r, "bootloader"))
        mistake(r, "bootloader", "bootloader: there are no disks to load from; use kernel");
}

/* The file's own name, without what says its kind. */
static void default_name(struct domain_settings *s)
{
    const char *base = strrchr(s->path, '/');
    char *dot;

    snprintf(s->name, sizeof(s->name), "%.63s", base ? base + 1 : s->path);
    dot = strrchr(s->name, '.');
    if (dot && dot != s->name && (!strcmp(dot, ".cfg") || !strcmp(dot, ".xen")))
        *dot = '\0';
}

static void read_name(struct reader *r)
{
    const char *name = text_of(r, "name");

    default_name(r->s);
    if (!name)
        return;
    if (!name[0] || strlen(name) >= sizeof(r->s->name) || strpbrk(name, "\n\033"))
        mistake(r, "name", "name = \"%.80s\": must have from 1 to %zu characters", name,
                sizeof(r->s->name) - 1);
    snprintf(r->s->name, sizeof(r->s->name), "%.63s", name);
}

static void read_values(struct reader *r)
{
    read_name(r);
    check_type(r);
    read_uuid(r);
    r->s->kernel = copy_of(text_of(r, "kernel"));
    r->s->ramdisk = copy_of(text_of(r, "ramdisk"));
    if (!r->s->kernel && !r->bad)
        mistake(r, NULL, "there is no kernel = \"FILE\" in it");
    read_command_line(r);
    read_memory(r);
    read_vcpus(r);
    read_action(r, "on_poweroff", ON_POWEROFF, END_DESTROY);
    read_action(r, "on_reboot", ON_REBOOT, END_RESTART);
    read_action(r, "on_crash", ON_CRASH, END_DESTROY);
    read_action(r, "on_watchdog", ON_WATCHDOG, END_DESTROY);
    config_devices(r->xlu, device_mistake, device_found, r);
}

/* ---- keys ---- */

static bool has_meaning(const char *key)
{
    static const char *const keys[] = {
        "name",      "uuid",     "kernel", "ramdisk", "cmdline",     "extra",
        "root",      "memory",   "maxmem", "vcpus",   "maxvcpus",    "on_poweroff",
        "on_reboot", "on_crash", "type",   "builder", "on_watchdog", "bootloader",
    };

    for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
        if (!strcmp(key, keys[k]))
            return true;
    }
    return false;
}

static void check_key(void *context, const char *key, unsigned int line)
{
    struct reader *r = context;
    const char *meant;
    size_t used = strlen(r->ignored);

    if (has_meaning(key))
        return;
    if (config_key_known(key)) {
        if (used + strlen(key) + 3 < sizeof(r->ignored))
            sprintf(r->ignored + used, "%s%s", used ? ", " : "", key);
        return;
    }
    meant = config_key_nearest(key);
    (void)line;
    /* xl says nothing of it. */
    if (meant)
        note(r, key, "note: unknown key \"%s\"; did you mean \"%s\"?", key, meant);
    else
        note(r, key, "note: unknown key \"%s\"; xl.cfg(5) has the known ones", key);
}

/* ---- the file ---- */

static bool is_elf(const char *text, size_t size)
{
    return size > 4 && !memcmp(text, "\177ELF", 4);
}

static char *read_file(struct reader *r, const char *extra, size_t *size)
{
    int fd = open(r->s->path, O_RDONLY | O_CLOEXEC);
    char *text = NULL;
    struct stat st;
    ssize_t n = -1;

    if (fd >= 0 && !fstat(fd, &st))
        text = malloc(FILE_LIMIT + 2 + strlen(extra));
    for (*size = 0; text && *size < FILE_LIMIT; *size += (size_t)n) {
        n = read(fd, text + *size, FILE_LIMIT - *size);
        if (n <= 0)
            break;
    }
    if (n < 0)
        mistake(r, NULL, "%s", strerror(errno));
    else if (n > 0 && !is_elf(text, *size))
        mistake(r, NULL, "no configuration: it has more than %lu bytes", FILE_LIMIT);
    if (fd >= 0)
        close(fd);
    if (n < 0) {
        free(text);
        return NULL;
    }
    /* The grammar wants the last line to end. */
    *size += (size_t)sprintf(text + *size, "\n%s", extra);
    return text;
}

static void settings_of_image(struct domain_settings *s)
{
    default_name(s);
    s->kernel = copy_of(s->path);
    s->memory = s->max_memory = MEMORY_IMAGE * MIB;
    s->vcpus = 1;
    s->on[ON_REBOOT] = END_RESTART;
}

/* What libxlutil said, each line with our prefix. */
static void repeat_report(const struct reader *r, char *report)
{
    for (char *line = strtok(report, "\n"); line; line = strtok(NULL, "\n"))
        fprintf(stderr, "%s: %s\n", r->prefix, line);
}

static void parse(struct reader *r, const char *text, size_t size)
{
    char *report = NULL;
    size_t report_size = 0;
    FILE *to = open_memstream(&report, &report_size);

    r->text = text;
    r->xlu = to ? xlu_cfg_init(to, r->s->path) : NULL;
    if (!r->xlu)
        abort();
    if (xlu_cfg_readdata(r->xlu, text, (int)size)) {
        r->bad = true;
    } else {
        config_keys(text, check_key, r);
        read_values(r);
    }
    xlu_cfg_destroy(r->xlu);
    fclose(to);
    repeat_report(r, report);
    free(report);
    if (r->ignored[0] && !r->bad)
        note(r, NULL, "note: without a meaning here: %s", r->ignored);
}

bool config_read(struct domain_settings *s, const char *path, const char *extra, const char *prefix)
{
    struct reader r = {.s = s, .prefix = prefix};
    size_t size;
    char *text;

    *s = (struct domain_settings){.path = path};
    text = read_file(&r, extra ? extra : "", &size);
    if (!text)
        return false;
    if (!is_elf(text, size))
        parse(&r, text, size);
    else if (!extra)
        settings_of_image(s);
    else
        mistake(&r, NULL, "an image has no keys to be set: write a configuration with kernel = it");
    free(text);
    return !r.bad;
}

void config_free(struct domain_settings *s)
{
    free(s->kernel);
    free(s->ramdisk);
    for (unsigned int i = 0; i < s->device_count; i++)
        free(s->devices[i]);
    free(s->devices);
}
