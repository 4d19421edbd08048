# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# For tests of halvm daemon and the commands that come to it, after tap.sh: a daemon's folder of the
# test's own, commands that are expected to say this or that, and a guest that does what it is told.
: "${GUEST_CC:?}" "${bin:?}" "${work:?}"
helpers=$bin/../tests/commands
export XDG_RUNTIME_DIR=$work/run
mkdir -m 700 run
socket=run/halvm/control

halvm() { timeout 60 "$bin/halvm" "$@"; }
# The daemon's process: it holds the lock.
daemon_pid() {
    local inode
    inode=$(stat -c %i run/halvm/lock) && awk -v i=":$inode\$" '$6 ~ i { print $5; exit }' /proc/locks
}
# shellcheck disable=SC2317
no_daemon() { [ -z "$(daemon_pid)" ]; }
# shellcheck disable=SC2317
end_daemon() {
    local pid
    pid=$(daemon_pid) && [ -n "$pid" ] && kill "$pid"
    rm -rf "$work"
}
trap end_daemon EXIT

# shellcheck disable=SC2317
not() { ! "$@"; }

# says DESCRIPTION STATUS REGEX ARGUMENT...: one line on standard error, and nothing else
says() {
    local what=$1 wanted=$2 regex=$3
    shift 3
    run halvm "$@"
    ok "$what: status $wanted" status_is "$wanted"
    ok "$what: which it says" has err "$regex"
    ok "$what: in one line" one_line err
    ok "$what: and prints nothing" cmp /dev/null out
}
# well DESCRIPTION ARGUMENT...: status 0, no word of complaint
well() {
    local what=$1
    shift
    run halvm "$@"
    ok "$what" status_is 0
    ok "$what: without a complaint" cmp /dev/null err
}
# silent DESCRIPTION ARGUMENT...: no word at all
silent() {
    well "$@"
    ok "$1: silently" cmp /dev/null out
}

# shellcheck disable=SC2034
terminal() { # STEP... -- COMMAND
    status=0
    timeout 60 "$helpers/on-terminal" "$@" >out 2>err || status=$?
}

frame() { # KIND STRING...: as the commands send it
    local kind=$1 size=0 string
    shift
    for string in "$@"; do
        size=$((size + ${#string} + 1))
    done
    # shellcheck disable=SC2059
    printf "HLV1\\x$kind\\0\\0\\0\\x$(printf '%02x' $((size % 256)))\\x$(printf '%02x' $((size / 256)))\\0\\0"
    [ $# = 0 ] || printf '%s\0' "$@"
}
hold() { # REQUEST...: one who asks and does not read; its process is in $held
    frame 00 "$@" >request
    coproc holder { exec "$helpers/to-socket" --hold "$socket" <request; }
    held=$!
    read -r <&"${holder[0]}"
}
let_go() {
    kill "$held"
    wait "$held" 2>/dev/null
}

# cfg NAME EXTRA [LINE...]: a configuration of that name
cfg() {
    printf 'name = "%s"\nkernel = "guest.xen"\nmemory = 16\nextra = "%s"\n' "$1" "$2" >"$1.cfg"
    local name=$1
    shift 2
    [ $# = 0 ] || printf '%s\n' "$@" >>"$name.cfg"
}
# shellcheck disable=SC2317
state_is() { # NAME STATE: as list tells
    halvm list "$1" | grep -qE " +$2 +[0-9.]+\$"
}
# shellcheck disable=SC2317
is_gone() { ! halvm domid "$1"; }

# The test's end if this build has no guests that a host can load.
needs_guests() {
    [ -n "${HOSTED_ONLY:-}" ] || return 0
    skip 'domains' "this build's guests have instrumentation that needs a host"
    done_testing
    exit
}

# make_guest: guest.xen, which does what its first argument says; the test's end if it cannot be made
make_guest() {
    write_guest
    # shellcheck disable=SC2086
    ok 'compile a guest' $GUEST_CC -c guest.c -o guest.o
    ok 'link it' "$bin/halvm-ld" --halvm-target=xen -o guest guest.o
    [ ! -e guest.xen ] || return 0
    done_testing
    exit
}
write_guest() {
    cat >guest.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
extern long hypercall(unsigned, unsigned long, unsigned long, unsigned long, unsigned long,
                      unsigned long);
int main(int argc, char **argv)
{
    char line[64];
    unsigned reason;
    const char *what = argc > 1 ? argv[1] : "";

    for (int i = 0; i < argc; i++)
        printf("%s%s", i ? " " : "", argv[i]);
    putchar('\n');
    fflush(stdout);
    if (!strcmp(what, "exit"))
        return atoi(argv[2]);
    if (!strcmp(what, "echo")) {
        while (fgets(line, sizeof line, stdin)) {
            printf("got %s", line);
            fflush(stdout);
        }
        puts("end of input");
    }
    if (!strcmp(what, "count")) {
        long n = 0, sum = 0;
        for (int c; (c = getchar()) != EOF; n++)
            sum = (sum * 31 + c) & 0xffffff;
        printf("%ld bytes, %ld\n", n, sum);
    }
    if (!strcmp(what, "shutdown")) {
        if (fgets(line, sizeof line, stdin))
            printf("got %s", line);
        fflush(stdout);
        reason = (unsigned)atoi(argv[2]);
        hypercall(29, 2, (unsigned long)&reason, 0, 0, 0);
    }
    if (!strcmp(what, "say")) { /* on Xen's console, too */
        hypercall(18, 0, 4, (unsigned long)"said", 0, 0);
        hypercall(18, 0, 1, (unsigned long)"\n", 0, 0);
        fgets(line, sizeof line, stdin);
    }
    if (!strcmp(what, "lines"))
        for (int i = 0; i < atoi(argv[2]); i++)
            printf("line %d\n", i);
    if (!strcmp(what, "use")) /* so many MiB more, or (0) none */
        for (char *held = NULL, *more; fgets(line, sizeof line, stdin); fflush(stdout)) {
            size_t size = (size_t)atoi(line) << 20;

            for (; !size && held; held = more) {
                more = *(char **)held;
                free(held);
            }
            more = size ? malloc(size) : NULL;
            if (more) {
                memset(more, 1, size);
                *(char **)more = held;
                held = more;
            }
            printf("%s %s", size && !more ? "no" : "has", line);
        }
    if (!strcmp(what, "fault")) { /* without the runtime's handlers */
        hypercall(0, 0, 0, 0, 0, 0);
        *(volatile int *)0x123456789000 = 1;
    }
    if (!strcmp(what, "wait"))
        for (;;)
            hypercall(29, 1, 0, 0, 0, 0);
    return 0;
}
C
}
