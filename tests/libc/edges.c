/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What is rarely called: weeks at a year's edge, bytes that are no text, streams that fail, and
 * calls that exist only so that libraries link. It would catch an answer that POSIX does not allow.
 */
#define _GNU_SOURCE
#include "tap.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <ifaddrs.h>
#include <langinfo.h>
#include <link.h>
#include <libintl.h>
#include <limits.h>
#include <locale.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#define fails(call, error) ok((errno = 0, (call) == -1) && errno == (error))

/* What the header would replace by something inline. */
#define real(name) (*(__typeof__(name) *volatile)name)

static void test_calendar(void)
{
    static const struct {
        int year, month, day;
        const char *week;
    } edges[] = {
        {121, 0, 1, "2020-W53-5"},   {118, 11, 31, "2019-W01-1"}, {116, 0, 3, "2015-W53-7"},
        {109, 11, 31, "2009-W53-4"}, {107, 0, 1, "2007-W01-1"},
    };
    struct tm tm = {.tm_year = 109, .tm_mon = 1, .tm_mday = 13, .tm_hour = 17, .tm_min = 5};
    time_t far = 0x7fffffffffffffff, t;
    char text[64];

    for (size_t i = 0; i < sizeof(edges) / sizeof(*edges); i++) {
        struct tm day = {
            .tm_year = edges[i].year, .tm_mon = edges[i].month, .tm_mday = edges[i].day};

        ok(timegm(&day) > 0 && strftime(text, sizeof(text), "%G-W%V-%u", &day) > 0);
        ok(!strcmp(text, edges[i].week));
    }
    ok(gmtime_r(&far, &tm) == NULL && errno == EOVERFLOW);
    ok(ctime_r(&far, text) == NULL);
    tm = (struct tm){.tm_year = 8100, .tm_mday = 1};
    ok(asctime_r(&tm, text) == NULL && errno == EOVERFLOW);
    tm = (struct tm){.tm_year = 110, .tm_mon = -1, .tm_mday = 31, .tm_hour = 17};
    ok((t = timegm(&tm)) == 1262278800 && tm.tm_mon == 11 && tm.tm_year == 109);
    ok(localtime_r(&t, &tm) && tm.tm_hour == 17);
    ok(strftime(text, sizeof(text), "%k|%l|%P|%p", &tm) > 0 && !strcmp(text, "17| 5|pm|PM"));
    ok(strftime(text, sizeof(text), "%Z", &tm) == 3);
    ok(strftime(text, sizeof(text), "%Q", &tm) == 2 && !strcmp(text, "%Q"));
    ok(strftime(text, sizeof(text), "a%", &tm) == 2 && !strcmp(text, "a%"));
    ok(strftime(text, 4, "%F", &tm) == 0 && strftime(text, 0, "", &tm) == 0);
    ok(strftime_l(text, sizeof(text), "%Ey%Om", &tm, newlocale(LC_ALL_MASK, "C", NULL)) == 4);
}

static void test_text(void)
{
    mbstate_t state = {0};
    const char *in;
    const wchar_t *wide_in;
    wchar_t wide[8];
    char out[16];

    ok(mbrtowc(wide, "\xe2\x82", 2, &state) == (size_t)-2);
    ok(mbrtowc(wide, "", 0, &state) == (size_t)-2);
    ok(mbrtowc(NULL, NULL, 0, &state) == (size_t)-1 && errno == EILSEQ);
    ok(mbrtowc(NULL, NULL, 0, &state) == 0 && mbsinit(&state));
    ok(mbrlen("\xc3\xa4", 2, NULL) == 2 && mbrlen("\xc3", 1, NULL) == (size_t)-2);
    ok(mbrlen("\xa4", 1, NULL) == 1); /* its other half */
    ok(mbtowc(NULL, NULL, 0) == 0 && mbtowc(wide, "", 1) == 0);
    fails(mbtowc(wide, "\xff", 1), EILSEQ);
    fails(mblen("\xc3", 1), EILSEQ);
    ok(wcrtomb(NULL, L'x', NULL) == 1 && wctomb(NULL, L'x') == 0);
    ok(wcrtomb(out, 0xd800, NULL) == (size_t)-1 && errno == EILSEQ);
    in = "ab\xff";
    ok(mbsrtowcs(wide, &in, 8, NULL) == (size_t)-1 && *in == '\xff');
    in = "ab\xc3";
    ok(mbsnrtowcs(wide, &in, 3, 8, NULL) == 2 && *in == '\0');
    in = "abc";
    ok(mbsnrtowcs(NULL, &in, 3, 0, NULL) == 3 && *in == 'a');
    wide_in = L"a\xd800";
    ok(wcsrtombs(out, &wide_in, 16, NULL) == (size_t)-1 && *wide_in == 0xd800);
    wide_in = L"a\x20ac";
    ok(wcsrtombs(out, &wide_in, 3, NULL) == 1 && *wide_in == 0x20ac);
    ok(wcsnrtombs(out, &wide_in, 1, 16, NULL) == 3);
    ok(!strcmp(real(strerror)(ENOENT), "No such file or directory"));
    ok(strsignal(SIGTERM) != NULL);
}

static void test_locale(void)
{
    locale_t c = newlocale(LC_ALL_MASK, "C.UTF-8", NULL);
    char out[8];

    ok(c && duplocale(c) && newlocale(LC_ALL_MASK, "tlh_QO.ISO-1", NULL) == NULL);
    ok(setlocale(LC_ALL, "tlh_QO.ISO-1") == NULL && setlocale(LC_ALL, "") != NULL);
    ok(!strcmp(nl_langinfo_l(CODESET, c), "UTF-8"));
    ok(strcoll("a", "b") < 0 && strcoll_l("b", "a", c) > 0 && wcscoll(L"a", L"a") == 0);
    ok(strxfrm(NULL, "text", 0) == 4 && strxfrm(out, "text", 8) == 4 && !strcmp(out, "text"));
    ok(strxfrm_l(NULL, "text", 0, c) == 4 && strxfrm_l(out, "abc", 8, c) == 3);
    ok(!strcmp(real(gettext)("t"), "t") && !strcmp(real(dgettext)("d", "t"), "t"));
    ok(!strcmp(real(dngettext)("d", "one", "many", 2), "many"));
    ok(!strcmp(real(dngettext)("d", "one", "many", 1), "one"));
    freelocale(c);
}

static int received;
static siginfo_t information;

static void on_signal(int sig, siginfo_t *info, void *context)
{
    received = sig;
    information = *info;
}

static void test_signals(void)
{
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESETHAND};
    sigset_t set;

    ok(sigaction(SIGUSR1, &action, NULL) == 0 && killpg(getpgrp(), SIGUSR1) == 0);
    ok(received == SIGUSR1 && information.si_signo == SIGUSR1 && information.si_pid == getpid());
    ok(sigaction(SIGUSR1, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
    ok(raise(SIGCHLD) == 0 && raise(SIGWINCH) == 0); /* ignored, if nobody asks for them */
    fails(raise(999), EINVAL);
    fails(kill(-4242, SIGTERM), ESRCH);
    ok(siginterrupt(SIGUSR1, 1) == 0 && pthread_kill(pthread_self(), 999) == EINVAL);
    ok(sigemptyset(&set) == 0 && sigprocmask(SIG_SETMASK, &set, NULL) == 0);
    fails(sigprocmask(99, &set, NULL), EINVAL);
    ok(pthread_sigmask(99, &set, NULL) == EINVAL && pthread_sigmask(0, NULL, &set) == 0);
    ok(signal(999, SIG_IGN) == SIG_ERR && errno == EINVAL);
    fails(sigaltstack(&(stack_t){0}, NULL), ENOSYS);
}

static void test_streams(void)
{
    int (*volatile put)(int) = putchar, (*volatile get)(void) = getchar;
    FILE *a = fopen("lines.txt", "r"), *b = fopen("lines.txt", "r"), *c = fopen("link", "r");
    char text[2048];

    ok(put('#') == '#' && put('\n') == '\n' && get() == EOF);
    ok(a && b && c && fclose(b) == 0); /* the one in the middle */
    ok(freopen("dir/inner", "r", a) == a && fgets(text, 8, a) && !strcmp(text, "inner\n"));
    ok(fclose(a) == 0 && freopen(NULL, "r", c) == NULL);
    a = fopen("lines.txt", "r");
    ok(setvbuf(a, NULL, _IONBF, 0) == 0 && fread(text, 1, 1, a) == 1 && text[0] == 'f');
    ok(fread(text, 1, sizeof(text), a) == 22 && feof(a));
    ok(putc('x', a) == EOF && ferror(a) && fclose(a) == 0);
    a = fdopen(open("dir", O_RDONLY), "r");
    ok(a && fgetc(a) == EOF && ferror(a) && fclose(a) == 0);
    a = fdopen(open("lines.txt", O_RDONLY), "w"); /* glibc refuses; either way nothing is written */
    ok(!a || (fputs("x", a) >= 0 && fflush(a) == EOF && ferror(a)));
    ok(!a || (fputc('y', a), fclose(a), 1));
    ok(fopen("lines.txt", "q") == NULL && errno == EINVAL);
    errno = ENOENT;
    real(perror)("# perror");
    errno = ENOENT;
    real(perror)(NULL);
}

static void test_terminal(void)
{
    struct winsize size = {.ws_row = 30, .ws_col = 90};
    struct termios t;
    char text[PATH_MAX];
    pid_t group = 0;

    ok(ioctl(1, TIOCSWINSZ, &size) == 0 && ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col == 90);
    ok(ioctl(1, TCGETS, text) == 0 && ioctl(1, TIOCGPGRP, &group) == 0 && group == getpid());
    ok(tcgetpgrp(1) == getpid() && tcsetpgrp(1, getpid()) == 0);
    fails(tcsetpgrp(1, 4242), EPERM);
    fails(tcsetpgrp(99, 1), EBADF);
    ok(tcgetattr(1, &t) == 0);
    fails(tcsetattr(1, 99, &t), EINVAL);
    fails(tcsetattr(99, TCSANOW, &t), EBADF);
    ok(tcflow(1, TCOON) == 0 && tcsendbreak(1, 0) == 0);
    ok(read(0, text, 0) == 0);
    ok(!strcmp(ttyname(1), "/dev/console") && ttyname(99) == NULL);
    ok(ttyname_r(99, text, 9) == EBADF && ttyname_r(1, text, 2) == ERANGE);
    ok(!strcmp(ctermid(text), "/dev/tty") && ctermid(NULL));
    fails(posix_openpt(O_RDWR), ENOSYS);
    fails(grantpt(1), ENOTTY);
    fails(unlockpt(1), ENOTTY);
    ok(ptsname(1) == NULL && ptsname_r(1, text, 9) == ENOTTY);
}

static void test_polling(void)
{
    struct pollfd one = {1, POLLOUT, 0};
    struct pollfd *volatile many = &one; /* its size is not known */
    struct timespec wrong = {0, -1}, none = {0, 0};
    struct epoll_event event = {0};
    eventfd_t value;
    fd_set rd, wr, ex;

    fails(poll(many, 1000000, 0), EINVAL);
    fails(ppoll(&one, 1, &wrong, NULL), EINVAL);
    fails(select(-1, NULL, NULL, NULL, NULL), EINVAL);
    FD_ZERO(&rd);
    FD_ZERO(&wr);
    FD_ZERO(&ex);
    FD_SET(1, &wr), FD_SET(1, &ex);
    ok(select(2, NULL, &wr, &ex, NULL) == 1 && FD_ISSET(1, &wr) && !FD_ISSET(1, &ex));
    FD_SET(200, &rd);
    fails(pselect(201, &rd, NULL, NULL, &none, NULL), EBADF);
    fails(epoll_create(1), ENOSYS);
    fails(epoll_ctl(3, EPOLL_CTL_ADD, 0, &event), ENOSYS);
    fails(epoll_wait(3, &event, 1, 0), ENOSYS);
    fails(eventfd_read(3, &value), ENOSYS);
    fails(eventfd_write(3, 1), ENOSYS);
}

static void test_time(void)
{
    struct timespec t, left = {5, 5};
    struct itimerval timer;
    struct rusage usage;
    clockid_t clock_id;
    timer_t id;
    time_t now;

    fails(clock_getres(99, &t), EINVAL);
    ok(clock_gettime(CLOCK_REALTIME, &t) == 0);
    fails(clock_settime(CLOCK_REALTIME, &t), EPERM);
    ok(clock_getcpuclockid(0, &clock_id) == 0 && clock_gettime(clock_id, &t) == 0);
    ok(clock_getcpuclockid(4242, &clock_id) == ESRCH);
    ok(time(&now) == now);
    fails(getrusage(77, &usage), EINVAL);
    ok(clock_gettime(CLOCK_MONOTONIC, &t) == 0);
    ok(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == 0); /* has passed */
    ok(clock_nanosleep(99, 0, &t, NULL) == EINVAL);
    t = (struct timespec){0, 1000};
    ok(nanosleep(&t, &left) == 0 && left.tv_sec == 0);
    ok(getitimer(ITIMER_REAL, &timer) == 0 && timer.it_value.tv_sec == 0);
    fails(timer_create(CLOCK_REALTIME, NULL, &id), ENOSYS);
    fails(timer_settime((timer_t)1, 0, NULL, NULL), EINVAL);
    fails(timer_delete((timer_t)1), EINVAL);
}

static void test_locks(void)
{
    pthread_mutex_t m;
    pthread_mutexattr_t attr;
    pthread_key_t key = 0, next;
    sem_t s;
    int count = 0;

    ok(pthread_mutexattr_init(&attr) == 0 &&
       pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_ERRORCHECK) == 0);
    ok(pthread_mutex_init(&m, &attr) == 0 && pthread_mutex_unlock(&m) == EPERM);
    ok(pthread_mutex_lock(&m) == 0 && pthread_mutex_lock(&m) == EDEADLK);
    ok(pthread_mutex_unlock(&m) == 0 && pthread_mutex_destroy(&m) == 0);
    while (pthread_key_create(&next, NULL) == 0)
        key = next, count++;
    ok(count > 16 && pthread_key_create(&next, NULL) == EAGAIN);
    ok(pthread_key_delete(9999) == EINVAL && pthread_setspecific(9999, &key) == EINVAL);
    ok(pthread_getspecific(9999) == NULL && pthread_key_delete(key) == 0);
    ok(real(pthread_equal)(pthread_self(), pthread_self()) != 0);
    ok(pthread_setname_np(pthread_self(), "name") == 0);
    ok(pthread_atfork(NULL, NULL, NULL) == 0);
    ok(sem_init(&s, 0, 0) == 0);
    fails(sem_wait(&s), EDEADLK);
    fails(sem_close(&s), EINVAL);
    fails(sem_unlink("/x"), ENOSYS);
}

static void test_files(void)
{
    struct iovec parts[2] = {{NULL, 0}, {"x", 1}};
    struct statvfs vfs;
    char text[PATH_MAX], name[] = "new-XXXXXX.c";
    unsigned char set;
    int fd = open("lines.txt", O_RDONLY), path = open("lines.txt", O_PATH);
    DIR *d;

    fails(access("lines.txt", 0x100), EINVAL);
    fails(access("missing", R_OK), ENOENT);
    fails(access("lines.txt", X_OK), EACCES);
    ok(getcwd(text, 1) == NULL && errno == ERANGE);
    ok(realpath("/dev/null", text) && !strcmp(text, "/dev/null"));
    fails(openat(1, "x", O_RDONLY), ENOTDIR);
    fails(fstatvfs(99, &vfs), EBADF);
    d = opendir(".");
    for (int i = 0; i < 4; i++)
        ok(readdir(d) != NULL);
    seekdir(d, 3);
    ok(telldir(d) == 3 && readdir(d) != NULL && closedir(d) == 0);
    ok(path > 0);
    fails(read(path, text, 1), EBADF);
    fails(writev(fd, parts, 2), EBADF);
    fails(sendfile(1, fd, NULL, 1), EINVAL);
    fails(sendfile(99, fd, NULL, 1), EBADF);
    fails(flock(99, 0), EBADF);
    fails(mkdir("dir", 0700), EEXIST);
    fails(symlink("x", "missing/dir"), ENOENT);
    fails(mkstemps(name, 2), EROFS);
    fails(mkostemp(memcpy(text, "new-XXXXXX", 11), O_CLOEXEC), EROFS);
    fails(mkstemp(memcpy(text, "new-XXX", 8)), EINVAL);
    sync();
    fails(getrandom(text, 1, 0x1000), EINVAL);
    fails(getentropy(text, 1000), EIO);
    fails(sethostname("x", 1), EPERM);
    ok(setgroups(0, NULL) == 0);
    fails(setgroups(1, (gid_t[]){1}), EPERM);
    (void)set;
    close(path);
    close(fd);
}

static int on_object(struct dl_phdr_info *info, size_t size, void *data) { return 1; }

static void test_refused(void)
{
    posix_spawnattr_t attr;
    posix_spawn_file_actions_t actions;
    sigset_t set;
    char *const argv[] = {"true", NULL};
    struct ifaddrs *list = NULL;
    char text[32];
    siginfo_t info;
    pid_t pid;
    int fds[2];

    ok(dlsym(RTLD_DEFAULT, "main") == NULL && strstr(dlerror(), "not supported"));
    ok(dlerror() == NULL && dlclose(&pid) != 0);
    ok(dladdr((void *)test_refused, (void *)text) == 0 && dl_iterate_phdr(on_object, NULL) == 0);
    ok(dlinfo(NULL, 1, text) == -1);
    fails(execvpe("x", argv, NULL), ENOSYS);
    fails(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
    fails(pipe2(fds, 0), ENOSYS);
    ok(system(NULL) == 0 && posix_spawnp(&pid, "x", NULL, NULL, argv, NULL) == ENOSYS);
    ok(sigemptyset(&set) == 0 && posix_spawnattr_init(&attr) == 0);
    ok(posix_spawnattr_setpgroup(&attr, 0) == 0 && posix_spawnattr_setsigmask(&attr, &set) == 0);
    ok(posix_spawnattr_setsigdefault(&attr, &set) == 0);
    ok(posix_spawn_file_actions_init(&actions) == 0 &&
       posix_spawn_file_actions_addopen(&actions, 0, "x", O_RDONLY, 0) == 0);
    ok(getnameinfo(NULL, 0, text, sizeof(text), NULL, 0, 0) != 0);
    ok(gethostbyaddr("\1\2\3\4", 4, AF_INET) == NULL && h_errno == NO_RECOVERY);
    fails(getifaddrs(&list), ENOSYS);
    freeifaddrs(list);
    freeaddrinfo(NULL);
    ok(if_nametoindex("eth0") == 0 && if_indextoname(1, text) == NULL && errno == ENXIO);
    ok(mremap(text, 1, 2, MREMAP_MAYMOVE) == MAP_FAILED && errno == ENOMEM);
    fails(munmap(text + 1, 5), EINVAL);
}

static void test_code(void)
{
    static const unsigned char answer[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov $42, %eax; ret */
    unsigned char *p =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    ok(p != MAP_FAILED);
    memcpy(p, answer, sizeof(answer));
    ok(((int (*)(void))p)() == 42);
    ok(munmap(p, 4096) == 0);
    ok(mmap(NULL, 1UL << 46, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
           MAP_FAILED &&
       errno == ENOMEM);
}

int main(void)
{
    test_calendar();
    test_text();
    test_locale();
    test_signals();
    test_streams();
    test_terminal();
    test_polling();
    test_time();
    test_locks();
    test_files();
    test_refused();
    test_code();
    return tap_done();
}
