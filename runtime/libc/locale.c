/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The one locale: C's, with UTF-8.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "libc/utf8.h"

static const char name[] = "C.UTF-8";

/* What a locale_t points to; musl's members only pass it on. */
static struct __locale_struct {
    const void *categories[6];
} the_locale;

/* musl's members name its two locales by these. */
extern struct __locale_struct __c_locale __attribute__((alias("the_locale")));
extern struct __locale_struct __c_dot_utf8_locale __attribute__((alias("the_locale")));

static bool known(const char *wanted)
{
    return !*wanted || !strcmp(wanted, "C") || !strcmp(wanted, "POSIX") ||
           strstr(wanted, "UTF-8") || strstr(wanted, "utf8");
}

char *setlocale(int category, const char *wanted)
{
    if (category < 0 || category > LC_ALL || (wanted && !known(wanted)))
        return NULL;
    return (char *)name;
}

locale_t newlocale(int mask, const char *wanted, locale_t base)
{
    (void)mask, (void)base;
    if (!known(wanted)) {
        errno = ENOENT;
        return NULL;
    }
    return &the_locale;
}

locale_t uselocale(locale_t locale)
{
    (void)locale;
    return &the_locale;
}

locale_t duplocale(locale_t locale) { return locale; }

void freelocale(locale_t locale) { (void)locale; }

struct lconv *localeconv(void)
{
    static struct lconv conv = {
        .decimal_point = ".",
        .thousands_sep = "",
        .grouping = "",
        .int_curr_symbol = "",
        .currency_symbol = "",
        .mon_decimal_point = "",
        .mon_thousands_sep = "",
        .mon_grouping = "",
        .positive_sign = "",
        .negative_sign = "",
        .int_frac_digits = CHAR_MAX,
        .frac_digits = CHAR_MAX,
        .p_cs_precedes = CHAR_MAX,
        .p_sep_by_space = CHAR_MAX,
        .n_cs_precedes = CHAR_MAX,
        .n_sep_by_space = CHAR_MAX,
        .p_sign_posn = CHAR_MAX,
        .n_sign_posn = CHAR_MAX,
        .int_p_cs_precedes = CHAR_MAX,
        .int_p_sep_by_space = CHAR_MAX,
        .int_n_cs_precedes = CHAR_MAX,
        .int_n_sep_by_space = CHAR_MAX,
        .int_p_sign_posn = CHAR_MAX,
        .int_n_sign_posn = CHAR_MAX,
    };

    return &conv;
}

char *nl_langinfo(nl_item item)
{
    static const char *const day[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                      "Thursday", "Friday", "Saturday"};
    static const char *const month[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
    static char shortened[4];
    const char *text = "";

    if (item >= DAY_1 && item <= DAY_7) {
        text = day[item - DAY_1];
    } else if (item >= MON_1 && item <= MON_12) {
        text = month[item - MON_1];
    } else if (item >= ABDAY_1 && item <= ABDAY_7) {
        memcpy(shortened, day[item - ABDAY_1], 3);
        text = shortened;
    } else if (item >= ABMON_1 && item <= ABMON_12) {
        memcpy(shortened, month[item - ABMON_1], 3);
        text = shortened;
    } else {
        switch (item) {
        case CODESET:
            text = "UTF-8";
            break;
        case RADIXCHAR:
            text = ".";
            break;
        case AM_STR:
            text = "AM";
            break;
        case PM_STR:
            text = "PM";
            break;
        case D_T_FMT:
            text = "%a %b %e %H:%M:%S %Y";
            break;
        case D_FMT:
            text = "%m/%d/%y";
            break;
        case T_FMT:
            text = "%H:%M:%S";
            break;
        case T_FMT_AMPM:
            text = "%I:%M:%S %p";
            break;
        case YESEXPR:
            text = "^[yY]";
            break;
        case NOEXPR:
            text = "^[nN]";
            break;
        }
    }
    return (char *)text;
}

char *nl_langinfo_l(nl_item item, locale_t locale)
{
    (void)locale;
    return nl_langinfo(item);
}

char *__nl_langinfo_l(nl_item, locale_t) __attribute__((alias("nl_langinfo_l")));

/* musl's translation of its messages: none. */
const char *__lctrans_cur(const char *text) { return text; }
const char *__lctrans(const char *text, const void *map)
{
    (void)map;
    return text;
}

char *dgettext(const char *domain, const char *text)
{
    (void)domain;
    return (char *)text;
}
char *gettext(const char *text) { return (char *)text; }
char *dcgettext(const char *domain, const char *text, int category)
{
    (void)domain, (void)category;
    return (char *)text;
}
char *dngettext(const char *domain, const char *one, const char *many, unsigned long n)
{
    (void)domain;
    return (char *)(n == 1 ? one : many);
}
char *textdomain(const char *domain)
{
    (void)domain;
    return "messages";
}
char *bindtextdomain(const char *domain, const char *directory)
{
    (void)domain;
    return (char *)directory;
}

/* Strings sort by their bytes. */
int strcoll(const char *a, const char *b) { return strcmp(a, b); }
int strcoll_l(const char *a, const char *b, locale_t l)
{
    (void)l;
    return strcmp(a, b);
}
int wcscoll(const wchar_t *a, const wchar_t *b) { return wcscmp(a, b); }
size_t strxfrm(char *restrict out, const char *restrict in, size_t n)
{
    return strlcpy(out, in, n);
}
size_t strxfrm_l(char *restrict out, const char *restrict in, size_t n, locale_t l)
{
    (void)l;
    return n ? strlcpy(out, in, n) : strlen(in);
}

size_t __ctype_get_mb_cur_max(void) { return 4; }
