/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A domain that takes all the memory that Xen lets it have, which is 1 MiB more than it begins
 * with: libxl adds that to what is asked for. It would catch a frame that is given out twice, one
 * that Xen gave and nobody uses, and a domain that ends because it asked for too much.
 */
#include "pair.h"

#include <xen/memory.h>

#include <halvm/grant.h>

#include "core/domain.h"
#include "core/memory.h"

#define MOST 8192 /* pages */

static long reservation(unsigned int op)
{
    domid_t domain = DOMID_SELF;

    return hypercall_memory_op(op, &domain);
}

static void a(void)
{
    static unsigned long *pages[MOST];
    size_t count = 0, good = 0;
    long begin = (long)domain_start_info()->nr_pages;

    answers(reservation(XENMEM_current_reservation), begin, "the domain's pages");
    answers(reservation(XENMEM_maximum_reservation), begin + 256, "it may have more");
    ok(memory_total() == (size_t)(begin + 256) * 4096, "the runtime counts on it");
    while (count < MOST && (pages[count] = halvm_pages(1))) {
        *pages[count] = count;
        count++;
    }
    answers(reservation(XENMEM_current_reservation), begin + 256, "it has all");
    ok(memory_free() < 20 * 4096, "hardly a page is left over");
    for (size_t i = 0; i < count; i++)
        good += *pages[i] == i;
    ok(good == count, "each is there once");
    for (size_t i = 0; i < count; i++)
        halvm_pages_free(pages[i], 1);
    ok(memory_free() > count * 4096 && halvm_pages(count - 100), "they can be had again, in a row");
    meet();
}

static void b(void)
{
    ok(1, "the other does all");
    meet();
}
