/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One-shot timers in a binary heap: the time of each operation grows with the logarithm of how
 * many there are. Equal deadlines fire in no promised, but a repeatable, order.
 */
#include "internal.h"

#include <stdlib.h>

/* Places count from 1, so that the parent of p is p / 2. */
static void put(struct hypervisor *hv, struct timer *t, size_t place)
{
    hv->timers[place] = t;
    t->place = place;
}

static void sift(struct hypervisor *hv, struct timer *t, size_t place)
{
    while (place > 1 && hv->timers[place / 2]->deadline > t->deadline) {
        put(hv, hv->timers[place / 2], place);
        place /= 2;
    }
    for (;;) {
        size_t child = 2 * place;

        if (child > hv->timer_count)
            break;
        if (child < hv->timer_count &&
            hv->timers[child + 1]->deadline < hv->timers[child]->deadline)
            child++;
        if (hv->timers[child]->deadline >= t->deadline)
            break;
        put(hv, hv->timers[child], place);
        place = child;
    }
    put(hv, t, place);
}

void timer_stop(struct hypervisor *hv, struct timer *t)
{
    size_t place = t->place;
    struct timer *last;

    if (!place)
        return;
    t->place = 0;
    last = hv->timers[hv->timer_count--];
    if (last != t)
        sift(hv, last, place);
}

void timer_set(struct hypervisor *hv, struct timer *t, uint64_t deadline)
{
    timer_stop(hv, t);
    t->deadline = deadline;
    if (hv->timer_count + 1 >= hv->timer_space) {
        size_t space = hv->timer_space ? 2 * hv->timer_space : 16;
        struct timer **more = realloc(hv->timers, space * sizeof(struct timer *));

        if (!more)
            abort(); /* a few bytes: the process is lost anyway */
        hv->timers = more;
        hv->timer_space = space;
    }
    hv->timer_count++;
    sift(hv, t, hv->timer_count);
}

uint64_t timer_next(const struct hypervisor *hv)
{
    return hv->timer_count ? hv->timers[1]->deadline : HYPERVISOR_FOREVER;
}

void timer_run(struct hypervisor *hv, uint64_t now)
{
    while (hv->timer_count && hv->timers[1]->deadline <= now) {
        struct timer *t = hv->timers[1];

        timer_stop(hv, t);
        t->fire(t->arg);
    }
}
