/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the runtime offers programs for other domains (<halvm/...>): a domain that offers a port and
 * a page and finds the other by XenStore. It would catch an event that is lost or comes twice, a
 * descriptor that is ready for nothing, a page that stays granted or mapped, an answer given to
 * another request, and an event of a watch that goes to another.
 */
#include "pair.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <halvm/event.h>
#include <halvm/grant.h>
#include <halvm/xenstore.h>

#include <xen/grant_table.h>
#include <xen/io/xs_wire.h>

#include "core/xenstore.h"

static char buffer[HALVM_XENSTORE_MAX + 1], path[64];

static const char *format_path(domid_t domain, const char *name)
{
    sprintf(path, "/local/domain/%u/data/%s", domain, name);
    return path;
}

static int is_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) == 1 && p.revents == POLLIN;
}

/* ---- XenStore ---- */

static int send_request(uint32_t type, uint32_t t, const char *payload, size_t len)
{
    return halvm_xenstore_request(type, t, payload, len);
}

static int64_t ask(uint32_t type, uint32_t t, const char *payload, size_t len)
{
    int fd = send_request(type, t, payload, len);
    int64_t got;

    if (fd < 0)
        return fd;
    got = halvm_xenstore_answer(fd, buffer);
    if (got >= 0)
        buffer[got] = '\0';
    return got;
}

static void values(void)
{
    answers(halvm_xenstore_write("data/v", "a\0b", 3), 0, "a value with a zero byte is written");
    answers(halvm_xenstore_read("data/v", buffer, sizeof buffer), 3, "its length");
    ok(memcmp(buffer, "a\0b", 4) == 0, "the value");
    memset(buffer, 'x', 8);
    answers(halvm_xenstore_read("data/v", buffer, 2), 3, "its length, for a short buffer");
    ok(memcmp(buffer, "a\0xx", 4) == 0, "no more is copied");
    answers(halvm_xenstore_remove("data/v"), 0, "it is removed");
    answers(halvm_xenstore_read("data/v", buffer, sizeof buffer), -ENOENT, "and is not there");
    answers(halvm_xenstore_write("/local/domain/0/x", "", 0), -EACCES, "what is not ours");
    answers(halvm_xenstore_read("data//v", buffer, sizeof buffer), -EINVAL, "no path");
    memset(buffer, 'x', HALVM_XENSTORE_MAX);
    answers(halvm_xenstore_write("data/v", buffer, HALVM_XENSTORE_MAX), -E2BIG, "too long a value");
    answers(halvm_xenstore_write("data/v", buffer, 1900), 0, "a long value, in parts");
    answers(halvm_xenstore_read("data/v", buffer, sizeof buffer), 1900, "its length");
    answers(ask(99, 0, "", 0), -ENOSYS, "no request");
    answers(send_request(XS_WATCH, 0, "a\0b", 4), -EINVAL, "a watch by hand");
}

/* Answers that are not in the order of the requests belong to them; one is not asked for. */
static void many(void)
{
    enum { COUNT = 40 };
    int fds[COUNT], good = 0;

    for (int i = 0; i < COUNT; i++) {
        size_t len = (size_t)sprintf(buffer, "data/many-%d", i) + 1;

        len += (size_t)sprintf(buffer + len, "value %d", i);
        close(send_request(XS_WRITE, 0, buffer, len));
    }
    for (int i = 0; i < COUNT; i++)
        fds[i] = send_request(XS_READ, 0, buffer, (size_t)sprintf(buffer, "data/many-%d", i) + 1);
    for (int i = COUNT - 1; i >= 0; i--) {
        char expected[16];
        int64_t len = halvm_xenstore_answer(fds[i], buffer);

        good += len == sprintf(expected, "value %d", i) && !memcmp(buffer, expected, (size_t)len);
    }
    answers(good, COUNT, "requests under way at once, each with its answer");
    answers(halvm_xenstore_answer(fds[0], buffer), -EBADF, "an answer that was taken");
}

static void directory(void)
{
    char *names;
    size_t len, count = 0;

    for (int i = 0; i < 15; i++) {
        int written = sprintf(buffer, "data/directory/%0100d", i) + 1;

        close(send_request(XS_MKDIR, 0, buffer, (size_t)written));
    }
    answers(xenstore_list(0, "data/directory", &names, &len), 0,
            "a directory that is longer than the ring");
    for (size_t i = 0; i < len; i += 101)
        count += strlen(names + i) == 100 && (size_t)atoi(names + i) < 15;
    ok(len == 1515 && count == 15, "all names");
    free(names);
    answers(xenstore_list(0, "data/directory/none", &names, &len), -ENOENT, "no directory");
    answers(xenstore_mkdir(0, "data/empty"), 0, "an empty directory");
    answers(xenstore_list(0, "data/empty", &names, &len), 0, "is listed");
    answers((int64_t)len, 0, "without a name");
    free(names);
    answers(halvm_xenstore_remove("data/directory"), 0, "all are removed");
}

static void transactions(void)
{
    uint32_t first, second;

    answers(xenstore_begin(&first), 0, "a transaction");
    answers(xenstore_begin(&second), 0, "another");
    answers(xenstore_write_text(first, "data/t", "first"), 0, "a value in one");
    answers(halvm_xenstore_read("data/t", buffer, 16), -ENOENT, "nobody else sees it");
    answers(ask(XS_READ, second, "data/t", 7), -ENOENT, "nor the other");
    answers(xenstore_write_text(second, "data/t", "second"), 0, "a value in the other");
    answers(xenstore_end(first, true), 0, "one is committed");
    answers(xenstore_end(second, true), -EAGAIN, "the other has to begin again");
    answers(halvm_xenstore_read("data/t", buffer, 16), 5, "the value is of the first");
    answers(xenstore_begin(&first), 0, "a third");
    answers(xenstore_rm(first, "data/t"), 0, "removes it");
    answers(xenstore_end(first, false), 0, "and is given up");
    answers(halvm_xenstore_read("data/t", buffer, 16), 5, "it is there");
}

static void watches(void)
{
    int one = halvm_xenstore_watch("data/w"), two = halvm_xenstore_watch("data"), bad;

    answers(halvm_xenstore_event(one, buffer), 6, "an event at once");
    answers(halvm_xenstore_event(two, buffer), 4, "of the other too");
    ok(strcmp(buffer, "data") == 0, "with its path");
    ok(!is_readable(one) && !is_readable(two), "no other");
    halvm_xenstore_write("data/w/x", "", 0);
    halvm_xenstore_write("data/y", "", 0);
    answers(halvm_xenstore_event(one, buffer), 8, "something below has changed");
    ok(strcmp(buffer, "data/w/x") == 0, "it is %s", buffer);
    answers(halvm_xenstore_event(two, buffer), 8, "the other sees it");
    answers(halvm_xenstore_event(two, buffer), 6, "and more");
    ok(strcmp(buffer, "data/y") == 0 && !is_readable(one), "which the first does not: %s", buffer);
    close(one);
    halvm_xenstore_write("data/w", "", 0);
    answers(halvm_xenstore_event(two, buffer), 6, "when one is closed the other stays");
    close(two);
    bad = halvm_xenstore_watch("no//path");
    answers(halvm_xenstore_event(bad, buffer), -EINVAL, "a watch of no path");
    answers(close(bad), 0, "it is closed");
    answers(halvm_xenstore_event(1, buffer), -EBADF, "no watch");
}

/* ---- the other domain ---- */

static void tell(const char *name, long value)
{
    char text[24], permissions[96];
    size_t len = (size_t)sprintf(permissions, "data/%s", name) + 1;

    sprintf(text, "%ld", value);
    halvm_xenstore_write(permissions, text, strlen(text));
    len += (size_t)sprintf(permissions + len, "n%u", self) + 1;
    len += (size_t)sprintf(permissions + len, "r%u", peer) + 1;
    ask(XS_SET_PERMS, 0, permissions, len);
}

static long hear(const char *name)
{
    int watch = halvm_xenstore_watch(format_path(peer, name));

    for (;;) {
        halvm_xenstore_event(watch, buffer);
        if (halvm_xenstore_read(format_path(peer, name), buffer, sizeof buffer) > 0) {
            close(watch);
            return atol(buffer);
        }
    }
}

static void events_a(uint32_t port)
{
    int fd = halvm_event_descriptor(port);

    answers(halvm_event_take(port), 0, "no event");
    answers(halvm_event_wait(port, 1000000), 0, "none comes in a millisecond");
    ok(fd > 2 && !is_readable(fd), "nor can its descriptor be read");
    meet();
    answers(halvm_event_wait(port, -1), 1, "an event");
    answers(halvm_event_take(port), 0, "it is taken");
    meet();
    meet();
    ok(is_readable(fd) && is_readable(fd), "the next makes the descriptor readable until");
    answers(halvm_event_take(port), 1, "it is taken");
    ok(!is_readable(fd), "two were one");
    answers(halvm_event_descriptor(port), fd, "there is one descriptor");
    answers(halvm_event_send(port), 0, "one is sent");
    meet();
}

static void events_b(uint32_t port)
{
    answers(halvm_event_take(port), 0, "is it polled for? no");
    answers(halvm_event_wait(port, -1), 1, "a new binding is pending");
    meet();
    answers(halvm_event_send(port), 0, "one is sent");
    meet();
    answers(halvm_event_send(port), 0, "one is sent");
    answers(halvm_event_send(port), 0, "and another");
    meet();
    answers(halvm_event_wait(port, -1), 1, "an event");
    meet();
    answers(halvm_event_bind(peer, 999), -EINVAL, "no offer");
    answers(halvm_event_send(999), -EINVAL, "no port to send to");
    answers(halvm_event_wait(999, 0), -EINVAL, "none to wait for");
    answers(halvm_event_close(999), -EINVAL, "none to close");
}

static void grants_a(char *pages)
{
    int64_t first = halvm_grant(peer, pages, 1), second = halvm_grant(peer, pages + 4096, 0);

    ok(first >= 8 && second >= 8 && first != second, "two pages are granted");
    answers(halvm_grant(peer, pages + 1, 0), -EFAULT, "no page");
    answers(halvm_grant(peer, NULL, 0), -EFAULT, "nor memory");
    strcpy(pages, "first");
    strcpy(pages + 4096, "second");
    tell("first", (long)first);
    tell("second", (long)second);
    meet(); /* b has them mapped */
    answers(halvm_grant_end((uint32_t)first), -EBUSY, "a grant that is in use");
    ok(strcmp(pages, "written") == 0, "the other has written");
    meet();
    meet(); /* b has unmapped and copied */
    ok(strcmp(pages + 100, "copied") == 0, "the other has copied something here");
    answers(halvm_grant_end((uint32_t)first), 0, "a grant ends");
    answers(halvm_grant_end((uint32_t)second), 0, "and the other");
    answers(halvm_grant_end((uint32_t)first), -EINVAL, "it has ended");
    meet();
    ok(halvm_grant(peer, pages, 1) == second, "a reference is used again");
    halvm_grant_end((uint32_t)second);
}

static void grants_b(void)
{
    uint32_t refs[2] = {(uint32_t)hear("first"), (uint32_t)hear("second")}, handles[2];
    void *at, *again;
    char *page;

    answers(halvm_grant_map(peer, refs, 2, 1, &at, NULL), HALVM_GRANT_STATUS + GNTST_general_error,
            "writable, where one must only be read");
    answers(halvm_grant_map(peer, refs, 2, 0, &at, handles), 0, "both are mapped");
    page = at;
    ok(strcmp(page, "first") == 0 && strcmp(page + 4096, "second") == 0, "next to each other");
    answers(halvm_grant_map(peer, refs, 1, 1, &again, NULL), 0, "one is mapped writable");
    strcpy(again, "written");
    ok(strcmp(page, "written") == 0, "the page is the same");
    meet();
    meet();
    answers(halvm_grant_unmap(at), 0, "they are unmapped");
    answers(halvm_grant_unmap(at), -EINVAL, "once");
    answers(halvm_grant_unmap(again), 0, "and the third");
    answers(halvm_grant_map(peer, refs, 2, 0, &again, NULL), 0, "they are mapped again");
    ok(again == at, "at the same place");
    answers(halvm_grant_unmap(again), 0, "and unmapped");
    answers(halvm_grant_copy_from(peer, refs[1], 1, buffer + 4090, 6), 0, "a copy from there");
    ok(strcmp(buffer + 4090, "econd") == 0, "is what was there");
    answers(halvm_grant_copy_to(peer, refs[0], 100, "copied", 7), 0, "a copy to there");
    answers(halvm_grant_copy_to(peer, refs[1], 0, "x", 1), HALVM_GRANT_STATUS + GNTST_general_error,
            "a copy to what must only be read");
    answers(halvm_grant_copy_from(peer, refs[0], 4090, buffer, 7), -EINVAL, "beyond the page");
    meet();
    meet();
    answers(halvm_grant_map(peer, refs, 1, 0, &at, NULL), HALVM_GRANT_STATUS + GNTST_general_error,
            "a grant that has ended");
}

static void a(void)
{
    char *pages = halvm_pages(2);
    int port;

    values();
    many();
    directory();
    transactions();
    watches();
    ok(halvm_domain_id() == self, "our number");
    ok(pages && (uintptr_t)pages % 4096 == 0 && !pages[0] && !pages[8191], "two pages of zeroes");
    port = halvm_event_offer(peer);
    tell("port", port);
    meet();
    events_a((uint32_t)port);
    grants_a(pages);
    answers(halvm_event_close((uint32_t)port), 0, "the port is closed");
    ok(halvm_event_descriptor((uint32_t)port) == -EINVAL, "and has no descriptor");
    halvm_pages_free(pages, 2);
    ok(halvm_pages(2) == pages, "the pages' place is used again");
    meet();
}

static void b(void)
{
    int port;

    port = halvm_event_bind(peer, (uint32_t)hear("port"));
    ok(port > 0, "bound to what XenStore says");
    meet();
    events_b((uint32_t)port);
    grants_b();
    meet();
    answers(halvm_event_send((uint32_t)port), 0, "nobody is there any more, and it is no error");
    answers(halvm_event_close((uint32_t)port), 0, "the port is closed");
}
