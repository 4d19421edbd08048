/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A domain's configuration as libxl writes it in JSON, for xl list -l: with libxl's own types and
 * its own generator.
 */
#define _GNU_SOURCE
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxl.h>
#include <libxl_utils.h>
#include <libxlutil.h>

static char *copy_of(const char *text)
{
    char *copy = text ? strdup(text) : NULL;

    if (text && !copy)
        abort();
    return copy;
}

static void set(char **to, const char *text)
{
    free(*to);
    *to = copy_of(text);
}

/* ---- devices ---- */

static void *add_one(void *devices, int count, size_t size)
{
    void *more = realloc(devices, ((size_t)count + 1) * size);

    if (!more)
        abort();
    return more;
}

static void add_disk(libxl_domain_config *c, const char *spec)
{
    XLU_Config *xlu = xlu_cfg_init(stderr, "disk");
    libxl_device_disk *disk;

    if (!xlu)
        abort();
    c->disks = add_one(c->disks, c->num_disks, sizeof(*disk));
    disk = &c->disks[c->num_disks++];
    libxl_device_disk_init(disk);
    xlu_disk_parse(xlu, 1, &spec, disk); /* whoever has made the domain was told what is wrong */
    xlu_cfg_destroy(xlu);
}

static void set_rate(libxl_device_nic *nic, const char *value)
{
    XLU_Config *xlu = xlu_cfg_init(stderr, "vif");

    if (!xlu)
        abort();
    xlu_vif_parse_rate(xlu, value, nic);
    xlu_cfg_destroy(xlu);
}

static void set_mac(libxl_device_nic *nic, const char *value)
{
    sscanf(value, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &nic->mac[0], &nic->mac[1], &nic->mac[2],
           &nic->mac[3], &nic->mac[4], &nic->mac[5]);
}

static const char *nic_word(void *context, const char *key, const char *value)
{
    libxl_device_nic *nic = context;
    const struct {
        const char *key;
        char **to;
    } texts[] = {
        {"bridge", &nic->bridge},     {"gatewaydev", &nic->gatewaydev},
        {"netdev", &nic->gatewaydev}, {"ip", &nic->ip},
        {"script", &nic->script},     {"backend", &nic->backend_domname},
        {"vifname", &nic->ifname},    {"model", &nic->model},
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (!strcmp(key, texts[i].key))
            set(texts[i].to, value);
    }
    if (!strcmp(key, "type"))
        nic->nictype = LIBXL_NIC_TYPE_VIF;
    else if (!strcmp(key, "mac"))
        set_mac(nic, value);
    else if (!strcmp(key, "rate"))
        set_rate(nic, value);
    else if (!strcmp(key, "devid"))
        nic->devid = atoi(value);
    else if (!strcmp(key, "mtu"))
        nic->mtu = atoi(value);
    return NULL;
}

static void add_nic(libxl_domain_config *c, const char *spec)
{
    const char *wrong;
    libxl_device_nic *nic;

    c->nics = add_one(c->nics, c->num_nics, sizeof(*nic));
    nic = &c->nics[c->num_nics];
    libxl_device_nic_init(nic);
    nic->devid = c->num_nics++;
    config_each_word(spec, nic_word, nic, &wrong);
}

static void add_device(libxl_domain_config *c, const char *device)
{
    if (!strncmp(device, CONFIG_DISK, strlen(CONFIG_DISK)))
        add_disk(c, device + strlen(CONFIG_DISK));
    else if (!strncmp(device, CONFIG_VIF, strlen(CONFIG_VIF)))
        add_nic(c, device + strlen(CONFIG_VIF));
}

/* ---- the domain ---- */

static libxl_action_on_shutdown action_of(enum end_action action)
{
    static const libxl_action_on_shutdown actions[] = {
        [END_DESTROY] = LIBXL_ACTION_ON_SHUTDOWN_DESTROY,
        [END_RESTART] = LIBXL_ACTION_ON_SHUTDOWN_RESTART,
        [END_PRESERVE] = LIBXL_ACTION_ON_SHUTDOWN_PRESERVE,
        [END_RENAME_RESTART] = LIBXL_ACTION_ON_SHUTDOWN_RESTART_RENAME,
    };

    return actions[action];
}

/* libxl's own function wants a context, which there is none of without Xen. */
static void set_all_vcpus(libxl_bitmap *map, unsigned int count)
{
    map->size = (count + 7) / 8;
    map->map = calloc(map->size, 1);
    if (!map->map)
        abort();
    for (unsigned int i = 0; i < count; i++)
        libxl_bitmap_set(map, (int)i);
}

char *config_json(const struct domain_settings *s)
{
    libxl_domain_config c;
    libxl_domain_build_info *b = &c.b_info;
    char *text;

    libxl_domain_config_init(&c);
    c.c_info.type = LIBXL_DOMAIN_TYPE_PV;
    c.c_info.name = copy_of(s->name);
    memcpy(libxl_uuid_bytearray(&c.c_info.uuid), s->uuid, sizeof(s->uuid));
    libxl_domain_build_info_init_type(b, LIBXL_DOMAIN_TYPE_PV);
    b->max_vcpus = (int)s->vcpus;
    set_all_vcpus(&b->avail_vcpus, s->vcpus);
    b->max_memkb = s->max_memory / 1024;
    b->target_memkb = s->memory / 1024;
    b->kernel = copy_of(s->kernel);
    b->ramdisk = copy_of(s->ramdisk);
    b->cmdline = copy_of(s->command_line[0] ? s->command_line : NULL);
    for (unsigned int i = 0; i < s->device_count; i++)
        add_device(&c, s->devices[i]);
    c.on_poweroff = action_of(s->on[ON_POWEROFF]);
    c.on_reboot = action_of(s->on[ON_REBOOT]);
    c.on_crash = action_of(s->on[ON_CRASH]);
    c.on_watchdog = action_of(s->on[ON_WATCHDOG]);
    text = libxl_domain_config_to_json(NULL, &c);
    libxl_domain_config_dispose(&c);
    if (!text)
        abort();
    return text;
}
