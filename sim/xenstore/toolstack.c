/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a toolstack keeps in the store for a domain, as libxl does it (docs/misc/
 * xenstore-paths.pandoc; tools/libs/light/libxl_create.c, libxl_dom.c, libxl_console.c,
 * libxl_device.c): the same nodes with the same owners, so that guests and tools find what they
 * look for.
 */
#include "xenstore/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONSOLE_LIMIT "1048576" /* bytes that xenconsoled keeps */
#define INITIALISING  "1"       /* XenbusStateInitialising */

/*
 * Some nodes are made in one go: nothing is done any more after the first error. There is no need
 * of a transaction, since nobody else runs in between.
 */
struct making {
    struct xenstore *s;
    struct place base; /* what names are relative to */
    int error;
};

static void begin(struct making *m, struct xenstore *s)
{
    m->s = s;
    m->error = 0;
}

static int end(struct making *m)
{
    xenstore_run(m->s); /* who watches */
    return m->error;
}

static void base(struct making *m, const char *path)
{
    if (!m->error)
        m->error = place_set(m->s, &m->base, path);
}

/* ---- permissions ---- */

static const struct permissions as_above = {.count = 0};

/* P, of domains that there are. */
static struct permissions checked(struct making *m, struct permissions p)
{
    int error = permissions_check(m->s, p.list, p.count);

    if (!m->error)
        m->error = error;
    return p;
}

static struct permissions only(struct making *m, unsigned int owner)
{
    return checked(m, (struct permissions){.count = 1, .list = {{.domid = owner}}});
}

static struct permissions readable(struct making *m, unsigned int owner, unsigned int reader)
{
    return checked(
        m, (struct permissions){.count = 2,
                                .list = {{.domid = owner}, {.domid = reader, .flags = PERM_READ}}});
}

/* NAME (empty: the base itself) with VALUE, and PERMISSIONS. */
static void put(struct making *m, const char *name, const char *value,
                const struct permissions *permissions)
{
    if (!m->error)
        m->error = place_put(m->s, &m->base, name, value, permissions);
}

struct decimal {
    char text[24];
};

/* VALUE, in O. Formatting would take as long as the rest. */
static const char *decimal(struct decimal *o, uint64_t value)
{
    char *p = o->text + sizeof(o->text);

    *--p = '\0';
    do
        *--p = (char)('0' + value % 10);
    while (value /= 10);
    return p;
}

static void number(struct making *m, const char *name, uint64_t value,
                   const struct permissions *permissions)
{
    struct decimal text;

    put(m, name, decimal(&text, value), permissions);
}

static void pairs(struct making *m, const char *const *list, const struct permissions *permissions)
{
    for (; list && *list; list += 2)
        put(m, list[0], list[1], permissions);
}

static void clear_away(struct making *m)
{
    if (!m->error && node_find(m->s, m->base.path, m->base.len))
        m->error = xenstore_rm(m->s, NULL, m->base.path);
}

/* Begins it anew. */
static void clear(struct making *m, const struct permissions *permissions)
{
    clear_away(m);
    put(m, "", "", permissions);
}

/* ---- the host ---- */

int xenstore_toolstack_start(struct xenstore *s)
{
    struct making m;

    begin(&m, s);
    base(&m, "/local");
    put(&m, "domain/0/domid", "0", &as_above);
    put(&m, "domain/0/name", "Domain-0", &as_above);
    put(&m, "pool/0/name", "Pool-0", &as_above);
    base(&m, "/rendezvous");
    put(&m, "", "",
        &(const struct permissions){.count = 1, .list = {{.flags = PERM_READ | PERM_WRITE}}});
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
        const struct node *given = node_child(s, n, "name");

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
    base(&m, home);
    put(&m, "name", name, &as_above);
    base(&m, vm);
    put(&m, "name", name, &as_above);
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
    struct permissions none, read_only, own;
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

    base(m, p->home);
    clear(m, &p->read_only);
    base(m, p->vm);
    clear(m, &p->read_only);
    base(m, p->libxl);
    clear(m, &p->none);
    put(m, "device", "", &p->none);
    base(m, p->home);
    put(m, "vm", p->vm, &as_above);
    put(m, "name", c->name, &as_above);
    put(m, "cpu", "", &p->read_only);
    put(m, "memory", "", &p->read_only);
    put(m, "device", "", &p->read_only);
    put(m, "device/suspend/event-channel", "", &p->own);
    put(m, "control", "", &p->read_only);
    for (size_t i = 0; i < sizeof(own_nodes) / sizeof(own_nodes[0]); i++)
        put(m, own_nodes[i], "", &p->own);
    base(m, p->vm);
    put(m, "uuid", c->uuid, &as_above);
    put(m, "name", c->name, &as_above);
    base(m, p->home);
    put(m, "control/platform-feature-multiprocessor-suspend", "1", &as_above);
    put(m, "control/platform-feature-xs_reset_watches", "1", &as_above);
    base(m, p->libxl);
    put(m, "type", "pv", &as_above);
}

/* libxl__build_post, and what libxl__domain_build gives it */
static void make_resources(struct making *m, const struct xenstore_domain_config *c,
                           const struct places *p)
{
    char text[48];

    base(m, p->home);
    number(m, "memory/static-max", c->max_memory / 1024, &as_above);
    number(m, "memory/target", c->memory / 1024, &as_above);
    number(m, "memory/videoram", 0, &as_above);
    number(m, "domid", c->domid, &as_above);
    number(m, "store/port", c->store_port, &as_above);
    number(m, "store/ring-ref", c->store_mfn, &as_above);
    for (unsigned int i = 0; i < c->max_vcpus; i++) {
        snprintf(text, sizeof(text), "cpu/%u/availability", i);
        put(m, text, i < c->vcpus ? "online" : "offline", &as_above);
    }
    base(m, p->vm);
    put(m, "image/ostype", "linux", &as_above);
    put(m, "image/kernel", c->kernel, &as_above);
    snprintf(text, sizeof(text), "%" PRIu64 ".%02" PRIu64, c->start_time / 1000000000,
             c->start_time % 1000000000 / 10000000);
    put(m, "start_time", text, &as_above);
    if (c->ramdisk)
        put(m, "image/ramdisk", c->ramdisk, &as_above);
    if (c->cmdline)
        put(m, "image/cmdline", c->cmdline, &as_above);
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
    const struct permissions front = readable(m, d->domid, d->backend_domid);
    const struct permissions back = readable(m, d->backend_domid, d->domid);
    struct device_paths p;

    device_paths(d, &p);
    base(m, p.copy);
    clear_away(m);
    put(m, "frontend", p.front, &as_above);
    put(m, "backend", p.back, &as_above);
    base(m, p.front);
    /* The first console's directory is not the guest's own. */
    clear(m, strstr(p.front, "/device/") ? &front : &back);
    put(m, "backend", p.back, &as_above);
    pairs(m, d->front, &front);
    pairs(m, d->read_only, &back);
    base(m, p.back);
    clear(m, &back);
    put(m, "frontend", p.front, &as_above);
    pairs(m, d->back, &as_above);
    base(m, p.copy);
    pairs(m, d->back, &as_above);
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
    struct decimal domid, port, mfn;
    const char *const front[] = {"backend-id", "0", NULL};
    const char *const read_only[] = {"limit",    CONSOLE_LIMIT,
                                     "type",     "xenconsoled",
                                     "output",   "pty",
                                     "tty",      c->console_tty ? c->console_tty : "",
                                     "port",     decimal(&port, c->console_port),
                                     "ring-ref", decimal(&mfn, c->console_mfn),
                                     NULL};
    const char *const back[] = {"frontend-id", decimal(&domid, c->domid),
                                "online",      "1",
                                "state",       INITIALISING,
                                "protocol",    "vt100",
                                NULL};
    const struct xenstore_device d = {.domid = c->domid,
                                      .kind = "console",
                                      .backend_kind = "console",
                                      .front = front,
                                      .read_only = read_only,
                                      .back = back};

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
    begin(&m, s);
    p.none = only(&m, 0);
    p.read_only = readable(&m, 0, c->domid);
    p.own = only(&m, c->domid);
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
