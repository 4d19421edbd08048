/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The console as a terminal behind descriptors 0, 1 and 2, and the other devices in /dev.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "core/console.h"
#include "core/event.h"
#include "libc/descriptor.h"
#include "libc/device.h"
#include "libc/random.h"

/* Device numbers as Linux gives them, for programs that tell devices apart by them. */
#define DEVICE(major, minor) ((dev_t)((major) << 8 | (minor)))

static struct termios settings = {
    .c_iflag = ICRNL | IXON,
    .c_oflag = OPOST | ONLCR,
    .c_cflag = CS8 | CREAD | CLOCAL | B38400,
    .c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | IEXTEN,
    .c_cc = {[VINTR] = 3,
             [VQUIT] = 28,
             [VERASE] = 127,
             [VKILL] = 21,
             [VEOF] = 4,
             [VMIN] = 1,
             [VSTART] = 17,
             [VSTOP] = 19,
             [VSUSP] = 26,
             [VWERASE] = 23,
             [VLNEXT] = 22},
    .__c_ispeed = B38400,
    .__c_ospeed = B38400,
};
static struct winsize window = {24, 80, 0, 0};

static void device_status(struct stat *st, unsigned inode, dev_t device, mode_t mode)
{
    memset(st, 0, sizeof *st);
    st->st_dev = 1;
    st->st_ino = inode;
    st->st_nlink = 1;
    st->st_mode = S_IFCHR | mode;
    st->st_rdev = device;
    st->st_blksize = 4096;
}

static ssize_t console_kind_read(struct open_file *f, void *buf, size_t len, off_t offset)
{
    size_t n;

    (void)f, (void)offset;
    if (!len)
        return 0;
    event_poll();
    n = console_read(buf, len);
    return n || console_at_eof() ? (ssize_t)n : -EAGAIN;
}

static ssize_t console_kind_write(struct open_file *f, const void *buf, size_t len, off_t offset)
{
    (void)f, (void)offset;
    console_write(CONSOLE_OUT, buf, len);
    return len;
}

static ssize_t error_kind_write(struct open_file *f, const void *buf, size_t len, off_t offset)
{
    (void)f, (void)offset;
    console_write(CONSOLE_ERR, buf, len);
    return len;
}

static bool console_kind_ready(struct open_file *f, bool write)
{
    (void)f;
    return write || console_readable();
}

static int console_kind_status(struct open_file *f, struct stat *st)
{
    (void)f;
    device_status(st, 3, DEVICE(5, 1), 0620);
    return 0;
}

static int console_kind_ioctl(struct open_file *f, unsigned long request, void *arg)
{
    (void)f;
    switch (request) {
    case TCGETS:
        /* The kernel's struct termios is the head of libc's. */
        memcpy(arg, &settings, offsetof(struct termios, c_cc) + 19);
        return 0;
    case TIOCGWINSZ:
        memcpy(arg, &window, sizeof window);
        return 0;
    case TIOCSWINSZ:
        memcpy(&window, arg, sizeof window);
        return 0;
    case TIOCGPGRP:
        *(int *)arg = getpid();
        return 0;
    default:
        return -EINVAL;
    }
}

const struct file_kind console_kind = {
    .read = console_kind_read,
    .write = console_kind_write,
    .status = console_kind_status,
    .ready = console_kind_ready,
    .ioctl = console_kind_ioctl,
};

const struct file_kind console_error_kind = {
    .read = console_kind_read,
    .write = error_kind_write,
    .status = console_kind_status,
    .ready = console_kind_ready,
    .ioctl = console_kind_ioctl,
};

int tcgetattr(int fd, struct termios *t)
{
    if (!isatty(fd))
        return -1;
    *t = settings;
    return 0;
}

/*
 * Remembered for the next tcgetattr. Nothing else changes: echo and lines are the business of
 * the terminal that shows the console.
 */
int tcsetattr(int fd, int when, const struct termios *t)
{
    if (!isatty(fd))
        return -1;
    if (when < TCSANOW || when > TCSAFLUSH)
        return errno_result(-EINVAL);
    settings = *t;
    return 0;
}

int tcdrain(int fd) { return isatty(fd) ? 0 : -1; }

int tcflush(int fd, int queue)
{
    (void)queue;
    return isatty(fd) ? 0 : -1;
}

int tcflow(int fd, int action)
{
    (void)action;
    return isatty(fd) ? 0 : -1;
}

int tcsendbreak(int fd, int duration)
{
    (void)duration;
    return isatty(fd) ? 0 : -1;
}

pid_t tcgetpgrp(int fd) { return isatty(fd) ? getpid() : -1; }

int tcsetpgrp(int fd, pid_t group)
{
    if (!isatty(fd))
        return -1;
    return errno_result(group == getpid() ? 0 : -EPERM);
}

static ssize_t null_read(struct open_file *f, void *buf, size_t len, off_t offset)
{
    (void)f, (void)buf, (void)len, (void)offset;
    return 0;
}

static ssize_t null_write(struct open_file *f, const void *buf, size_t len, off_t offset)
{
    (void)f, (void)buf, (void)offset;
    return len;
}

static int null_status(struct open_file *f, struct stat *st)
{
    (void)f;
    device_status(st, 4, DEVICE(1, 3), 0666);
    return 0;
}

static const struct file_kind null_kind = {
    .read = null_read, .write = null_write, .status = null_status};

static ssize_t zero_read(struct open_file *f, void *buf, size_t len, off_t offset)
{
    (void)f, (void)offset;
    memset(buf, 0, len);
    return len;
}

static int zero_status(struct open_file *f, struct stat *st)
{
    (void)f;
    device_status(st, 5, DEVICE(1, 5), 0666);
    return 0;
}

static const struct file_kind zero_kind = {
    .read = zero_read, .write = null_write, .status = zero_status};

static ssize_t random_read(struct open_file *f, void *buf, size_t len, off_t offset)
{
    (void)f, (void)offset;
    random_bytes(buf, len);
    return len;
}

static int random_status(struct open_file *f, struct stat *st)
{
    (void)f;
    device_status(st, 6, DEVICE(1, 9), 0666);
    return 0;
}

static const struct file_kind random_kind = {
    .read = random_read, .write = null_write, .status = random_status};

static const struct {
    const char *name;
    const struct file_kind *kind;
} devices[] = {
    {"/dev/console", &console_kind},
    {"/dev/tty", &console_kind},
    {"/dev/stdin", &console_kind},
    {"/dev/stdout", &console_kind},
    {"/dev/stderr", &console_error_kind},
    {"/dev/null", &null_kind},
    {"/dev/zero", &zero_kind},
    {"/dev/random", &random_kind},
    {"/dev/urandom", &random_kind},
};

const struct file_kind *device_find(const char *path)
{
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
        if (!strcmp(path, devices[i].name))
            return devices[i].kind;
    return NULL;
}
