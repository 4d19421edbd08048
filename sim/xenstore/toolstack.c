/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a toolstack keeps in the store for a domain, as libxl does it (docs/misc/
 * xenstore-paths.pandoc; tools/libs/light/libxl_create.c, libxl_dom.c, libxl_console.c,
 * libxl_device.c): the same nodes with the same owners, so that guests and tools find what they
 * look for.
 */
#include "xenstore/store.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONSOLE_LIMIT 1048576 /* bytes that xenconsoled keeps */
#define INITIALISING  "1"     /* XenbusStateInitialising */

/*
 * Some nodes are made in one go: nothing is done any more after the first error. There is no need
 * of a transaction, since nobody else runs in between.
 */
struct making {
    struct xenstore *s;
    char base[128]; /* what names are relative to */
    int error;
};

static void begin(struct making *m, struct xenstore *s) { *m = (struct making){.s = s}; }

static int end(struct making *m)
{
    xenstore_run(m->s); /* who watches */
    return m->error;
}

/* Formatting would take as long as the rest: most of a start's nodes are made here. */
static void base(struct making *m, const char *path, const char *rest)
{
    size_t len = strlen(path), size = strlen(rest) + 1;

    assert(len + size <= sizeof(m->base));
    memcpy(m->base, path, len);
    memcpy(m->base + len, rest, size);
}

/* NAME is a part of a path of ours, and short. */
static void full(const struct making *m, const char *name, char out[XENSTORE_ABS_PATH_MAX])
{
    size_t len = strlen(m->base), size = strlen(name) + 1;

    memcpy(out, m->base, len);
    if (*name)
        out[len++] = '/';
    memcpy(out + len, name, size);
}

/* NAME (empty: the base itself) with VALUE, and PERMISSIONS (NULL: those of where it is). */
static void put(struct making *m, const char *name, const char *value, const char *permissions)
{
    char path[XENSTORE_ABS_PATH_MAX];

    full(m, name, path);
    if (!m->error)
        m->error = xenstore_put(m->s, path, value, permissions);
}

static void number(struct making *m, const char *name, uint64_t value, const char *permissions)
{
    char text[24], *p = text + sizeof(text);

    *--p = '\0';
    do
        *--p = (char)('0' + value % 10);
    while (value /= 10);
    put(m, name, p, permissions);
}

static void pairs(struct making *m, const char *const *list, const char *permissions)
{
    for (; list && *list; list += 2)
        put(m, list[0], list[1], permissions);
}

static void clear_away(struct making *m)
{
    if (!m->error && node_find(m->s, m->base, strlen(m->base)))
        m->error = xenstore_rm(m->s, NULL, m->base);
}

/* Begins it anew. */
static void clear(struct making *m, const char *permissions)
{
    clear_away(m);
    put(m, "", "", permissions);
}

/* ---- the host ---- */

int xenstore_toolstack_start(struct xenstore *s)
{
    struct making m;

    begin(&m, s);
    base(&m, "/local", "");
    put(&m, "domain/0/domid", "0", NULL);
    put(&m, "domain/0/name", "Domain-0", NULL);
    put(&m, "pool/0/name", "Pool-0", NULL);
    base(&m, "/rendezvous", "");
    put(&m, "", "", "b0");
    return end(&m);
}

/* ---- names ---- */

/* The domain that is called NAME, or -1. */
static int domain_called(struct xenstore *s, const char *name)
{
    struct node *domains = node_find(s, "/local/domain", strlen("/local/domain"));
    size_t len = strlen(name);

    if (!domains)
        return -1;
    for (struct link *l = domains->children.next; l != &domains->children; l = l->next) {
        const struct node *n = node_of_sibling(l);
        char path[XENSTORE_ABS_PATH_MAX];
        int size = snprintf(path, sizeof(path), "%s/name", n->path.text);
        const struct node *given = node_find(s, path, (size_t)size);

        if (given && given->record->len == len &&
            memcmp(record_value(given->record), name, len) == 0)
            return atoi(path_base(n->path.text, n->path.len));
    }
    return -1;
}

static bool is_taken(struct xenstore *s, unsigned int domid, const char *name)
{
    int other = domain_called(s, name);

    return other >= 0 && (unsigned int)other != domid;
}

int xenstore_toolstack_rename(struct xenstore *s, unsigned int domid, const char *name)
{
    char path[40], home[32], vm[128] = "";
    struct making m;
    int error;

    if (is_taken(s, domid, name))
        return EEXIST;
    store_domain_path(domid, home, sizeof(home));
    snprintf(path, sizeof(path), "%s/vm", home);
    error = xenstore_read(s, NULL, path, vm, sizeof(vm) - 1, NULL);
    if (error)
        return error;
    begin(&m, s);
    base(&m, home, "");
    put(&m, "name", name, NULL);
    base(&m, vm, "");
    put(&m, "name", name, NULL);
    return end(&m);
}

int xenstore_toolstack_shutdown(struct xenstore *s, unsigned int domid, const char *command)
{
    char path[60];

    if (!xenstore_is_introduced(s, domid))
        return ENOENT;
    snprintf(path, sizeof(path), "/local/domain/%u/control/shutdown", domid);
    return xenstore_write(s, NULL, path, command, strlen(command));
}

/* ---- a domain ---- */

/* Its directories, and permissions of them. */
struct places {
    char home[32], vm[48], libxl[32];
    char none[16], read_only[32], own[16];
};

/* libxl__domain_make */
static void make_domain(struct making *m, const struct xenstore_domain_config *c,
                        const struct places *p)
{
    static const char *const own_nodes[] = {"control/shutdown",
                                            "control/feature-poweroff",
                                            "control/feature-reboot",
                                            "control/feature-suspend",
                                            "control/sysrq",
                                            "data",
                                            "drivers",
                                            "feature",
                                            "attr",
                                            "error"};

    base(m, p->home, "");
    clear(m, p->read_only);
    base(m, p->vm, "");
    clear(m, p->read_only);
    base(m, p->libxl, "");
    clear(m, p->none);
    put(m, "device", "", p->none);
    base(m, p->home, "");
    put(m, "vm", p->vm, NULL);
    put(m, "name", c->name, NULL);
    put(m, "cpu", "", p->read_only);
    put(m, "memory", "", p->read_only);
    put(m, "device", "", p->read_only);
    put(m, "device/suspend/event-channel", "", p->own);
    put(m, "control", "", p->read_only);
    for (size_t i = 0; i < sizeof(own_nodes) / sizeof(own_nodes[0]); i++)
        put(m, own_nodes[i], "", p->own);
    base(m, p->vm, "");
    put(m, "uuid", c->uuid, NULL);
    put(m, "name", c->name, NULL);
    base(m, p->home, "/control");
    put(m, "platform-feature-multiprocessor-suspend", "1", NULL);
    put(m, "platform-feature-xs_reset_watches", "1", NULL);
    base(m, p->libxl, "");
    put(m, "type", "pv", NULL);
}

/* libxl__build_post, and what libxl__domain_build gives it */
static void make_resources(struct making *m, const struct xenstore_domain_config *c,
                           const struct places *p)
{
    char text[48];

    base(m, p->home, "");
    number(m, "memory/static-max", c->max_memory / 1024, NULL);
    number(m, "memory/target", c->memory / 1024, NULL);
    number(m, "memory/videoram", 0, NULL);
    number(m, "domid", c->domid, NULL);
    number(m, "store/port", c->store_port, NULL);
    number(m, "store/ring-ref", c->store_mfn, NULL);
    for (unsigned int i = 0; i < c->max_vcpus; i++) {
        snprintf(text, sizeof(text), "cpu/%u/availability", i);
        put(m, text, i < c->vcpus ? "online" : "offline", NULL);
    }
    base(m, p->vm, "");
    put(m, "image/ostype", "linux", NULL);
    put(m, "image/kernel", c->kernel, NULL);
    snprintf(text, sizeof(text), "%" PRIu64 ".%02" PRIu64, c->start_time / 1000000000,
             c->start_time % 1000000000 / 10000000);
    put(m, "start_time", text, NULL);
    if (c->ramdisk)
        put(m, "image/ramdisk", c->ramdisk, NULL);
    if (c->cmdline)
        put(m, "image/cmdline", c->cmdline, NULL);
}

/* ---- devices ---- */

/* Where both ends, and the toolstack's copy, are. */
struct device_paths {
    char front[128], back[128], copy[128];
};

static void device_paths(const struct xenstore_device *d, struct device_paths *p)
{
    bool console = d->devid == 0 && strcmp(d->kind, "console") == 0;

    if (console)
        snprintf(p->front, sizeof(p->front), "/local/domain/%u/console", d->domid);
    else
        snprintf(p->front, sizeof(p->front), "/local/domain/%u/device/%s/%u", d->domid, d->kind,
                 d->devid);
    snprintf(p->back, sizeof(p->back), "/local/domain/%u/backend/%s/%u/%u", d->backend_domid,
             d->backend_kind, d->domid, d->devid);
    snprintf(p->copy, sizeof(p->copy), "/libxl/%u/device/%s/%u", d->domid, d->kind, d->devid);
}

/* libxl__device_generic_add */
static void make_device(struct making *m, const struct xenstore_device *d)
{
    char front[32], back[32];
    struct device_paths p;

    device_paths(d, &p);
    snprintf(front, sizeof(front), "n%u r%u", d->domid, d->backend_domid);
    snprintf(back, sizeof(back), "n%u r%u", d->backend_domid, d->domid);
    base(m, p.copy, "");
    clear_away(m);
    put(m, "frontend", p.front, NULL);
    put(m, "backend", p.back, NULL);
    base(m, p.front, "");
    /* The first console's directory is not the guest's own. */
    clear(m, strstr(p.front, "/device/") ? front : back);
    put(m, "backend", p.back, NULL);
    pairs(m, d->front, front);
    pairs(m, d->read_only, back);
    base(m, p.back, "");
    clear(m, back);
    put(m, "frontend", p.front, NULL);
    pairs(m, d->back, NULL);
    base(m, p.copy, "");
    pairs(m, d->back, NULL);
}

int xenstore_toolstack_add_device(struct xenstore *s, const struct xenstore_device *d)
{
    struct making m;

    begin(&m, s);
    make_device(&m, d);
    return end(&m);
}

/* libxl__device_console_add */
static void make_console(struct making *m, const struct xenstore_domain_config *c)
{
    char domid[16], port[16], mfn[24], limit[16];
    const char *const front[] = {"backend-id", "0", NULL};
    const char *const read_only[] = {
        "limit",  limit, "type",     "xenconsoled",
        "output", "pty", "tty",      c->console_tty ? c->console_tty : "",
        "port",   port,  "ring-ref", mfn,
        NULL};
    const char *const back[] = {"frontend-id", domid,      "online", "1", "state",
                                INITIALISING,  "protocol", "vt100",  NULL};
    const struct xenstore_device d = {.domid = c->domid,
                                      .kind = "console",
                                      .backend_kind = "console",
                                      .front = front,
                                      .read_only = read_only,
                                      .back = back};

    snprintf(domid, sizeof(domid), "%u", c->domid);
    snprintf(port, sizeof(port), "%u", c->console_port);
    snprintf(mfn, sizeof(mfn), "%" PRIu64, c->console_mfn);
    snprintf(limit, sizeof(limit), "%u", CONSOLE_LIMIT);
    make_device(m, &d);
}

int xenstore_toolstack_create(struct xenstore *s, const struct xenstore_domain_config *c)
{
    struct places p;
    struct making m;
    int error;

    if (*c->name && is_taken(s, c->domid, c->name))
        return EEXIST;
    store_domain_path(c->domid, p.home, sizeof(p.home));
    snprintf(p.vm, sizeof(p.vm), "/vm/%s", c->uuid);
    snprintf(p.libxl, sizeof(p.libxl), "/libxl/%u", c->domid);
    strcpy(p.none, "n0");
    snprintf(p.read_only, sizeof(p.read_only), "n0 r%u", c->domid);
    snprintf(p.own, sizeof(p.own), "n%u", c->domid);
    begin(&m, s);
    make_domain(&m, c, &p);
    make_resources(&m, c, &p);
    make_console(&m, c);
    error = end(&m);
    if (!error)
        error = xenstore_introduce(s, c->domid, c->store_port);
    if (error)
        xenstore_toolstack_destroy(s, c->domid);
    return error;
}

/* ---- its end ---- */

/* Removes PATH, and above it what has no children then, up to a domain's directory. */
static void remove_back_end(struct xenstore *s, const char *path)
{
    char up[XENSTORE_ABS_PATH_MAX];
    size_t len = strlen(path);

    if (len >= sizeof(up) || !node_find(s, path, len))
        return;
    memcpy(up, path, len + 1);
    /* .../backend/KIND/DOMID/DEVID: all but the devices and kinds of others */
    for (int i = 0; i < 4; i++) {
        const struct node *n;

        xenstore_rm(s, NULL, up);
        up[path_parent(up, strlen(up))] = '\0';
        n = node_find(s, up, strlen(up));
        if (!n || !list_empty(&n->children))
            return;
    }
}

static void remove_back_ends(struct xenstore *s, unsigned int domid)
{
    char path[64], back[XENSTORE_PAYLOAD_MAX];
    int len = snprintf(path, sizeof(path), "/libxl/%u/device", domid);
    const struct node *kinds = node_find(s, path, (size_t)len);

    if (!kinds)
        return;
    for (struct link *k = kinds->children.next; k != &kinds->children; k = k->next) {
        struct node *kind = node_of_sibling(k);

        for (struct link *d = kind->children.next; d != &kind->children; d = d->next) {
            char device[XENSTORE_ABS_PATH_MAX];

            snprintf(device, sizeof(device), "%s/backend", node_of_sibling(d)->path.text);
            if (!xenstore_read(s, NULL, device, back, sizeof(back) - 1, NULL))
                remove_back_end(s, back);
        }
    }
}

void xenstore_toolstack_destroy(struct xenstore *s, unsigned int domid)
{
    char path[64], vm[XENSTORE_PAYLOAD_MAX] = "";

    remove_back_ends(s, domid);
    snprintf(path, sizeof(path), "/local/domain/%u/vm", domid);
    if (!xenstore_read(s, NULL, path, vm, sizeof(vm) - 1, NULL) && *vm)
        xenstore_rm(s, NULL, vm);
    snprintf(path, sizeof(path), "/local/domain/%u", domid);
    xenstore_rm(s, NULL, path);
    snprintf(path, sizeof(path), "/libxl/%u", domid);
    xenstore_rm(s, NULL, path);
}
