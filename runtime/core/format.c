/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdbool.h>
#include <stdint.h>

#include "core/console.h"
#include "core/format.h"

struct output {
    char *buf;
    size_t size, len;
};

static void put(struct output *out, char c)
{
    if (out->len + 1 < out->size)
        out->buf[out->len++] = c;
}

static void put_number(struct output *out, uint64_t value, unsigned int base, unsigned int width)
{
    char digits[20];
    unsigned int n = 0;

    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    for (; width > n; width--)
        put(out, '0');
    while (n)
        put(out, digits[--n]);
}

static void put_signed(struct output *out, long value)
{
    if (value < 0)
        put(out, '-');
    put_number(out, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, 0);
}

size_t format_va(char *buf, size_t size, const char *fmt, va_list ap)
{
    struct output out = {buf, size, 0};

    for (; *fmt; fmt++) {
        unsigned int width = 0;
        bool is_long = false;

        if (*fmt != '%') {
            put(&out, *fmt);
            continue;
        }
        for (fmt++; *fmt >= '0' && *fmt <= '9'; fmt++)
            width = width * 10 + (unsigned int)(*fmt - '0');
        for (; *fmt == 'l' || *fmt == 'z'; fmt++)
            is_long = true;
        switch (*fmt) {
        case 's':
            for (const char *s = va_arg(ap, const char *); *s; s++)
                put(&out, *s);
            break;
        case 'c':
            put(&out, (char)va_arg(ap, int));
            break;
        case 'd':
            put_signed(&out, is_long ? va_arg(ap, long) : va_arg(ap, int));
            break;
        case 'u':
        case 'x':
            put_number(&out, is_long ? va_arg(ap, unsigned long) : va_arg(ap, unsigned int),
                       *fmt == 'x' ? 16 : 10, width);
            break;
        case 'p':
            put(&out, '0');
            put(&out, 'x');
            put_number(&out, (uintptr_t)va_arg(ap, void *), 16, 0);
            break;
        default:
            put(&out, *fmt);
        }
    }
    if (size)
        buf[out.len] = '\0';
    return out.len;
}

size_t format(char *buf, size_t size, const char *fmt, ...)
{
    va_list ap;
    size_t len;

    va_start(ap, fmt);
    len = format_va(buf, size, fmt, ap);
    va_end(ap);
    return len;
}

void console_vprintf(const char *fmt, va_list ap)
{
    char line[512];

    console_write(CONSOLE_ERR, line, format_va(line, sizeof line, fmt, ap));
}

void console_printf(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    console_vprintf(fmt, ap);
    va_end(ap);
}
