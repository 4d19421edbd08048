/* SPDX-License-Identifier: BSD-3-Clause
 *
 * console_io (<xen/xen.h>, CONSOLEIO_*): the hypervisor's own console. Rights as in Xen's
 * xsm/dummy.h: the initial domain, and a domain with is_console set.
 */
#include "internal.h"
#include "handlers.h"
#include "instrument.h"
#include "sysctl.h"

static bool allowed(const struct domain *d) { return d->hardware_domain || d->debug_console; }

long console_io_write(struct vcpu *v, const unsigned long *a)
{
    struct hypervisor *hv = v->domain->hv;
    enum hypervisor_console which =
        v->domain->hardware_domain ? HYPERVISOR_CONSOLE_MAIN : HYPERVISOR_CONSOLE_DEBUG;
    uint64_t from = a[2];
    size_t len = (unsigned int)a[1];

    if (!allowed(v->domain))
        return -EPERM;
    while (len) {
        size_t part = PAGE_SIZE - (from & ~PAGE_MASK);
        const uint8_t *bytes = guest_pointer(v, from, false);

        if (!bytes)
            return -EFAULT;
        if (part > len)
            part = len;
        if (!v->domain->hardware_domain)
            console_ring_guest(v->domain, (const char *)bytes, part);
        hv->host.console_write(hv->host.context, v->domain, which, (const char *)bytes, part);
        from += part;
        len -= part;
    }
    return 0;
}

long console_io_read(struct vcpu *v, const unsigned long *a)
{
    struct hypervisor *hv = v->domain->hv;
    uint64_t to = a[2];
    size_t len = (unsigned int)a[1];
    long done = 0;

    if (!allowed(v->domain))
        return -EPERM;
    /* The count comes back as a signed number. */
    if (len > INT32_MAX)
        return -E2BIG;
    while (len) {
        size_t part = PAGE_SIZE - (to & ~PAGE_MASK), got;
        uint8_t *bytes = guest_pointer(v, to, true);

        if (part > len)
            part = len;
        /* Nothing is taken from the console that cannot be delivered. */
        if (!bytes)
            return -EFAULT;
        got = hv->host.console_read(hv->host.context, v->domain, (char *)bytes, part);
        instrument_wrote(to, got);
        to += got;
        len -= got;
        done += (long)got;
        if (got < part)
            break;
    }
    return done;
}
