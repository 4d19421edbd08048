/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The one process of a guest: its start, its end, and what it can ask about itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/domain.h"
#include "core/memory.h"
#include "core/start.h"
#include "libc/descriptor.h"
#include "libc/file_stream.h"
#include "libc/malloc.h"

#define PROCESS 1 /* our process id; user and group are 0 */

/* musl's: what err(), getopt() and the like print first. */
extern char *__progname, *__progname_full;

/* musl's: runs what atexit() was given. */
extern void __funcs_on_exit(void);

void libc_start(void)
{
    char **argv;

    malloc_start();
    descriptor_start();
    domain_arguments(&argv);
    __progname = __progname_full = argv[0];
}

void _exit(int status) { domain_exit(status); }

void _Exit(int status) __attribute__((alias("_exit")));
void quick_exit(int status) __attribute__((alias("_exit")));

void libc_exit(int status) { exit(status); }

void exit(int status)
{
    static bool leaving;

    /* An exit handler that calls exit(): POSIX leaves it open; do not run them again. */
    if (!leaving) {
        leaving = true;
        __funcs_on_exit();
        __stdio_exit();
    }
    domain_exit(status);
}

void abort(void) { domain_exit(134); /* 128 + SIGABRT, as a shell shows it */ }

void __stack_chk_fail(void);
void __stack_chk_fail(void) { domain_panic("the C stack is damaged"); }

void __assert_fail(const char *condition, const char *file, int line, const char *function)
{
    domain_panic("assertion failed: %s (%s: %s: %d)", condition, file, function ? function : "?",
                 line);
}

pid_t getpid(void) { return PROCESS; }
pid_t getppid(void) { return 0; }
pid_t getpgrp(void) { return PROCESS; }
pid_t getpgid(pid_t p) { return p && p != PROCESS ? errno_result(-ESRCH) : PROCESS; }
pid_t getsid(pid_t p) { return getpgid(p); }
pid_t gettid(void) { return PROCESS; }
uid_t getuid(void) { return 0; }
uid_t geteuid(void) { return 0; }
gid_t getgid(void) { return 0; }
gid_t getegid(void) { return 0; }
int issetugid(void) { return 0; }

static int only_self(pid_t p) { return errno_result(p && p != PROCESS ? -ESRCH : 0); }

static int only_root(unsigned id) { return errno_result(id && id != -1U ? -EPERM : 0); }

pid_t setsid(void) { return errno_result(-EPERM); /* it leads its group already */ }
int setpgid(pid_t p, pid_t group)
{
    return group && group != PROCESS ? errno_result(-EPERM) : only_self(p);
}
int setuid(uid_t id) { return only_root(id); }
int setgid(gid_t id) { return only_root(id); }
int seteuid(uid_t id) { return only_root(id); }
int setegid(gid_t id) { return only_root(id); }
int setreuid(uid_t r, uid_t e) { return only_root(r) ? -1 : only_root(e); }
int setregid(gid_t r, gid_t e) { return only_root(r) ? -1 : only_root(e); }
int getgroups(int n, gid_t groups[])
{
    (void)n, (void)groups;
    return 0;
}
int setgroups(size_t n, const gid_t groups[])
{
    (void)groups;
    return errno_result(n ? -EPERM : 0);
}
int initgroups(const char *user, gid_t group)
{
    (void)user;
    return only_root(group);
}
char *getlogin(void) { return errno_result(-ENOTTY), NULL; }
int getlogin_r(char *buf, size_t len)
{
    (void)buf, (void)len;
    return ENOTTY;
}

/* musl's would read /etc/passwd and ask nscd through a socket. */
static struct passwd root = {"root", "x", 0, 0, "root", "/", "/bin/sh"};
static struct group root_group = {"root", "x", 0, (char *[]){NULL}};
static unsigned users_read, groups_read;

int getpwuid_r(uid_t uid, struct passwd *p, char *buf, size_t len, struct passwd **result)
{
    (void)buf, (void)len; /* the strings are constants */
    *p = root;
    *result = uid ? NULL : p;
    return 0;
}

int getpwnam_r(const char *name, struct passwd *p, char *buf, size_t len, struct passwd **result)
{
    return getpwuid_r(strcmp(name, root.pw_name) ? 1 : 0, p, buf, len, result);
}

struct passwd *getpwuid(uid_t uid) { return uid ? NULL : &root; }
struct passwd *getpwnam(const char *name) { return strcmp(name, root.pw_name) ? NULL : &root; }
struct passwd *getpwent(void) { return users_read++ ? NULL : &root; }
void setpwent(void) { users_read = 0; }
void endpwent(void) { users_read = 0; }

int getgrgid_r(gid_t gid, struct group *g, char *buf, size_t len, struct group **result)
{
    (void)buf, (void)len;
    *g = root_group;
    *result = gid ? NULL : g;
    return 0;
}

int getgrnam_r(const char *name, struct group *g, char *buf, size_t len, struct group **result)
{
    return getgrgid_r(strcmp(name, root_group.gr_name) ? 1 : 0, g, buf, len, result);
}

struct group *getgrgid(gid_t gid) { return gid ? NULL : &root_group; }
struct group *getgrnam(const char *name)
{
    return strcmp(name, root_group.gr_name) ? NULL : &root_group;
}
struct group *getgrent(void) { return groups_read++ ? NULL : &root_group; }
void setgrent(void) { groups_read = 0; }
void endgrent(void) { groups_read = 0; }

int uname(struct utsname *u)
{
    memset(u, 0, sizeof *u);
    strcpy(u->sysname, "HaLVM");
    strcpy(u->nodename, "localhost");
    strcpy(u->release, "0");
    strcpy(u->version, "0");
    strcpy(u->machine, "x86_64");
    return 0;
}

int gethostname(char *name, size_t len)
{
    strlcpy(name, "localhost", len);
    return errno_result(len < sizeof "localhost" ? -ENAMETOOLONG : 0);
}

int sethostname(const char *name, size_t len)
{
    (void)name, (void)len;
    return errno_result(-EPERM);
}

int getrlimit(int which, struct rlimit *limit)
{
    limit->rlim_cur = limit->rlim_max = RLIM_INFINITY;
    if (which == RLIMIT_NOFILE)
        limit->rlim_cur = limit->rlim_max = DESCRIPTORS;
    else if (which == RLIMIT_STACK)
        limit->rlim_cur = limit->rlim_max = sizeof guest_stack.usable;
    else if (which == RLIMIT_CORE || which == RLIMIT_NPROC)
        limit->rlim_cur = limit->rlim_max = 0;
    return 0;
}

int setrlimit(int which, const struct rlimit *limit)
{
    (void)which, (void)limit;
    return errno_result(-EPERM);
}

int getpriority(int which, id_t who)
{
    (void)which, (void)who;
    return 0;
}
int setpriority(int which, id_t who, int value)
{
    (void)which, (void)who;
    return errno_result(value ? -EPERM : 0);
}
int nice(int by) { return by ? errno_result(-EPERM) : 0; }

long sysconf(int name)
{
    switch (name) {
    case _SC_PAGESIZE:
        return PAGE_SIZE;
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN:
        return 1;
    case _SC_PHYS_PAGES:
        return memory_total() / PAGE_SIZE;
    case _SC_AVPHYS_PAGES:
        return memory_free() / PAGE_SIZE;
    case _SC_CLK_TCK:
        return 100;
    case _SC_OPEN_MAX:
        return DESCRIPTORS;
    case _SC_ARG_MAX:
        return MAX_GUEST_CMDLINE;
    case _SC_IOV_MAX:
        return 1024;
    case _SC_NGROUPS_MAX:
        return 0;
    case _SC_GETPW_R_SIZE_MAX:
    case _SC_GETGR_R_SIZE_MAX:
        return 1024;
    case _SC_HOST_NAME_MAX:
        return 64;
    case _SC_LOGIN_NAME_MAX:
        return 256;
    case _SC_TTY_NAME_MAX:
        return 32;
    case _SC_SYMLOOP_MAX:
        return 40;
    case _SC_TZNAME_MAX:
        return 6;
    case _SC_VERSION:
        return 200809L;
    case _SC_MONOTONIC_CLOCK:
    case _SC_CPUTIME:
    case _SC_TIMERS:
        return 200809L;
    default:
        return errno_result(-EINVAL);
    }
}

int getpagesize(void) { return PAGE_SIZE; }
int get_nprocs(void) { return 1; }
int get_nprocs_conf(void) { return 1; }
unsigned long getauxval(unsigned long type)
{
    return type == AT_PAGESZ ? PAGE_SIZE : (errno_result(-ENOENT), 0);
}
unsigned long __getauxval(unsigned long) __attribute__((alias("getauxval")));

/* For packages that make system calls by number: there is no kernel. */
long syscall(long number, ...)
{
    (void)number;
    return errno_result(-ENOSYS);
}
