/* SPDX-License-Identifier: BSD-3-Clause
 *
 * HALVM='memory=64 ramdisk=iris.tar': what xl.cfg would say, for a program that is its own
 * configuration file. The names are xl's and, for loglvl, Xen's command line's.
 */
#include "sim.h"
#include "nearest.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MIB            (1UL << 20)
#define MEMORY_DEFAULT 256U
#define MEMORY_MIN     8U
#define MEMORY_MAX     (64U << 10) /* frame numbers have 32 bits; nobody's laptop has more */

enum key {
    KEY_MEMORY,
    KEY_MAXMEM,
    KEY_VCPUS,
    KEY_RAMDISK,
    KEY_LOGLVL,
    KEY_HARDWARE_DOMAIN,
    KEY_TIME,
    KEY_SEED,
    KEY_TRACE,
    KEYS
};

static const char *const names[KEYS] = {
    [KEY_MEMORY] = "memory",   [KEY_MAXMEM] = "maxmem", [KEY_VCPUS] = "vcpus",
    [KEY_RAMDISK] = "ramdisk", [KEY_LOGLVL] = "loglvl", [KEY_HARDWARE_DOMAIN] = "hardware_domain",
    [KEY_TIME] = "time",       [KEY_SEED] = "seed",     [KEY_TRACE] = "trace",
};

static bool unknown(const char *key, char *message, size_t size)
{
    const char *meant = nearest(key, names, KEYS);

    if (meant)
        snprintf(message, size, "unknown key \"%s\"; did you mean \"%s\"?", key, meant);
    else
        snprintf(message, size,
                 "unknown key \"%.100s\"; known are memory, maxmem, vcpus, ramdisk, loglvl, "
                 "hardware_domain, time, seed, trace",
                 key);
    return false;
}

bool options_seed(const char *text, uint64_t *seed)
{
    char *end;

    errno = 0;
    *seed = strtoull(text, &end, 0);
    return !errno && isdigit((unsigned char)text[0]) && !*end && *seed;
}

static bool number(const char *key, const char *value, uint64_t *out, char *message, size_t size)
{
    char *end;

    *out = strtoull(value, &end, 10);
    if (isdigit((unsigned char)value[0]) && !*end)
        return true;
    snprintf(message, size, "%s=%.100s: not a whole number", key, value);
    return false;
}

static bool memory(const char *key, const char *value, uint64_t *out, char *message, size_t size)
{
    uint64_t n;

    if (!number(key, value, &n, message, size))
        return false;
    if (n < MEMORY_MIN || n > MEMORY_MAX) {
        if (n < MEMORY_MIN)
            snprintf(message, size, "%s=%.20s: at least %u MiB are needed", key, value, MEMORY_MIN);
        else
            snprintf(message, size, "%s=%.20s: at most %u MiB are possible", key, value,
                     MEMORY_MAX);
        return false;
    }
    *out = n * MIB;
    return true;
}

static bool path(const char *key, const char *value, char out[OPTIONS_PATH], char *message,
                 size_t size)
{
    if (strlen(value) >= OPTIONS_PATH) {
        snprintf(message, size, "%s: the path is too long", key);
        return false;
    }
    strcpy(out, value);
    return true;
}

static bool log_level(const char *value, struct sim_options *o, char *message, size_t size)
{
    static const struct {
        const char *name;
        int level;
    } levels[] = {
        /* "none" still lets errors of the host itself through: they have no level. */
        {"none", -1},
        {"error", HYPERVISOR_LOG_ERROR},
        {"warning", HYPERVISOR_LOG_WARNING},
        {"info", HYPERVISOR_LOG_INFO},
        {"debug", HYPERVISOR_LOG_DEBUG},
        {"all", HYPERVISOR_LOG_DEBUG},
    };

    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (!strcmp(value, levels[i].name)) {
            o->log_level = (enum hypervisor_log_level)levels[i].level;
            return true;
        }
    }
    snprintf(message, size, "loglvl=%.100s: must be none, error, warning, info, debug or all",
             value);
    return false;
}

static bool set(const char *key, const char *value, struct sim_options *o, char *message,
                size_t size)
{
    unsigned int k = 0;
    uint64_t n;

    while (k < KEYS && strcmp(key, names[k]))
        k++;
    switch (k) {
    case KEY_TIME:
        o->virtual_time = !strcmp(value, "virtual");
        if (o->virtual_time || !strcmp(value, "real"))
            return true;
        snprintf(message, size, "time=%.100s: must be real or virtual", value);
        return false;
    case KEY_SEED:
        if (options_seed(value, &o->seed))
            return true;
        snprintf(message, size, "seed=%.100s: not a number from 1 to 2^64 - 1", value);
        return false;
    case KEY_MEMORY:
        return memory(key, value, &o->memory, message, size);
    case KEY_MAXMEM:
        return memory(key, value, &o->max_memory, message, size);
    case KEY_VCPUS:
        if (!number(key, value, &n, message, size))
            return false;
        if (n < 1 || n > DOMAIN_VCPUS_MAX) {
            snprintf(message, size, "vcpus=%.20s: must be from 1 to %u", value, DOMAIN_VCPUS_MAX);
            return false;
        }
        o->vcpus = (unsigned int)n;
        return true;
    case KEY_RAMDISK:
        return path(key, value, o->ramdisk, message, size);
    case KEY_TRACE:
        return path(key, value, o->trace, message, size);
    case KEY_LOGLVL:
        return log_level(value, o, message, size);
    case KEY_HARDWARE_DOMAIN:
        if (!number(key, value, &n, message, size))
            return false;
        if (n > 1) {
            snprintf(message, size, "hardware_domain=%.20s: must be 0 or 1", value);
            return false;
        }
        o->hardware_domain = n;
        return true;
    default:
        return unknown(key, message, size);
    }
}

bool options_parse(const char *text, struct sim_options *o, char *message, size_t size)
{
    memset(o, 0, sizeof(*o));
    o->memory = MEMORY_DEFAULT * MIB;
    o->vcpus = 1;
    o->log_level = HYPERVISOR_LOG_WARNING; /* Xen's own default */
    while (text && *text) {
        char word[sizeof(o->ramdisk) + 64], *equals;
        size_t len = 0;
        char quote = 0;

        if (isspace((unsigned char)*text)) {
            text++;
            continue;
        }
        for (; *text && (quote || !isspace((unsigned char)*text)); text++) {
            if (quote ? *text == quote : *text == '"' || *text == '\'') {
                quote = quote ? 0 : *text;
            } else if (len < sizeof(word) - 1) {
                word[len++] = *text;
            }
        }
        word[len] = '\0';
        equals = strchr(word, '=');
        if (quote) {
            snprintf(message, size, "a quote is not closed in \"%.100s\"", word);
            return false;
        }
        if (!equals) {
            snprintf(message, size, "\"%.100s\" is not key=value", word);
            return false;
        }
        *equals = '\0';
        if (!set(word, equals + 1, o, message, size))
            return false;
    }
    if (o->max_memory && o->max_memory < o->memory) {
        snprintf(message, size, "maxmem is less than memory");
        return false;
    }
    return true;
}

bool options_command_line(int argc, char **argv, char *out, size_t size)
{
    size_t len = 0;

    for (int i = 0; i < argc; i++) {
        const char *p = argv[i];
        bool empty = !*p;

        if (len + 3 >= size)
            return false;
        if (i > 0)
            out[len++] = ' ';
        if (empty) {
            out[len++] = '\\';
            out[len++] = 'e';
        }
        for (; *p; p++) {
            if (len + 3 > size)
                return false;
            if (*p == ' ' || *p == '\\' || *p == '"' || *p == '\'')
                out[len++] = '\\';
            out[len++] = *p;
        }
    }
    out[len] = '\0';
    return true;
}
