/* Where a bar lies in the day, the week, the month and the year, in UTC: known long before. A bar belongs to the
 * instant before its close, so that the bar of a Sunday that closes at midnight is Sunday's. Cycles are given as sine
 * and cosine, so that their ends meet. */
#include "base/clock.h"
#include "base/vmath.h"
#include "data/feature/families.h"

#define TWO_PI 6.283185307179586

enum output { HOUR = 0, WEEKDAY = 2, MONTH = 4, YEAR = 6, MONTH_END = 8 };

static int64_t days_of(int64_t us)
{
    return (us - (us % CLOCK_DAY_US + CLOCK_DAY_US) % CLOCK_DAY_US) / CLOCK_DAY_US;
}

/* Share of the cycle that is over, 0 to 1. */
static double share(int64_t us, int cycle)
{
    int64_t day = days_of(us), within = us - day * CLOCK_DAY_US;
    int year, month, date;
    double clock = (double)within / (double)CLOCK_DAY_US;
    clock_civil(day, &year, &month, &date);
    if (cycle == HOUR)
        return clock;
    if (cycle == WEEKDAY)
        return (double)(((day + 3) % 7 + 7) % 7) / 7; /* day 0 was a Thursday; the week begins on Monday */
    int64_t from = clock_days(year, cycle == MONTH ? month : 1, 1);
    int64_t next = cycle == MONTH ? clock_days(month < 12 ? year : year + 1, month < 12 ? month + 1 : 1, 1)
                                  : clock_days(year + 1, 1, 1);
    return (double)(day - from) / (double)(next - from);
}

static double is_month_end(int64_t us)
{
    int year, month, date, next_year, next_month;
    clock_civil(days_of(us), &year, &month, &date);
    clock_civil(days_of(us) + 1, &next_year, &next_month, &date);
    return next_month != month ? 1 : 0;
}

static void fill_calendar(double *out, const struct feature_source *s, size_t rows, const int *parameter, int output)
{
    (void)parameter;
    for (size_t i = 0; i < rows; i++) {
        int64_t us = s->end_us[i] - 1;
        double angle = output == MONTH_END ? 0 : TWO_PI * share(us, output & ~1);
        out[i] = output == MONTH_END ? is_month_end(us) : output & 1 ? vmath_cos(angle) : vmath_sin(angle);
    }
}

const struct feature_family family_calendar = {.name = "calendar",
                                               .about = "hour, weekday, day of the month and of the year of a bar in "
                                                        "UTC, each as sine and cosine, and the last day of a month",
                                               .reads = FEATURE_TIME,
                                               .outputs = 9,
                                               .output = {"hour_sin", "hour_cos", "weekday_sin", "weekday_cos",
                                                          "month_sin", "month_cos", "year_sin", "year_cos",
                                                          "month_end"},
                                               .lookback = lookback_none,
                                               .fill = fill_calendar};
