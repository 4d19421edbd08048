/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Dead domains whose frames others still refer to: mapped grants, mostly. Xen keeps such a domain
 * until the last of its pages goes (domain_kill, put_domain).
 */
#include "internal.h"
#include "grant_table.h"

#include <stdlib.h>

struct zombie *zombie_find(struct hypervisor *hv, domid_t domid)
{
    struct zombie *z = hv->zombies;

    while (z && z->domid != domid)
        z = z->next;
    return z;
}

void zombie_add_frame(struct domain *d)
{
    struct zombie *z = zombie_find(d->hv, d->id);

    if (!z) {
        z = calloc(1, sizeof(*z));
        if (!z)
            abort(); /* LCOV_EXCL_LINE: a few bytes; without them the process is lost anyway */
        z->domid = d->id;
        z->next = d->hv->zombies;
        d->hv->zombies = z;
    }
    z->frames++;
}

void zombie_frame_gone(struct hypervisor *hv, domid_t domid)
{
    struct zombie **link = &hv->zombies, *z;

    while ((*link)->domid != domid)
        link = &(*link)->next;
    z = *link;
    if (--z->frames > 0)
        return;
    *link = z->next;
    if (z->grant_table)
        grant_table_free(z->grant_table);
    free(z);
}
