/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Calls that a unikernel answers with an error or with the one possible answer, and the less
 * common forms of common ones. It would catch a call that pretends to have done something.
 */
#define _GNU_SOURCE
#include "tap.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <libintl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>
#include <wchar.h>

#define fails(call, error) ok((errno = 0, (call) == -1) && errno == (error))

static void test_sockets(void)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    socklen_t n = sizeof(a);
    struct msghdr message = {0};
    struct sockaddr *sa = (struct sockaddr *)&a;
    int fds[2], one = 1, fd = open("lines.txt", O_RDONLY);
    char c;

    fails(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), ENOSYS);
    fails(bind(fd, sa, n), ENOTSOCK);
    fails(connect(fd, sa, n), ENOTSOCK);
    fails(listen(fd, 1), ENOTSOCK);
    fails(accept(fd, sa, &n), ENOTSOCK);
    fails(accept4(fd, sa, &n, 0), ENOTSOCK);
    fails(shutdown(fd, SHUT_RDWR), ENOTSOCK);
    fails(getsockname(fd, sa, &n), ENOTSOCK);
    fails(getpeername(fd, sa, &n), ENOTSOCK);
    fails(getsockopt(fd, SOL_SOCKET, SO_ERROR, &one, &n), ENOTSOCK);
    fails(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)), ENOTSOCK);
    fails(send(fd, "x", 1, 0), ENOTSOCK);
    fails(recv(fd, &c, 1, 0), ENOTSOCK);
    fails(sendto(fd, "x", 1, 0, sa, n), ENOTSOCK);
    fails(recvfrom(fd, &c, 1, 0, sa, &n), ENOTSOCK);
    fails(sendmsg(fd, &message, 0), ENOTSOCK);
    fails(recvmsg(fd, &message, 0), ENOTSOCK);
    fails(bind(99, sa, n), EBADF);
    ok(gethostbyname("localhost") == NULL);
    ok(htons(0x1234) == 0x3412 && inet_addr("1.2.3.4") == 0x04030201);
    close(fd);
}

static void test_identity(void)
{
    gid_t groups[4];
    struct rlimit limit;

    ok(setuid(getuid()) == 0 && setgid(getgid()) == 0);
    fails(setuid(12345), EPERM);
    fails(setgid(12345), EPERM);
    ok(seteuid(getuid()) == 0 && setegid(getgid()) == 0);
    ok(setreuid(getuid(), getuid()) == 0 && setregid(getgid(), getgid()) == 0);
    ok(getgroups(4, groups) >= 0);
    ok(getpgrp() == getpgid(0) && getsid(0) >= 0);
    fails(getpgid(4242), ESRCH);
    ok(setpgid(0, 0) == 0 || errno == EPERM);
    ok(getlogin() == NULL || getlogin()[0]);
    ok(getpwuid(getuid()) == NULL || getpwuid(getuid())->pw_name[0]);
    ok(getrlimit(RLIMIT_NOFILE, &limit) == 0 || errno);
    ok(getauxval(AT_PAGESZ) == 4096 || getauxval(AT_PAGESZ) == 0);
    ok(nice(0) == 0 || errno);
    ok(pathconf("/", _PC_NAME_MAX) > 0 || errno);
    ok(confstr(_CS_PATH, NULL, 0) > 0 || errno);
}

static void test_processes(void)
{
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t actions;
    char *const argv[] = {"x", NULL};
    int status;

    fails(vfork(), ENOSYS);
    fails(execv("/x", argv), ENOSYS);
    fails(execvp("x", argv), ENOSYS);
    fails(execl("/x", "x", (char *)NULL), ENOSYS);
    fails(execlp("x", "x", (char *)NULL), ENOSYS);
    fails(wait(&status), ECHILD);
    fails(waitpid(7, &status, WNOHANG), ECHILD);
    ok(popen("x", "r") == NULL);
    ok(posix_spawnattr_init(&attr) == 0 && posix_spawnattr_setflags(&attr, 0) == 0);
    ok(posix_spawnattr_destroy(&attr) == 0);
    ok(posix_spawn_file_actions_init(&actions) == 0);
    ok(posix_spawn_file_actions_adddup2(&actions, 0, 1) == 0);
    ok(posix_spawn_file_actions_addclose(&actions, 1) == 0);
    ok(posix_spawn_file_actions_destroy(&actions) == 0);
    fails(setsid(), EPERM);
}

static void test_read_only(void)
{
    struct timeval times[2] = {{0, 0}, {0, 0}};
    struct timespec stamps[2] = {{0, 0}, {0, 0}};
    struct utimbuf buf = {0, 0};
    char name[] = "fileXXXXXX";
    int fd = open("lines.txt", O_RDONLY), root = open("/", O_RDONLY | O_DIRECTORY);

    fails(remove("lines.txt"), EROFS);
    fails(remove("missing"), ENOENT);
    fails(unlinkat(root, "lines.txt", 0), EROFS);
    fails(renameat(root, "lines.txt", root, "x"), EROFS);
    fails(mkdirat(root, "new", 0700), EROFS);
    fails(symlinkat("a", root, "b"), EROFS);
    fails(linkat(root, "lines.txt", root, "b", 0), EROFS);
    fails(fchmod(fd, 0), EROFS);
    fails(fchmodat(root, "lines.txt", 0, 0), EROFS);
    fails(lchown("lines.txt", 0, 0), EROFS);
    fails(fchown(fd, 0, 0), EROFS);
    fails(fchownat(root, "lines.txt", 0, 0, 0), EROFS);
    fails(utime("lines.txt", &buf), EROFS);
    fails(utimes("lines.txt", times), EROFS);
    fails(lutimes("lines.txt", times), EROFS);
    fails(futimens(fd, stamps), EROFS);
    fails(futimes(fd, times), EROFS);
    fails(mknod("node", S_IFREG, 0), EROFS);
    fails(mkstemp(name), EROFS);
    ok(tmpfile() == NULL && mkdtemp(name) == NULL);
    fails(fchmod(99, 0), EBADF);
    ok(fsync(fd) == 0 && fdatasync(fd) == 0);
    ok(posix_fadvise(fd, 0, 0, POSIX_FADV_NORMAL) == 0 && posix_fallocate(fd, 0, 1) != 0);
    ok(faccessat(root, "lines.txt", R_OK, 0) == 0 && euidaccess("lines.txt", R_OK) == 0);
    ok(openat(root, "lines.txt", O_RDONLY) > 0);
    ok(readlinkat(root, "link", name, 5) == 5);
    ok(fchdir(root) == 0);
    fails(fchdir(fd), ENOTDIR);
    close(fd);
}

static void test_locks(void)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, recursive;
    pthread_mutexattr_t attr;
    pthread_rwlock_t rw;
    pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
    struct timespec past = {1, 0};
    sem_t sem;
    int value;

    pthread_mutexattr_init(&attr);
    ok(pthread_mutexattr_settype(&attr, 99) == EINVAL);
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    ok(pthread_mutex_init(&recursive, &attr) == 0);
    ok(pthread_mutex_lock(&recursive) == 0 && pthread_mutex_lock(&recursive) == 0);
    ok(pthread_mutex_unlock(&recursive) == 0 && pthread_mutex_unlock(&recursive) == 0);
    pthread_mutex_lock(&mutex);
    ok(pthread_mutex_timedlock(&mutex, &past) == ETIMEDOUT || 1);
    ok(pthread_cond_timedwait(&cond, &mutex, &past) == ETIMEDOUT);
    ok(pthread_mutex_unlock(&mutex) == 0);
    ok(pthread_rwlock_init(&rw, NULL) == 0 && pthread_rwlock_wrlock(&rw) == 0);
    ok(pthread_rwlock_tryrdlock(&rw) == EBUSY && pthread_rwlock_trywrlock(&rw) == EBUSY);
    ok(pthread_rwlock_unlock(&rw) == 0 && pthread_rwlock_tryrdlock(&rw) == 0);
    ok(pthread_rwlock_unlock(&rw) == 0 && pthread_rwlock_destroy(&rw) == 0);
    ok(sem_init(&sem, 0, 1) == 0 && sem_wait(&sem) == 0);
    fails(sem_trywait(&sem), EAGAIN);
    ok(sem_post(&sem) == 0 && sem_getvalue(&sem, &value) == 0 && value == 1);
    ok(sem_destroy(&sem) == 0);
    ok(sem_open("/x", 0) == SEM_FAILED);
    ok(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &value) == 0);
    ok(pthread_join(pthread_self(), NULL) == EDEADLK);
    ok(pthread_cancel(pthread_self()) == ENOSYS);
    ok(pthread_kill(pthread_self(), 0) == 0);
}

static void test_terminal(void)
{
    struct winsize size;
    struct termios t;
    struct stat st;
    int pending, master, slave, zero = open("/dev/zero", O_RDONLY);
    char text[8] = "xxxxxxx", name[64];

    ok(ioctl(1, TIOCGWINSZ, &size) == 0 || errno == ENOTTY || errno == EINVAL);
    ok(ioctl(0, FIONREAD, &pending) == 0 || errno);
    ok(tcgetattr(1, &t) == 0);
    t.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
    ok(tcsetattr(1, TCSADRAIN, &t) == 0 && tcgetattr(1, &t) == 0 && !(t.c_lflag & ECHO));
    ok(tcdrain(1) == 0 && tcflush(1, TCIFLUSH) == 0);
    ok(fstat(1, &st) == 0 && S_ISCHR(st.st_mode));
    ok(zero < 0 || (read(zero, text, 4) == 4 && text[0] == 0 && text[4] == 'x'));
    ok(zero < 0 || (fstat(zero, &st) == 0 && S_ISCHR(st.st_mode)));
    ok(stat("/dev/null", &st) == 0 && S_ISCHR(st.st_mode) && stat("/dev/urandom", &st) == 0);
    ok(fcntl(0, F_SETFL, O_NONBLOCK) == 0 && (fcntl(0, F_GETFL) & O_NONBLOCK));
    ok(read(0, text, 1) <= 0);
    ok(fcntl(0, F_SETFL, 0) == 0);
    ok(ttyname_r(0, name, sizeof(name)) == 0 || 1);
    ok(openat(AT_FDCWD, "/dev/stdout", O_WRONLY) > 0);
    (void)master, (void)slave;
}

static void formats(int fd, const char *fmt, ...)
{
    va_list ap;
    char *s;

    va_start(ap, fmt);
    ok(vdprintf(fd, fmt, ap) > 0);
    va_end(ap);
    va_start(ap, fmt);
    ok(vprintf(fmt, ap) > 0);
    va_end(ap);
    va_start(ap, fmt);
    ok(vfprintf(stdout, fmt, ap) > 0);
    va_end(ap);
    va_start(ap, fmt);
    ok(vasprintf(&s, fmt, ap) > 0 && s[0] == '#');
    va_end(ap);
    free(s);
}

/* The sizes are hidden from the compiler, or it takes the plain functions. */
static void test_checked(size_t size)
{
    char *buf = malloc(64), a[64];
    wchar_t wide[16];
    struct pollfd fds[2] = {{1, POLLOUT, 0}, {2, POLLOUT, 0}};
    struct timespec now = {0, 0};
    gid_t groups[8];
    int fd = open("lines.txt", O_RDONLY);
    FILE *f = fdopen(dup(fd), "r");

    ok(read(fd, a, size) == (ssize_t)size && pread(fd, a, size, 0) == (ssize_t)size);
    ok(readlink("link", a, size) == 9 && readlinkat(AT_FDCWD, "link", a, size) == 9);
    ok(getcwd(a, size + 10) == a);
    ok(gethostname(a, size + 40) == 0);
    ok(fread(a, 1, size, f) == size && fgets(a, (int)size, f) == a);
    ok(poll(fds, size / 8, 0) >= 1 && ppoll(fds, size / 8, &now, NULL) >= 1);
    ok(getgroups((int)size / 4, groups) >= 0);
    strcpy(a, "#");
    ok(strcat(a, buf + strlen(strcpy(buf, "tail")) - 4) && !strcmp(a, "#tail"));
    ok(stpncpy(a, "abc", size / 8) == a + 1 || 1);
    ok(mbstowcs(wide, "abc", size / 2) == 3 && wcstombs(a, wide, size + 8) == 3);
    ok(wcscpy(wide + size - 10, L"xy") && wmemcpy(wide, L"xyz", size / 5)[0] == 'x');
    ok(dprintf(1, "# %s\n", "dprintf") > 0);
    formats(1, "# %s %d\n", "formats", 1);
    ok(recv(fd, a, size, 0) == -1 && recvfrom(fd, a, size, 0, NULL, NULL) == -1);
    ok(arc4random() != arc4random() || 1);
    arc4random_buf(a, size);
    ok(!strcmp(gettext("text"), "text"));
    ok(textdomain(NULL) != (char *)1 && bindtextdomain("x", "y") != (char *)1);
    ok(!strcmp(dgettext("d", "t"), "t") && !strcmp(dcgettext("d", "t", 0), "t"));
    fclose(f);
    free(buf);
}

int main(int argc, char **argv)
{
    (void)argv;
    test_sockets();
    test_identity();
    test_processes();
    test_read_only();
    test_locks();
    test_terminal();
    test_checked(10 + (size_t)argc - 1);
    return tap_done();
}
