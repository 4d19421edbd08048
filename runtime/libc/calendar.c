/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Calendar time. The time zone is UTC: a guest has no zone files.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char utc[] = "UTC";
/* musl's pure members name the zone by this symbol. */
const char __utc[] = "UTC";

long timezone;
int daylight;
char *tzname[2] = {(char *)utc, (char *)utc};

void tzset(void) {}

/*
 * Days since 1970-01-01 of a date in the Gregorian calendar, and back. Years are counted from
 * March, so that the leap day is a year's last, and in eras of 400 years, which all have
 * 146097 days.
 */
static long days_of(long year, int month, int day)
{
    long era, of_era, day_of_year;

    year -= month < 2;
    era = (year >= 0 ? year : year - 399) / 400;
    of_era = year - era * 400;
    day_of_year = (153 * ((month + 10) % 12) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719468;
}

static void date_of(long days, long *year, int *month, int *day)
{
    long era, of_era, year_of_era, day_of_year, march_month;

    days += 719468;
    era = (days >= 0 ? days : days - 146096) / 146097;
    of_era = days - era * 146097;
    year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    march_month = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * march_month + 2) / 5 + 1;
    *month = (march_month + 2) % 12;
    *year = year_of_era + era * 400 + (*month < 2);
}

struct tm *gmtime_r(const time_t *restrict t, struct tm *restrict tm)
{
    long days = *t / 86400, seconds = *t % 86400, year;
    int month, day;

    if (seconds < 0) {
        seconds += 86400;
        days--;
    }
    if (days > INT_MAX * 365L || days < INT_MIN * 365L) {
        errno = EOVERFLOW;
        return NULL;
    }
    date_of(days, &year, &month, &day);
    memset(tm, 0, sizeof *tm);
    tm->tm_year = year - 1900;
    tm->tm_mon = month;
    tm->tm_mday = day;
    tm->tm_hour = seconds / 3600;
    tm->tm_min = seconds / 60 % 60;
    tm->tm_sec = seconds % 60;
    tm->tm_wday = ((days + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
    tm->tm_yday = days - days_of(year, 0, 1);
    tm->tm_zone = utc;
    return tm;
}

struct tm *localtime_r(const time_t *restrict t, struct tm *restrict tm) { return gmtime_r(t, tm); }

static struct tm result;

struct tm *gmtime(const time_t *t) { return gmtime_r(t, &result); }

struct tm *localtime(const time_t *t) { return gmtime_r(t, &result); }

/* Fields may be out of their ranges; they are put right. */
time_t timegm(struct tm *tm)
{
    long year = tm->tm_year + 1900L + tm->tm_mon / 12;
    int month = tm->tm_mon % 12;
    time_t t;

    if (month < 0) {
        month += 12;
        year--;
    }
    t = (days_of(year, month, 1) + tm->tm_mday - 1) * 86400L + tm->tm_hour * 3600L +
        tm->tm_min * 60L + tm->tm_sec;
    return gmtime_r(&t, tm) ? t : -1;
}

time_t mktime(struct tm *tm) { return timegm(tm); }

double difftime(time_t a, time_t b) { return a - b; }

static const char days[][10] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                "Thursday", "Friday", "Saturday"};
static const char months[][10] = {"January",   "February", "March",    "April",
                                  "May",       "June",     "July",     "August",
                                  "September", "October",  "November", "December"};

static const char *day_name(const struct tm *tm)
{
    return tm->tm_wday >= 0 && tm->tm_wday < 7 ? days[tm->tm_wday] : "???";
}

static const char *month_name(const struct tm *tm)
{
    return tm->tm_mon >= 0 && tm->tm_mon < 12 ? months[tm->tm_mon] : "???";
}

char *asctime_r(const struct tm *restrict tm, char *restrict buf)
{
    /* The standard promises 26 bytes; a year beyond 9999 does not fit. */
    if (snprintf(buf, 26, "%.3s %.3s%3d %.2d:%.2d:%.2d %d\n", day_name(tm), month_name(tm),
                 tm->tm_mday, tm->tm_hour, tm->tm_min, tm->tm_sec, 1900 + tm->tm_year) >= 26) {
        errno = EOVERFLOW;
        return NULL;
    }
    return buf;
}

char *asctime(const struct tm *tm)
{
    static char buf[26];

    return asctime_r(tm, buf);
}

char *ctime_r(const time_t *t, char *buf)
{
    struct tm tm;

    return gmtime_r(t, &tm) ? asctime_r(&tm, buf) : NULL;
}

char *ctime(const time_t *t)
{
    struct tm *tm = localtime(t);

    return tm ? asctime(tm) : NULL;
}

/* The week of the year by ISO 8601, and the year that it belongs to. */
static int iso_week(const struct tm *tm, long *year)
{
    int weekday = (tm->tm_wday + 6) % 7; /* from Monday */
    int week = (tm->tm_yday - weekday + 10) / 7;
    long y = tm->tm_year + 1900L;

    if (week < 1) {
        y--;
        week = (days_of(y + 1, 0, 1) - days_of(y, 0, 1) + tm->tm_yday - weekday + 10) / 7;
    } else if (week == 53 && days_of(y + 1, 0, 1) - days_of(y, 0, 1) - tm->tm_yday + weekday <= 3) {
        y++;
        week = 1;
    }
    *year = y;
    return week;
}

/* What one conversion of strftime stands for: text in BUF, or a format to expand. */
static const char *convert(char c, const struct tm *tm, char *buf, size_t len, int *expand)
{
    long year = tm->tm_year + 1900L, iso_year;
    int hour12 = tm->tm_hour % 12 ? tm->tm_hour % 12 : 12;
    struct tm copy;
    long number;
    const char *format = "%02ld";

    *expand = 1;
    switch (c) {
    case 'c':
        return "%a %b %e %H:%M:%S %Y";
    case 'D':
    case 'x':
        return "%m/%d/%y";
    case 'F':
        return "%Y-%m-%d";
    case 'r':
        return "%I:%M:%S %p";
    case 'R':
        return "%H:%M";
    case 'T':
    case 'X':
        return "%H:%M:%S";
    case '+':
        return "%a %b %e %H:%M:%S %Z %Y";
    }
    *expand = 0;
    switch (c) {
    case '%':
        return "%";
    case 'n':
        return "\n";
    case 't':
        return "\t";
    case 'A':
        return day_name(tm);
    case 'B':
        return month_name(tm);
    case 'a':
        snprintf(buf, len, "%.3s", day_name(tm));
        return buf;
    case 'b':
    case 'h':
        snprintf(buf, len, "%.3s", month_name(tm));
        return buf;
    case 'p':
        return tm->tm_hour < 12 ? "AM" : "PM";
    case 'P':
        return tm->tm_hour < 12 ? "am" : "pm";
    case 'Z':
        return tm->tm_zone ? tm->tm_zone : utc;
    case 'z':
        snprintf(buf, len, "%+03ld%02ld", tm->tm_gmtoff / 3600, labs(tm->tm_gmtoff) / 60 % 60);
        return buf;
    case 'C':
        number = year / 100;
        break;
    case 'd':
        number = tm->tm_mday;
        break;
    case 'e':
        number = tm->tm_mday;
        format = "%2ld";
        break;
    case 'g':
        iso_week(tm, &iso_year);
        number = iso_year % 100;
        break;
    case 'G':
        iso_week(tm, &iso_year);
        number = iso_year;
        format = "%ld";
        break;
    case 'H':
        number = tm->tm_hour;
        break;
    case 'I':
        number = hour12;
        break;
    case 'j':
        number = tm->tm_yday + 1;
        format = "%03ld";
        break;
    case 'k':
        number = tm->tm_hour;
        format = "%2ld";
        break;
    case 'l':
        number = hour12;
        format = "%2ld";
        break;
    case 'm':
        number = tm->tm_mon + 1;
        break;
    case 'M':
        number = tm->tm_min;
        break;
    case 's':
        copy = *tm;
        number = timegm(&copy);
        format = "%ld";
        break;
    case 'S':
        number = tm->tm_sec;
        break;
    case 'u':
        number = tm->tm_wday ? tm->tm_wday : 7;
        format = "%ld";
        break;
    case 'U':
        number = (tm->tm_yday + 7 - tm->tm_wday) / 7;
        break;
    case 'V':
        number = iso_week(tm, &iso_year);
        break;
    case 'w':
        number = tm->tm_wday;
        format = "%ld";
        break;
    case 'W':
        number = (tm->tm_yday + 7 - (tm->tm_wday + 6) % 7) / 7;
        break;
    case 'y':
        number = (year % 100 + 100) % 100;
        break;
    case 'Y':
        number = year;
        format = "%ld";
        break;
    default:
        return NULL;
    }
    snprintf(buf, len, format, number);
    return buf;
}

size_t strftime(char *restrict out, size_t room, const char *restrict format,
                const struct tm *restrict tm)
{
    char buf[32];
    size_t at = 0, len;
    int expand;
    const char *text, *start;

    for (; *format; format++) {
        start = format;
        text = format;
        len = 1;
        if (*format == '%') {
            format++;
            while (*format == '-' || *format == '_' || *format == 'E' || *format == 'O')
                format++;
            text = *format ? convert(*format, tm, buf, sizeof buf, &expand) : NULL;
            if (!text) { /* not a conversion: stands for itself */
                text = start;
                len = *format ? format - start + 1 : format - start;
                if (!*format)
                    format--;
            } else if (expand) {
                len = strftime(out + at, room - at, text, tm);
                if (!len)
                    return 0;
                at += len;
                continue;
            } else {
                len = strlen(text);
            }
        }
        if (len >= room - at)
            return 0;
        memcpy(out + at, text, len);
        at += len;
    }
    if (at >= room)
        return 0;
    out[at] = '\0';
    return at;
}

size_t strftime_l(char *restrict out, size_t room, const char *restrict format,
                  const struct tm *restrict tm, locale_t locale)
{
    (void)locale;
    return strftime(out, room, format, tm);
}

extern long __timezone __attribute__((alias("timezone")));
extern int __daylight __attribute__((alias("daylight")));
extern char *__tzname[2] __attribute__((alias("tzname")));
void __tzset(void) __attribute__((alias("tzset")));
