/* SPDX-License-Identifier: BSD-3-Clause
 *
 * console_io (<xen/xen.h>, CONSOLEIO_*): the hypervisor's own console. Rights as in Xen's
 * xsm/dummy.h: the initial domain, and a domain with is_console set.
 */
#include "internal.h"
#include "handlers.h"
#include "sysctl.h"

static bool allowed(const struct domain *d) { return d->hardware_domain || d->debug_console; }

/* What other domains say is as important as what is for debugging (Xen's guest_loglvl). */
static bool is_heard(const struct domain *d)
{
    return d->hardware_domain || HYPERVISOR_LOG_DEBUG < d->hv->guest_log.limited;
}

/* Xen copies so much at a time (guest_console_write): what is before a fault has come out. */
#define WRITE_CHUNK 127U

long console_io_write(struct vcpu *v, const unsigned long *a)
{
    struct hypervisor *hv = v->domain->hv;
    enum hypervisor_console which =
        v->domain->hardware_domain ? HYPERVISOR_CONSOLE_MAIN : HYPERVISOR_CONSOLE_DEBUG;
    char bytes[WRITE_CHUNK];
    uint64_t from = a[2];
    size_t len = (unsigned int)a[1];

    if (!allowed(v->domain))
        return -EPERM;
    while (len) {
        size_t part = len < sizeof(bytes) ? len : sizeof(bytes);

        if (copy_from_guest(v, bytes, from, part))
            return -EFAULT;
        if (is_heard(v->domain)) {
            if (!v->domain->hardware_domain)
                console_ring_guest(v->domain, bytes, part);
            hv->host.console_write(hv->host.context, v->domain, which, bytes, part);
        }
        from += part;
        len -= part;
    }
    return 0;
}

/* Whether there is input; what could not be delivered before comes first. */
static bool input_held(struct vcpu *v, size_t wanted)
{
    struct hypervisor *hv = v->domain->hv;

    if (hv->input_held)
        return true;
    if (wanted > sizeof(hv->input))
        wanted = sizeof(hv->input);
    hv->input_held =
        (unsigned int)hv->host.console_read(hv->host.context, v->domain, hv->input, wanted);
    return hv->input_held;
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
    /* A bad address is no error as long as there is nothing to store. */
    while (len && input_held(v, len)) {
        size_t part = hv->input_held < len ? hv->input_held : len;

        if (copy_to_guest(v, to, hv->input, part))
            return -EFAULT;
        hv->input_held -= (unsigned int)part;
        memmove(hv->input, hv->input + part, hv->input_held);
        to += part;
        len -= part;
        done += (long)part;
    }
    return done;
}
