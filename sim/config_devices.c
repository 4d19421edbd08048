/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The devices of a configuration: disk, vif and p9 (xl-disk-configuration(5),
 * xl-network-configuration(5), xl.cfg(5)). There are no back ends for them, but what is wrong with
 * one is said here as xl says it.
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxl.h>
#include <libxlutil.h>

struct check {
    XLU_Config *xlu;
    config_mistake *mistake;
    void *context;
};

static void tell(const struct check *c, const char *key, const char *spec, const char *what)
{
    char text[512];

    snprintf(text, sizeof(text), "%s = \"%.200s\": %s", key, spec, what);
    c->mistake(c->context, key, text);
}

/* libxlutil says what is wrong, and of which text. */
static void check_disk(const struct check *c, const char *spec)
{
    libxl_device_disk disk;

    libxl_device_disk_init(&disk);
    if (xlu_disk_parse(c->xlu, 1, &spec, &disk))
        tell(c, "disk", spec, "not a disk, see xl-disk-configuration(5)");
    libxl_device_disk_dispose(&disk);
}

/* Six numbers of two hexadecimal digits. */
static bool is_mac(const char *text)
{
    for (int i = 0; i < 6; i++) {
        char *end;

        if (strspn(text, "0123456789abcdefABCDEF") > 2)
            return false;
        strtoul(text, &end, 16);
        if (end == text || *end != (i < 5 ? ':' : '\0'))
            return false;
        text = end + 1;
    }
    return true;
}

bool config_each_word(const char *spec, config_word *look, void *context, const char **wrong)
{
    char *copy = strdup(spec), *rest = copy, *word;

    if (!copy)
        abort();
    *wrong = NULL;
    while (!*wrong && (word = strsep(&rest, ","))) {
        char *value;

        word += strspn(word, " \t");
        word[strcspn(word, " \t")] = '\0';
        value = strchr(word, '=');
        if (!*word)
            continue;
        if (value)
            *value++ = '\0';
        *wrong = value ? look(context, word, value) : "a word in it is not key=value";
    }
    free(copy);
    return !*wrong;
}

static const char *vif_word(void *context, const char *key, const char *value)
{
    static const char *const keys[] = {"type",     "mac",       "bridge", "gatewaydev", "netdev",
                                       "ip",       "script",    "rate",   "backend",    "vifname",
                                       "devid",    "mtu",       "model",  "trusted",    "accel",
                                       "vif_type", "forwarddev"};

    (void)context;
    if (!strcmp(key, "mac") && !is_mac(value))
        return "mac must be six numbers of two hexadecimal digits";
    if (!strcmp(key, "type") && strcmp(value, "vif"))
        return "type must be vif, since the domain is PV";
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (!strcmp(key, keys[i]))
            return NULL;
    }
    return "unknown key, see xl-network-configuration(5)";
}

static void check_vif(const struct check *c, const char *spec)
{
    const char *wrong;

    if (!config_each_word(spec, vif_word, NULL, &wrong))
        tell(c, "vif", spec, wrong);
}

/* Which of those that it must have were there. */
enum { P9_TAG = 1, P9_PATH = 2, P9_SECURITY_MODEL = 4, P9_ALL = 7 };

static const char *p9_word(void *context, const char *key, const char *value)
{
    unsigned int *there = context;

    (void)value;
    if (!strcmp(key, "tag"))
        *there |= P9_TAG;
    else if (!strcmp(key, "path"))
        *there |= P9_PATH;
    else if (!strcmp(key, "security_model"))
        *there |= P9_SECURITY_MODEL;
    else if (strcmp(key, "backend") != 0)
        return "unknown key: tag, path, security_model and backend are known";
    return NULL;
}

static void check_p9(const struct check *c, const char *spec)
{
    const char *wrong;
    unsigned int there = 0;

    if (!config_each_word(spec, p9_word, &there, &wrong))
        tell(c, "p9", spec, wrong);
    else if (there != P9_ALL)
        tell(c, "p9", spec, "tag, path and security_model must be there");
}

void config_devices(XLU_Config *xlu, config_mistake *mistake, config_found *found, void *context)
{
    static const struct {
        const char *key;
        void (*check)(const struct check *c, const char *spec);
    } kinds[] = {{"disk", check_disk}, {"vif", check_vif}, {"p9", check_p9}};
    const struct check c = {.xlu = xlu, .mistake = mistake, .context = context};

    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        XLU_ConfigList *list;
        const char *spec;
        int error = xlu_cfg_get_list(xlu, kinds[k].key, &list, NULL, 1);

        if (error == ESRCH)
            continue;
        if (error)
            mistake(context, kinds[k].key, "must be a list, in brackets");
        for (int i = 0; !error && (spec = xlu_cfg_get_listitem(list, i)); i++) {
            kinds[k].check(&c, spec);
            found(context, kinds[k].key, spec);
        }
    }
}
