/* SPDX-License-Identifier: BSD-3-Clause
 *
 * usage: xen-run TIMEOUT IMAGE QEMU ARGUMENT...
 *
 * Runs QEMU with the guest IMAGE as Xen's initial domain and makes it look like a command. QEMU's
 * serial line is its standard input and output; its debug port (isa-debugcon) is descriptor 3.
 * Halvm's xen-test builds the command line.
 *
 *   output   What Xen's serial line adds is taken away again: the carriage return before each line
 *            feed, and everything from "(XEN) " to the end of that line.
 *   input    What the guest's console gives a meaning (end of file, the keys here, and carriage
 *            return) gets Ctrl-V before it; the end of file is sent as Ctrl-D. Xen clears the top
 *            bit of what it receives: a byte that has it is sent as Ctrl-N and the byte without.
 *            Xen keeps 128 bytes and drops the rest, so no more than WINDOW are sent that the
 *            guest has not taken. It says what it takes on the debug port.
 *   status   From the debug port too. Its lines: "+N", the guest has taken N bytes of input;
 *            "N", the exit status; "@N" (hexadecimal), the address of a fault, which is then named
 *            from IMAGE's symbols.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "symbol.h"

#define STATUS_CANNOT  125 /* nothing is known of the guest's end */
#define STATUS_TIMEOUT 124
#define STATUS_FAULT   139

#define KEY_EOF     0x04 /* Ctrl-D */
#define KEY_HIGH    0x0e /* Ctrl-N: the next byte has its top bit set */
#define KEY_LITERAL 0x16 /* Ctrl-V: the next byte has no meaning */

#define WINDOW      96u  /* of the 128 bytes (SERIAL_RX_SIZE) that Xen keeps */
#define BLIND_CHUNK 32u  /* a guest that does not tell what it takes gets this much ... */
#define BLIND_PAUSE 50   /* ... each so many milliseconds, ... */
#define BLIND_START 1000 /* ... from so long after its start */
#define GRACE       300  /* milliseconds for Xen to finish what it says about a crash */
#define HOLD        500  /* a beginning of "(XEN) " is the guest's if nothing follows for so long */
#define XEN_LINES   24

static const char xen_prefix[] = "(XEN) ";

/* Milliseconds; "never" is far away. */
typedef long long moment;
#define NEVER 0x7fffffffffffffffLL

static volatile sig_atomic_t caught;
static int to_qemu, from_qemu, debug_port;

static struct {
    bool booted; /* Xen's first line was seen; before it the firmware talks */
    bool carriage_return;
    bool in_xen_line;
    unsigned int matched; /* bytes of xen_prefix */
    moment held_since;
    size_t length;
    char line[512];
    size_t used;
    char buf[65536];
} out;

static struct {
    bool ready;  /* the initial domain has the serial line */
    bool credit; /* the guest tells what it takes */
    bool open;
    moment ready_since, next_blind;
    unsigned int unread; /* sent and not known to be taken */
    size_t first, last;
    char buf[8192];
} in = {.open = true};

static struct {
    char line[16];
    size_t length;
    int status;          /* -1: not known */
    unsigned long fault; /* where the guest faulted, 0: it did not */
} report = {.status = -1};

static struct {
    char text[XEN_LINES][512];
    unsigned int count;
    bool crashed, fault, panic, halted;
    moment end; /* QEMU need not live longer */
} xen = {.end = NEVER};

static moment now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void end_by(moment t)
{
    if (t < xen.end)
        xen.end = t;
}

static void flush(void)
{
    for (size_t done = 0; done < out.used;) {
        ssize_t n = write(1, out.buf + done, out.used - done);

        if (n < 0 && errno == EPIPE)
            exit(128 + SIGPIPE);
        if (n < 0 && errno != EINTR && errno != EAGAIN) {
            fprintf(stderr, "xen-test: standard output: %s\n", strerror(errno));
            exit(STATUS_CANNOT);
        }
        if (n > 0)
            done += (size_t)n;
    }
    out.used = 0;
}

static void emit(char c)
{
    if (out.used == sizeof out.buf)
        flush();
    out.buf[out.used++] = c;
}

static void emit_matched(void)
{
    for (unsigned int i = 0; i < out.matched; i++)
        emit(xen_prefix[i]);
    out.matched = 0;
}

/* A line of a dump of the stack. */
static bool is_dump(const char *line)
{
    return strspn(line, " 0123456789abcdef") == strlen(line) && line[0] == ' ';
}

static void guest_ready(void)
{
    if (in.ready)
        return;
    in.ready = true;
    in.ready_since = now();
    in.next_blind = in.ready_since + BLIND_START;
    xen.count = 0; /* how it booted is of no interest any more */
}

static void xen_line(const char *line)
{
    if (is_dump(line))
        return;
    memcpy(xen.text[xen.count++ % XEN_LINES], line, strlen(line) + 1);
    if (strstr(line, "Serial input to DOM0"))
        guest_ready();
    if (strstr(line, "#PF") || strstr(line, "domain_crash"))
        xen.fault = true;
    if (strstr(line, "Unhandled: vec") || strstr(line, "domain_crash") || strstr(line, " crashed"))
        xen.crashed = true;
    if (strstr(line, "Panic on CPU"))
        xen.panic = true;
    if (strstr(line, "Dom0 halted"))
        xen.halted = true;
    if (xen.crashed || xen.panic || xen.halted)
        end_by(now() + GRACE);
}

static void serial_byte(char c)
{
    if (out.in_xen_line) {
        if (c == '\n') {
            if (out.length && out.line[out.length - 1] == '\r')
                out.length--;
            out.line[out.length] = '\0';
            out.in_xen_line = false;
            xen_line(out.line);
        } else if (out.length < sizeof out.line - 1) {
            out.line[out.length++] = c;
        }
        return;
    }
    if (out.carriage_return && c != '\n' && out.booted)
        emit('\r');
    out.carriage_return = false;
    if (c != xen_prefix[out.matched]) {
        if (out.booted)
            emit_matched();
        out.matched = 0;
    }
    if (c == xen_prefix[out.matched]) {
        if (++out.matched == sizeof xen_prefix - 1) {
            out.matched = 0;
            out.length = 0;
            out.in_xen_line = true;
            out.booted = true;
        }
        out.held_since = now();
    } else if (c == '\r') {
        out.carriage_return = true;
    } else if (out.booted) {
        emit(c);
    }
}

static void report_line(void)
{
    report.line[report.length] = '\0';
    report.length = 0;
    if (report.line[0] == '+') {
        unsigned int taken = (unsigned int)strtoul(report.line + 1, NULL, 10);

        guest_ready();
        in.credit = true;
        in.unread -= taken < in.unread ? taken : in.unread;
    } else if (report.line[0] == '@') {
        report.fault = strtoul(report.line + 1, NULL, 16);
    } else if (report.line[0] >= '0' && report.line[0] <= '9') {
        report.status = atoi(report.line) & 0xff;
        end_by(now() + 5000);
    }
}

/* Reads what is there; returns false at the end. */
static bool take(int fd, void (*byte)(char))
{
    char buf[16384];
    ssize_t n = read(fd, buf, sizeof buf);

    for (ssize_t i = 0; i < n; i++)
        byte(buf[i]);
    return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

static void debug_byte(char c)
{
    if (c == '\n')
        report_line();
    else if (report.length < sizeof report.line - 1)
        report.line[report.length++] = c;
}

static void take_input(void)
{
    static const char special[] = {KEY_EOF, KEY_HIGH, KEY_LITERAL, '\r'};
    char buf[2048];
    ssize_t n = read(0, buf, sizeof buf);

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    in.first = in.last = 0;
    for (ssize_t i = 0; i < n; i++) {
        if (buf[i] & 0x80)
            in.buf[in.last++] = KEY_HIGH;
        else if (memchr(special, buf[i], sizeof special))
            in.buf[in.last++] = KEY_LITERAL;
        in.buf[in.last++] = buf[i] & 0x7f;
    }
    if (n <= 0) {
        in.open = false;
        in.buf[in.last++] = KEY_EOF;
    }
}

static void send_input(void)
{
    size_t part = in.last - in.first;
    ssize_t n;

    if (!in.ready || !part)
        return;
    if (in.credit) {
        if (part > WINDOW - in.unread)
            part = WINDOW - in.unread;
    } else {
        if (now() < in.next_blind)
            return;
        if (part > BLIND_CHUNK)
            part = BLIND_CHUNK;
    }
    if (!part)
        return;
    n = write(to_qemu, in.buf + in.first, part);
    if (n <= 0)
        return;
    in.first += (size_t)n;
    if (in.credit)
        in.unread += (unsigned int)n;
    in.next_blind = now() + BLIND_PAUSE;
}

static int wait_time(moment deadline)
{
    moment t = now(), until = deadline;

    if (xen.end < until)
        until = xen.end;
    /* While Xen boots it is Xen's, however long QEMU may be held up in the middle of it. */
    if (out.matched && in.ready && out.held_since + HOLD < until)
        until = out.held_since + HOLD;
    if (in.ready && !in.credit && in.first != in.last && in.next_blind < until)
        until = in.next_blind;
    if (until <= t)
        return 0;
    return until - t < 1000000 ? (int)(until - t) : 1000000;
}

/* Serves QEMU until it ends or has to be ended. */
static bool serve(moment deadline)
{
    bool serial_open = true, debug_open = true;

    while (serial_open || debug_open) {
        struct pollfd fds[3] = {
            {.fd = serial_open ? from_qemu : -1, .events = POLLIN},
            {.fd = debug_open ? debug_port : -1, .events = POLLIN},
            {.fd = in.open && in.first == in.last ? 0 : -1, .events = POLLIN},
        };

        flush();
        if (poll(fds, 3, wait_time(deadline)) < 0 && errno != EINTR)
            return false;
        if (caught)
            return false;
        if (fds[0].revents)
            serial_open = take(from_qemu, serial_byte);
        if (fds[1].revents)
            debug_open = take(debug_port, debug_byte);
        if (fds[2].revents)
            take_input();
        send_input();
        if (out.matched && in.ready && now() >= out.held_since + HOLD)
            emit_matched();
        if (now() >= deadline) {
            flush();
            return false;
        }
        if (now() >= xen.end)
            break;
    }
    emit_matched();
    if (out.carriage_return && out.booted)
        emit('\r');
    flush();
    return true;
}

static void show_xen(void)
{
    unsigned int first = xen.count > XEN_LINES ? xen.count - XEN_LINES : 0;

    for (unsigned int i = first; i < xen.count; i++)
        fprintf(stderr, "  %s%s\n", xen_prefix, xen.text[i % XEN_LINES]);
}

static int verdict(const char *image, int qemu_status)
{
    char where[256];

    if (report.fault) {
        symbol_name(image, report.fault, where, sizeof where);
        fprintf(stderr, "  at %s\n", where);
    }
    if (report.status >= 0)
        return report.status;
    if (xen.panic) {
        fprintf(stderr, "xen-test: Xen stopped; the last it said:\n");
        show_xen();
        return STATUS_CANNOT;
    }
    if (xen.crashed) {
        fprintf(stderr, "xen-test: the guest crashed; the last that Xen said:\n");
        show_xen();
        return xen.fault ? STATUS_FAULT : STATUS_CANNOT;
    }
    if (WIFEXITED(qemu_status) && WEXITSTATUS(qemu_status) && !out.booted)
        fprintf(stderr, "xen-test: QEMU failed (status %d)\n", WEXITSTATUS(qemu_status));
    else
        fprintf(stderr, "xen-test: the guest ended without telling an exit status\n");
    return STATUS_CANNOT;
}

static void on_signal(int sig) { caught = sig; }

/* A pipe whose descriptors are none of those that QEMU gets. */
static bool make_pipe(int fd[2])
{
    int low[2];

    if (pipe2(low, O_CLOEXEC))
        return false;
    for (int i = 0; i < 2; i++) {
        fd[i] = fcntl(low[i], F_DUPFD_CLOEXEC, 4);
        close(low[i]);
    }
    return fd[0] >= 0 && fd[1] >= 0;
}

static pid_t start(char **command)
{
    int to[2], from[2], debug[2];
    pid_t pid;

    if (!make_pipe(to) || !make_pipe(from) || !make_pipe(debug))
        return -1;
    to_qemu = to[1];
    from_qemu = from[0];
    debug_port = debug[0];
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setpgid(0, 0); /* Ctrl-C is for this program, which ends QEMU */
        signal(SIGPIPE, SIG_DFL);
        dup2(to[0], 0);
        dup2(from[1], 1);
        dup2(debug[1], 3);
        execvp(command[0], command);
        fprintf(stderr, "xen-test: cannot run %s: %s\n", command[0], strerror(errno));
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    close(debug[1]);
    return pid;
}

int main(int argc, char **argv)
{
    struct sigaction act = {.sa_handler = on_signal};
    long seconds;
    bool ended;
    int status;
    pid_t pid;

    if (argc < 4 || (seconds = strtol(argv[1], NULL, 10)) <= 0) {
        fprintf(stderr, "usage: xen-run TIMEOUT IMAGE QEMU ARGUMENT...\n");
        return 2;
    }
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGHUP, &act, NULL);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* with xen-test, QEMU ends too */
    pid = start(argv + 3);
    if (pid < 0) {
        fprintf(stderr, "xen-test: %s\n", strerror(errno));
        return STATUS_CANNOT;
    }
    ended = serve(now() + seconds * 1000LL);
    kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (caught)
        return 128 + caught;
    if (!ended) {
        fprintf(stderr, "xen-test: not done after %ld seconds; stopped\n", seconds);
        return STATUS_TIMEOUT;
    }
    return verdict(argv[2], status);
}
