/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The corners of the C library: encodings both ways, bad descriptors and paths, who the one user
 * is, what the system's limits are. It would catch an error that is silently taken for success.
 */
#define _GNU_SOURCE
#include "tap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <iconv.h>
#include <langinfo.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define fails(call, error) ok((errno = 0, (call) == -1) && errno == (error))

/* Converts LEN bytes; returns the length of the result, or -errno. */
static int convert(const char *to, const char *from, const char *in, size_t len, char *out)
{
    iconv_t cd = iconv_open(to, from);
    char *source = (char *)in, *target = out;
    size_t room = 32;
    int result;

    if (cd == (iconv_t)-1)
        return -errno;
    result = iconv(cd, &source, &len, &target, &room) == (size_t)-1 ? -errno : (int)(32 - room);
    iconv_close(cd);
    return result;
}

static void test_encodings(void)
{
    char out[32];

    ok(convert("UTF-8", "UTF-16LE", "\xac\x20", 2, out) == 3 && !memcmp(out, "\xe2\x82\xac", 3));
    ok(convert("UTF-8", "UTF-16BE", "\xd8\x3d\xdc\x31", 4, out) == 4);
    ok(convert("UTF-8", "UTF-16BE", "\xd8\x3d", 2, out) == -EINVAL);
    ok(convert("UTF-8", "UTF-16BE", "\xd8", 1, out) == -EINVAL);
    ok(convert("UTF-8", "UTF-16BE", "\xdc\x31\xd8\x3d", 4, out) == -EILSEQ);
    ok(convert("UTF-8", "UTF-16BE", "\xd8\x3d\xd8\x3d", 4, out) == -EILSEQ);
    ok(convert("UTF-8", "UTF-32BE", "\0\0\x20\xac", 4, out) == 3);
    ok(convert("UTF-8", "UTF-32LE", "\xac\x20\0\0", 4, out) == 3);
    ok(convert("UTF-8", "UTF-32LE", "\xac\x20", 2, out) == -EINVAL);
    ok(convert("UTF-8", "UTF-32LE", "\0\xd8\0\0", 4, out) == -EILSEQ);
    ok(convert("UTF-32BE", "UTF-8", "\xe2\x82\xac", 3, out) == 4 &&
       !memcmp(out, "\0\0\x20\xac", 4));
    ok(convert("UTF-16LE", "UTF-8", "a", 1, out) == 2 && out[0] == 'a');
    ok(convert("ASCII", "UTF-8", "abc", 3, out) == 3);
    ok(convert("UTF-8", "ASCII", "abc", 3, out) == 3);
    ok(convert("UTF-8", "ASCII", "\xe4", 1, out) == -EILSEQ);
    ok(convert("ASCII", "UTF-8", "\xc3\xa4", 2, out) == -EILSEQ);
    ok(convert("ISO-8859-1", "UTF-8", "\xc3\xa4", 2, out) == 1 && out[0] == '\xe4');
    ok(convert("ISO-8859-1", "UTF-8", "\xe2\x82\xac", 3, out) == -EILSEQ);
}

static void test_langinfo(void)
{
    ok(!strcmp(nl_langinfo(DAY_1), "Sunday") && !strcmp(nl_langinfo(MON_12), "December"));
    ok(!strcmp(nl_langinfo(ABDAY_2), "Mon") && !strcmp(nl_langinfo(ABMON_3), "Mar"));
    ok(!strcmp(nl_langinfo(AM_STR), "AM") && !strcmp(nl_langinfo(PM_STR), "PM"));
    ok(!strcmp(nl_langinfo(D_FMT), "%m/%d/%y") && !strcmp(nl_langinfo(T_FMT), "%H:%M:%S"));
    ok(!strcmp(nl_langinfo(D_T_FMT), "%a %b %e %H:%M:%S %Y"));
    ok(!strcmp(nl_langinfo(T_FMT_AMPM), "%I:%M:%S %p"));
    ok(nl_langinfo(YESEXPR)[0] == '^' && nl_langinfo(NOEXPR)[0] == '^');
    ok(nl_langinfo(THOUSEP)[0] == '\0' && nl_langinfo(9999999)[0] == '\0');
}

static void test_users(void)
{
    struct passwd user, *found;
    struct group group, *groups;
    char text[256];

    ok(getpwuid_r(0, &user, text, sizeof(text), &found) == 0 && found && found->pw_uid == 0);
    ok(getpwuid_r(77, &user, text, sizeof(text), &found) == 0 && !found);
    ok(getpwnam_r("root", &user, text, sizeof(text), &found) == 0 && found);
    ok(getpwnam_r("none", &user, text, sizeof(text), &found) == 0 && !found);
    ok(getpwnam("root") && !getpwnam("none"));
    setpwent();
    ok(getpwent() && !getpwent());
    endpwent();
    ok(getgrgid_r(0, &group, text, sizeof(text), &groups) == 0 && groups);
    ok(getgrnam_r("none", &group, text, sizeof(text), &groups) == 0 && !groups);
    ok(getgrgid(0) && !getgrgid(77) && getgrnam("root") && !getgrnam("none"));
    setgrent();
    ok(getgrent() && !getgrent());
    endgrent();
    ok(initgroups("root", 0) == 0 && getlogin_r(text, sizeof(text)) != 0);
    ok(gettid() == getpid());
}

static void test_limits(void)
{
    static const int names[] = {
        _SC_AVPHYS_PAGES,     _SC_OPEN_MAX,         _SC_ARG_MAX,       _SC_IOV_MAX,
        _SC_GETPW_R_SIZE_MAX, _SC_GETGR_R_SIZE_MAX, _SC_HOST_NAME_MAX, _SC_LOGIN_NAME_MAX,
        _SC_TTY_NAME_MAX,     _SC_SYMLOOP_MAX,      _SC_TZNAME_MAX,    _SC_VERSION,
        _SC_MONOTONIC_CLOCK,  _SC_TIMERS,
    };
    struct rlimit limit;

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        ok(sysconf(names[i]) > 0);
    ok(sysconf(_SC_NGROUPS_MAX) >= 0);
    ok(getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur > 65536);
    ok(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0);
    fails(setrlimit(RLIMIT_CORE, &limit), EPERM);
    ok(getpagesize() == 4096 && get_nprocs() == 1 && get_nprocs_conf() == 1);
    ok(getpriority(PRIO_PROCESS, 0) == 0);
    fails(setpriority(PRIO_PROCESS, 0, 5), EPERM);
}

static void test_descriptors(void)
{
    struct iovec parts[2] = {{NULL, 0}, {"# parts\n", 8}};
    struct flock lock = {.l_type = F_WRLCK};
    struct pollfd standard = {0, POLLIN, 0};
    char text[16];
    int fd = open("lines.txt", O_RDONLY), many, count = 0, on = 1;

    fails(dup(99), EBADF);
    fails(dup2(99, 5), EBADF);
    fails(dup2(fd, -1), EBADF);
    ok(dup2(fd, fd) == fd);
    fails(dup3(fd, fd, 0), EINVAL);
    ok(dup3(fd, 40, O_CLOEXEC) == 40 && fcntl(40, F_GETFD) == FD_CLOEXEC && close(40) == 0);
    fails(pread(99, text, 1, 0), EBADF);
    fails(pread(fd, text, 1, -1), EINVAL);
    fails(pread(1, text, 1, 0), ESPIPE);
    fails(pwrite(fd, text, 1, 0), EBADF);
    ok(writev(1, parts, 2) == 8);
    fails(readv(fd, parts, -1), EINVAL);
    fails(readv(99, parts, 1), EBADF);
    fails(lseek(99, 0, SEEK_SET), EBADF);
    fails(lseek(1, 0, SEEK_SET), ESPIPE);
    fails(lseek(fd, 0, 99), EINVAL);
    fails(fcntl(99, F_GETFD), EBADF);
    fails(fcntl(fd, F_DUPFD, -1), EINVAL);
    fails(fcntl(fd, 9999), EINVAL);
    ok(fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type == F_UNLCK);
    ok(fcntl(fd, F_SETLK, &lock) == 0);
    fails(fsync(99), EBADF);
    fails(ioctl(99, FIONBIO, &on), EBADF);
    ok(ioctl(fd, FIONBIO, &on) == 0 && (fcntl(fd, F_GETFL) & O_NONBLOCK));
    fails(read(open("/", O_RDONLY), text, 1), EISDIR);
    ok(poll(&standard, 1, 0) >= 0);
    while ((many = open("lines.txt", O_RDONLY)) >= 0 && count < 5000)
        count++;
    ok(errno == EMFILE && count < 5000);
    for (many = fd + 1; many < 2000; many++)
        close(many);
    close(fd);
}

static void test_paths(void)
{
    char path[PATH_MAX], *allocated;
    struct stat st;
    struct dirent entry, *found;
    DIR *dir;
    int fd = open("lines.txt", O_RDONLY), root = open("/", O_RDONLY);
    long place;

    fails(open("lines.txt", O_RDONLY | O_DIRECTORY), ENOTDIR);
    fails(open("dir", O_WRONLY), EISDIR);
    fails(open("lines.txt", O_RDONLY | O_CREAT | O_EXCL, 0600), EEXIST);
    fails(open("link", O_RDONLY | O_NOFOLLOW), ELOOP);
    fails(creat("lines.txt", 0600), EROFS);
    ok(fstatat(fd, "", &st, AT_EMPTY_PATH) == 0 && st.st_size == 23);
    fails(fstatat(fd, "x", &st, 0), ENOTDIR);
    fails(fstatat(99, "x", &st, 0), EBADF);
    ok(eaccess("lines.txt", R_OK) == 0);
    fails(readlink("missing", path, sizeof(path)), ENOENT);
    fails(readlink("lines.txt", path, sizeof(path)), EINVAL);
    fails(chdir("missing"), ENOENT);
    fails(fchdir(99), EBADF);
    ok(getcwd(path, 0) == NULL && errno == EINVAL);
    ok((allocated = getcwd(NULL, 0)) && !strcmp(allocated, "/"));
    free(allocated);
    ok((allocated = realpath("link", NULL)) && !strcmp(allocated, "/lines.txt"));
    free(allocated);
    ok(realpath("missing", path) == NULL && errno == ENOENT);
    ok(realpath("/", path) && !strcmp(path, "/"));
    ok(fdopendir(99) == NULL && errno == EBADF);
    ok(fdopendir(fd) == NULL && errno == ENOTDIR);
    dir = fdopendir(root);
    ok(dir && readdir_r(dir, &entry, &found) == 0 && found == &entry);
    place = telldir(dir);
    ok(readdir(dir) != NULL);
    seekdir(dir, place);
    ok(readdir(dir) != NULL && closedir(dir) == 0);
    close(fd);
}

static void test_streams(void)
{
    FILE *f = fopen("lines.txt", "re");
    char *line = NULL, text[8];
    size_t size = 0;

    ok(f && getline(&line, &size, f) == 11);
    ok(getdelim(&line, &size, 'l', f) == 8);
    ok(fgetpos(f, &(fpos_t){0}) == 0);
    while (fgetc(f) != EOF)
        ;
    ok(feof(f));
    clearerr(f);
    ok(!feof(f) && fclose(f) == 0);
    free(line);
    ok(fdopen(99, "r") == NULL && errno == EBADF);
    ok(fdopen(1, "q") == NULL && errno == EINVAL);
    f = fopen("lines.txt", "r");
    ok(freopen("missing", "r", f) == NULL);
    f = fdopen(dup(1), "a");
    ok(f && setvbuf(f, NULL, _IONBF, 0) == 0 && fputs("# unbuffered\n", f) >= 0);
    ok(fclose(f) == 0);
    f = fmemopen("memory", 6, "r");
    ok(!f || (fread(text, 1, 6, f) == 6 && fclose(f) == 0));
    ok(fread(text, 1, 1, stdin) == 0 && getchar() == EOF && feof(stdin));
    fails(pclose(stdin), ECHILD);
    flockfile(stdout);
    ok(ftrylockfile(stdout) == 0);
    funlockfile(stdout);
}

static void test_mappings(void)
{
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    fails(mprotect(p + 1, 10, PROT_READ), EINVAL);
    fails(mprotect(p, 4096, PROT_NONE), EACCES);
    fails(mprotect((void *)0x10000, 4096, PROT_READ), ENOMEM);
    fails(madvise(p, 4096, MADV_DONTNEED), EINVAL);
    ok(madvise(p, 4096, MADV_WILLNEED) == 0 && posix_madvise(p, 1, POSIX_MADV_NORMAL) == 0);
    ok(msync(p, 4096, MS_SYNC) == 0 && mlockall(MCL_CURRENT) == 0 && munlockall() == 0);
    fails(shm_open("/x", O_RDWR, 0600), ENOSYS);
    fails(shm_unlink("/x"), ENOSYS);
    ok(munmap(p, 8192) == 0);
}

int main(void)
{
    test_encodings();
    test_langinfo();
    test_users();
    test_limits();
    test_descriptors();
    test_paths();
    test_streams();
    test_mappings();
    return tap_done();
}
