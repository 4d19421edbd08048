/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Other processes: a domain has none. ENOSYS is what base shows as an unsupported operation.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libc/descriptor.h"

pid_t fork(void) { return errno_result(-ENOSYS); }
pid_t vfork(void) { return errno_result(-ENOSYS); }

int execve(const char *path, char *const argv[], char *const env[])
{
    (void)path, (void)argv, (void)env;
    return errno_result(-ENOSYS);
}

int execvpe(const char *path, char *const argv[], char *const env[])
{
    return execve(path, argv, env);
}

int execvp(const char *path, char *const argv[]) { return execve(path, argv, NULL); }
int execv(const char *path, char *const argv[]) { return execve(path, argv, NULL); }

int posix_spawn(pid_t *restrict pid, const char *restrict path,
                const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *restrict attr,
                char *const argv[restrict], char *const env[restrict])
{
    (void)pid, (void)path, (void)actions, (void)attr, (void)argv, (void)env;
    return ENOSYS;
}

int posix_spawnp(pid_t *restrict pid, const char *restrict path,
                 const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *restrict attr,
                 char *const argv[restrict], char *const env[restrict])
{
    return posix_spawn(pid, path, actions, attr, argv, env);
}

/*
 * glibc's types are smaller than musl's, so musl's members would write beyond them. Nothing
 * reads what is set here.
 */
int posix_spawnattr_init(posix_spawnattr_t *a)
{
    (void)a;
    return 0;
}
int posix_spawnattr_destroy(posix_spawnattr_t *a)
{
    (void)a;
    return 0;
}
int posix_spawnattr_setflags(posix_spawnattr_t *a, short flags)
{
    (void)a, (void)flags;
    return 0;
}
int posix_spawnattr_setpgroup(posix_spawnattr_t *a, pid_t group)
{
    (void)a, (void)group;
    return 0;
}
int posix_spawnattr_setsigdefault(posix_spawnattr_t *restrict a, const sigset_t *restrict set)
{
    (void)a, (void)set;
    return 0;
}
int posix_spawnattr_setsigmask(posix_spawnattr_t *restrict a, const sigset_t *restrict set)
{
    (void)a, (void)set;
    return 0;
}
int posix_spawn_file_actions_init(posix_spawn_file_actions_t *a)
{
    (void)a;
    return 0;
}
int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *a)
{
    (void)a;
    return 0;
}
int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *a, int fd)
{
    (void)a, (void)fd;
    return 0;
}
int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *a, int fd, int to)
{
    (void)a, (void)fd, (void)to;
    return 0;
}
int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *restrict a, int fd,
                                     const char *restrict path, int flags, mode_t mode)
{
    (void)a, (void)fd, (void)path, (void)flags, (void)mode;
    return 0;
}

pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
    (void)pid, (void)status, (void)options, (void)usage;
    return errno_result(-ECHILD);
}

pid_t waitpid(pid_t pid, int *status, int options) { return wait4(pid, status, options, NULL); }
pid_t wait(int *status) { return wait4(-1, status, 0, NULL); }
int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
    (void)type, (void)id, (void)info, (void)options;
    return errno_result(-ECHILD);
}

int system(const char *command)
{
    return command ? errno_result(-ENOSYS) : 0; /* 0: there is no shell */
}

int pipe(int fds[2])
{
    (void)fds;
    return errno_result(-ENOSYS);
}
int pipe2(int fds[2], int flags)
{
    (void)fds, (void)flags;
    return errno_result(-ENOSYS);
}

/* Pseudo-terminals. */
int posix_openpt(int flags)
{
    (void)flags;
    return errno_result(-ENOSYS);
}
int grantpt(int fd)
{
    (void)fd;
    return errno_result(-ENOTTY);
}
int unlockpt(int fd)
{
    (void)fd;
    return errno_result(-ENOTTY);
}
char *ptsname(int fd)
{
    (void)fd;
    return errno_result(-ENOTTY), NULL;
}
int ptsname_r(int fd, char *buf, size_t len)
{
    (void)fd, (void)buf, (void)len;
    return ENOTTY;
}
struct termios;
struct winsize;
int openpty(int *master, int *slave, char *name, const struct termios *settings,
            const struct winsize *size)
{
    (void)master, (void)slave, (void)name, (void)settings, (void)size;
    return errno_result(-ENOSYS);
}
char *ttyname(int fd) { return isatty(fd) ? "/dev/console" : NULL; }
int ttyname_r(int fd, char *buf, size_t len)
{
    if (!isatty(fd))
        return errno;
    return strlcpy(buf, "/dev/console", len) >= len ? ERANGE : 0;
}
char *ctermid(char *buf) { return buf ? strcpy(buf, "/dev/tty") : "/dev/tty"; }
