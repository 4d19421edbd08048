/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A domain as xl's configuration describes it (xl.cfg(5)).
 */
#ifndef SIM_CONFIG_H
#define SIM_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>

/* What becomes of a domain that has ended. */
enum end_action {
    END_DESTROY,
    END_RESTART,
    END_PRESERVE,
    END_RENAME_RESTART, /* kept, and a new one made */
};

/* Why it has ended: as far as there is a choice. */
enum end_reason { ON_POWEROFF, ON_REBOOT, ON_CRASH, ON_WATCHDOG, END_REASONS };

struct domain_settings {
    const char *path; /* of the configuration, for messages */
    char name[64];
    uint8_t uuid[16];
    bool has_uuid;
    char *kernel, *ramdisk; /* paths; RAMDISK may be NULL */
    char command_line[MAX_GUEST_CMDLINE];
    uint64_t memory, max_memory; /* bytes */
    unsigned int vcpus;
    enum end_action on[END_REASONS];
    char **devices; /* CONFIG_DISK or CONFIG_VIF and its specification */
    unsigned int device_count;
};

#define CONFIG_DISK "disk="
#define CONFIG_VIF  "vif="

/* So many devices a domain may have. */
#define CONFIG_DEVICES_MOST 40U

/* S has one more. */
void config_add_device(struct domain_settings *s, const char *device);

/*
 * Reads the file PATH: a configuration, or an image, which is then a domain's kernel. EXTRA (NULL:
 * none) are lines that follow those of a configuration, whose values then count. Mistakes are
 * lines on standard error, each with PREFIX, the file and where one can be told its line: then
 * the result is false. What has no meaning here is one such line, and no mistake.
 */
bool config_read(struct domain_settings *s, const char *path, const char *extra,
                 const char *prefix);
void config_free(struct domain_settings *s);

/* config_json.c: S as libxl writes it in JSON, to be freed. */
char *config_json(const struct domain_settings *s);

/* ---- config_devices.c ---- */

/*
 * Calls MISTAKE for what is wrong with a disk, vif or p9, with a line about it, and FOUND for each
 * that there is.
 */
typedef void config_mistake(void *context, const char *key, const char *text);
typedef void config_found(void *context, const char *key, const char *spec);
struct XLU_Config;
void config_devices(struct XLU_Config *xlu, config_mistake *mistake, config_found *found,
                    void *context);

/*
 * Of SPEC, words KEY=VALUE with commas between, calls LOOK for each, until it says what is WRONG.
 * Returns whether nothing is.
 */
typedef const char *config_word(void *context, const char *key, const char *value);
bool config_each_word(const char *spec, config_word *look, void *context, const char **wrong);

/*
 * config_keys.c: calls FOUND for each KEY that a configuration sets, in order.
 */
void config_keys(const char *text, void (*found)(void *context, const char *key, unsigned int line),
                 void *context);

/* Whether xl knows KEY. */
bool config_key_known(const char *key);
/* The key of xl's that is most like it, or NULL. */
const char *config_key_nearest(const char *key);

#endif
