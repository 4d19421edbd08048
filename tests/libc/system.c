/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Files, time, signals, locks, and what a unikernel refuses. It would catch a call that claims to
 * have done what it cannot do, and a calendar that is wrong in some century.
 */
#define _GNU_SOURCE
#include "tap.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* CALL fails with the error. */
#define fails(call, error) ok((errno = 0, (call) == -1) && errno == (error))

static void test_calendar(void)
{
    static const struct {
        time_t time;
        int year, month, day, weekday, yearday, hour;
    } days[] = {
        {0, 70, 0, 1, 4, 0, 0},           {951782400, 100, 1, 29, 2, 59, 0},
        {-1, 69, 11, 31, 3, 364, 23},     {4107542400, 200, 2, 1, 1, 59, 0},
        {-2203891200, 0, 2, 1, 4, 59, 0}, {253402300799, 8099, 11, 31, 5, 364, 23},
    };
    struct tm tm;
    time_t t = 1234567890;
    char text[128];

    for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
        ok(gmtime_r(&days[i].time, &tm) == &tm);
        ok(tm.tm_year == days[i].year && tm.tm_mon == days[i].month && tm.tm_mday == days[i].day);
        ok(tm.tm_wday == days[i].weekday && tm.tm_yday == days[i].yearday);
        ok(tm.tm_hour == days[i].hour && timegm(&tm) == days[i].time);
    }
    tzset();
    ok(localtime(&t)->tm_mday == 13 && mktime(localtime(&t)) == t);
    ok(!strcmp(ctime(&t), "Fri Feb 13 23:31:30 2009\n"));
    ok(!strcmp(asctime(gmtime(&t)), "Fri Feb 13 23:31:30 2009\n"));
    gmtime_r(&t, &tm);
    ok(strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %j %a %A %b %B %d %e %I %p", &tm) > 0);
    ok(!strcmp(text, "2009-02-13 23:31:30 044 Fri Friday Feb February 13 13 11 PM"));
    ok(strftime(text, sizeof(text), "%C %y %u %w %U %W %V %G %g %D %F %T %R %r %n%t%% %h", &tm) >
       0);
    ok(!strcmp(text, "20 09 5 5 06 06 07 2009 09 02/13/09 2009-02-13 23:31:30 23:31 "
                     "11:31:30 PM \n\t% Feb"));
    ok(strftime(text, sizeof(text), "%c|%x|%X|%s|%z", &tm) > 0);
    ok(strftime(text, 3, "%Y", &tm) == 0);
    tm.tm_mon = 14, tm.tm_mday = 0;
    ok(timegm(&tm) != -1 && tm.tm_mon == 1 && tm.tm_mday == 28 && tm.tm_year == 110);
    ok(difftime(10, 4) == 6.0);
}

static void test_time(void)
{
    struct timespec a, b, nap = {0, 2000000};
    struct timeval tv;
    struct tms tms;
    struct rusage usage;
    struct itimerval timer = {{0, 0}, {1, 0}};

    ok(clock_gettime(CLOCK_MONOTONIC, &a) == 0);
    ok(nanosleep(&nap, NULL) == 0 && usleep(1000) == 0);
    ok(clock_gettime(CLOCK_MONOTONIC, &b) == 0);
    ok((b.tv_sec - a.tv_sec) * 1000000000L + b.tv_nsec - a.tv_nsec >= 3000000);
    ok(clock_gettime(CLOCK_REALTIME, &a) == 0 && a.tv_sec > 1577836800);
    ok(gettimeofday(&tv, NULL) == 0 && tv.tv_sec >= a.tv_sec && time(NULL) >= a.tv_sec);
    ok(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b) == 0 && clock_getres(CLOCK_REALTIME, &b) == 0);
    fails(clock_gettime(99, &b), EINVAL);
    nap.tv_nsec = -1;
    fails(nanosleep(&nap, NULL), EINVAL);
    ok(getrusage(RUSAGE_SELF, &usage) == 0 && times(&tms) != (clock_t)-1 && clock() >= 0);
    fails(setitimer(ITIMER_REAL, &timer, NULL), ENOSYS);
    ok(alarm(100) == 0 && alarm(0) == 100);
    ok(sleep(0) == 0);
}

static int alphabetically(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void test_files(void)
{
    char text[64];
    struct stat st;
    struct statvfs vfs;
    struct dirent **names;
    struct iovec parts[2] = {{text, 5}, {text + 10, 5}};
    DIR *dir;
    int fd = open("lines.txt", O_RDONLY), other;

    ok(fd > 2);
    ok(read(fd, text, 5) == 5 && pread(fd, text, 5, 6) == 5 && !memcmp(text, "line\n", 5));
    ok(lseek(fd, 0, SEEK_CUR) == 5 && lseek(fd, -1, SEEK_END) == 22);
    fails(lseek(fd, -100, SEEK_SET), EINVAL);
    ok(lseek(fd, 0, SEEK_SET) == 0 && readv(fd, parts, 2) == 10);
    fails(write(fd, "x", 1), EBADF);
    ok(fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 23);
    ok((other = dup(fd)) > fd && close(other) == 0);
    ok(dup2(fd, 20) == 20 && close(20) == 0);
    ok(fcntl(fd, F_GETFD) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 && fcntl(fd, F_GETFL) >= 0);
    ok(fcntl(fd, F_DUPFD, 30) == 30 && close(30) == 0);
    ok(!isatty(fd) && isatty(1));
    fails(ftruncate(fd, 0), EINVAL);
    ok(close(fd) == 0);
    fails(close(fd), EBADF);
    fails(read(-1, text, 1), EBADF);
    ok(stat("dir", &st) == 0 && S_ISDIR(st.st_mode) && lstat("link", &st) == 0 &&
       S_ISLNK(st.st_mode));
    ok(readlink("link", text, sizeof(text)) == 9 && !memcmp(text, "lines.txt", 9));
    ok(access("lines.txt", R_OK) == 0);
    fails(access("lines.txt", W_OK), EROFS);
    fails(open("missing", O_RDONLY), ENOENT);
    fails(open("lines.txt/x", O_RDONLY), ENOTDIR);
    fails(open("lines.txt", O_WRONLY), EROFS);
    fails(open("new", O_WRONLY | O_CREAT, 0600), EROFS);
    fails(mkdir("new", 0700), EROFS);
    fails(unlink("lines.txt"), EROFS);
    fails(rename("lines.txt", "x"), EROFS);
    fails(rmdir("dir"), EROFS);
    fails(chmod("lines.txt", 0), EROFS);
    fails(symlink("a", "b"), EROFS);
    fails(link("lines.txt", "b"), EROFS);
    fails(truncate("lines.txt", 0), EROFS);
    fails(utimensat(AT_FDCWD, "lines.txt", NULL, 0), EROFS);
    fails(chown("lines.txt", 0, 0), EROFS);
    fails(mkfifo("fifo", 0600), EROFS);
    ok(chdir("dir") == 0 && open("inner", O_RDONLY) > 0 && chdir("/") == 0);
    fails(chdir("lines.txt"), ENOTDIR);
    dir = opendir("/");
    ok(dir && readdir(dir) && dirfd(dir) > 0);
    rewinddir(dir);
    ok(closedir(dir) == 0);
    ok(opendir("missing") == NULL && errno == ENOENT);
    ok(scandir("dir", &names, NULL, alphabetically) >= 1);
    ok(statvfs("/", &vfs) == 0 || errno == ENOSYS);
    fd = open("/dev/null", O_RDWR);
    ok(fd > 0 && write(fd, "x", 1) == 1 && read(fd, text, 1) == 0 && close(fd) == 0);
    fd = open("/dev/urandom", O_RDONLY);
    ok(fd > 0 && read(fd, text, 16) == 16 && close(fd) == 0);
    ok(getrandom(text, 16, 0) == 16 && getentropy(text, 16) == 0);
    ok(umask(022) >= 0);
}

static void test_polling(void)
{
    struct pollfd fds[3] = {{1, POLLOUT, 0}, {99, POLLIN, 0}, {-1, POLLIN, 0}};
    struct timeval soon = {0, 1000};
    fd_set set;
    int fd = open("lines.txt", O_RDONLY);

    ok(poll(fds, 3, 0) == 2 && fds[0].revents == POLLOUT && fds[1].revents == POLLNVAL);
    fds[0].fd = fd, fds[0].events = POLLIN;
    ok(poll(fds, 1, -1) == 1);
    ok(poll(NULL, 0, 1) == 0);
    FD_ZERO(&set);
    FD_SET(fd, &set);
    ok(select(fd + 1, &set, NULL, NULL, &soon) == 1 && FD_ISSET(fd, &set));
    ok(select(0, NULL, NULL, NULL, &soon) == 0);
    fails(epoll_create1(0), ENOSYS);
    fails(eventfd(0, 0), ENOSYS);
    close(fd);
}

static jmp_buf back;
static volatile int caught;

static void on_signal(int sig) { caught = sig; }

static void test_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal}, old;
    sigset_t set, pending;

    ok(sigaction(SIGUSR1, &action, &old) == 0 && old.sa_handler == SIG_DFL);
    ok(raise(SIGUSR1) == 0 && caught == SIGUSR1);
    caught = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    ok(sigprocmask(SIG_BLOCK, &set, NULL) == 0 && raise(SIGUSR1) == 0 && !caught);
    ok(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1));
    ok(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0 && caught == SIGUSR1);
    ok(signal(SIGUSR2, SIG_IGN) == SIG_DFL && kill(getpid(), SIGUSR2) == 0);
    ok(kill(getpid(), 0) == 0);
    fails(kill(4242, SIGTERM), ESRCH);
    fails(kill(getpid(), 999), EINVAL);
    fails(sigaction(SIGKILL, &action, NULL), EINVAL);
    if (setjmp(back) == 0)
        longjmp(back, 1);
    ok(1);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_count;

static void count_once(void) { once_count++; }

static void *never(void *arg) { return arg; }

static void test_threads(void)
{
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
    pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
    pthread_mutexattr_t attr;
    pthread_attr_t thread_attr;
    pthread_key_t key;
    pthread_t thread;
    cpu_set_t cpus;

    ok(pthread_mutex_init(&mutex, NULL) == 0 && pthread_mutex_lock(&mutex) == 0);
    ok(pthread_mutex_trylock(&mutex) == EBUSY && pthread_mutex_unlock(&mutex) == 0);
    ok(pthread_mutexattr_init(&attr) == 0 &&
       pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE) == 0);
    ok(pthread_mutexattr_destroy(&attr) == 0 && pthread_mutex_destroy(&mutex) == 0);
    ok(pthread_cond_init(&cond, NULL) == 0 && pthread_cond_signal(&cond) == 0);
    ok(pthread_cond_broadcast(&cond) == 0 && pthread_cond_destroy(&cond) == 0);
    ok(pthread_rwlock_rdlock(&rw) == 0 && pthread_rwlock_unlock(&rw) == 0);
    ok(pthread_once(&once, count_once) == 0 && pthread_once(&once, count_once) == 0 &&
       once_count == 1);
    ok(pthread_key_create(&key, NULL) == 0 && pthread_setspecific(key, &key) == 0);
    ok(pthread_getspecific(key) == &key && pthread_key_delete(key) == 0);
    ok(pthread_equal(pthread_self(), pthread_self()));
    ok(pthread_attr_init(&thread_attr) == 0 && pthread_attr_destroy(&thread_attr) == 0);
    ok(pthread_create(&thread, NULL, never, NULL) == EAGAIN);
    ok(sched_yield() == 0 && sched_getaffinity(0, sizeof(cpus), &cpus) == 0 &&
       CPU_COUNT(&cpus) == 1);
    ok(sched_setaffinity(0, sizeof(cpus), &cpus) == 0);
    CPU_ZERO(&cpus);
    fails(sched_setaffinity(0, sizeof(cpus), &cpus), EINVAL);
}

static void test_memory(void)
{
    char *p = mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *q = NULL;

    ok(p != MAP_FAILED && p[0] == 0 && p[9999] == 0);
    p[9999] = 1;
    ok(mprotect(p, 4096, PROT_READ | PROT_WRITE) == 0);
    ok(munmap(p, 10000) == 0);
    ok(mmap(NULL, 4096, PROT_READ, MAP_SHARED, 5, 0) == MAP_FAILED);
    ok(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED &&
       errno == EINVAL);
    ok(posix_memalign(&q, 4096, 100) == 0 && (unsigned long)q % 4096 == 0);
    free(q);
    ok(aligned_alloc(64, 128) != NULL && calloc((size_t)-1, 2) == NULL);
    ok(mlock(p, 1) == 0 && munlock(p, 1) == 0);
}

static int exit_order;

static void last(void) { printf("# atexit runs: %d\n", exit_order); }

static void test_refused(void)
{
    struct addrinfo *info;
    struct utsname name;
    struct termios settings;
    int fds[2];
    pid_t pid;
    char *const argv[] = {"true", NULL};

    fails(fork(), ENOSYS);
    fails(execve("/bin/true", argv, environ), ENOSYS);
    fails(pipe(fds), ENOSYS);
    fails(socket(AF_INET, SOCK_STREAM, 0), ENOSYS);
    ok(posix_spawn(&pid, "/bin/true", NULL, NULL, argv, environ) == ENOSYS);
    ok(waitpid(-1, NULL, 0) == -1);
    ok(system("true") != 0);
    ok(getaddrinfo("localhost", "80", NULL, &info) != 0);
    ok(gai_strerror(EAI_SYSTEM) != NULL);
    ok(dlopen("libm.so", RTLD_NOW) == NULL && dlerror() != NULL);
    ok(getpid() == 1 && getppid() >= 0 && getuid() == geteuid() && getgid() == getegid());
    ok(sysconf(_SC_PAGESIZE) == 4096 && sysconf(_SC_NPROCESSORS_ONLN) == 1 &&
       sysconf(_SC_CLK_TCK) == 100);
    ok(sysconf(_SC_PHYS_PAGES) > 1000);
    fails(sysconf(9999), EINVAL);
    ok(uname(&name) == 0 && !strcmp(name.machine, "x86_64"));
    ok(gethostname(name.nodename, sizeof(name.nodename)) == 0);
    ok(tcgetattr(0, &settings) == 0 && tcsetattr(0, TCSANOW, &settings) == 0);
    fails(tcgetattr(99, &settings), EBADF);
    ok(setenv("NAME", "value", 1) == 0 && !strcmp(getenv("NAME"), "value") &&
       unsetenv("NAME") == 0);
    ok(atexit(last) == 0);
    exit_order = 1;
}

int main(void)
{
    test_calendar();
    test_time();
    test_files();
    test_polling();
    test_signals();
    test_threads();
    test_memory();
    test_refused();
    return tap_done();
}
