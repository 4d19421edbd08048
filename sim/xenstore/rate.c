/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A limit of how often a domain may write what can make others' transactions fail: each such write
 * costs credit, which grows with time, up to a burst; who has none is not listened to. Credit is
 * shared by all domains, and what they do not need goes to a reserve for those who do
 * (tools/xenstore/xenstored_domain.c, "wrl").
 */
#include "xenstore/store.h"

#define WRITE_COST  1000               /* so credit is thousandths of writes */
#define RATE        (200 * WRITE_COST) /* a second, of all domains together */
#define BURST       (10 * WRITE_COST)
#define RESERVE     (1000 * WRITE_COST)
#define NEW_DOMAINS (5 * BURST) /* what they may take from the reserve although it is empty */
#define LONGEST     1000000000  /* milliseconds: one more is not noticed */
#define MILLISECOND 1000000U

/* Moves as much as is possible while *FROM stays above FLOOR and *TO below CEILING. */
static void transfer(int64_t *from, int64_t floor, int64_t *to, int64_t ceiling)
{
    int64_t most = *from - floor, room = ceiling - *to, amount = most < room ? most : room;

    if (amount > 0) {
        *from -= amount;
        *to += amount;
    }
}

static uint64_t milliseconds(struct xenstore *s)
{
    return s->host.now(s->host.context) / MILLISECOND;
}

void rate_domain_new(struct xenstore *s, struct store_domain *d)
{
    s->introduced++;
    d->credit = 0;
    d->credit_time = milliseconds(s);
    transfer(&s->rate_reserve, -NEW_DOMAINS, &d->credit, BURST);
}

void rate_domain_end(struct xenstore *s, struct store_domain *d)
{
    s->introduced--;
    transfer(&d->credit, 0, &s->rate_reserve, BURST);
}

void rate_update(struct xenstore *s, struct store_domain *d)
{
    uint64_t now = milliseconds(s);
    int64_t passed = now - d->credit_time > LONGEST ? LONGEST : (int64_t)(now - d->credit_time);
    int64_t surplus = 0;

    /* Whole milliseconds only, so nothing is lost by rounding. */
    d->credit += passed * RATE / (1000 * (int64_t)s->introduced);
    d->credit_time = now;
    transfer(&s->rate_reserve, 0, &d->credit, 0);
    transfer(&d->credit, BURST, &surplus, INT64_MAX);
    transfer(&surplus, 0, &s->rate_reserve, RESERVE);
}

static void pay(struct xenstore *s, struct connection *c)
{
    if (is_privileged(c))
        return;
    rate_update(s, c->domain);
    c->domain->credit -= WRITE_COST;
}

void rate_written(struct xenstore *s, struct connection *c)
{
    /* Nobody's transaction, nobody is disturbed. */
    if (c && !c->transaction && s->transactions)
        pay(s, c);
}

void rate_committed(struct xenstore *s, struct connection *c)
{
    /* Its own is one. */
    if (s->transactions > 1)
        pay(s, c);
}

uint64_t rate_deadline(struct xenstore *s, const struct store_domain *d)
{
    uint64_t wait;

    if (d->credit >= 0)
        return 0;
    wait = ((uint64_t)-d->credit * 1000 * s->introduced + RATE - 1) / RATE;
    return (d->credit_time + wait) * MILLISECOND;
}
