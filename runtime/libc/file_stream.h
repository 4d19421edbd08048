/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The object behind a FILE pointer, as musl 1.2's pure stdio members (printf, fread, fgets ...)
 * expect it. Its layout is an interface between them and our stdio.c; configure checks the
 * version of musl.
 */
#ifndef RUNTIME_LIBC_FILE_STREAM_H
#define RUNTIME_LIBC_FILE_STREAM_H

#include <stdio.h>
#include <sys/types.h>

enum {
    STREAM_PERMANENT = 1, /* not from malloc(): stdin, stdout, stderr */
    STREAM_NO_READ = 4,
    STREAM_NO_WRITE = 8,
    STREAM_EOF = 16,
    STREAM_ERROR = 32,
    STREAM_BUFFER_SET = 64, /* by setvbuf() */
    STREAM_APPEND = 128
};

#define STREAM_UNGET 8 /* bytes before the buffer that ungetc() may use */

struct _IO_FILE {
    unsigned flags;
    unsigned char *read_at, *read_end;
    int (*close)(FILE *);
    unsigned char *write_end, *write_at; /* both NULL when not writing */
    void *unused1;
    unsigned char *write_start;
    size_t (*read)(FILE *, unsigned char *, size_t);
    size_t (*write)(FILE *, const unsigned char *, size_t);
    off_t (*seek)(FILE *, off_t, int);
    unsigned char *buffer;
    size_t buffer_size;
    FILE *previous, *next; /* in the list of open streams */
    int fd;
    int process;
    long lock_count;
    int wide_mode;
    volatile int lock; /* -1: never locked */
    int line_end;      /* the byte that flushes the buffer, or -1 */
    void *cookie;
    off_t offset;
    char *line;
    void *unused2;
    unsigned char *scan_end;
    off_t scan_limit, scan_count;
    FILE *previous_locked, *next_locked;
    struct __locale_struct *locale;
};

/* The hooks that musl's streams call. */
size_t __stdio_read(FILE *f, unsigned char *buf, size_t len);
size_t __stdio_write(FILE *f, const unsigned char *buf, size_t len);
size_t __stdout_write(FILE *f, const unsigned char *buf, size_t len);
off_t __stdio_seek(FILE *f, off_t offset, int whence);
int __stdio_close(FILE *f);

/* musl's: the slow paths of getc and putc, the list of open streams, flush all at exit. */
int __uflow(FILE *f);
int __overflow(FILE *f, int c);
FILE **__ofl_lock(void);
void __ofl_unlock(void);
FILE *__ofl_add(FILE *f);
int __fmodeflags(const char *mode);
void __stdio_exit(void);

#endif
