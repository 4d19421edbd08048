/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The domain's own calls (<halvm/...>) from a user's C, in a program alone: it is its own other
 * domain. The first request of all to XenStore, which makes the store of a hosted program, must not
 * get lost.
 */
#include "tap.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <halvm/event.h>
#include <halvm/grant.h>
#include <halvm/shutdown.h>
#include <halvm/xenstore.h>

static int kind = -1;

static void asked(int k) { kind = k; }

/* The lowest descriptor that is free. */
static int lowest(void)
{
    int fd = dup(0);

    close(fd);
    return fd;
}

int main(void)
{
    int free_descriptor = lowest(), ours, theirs, fd;
    char text[64], *page = halvm_pages(1);
    int64_t reference;
    uint32_t references[1];
    void *at;

    ok(halvm_xenstore_write("data/first", "1", 1) == 0);
    ok(halvm_xenstore_read("data/first", text, sizeof text) == 1 && !strcmp(text, "1"));
    fd = halvm_xenstore_watch("data/first");
    ok(fd >= 0 && halvm_xenstore_event(fd, text) == 10);
    close(fd);

    ours = halvm_event_offer((unsigned)halvm_domain_id());
    theirs = halvm_event_bind((unsigned)halvm_domain_id(), (uint32_t)ours);
    ok(ours > 0 && theirs > 0 && ours != theirs);
    ok(halvm_event_wait((uint32_t)theirs, 0) == 1);
    ok(halvm_event_send((uint32_t)theirs) == 0 && halvm_event_wait((uint32_t)ours, -1) == 1);
    ok(halvm_event_wait((uint32_t)ours, 1000) == 0);
    halvm_event_descriptor((uint32_t)ours);
    ok(halvm_event_close((uint32_t)theirs) == 0 && halvm_event_close((uint32_t)ours) == 0);
    ok(halvm_event_send((uint32_t)ours) == -EINVAL);
    ok(halvm_event_bind(4321, 1) == -ESRCH);

    reference = halvm_grant((unsigned)halvm_domain_id(), page, 1);
    references[0] = (uint32_t)reference;
    ok(reference >= 8);
    ok(halvm_grant_map((unsigned)halvm_domain_id(), references, 1, 1, &at, NULL) == 0 &&
       at != page);
    strcpy(at, "both");
    ok(!strcmp(page, "both"));
    ok(halvm_grant_end(references[0]) == -EBUSY);
    ok(halvm_grant_unmap(at) == 0 && halvm_grant_end(references[0]) == 0);
    halvm_pages_free(page, 1);
    ok(halvm_frame(page) == 0 && halvm_pages(0) == NULL);

    halvm_shutdown_handler(asked);
    halvm_xenstore_write("control/shutdown", "reboot", 6);
    while (kind < 0)
        usleep(100);
    ok(kind == HALVM_REBOOT);
    ok(lowest() == free_descriptor);
    tap_done();
    halvm_shutdown(HALVM_POWEROFF, 0);
}
