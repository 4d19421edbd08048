/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Who may do what to a node (docs/misc/xenstore.txt, "Permissions" of the XenBus page).
 */
#include "xenstore/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- records ---- */

struct record *record_make(const struct permission *permissions, unsigned int count,
                           const void *value, size_t len)
{
    struct record *r = store_realloc(NULL, sizeof(*r) + count * sizeof(*permissions) + len);

    r->references = 1;
    r->count = count;
    r->len = (unsigned int)len;
    memcpy(r->permissions, permissions, count * sizeof(*permissions));
    if (len)
        memcpy(r->permissions + count, value, len);
    return r;
}

struct record *record_ref(struct record *r)
{
    r->references++;
    return r;
}

void record_put(struct record *r)
{
    if (r && --r->references == 0)
        free(r);
}

/* Whether DOMID has been there since before what was stored at GENERATION was. */
static bool is_older(const struct xenstore *s, unsigned int domid, uint64_t generation)
{
    const struct store_domain *d = store_domain_find(s, domid);

    return d && d->generation <= generation;
}

static bool is_stale(const struct xenstore *s, const struct record *r, unsigned int i,
                     uint64_t generation)
{
    return (r->permissions[i].flags & PERM_STALE) ||
           !is_older(s, r->permissions[i].domid, generation);
}

struct record *record_adjust(struct xenstore *s, struct record *r, uint64_t generation)
{
    for (unsigned int i = 1; i < r->count; i++) {
        if ((r->permissions[i].flags & PERM_STALE) || !is_stale(s, r, i, generation))
            continue;
        if (r->references > 1) {
            struct record *copy = record_make(r->permissions, r->count, record_value(r), r->len);

            record_put(r);
            r = copy;
        }
        r->permissions[i].flags |= PERM_STALE;
    }
    return r;
}

/* ---- checks ---- */

static bool acts_for(const struct connection *c, unsigned int domid)
{
    return domid == c->id || (c->has_target && domid == c->target);
}

unsigned int permission_of(struct xenstore *s, const struct connection *c, const struct record *r,
                           uint64_t generation)
{
    if (is_privileged(c) || acts_for(c, r->permissions[0].domid))
        return PERM_READ | PERM_WRITE | PERM_OWNER;
    for (unsigned int i = 1; i < r->count; i++)
        if (acts_for(c, r->permissions[i].domid) && !is_stale(s, r, i, generation))
            return r->permissions[i].flags;
    return r->permissions[0].flags & (PERM_READ | PERM_WRITE);
}

/* ---- text ---- */

static int parse_one(struct permission *p, const char *text, char **end)
{
    switch (*text) {
    case 'n':
        p->flags = PERM_NONE;
        break;
    case 'r':
        p->flags = PERM_READ;
        break;
    case 'w':
        p->flags = PERM_WRITE;
        break;
    case 'b':
        p->flags = PERM_READ | PERM_WRITE;
        break;
    default:
        return EINVAL;
    }
    /* Any base, and any number: tools/xenstore/xs_lib.c, xs_strings_to_perms */
    p->domid = (uint32_t)strtol(text + 1, end, 0);
    return **end || !text[1] ? EINVAL : 0;
}

int permissions_parse(struct xenstore *s, struct permission *p, unsigned int count,
                      const char *text)
{
    char *end;

    for (unsigned int i = 0; i < count; i++) {
        if (parse_one(&p[i], text, &end))
            return EINVAL;
        text = end + 1;
    }
    return permissions_check(s, p, count);
}

int permissions_check(struct xenstore *s, struct permission *p, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++)
        if (!store_domain_find_existing(s, p[i].domid))
            p[i].flags |= PERM_STALE;
    return p[0].flags & PERM_STALE ? ENOENT : 0;
}

size_t permissions_print(const struct record *r, char *out, size_t size)
{
    size_t len = 0;

    for (unsigned int i = 0; i < r->count; i++) {
        char letter = "nrwb"[r->permissions[i].flags & (PERM_READ | PERM_WRITE)];

        len +=
            (size_t)snprintf(out + len, size - len, "%c%d", letter, (int)r->permissions[i].domid) +
            1;
    }
    return len;
}

/* ---- the special watches ---- */

struct record **permissions_special(struct xenstore *s, const char *name)
{
    if (strcmp(name, "@releaseDomain") == 0)
        return &s->release_permissions;
    if (strcmp(name, "@introduceDomain") == 0)
        return &s->introduce_permissions;
    return NULL;
}

void permissions_forget(struct record **r, unsigned int domid)
{
    struct record *rest = record_make((*r)->permissions, (*r)->count, NULL, 0);
    struct permission *p = rest->permissions;

    rest->count = 1;
    if (p[0].domid == domid)
        p[0].domid = 0;
    for (unsigned int i = 1; i < (*r)->count; i++)
        if (p[i].domid != domid)
            p[rest->count++] = p[i];
    record_put(*r);
    *r = rest;
}
