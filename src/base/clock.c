#include "base/clock.h"

#include "base/error.h"
#include "base/text.h"

#include <math.h>
#include <time.h>

#define DAYS_IN_ERA 146097 /* 400 Gregorian years */

/* Seconds that fit into int64 microseconds. */
#define FROZEN_MOST (INT64_MAX / CLOCK_SECOND_US)

int64_t clock_wall_us(void)
{
    const char *frozen = getenv("MORPHSMITH_CLOCK");
    int64_t seconds;
    struct timespec now;

    if (frozen && text_parse_int(frozen, -FROZEN_MOST, FROZEN_MOST, &seconds))
        return seconds * CLOCK_SECOND_US;
    ASSERT(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (int64_t)now.tv_sec * CLOCK_SECOND_US + now.tv_nsec / 1000;
}

static double seconds_of(clockid_t id)
{
    struct timespec now;

    ASSERT(clock_gettime(id, &now) == 0);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double clock_seconds(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double clock_boot_seconds(void)
{
#ifdef CLOCK_BOOTTIME
    return seconds_of(CLOCK_BOOTTIME);
#else
    return seconds_of(CLOCK_MONOTONIC);
#endif
}

double clock_processor_seconds(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

/* Written once, before there is a second thread. */
static double process_start = (double)NAN;

void clock_process_begin(void)
{
    process_start = clock_seconds() - clock_processor_seconds();
}

double clock_process_seconds(void)
{
    return clock_seconds() - process_start;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Both ways count from the first of March, so that the leap day is the last of its year: a month m = 0 (March) .. 11
 * begins on day (153 m + 2) / 5 of its year, and a day of an era of 400 years gives its year by taking the leap days
 * out. */
int64_t clock_days(int year, int month, int day)
{
    int64_t y = (int64_t)year - (month <= 2);
    int64_t era = floor_div(y, 400);
    int64_t in_era = y - era * 400;
    int64_t m = month > 2 ? month - 3 : month + 9;
    int64_t in_year = (153 * m + 2) / 5 + day - 1;

    return era * DAYS_IN_ERA + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

bool clock_date_valid(int year, int month, int day)
{
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (month < 1 || month > 12 || day < 1)
        return false;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day <= length[month - 1] + (month == 2 && leap);
}

void clock_civil(int64_t days, int *year, int *month, int *day)
{
    int64_t shifted = days + 719468;
    int64_t era = floor_div(shifted, DAYS_IN_ERA);
    int64_t in_era = shifted - era * DAYS_IN_ERA;
    int64_t y = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * in_year + 2) / 153;

    *day = (int)(in_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = (int)(y + era * 400 + (*month <= 2));
}

void clock_date(int64_t time_us, char *out, size_t size)
{
    int year, month, day;

    clock_civil(floor_div(time_us, CLOCK_DAY_US), &year, &month, &day);
    snprintf(out, size, year < 0 ? "%05d-%02d-%02d" : "%04d-%02d-%02d", year, month, day);
}

void clock_iso(int64_t time_us, char *out, size_t size)
{
    char date[20], fraction[12] = "";
    int64_t in_day = (time_us % CLOCK_DAY_US + CLOCK_DAY_US) % CLOCK_DAY_US;
    int second = (int)(in_day / CLOCK_SECOND_US), us = (int)(in_day % CLOCK_SECOND_US);

    clock_date(time_us, date, sizeof date);
    if (us)
        snprintf(fraction, sizeof fraction, ".%06d", us);
    snprintf(out, size, "%sT%02d:%02d:%02d%sZ", date, second / 3600, second / 60 % 60, second % 60, fraction);
}

/* The unit is chosen after rounding, so that no "60.0 s" appears. */
void clock_span(double seconds, char *out, size_t size)
{
    const char *sign = seconds < 0 ? "-" : "";
    double s = fabs(seconds);

    if (!(s < 1e15)) {
        text_copy(out, size, "?");
    } else if (s < 0.9995) {
        snprintf(out, size, "%s%.0f ms", s * 1000 < 0.5 ? "" : sign, s * 1000);
    } else if (s < 59.95) {
        snprintf(out, size, "%s%.1f s", sign, s);
    } else {
        int64_t whole = (int64_t)(s + 0.5);
        if (whole < 3600)
            snprintf(out, size, "%s%d min %02d s", sign, (int)(whole / 60), (int)(whole % 60));
        else if (whole < 86400)
            snprintf(out, size, "%s%d h %02d min", sign, (int)(whole / 3600), (int)(whole / 60 % 60));
        else
            snprintf(out, size, "%s%lld d %02d h", sign, (long long)(whole / 86400), (int)(whole / 3600 % 24));
    }
}
