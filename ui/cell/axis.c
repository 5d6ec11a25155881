#include "ui/cell/axis.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "base/vmath.h"

#include <math.h>

/* 10^n by multiplication, so that labels are the same on every machine. */
static double power_of_ten(int n)
{
    double p = 1;
    for (int i = 0; i < (n < 0 ? -n : n); i++)
        p *= 10;
    return n < 0 ? 1 / p : p;
}

static int decade_of(double v)
{
    int n = (int)floor(vmath_log(v) / 2.302585092994045684);
    if (power_of_ten(n + 1) <= v * (1 + 1e-12))
        n++;
    return n;
}

static double nice_step(double rough, int *exponent)
{
    *exponent = decade_of(rough);
    double unit = power_of_ten(*exponent), share = rough / unit;
    double step = share <= 1.000001 ? 1 : share <= 2.000001 ? 2 : share <= 5.000001 ? 5 : 10;
    if (step == 10)
        (*exponent)++;
    return step == 10 ? power_of_ten(*exponent) : step * unit;
}

static bool usable(const struct axis *a)
{
    return isfinite(a->least) && isfinite(a->most) && a->most > a->least && isfinite(a->most - a->least) &&
           a->most - a->least > 1e-290;
}

static void add_tick(struct axis *a, double at, const char *label)
{
    if (a->ticks == AXIS_TICKS || at < a->least || at > a->most)
        return;
    a->at[a->ticks] = at;
    text_copy(a->label[a->ticks], AXIS_LABEL, label);
    a->ticks++;
}

/* "1e+06" as "1e6": four cells are worth having in a margin. */
static void tidy_exponent(char *s)
{
    char *e = strchr(s, 'e');
    if (e == NULL)
        return;
    char *from = e + 1, *to = e + 1;
    if (*from == '-')
        *to++ = *from++;
    else if (*from == '+')
        from++;
    while (*from == '0' && from[1] != '\0')
        from++;
    memmove(to, from, strlen(from) + 1);
}

static void number_label(double v, int exponent, double largest, char out[AXIS_LABEL])
{
    if (largest >= 1e6 || exponent < -5) {
        int digits = largest > 0 ? decade_of(largest) - exponent : 0;
        snprintf(out, AXIS_LABEL, "%.*e", digits < 0 ? 0 : digits > 8 ? 8 : digits, v == 0 ? 0.0 : v);
        tidy_exponent(out);
        if (v == 0)
            text_copy(out, AXIS_LABEL, "0");
        return;
    }
    snprintf(out, AXIS_LABEL, "%.*f", exponent < 0 ? -exponent : 0, v == 0 ? 0.0 : v);
}

void axis_linear(struct axis *a, double least, double most, int most_ticks)
{
    *a = (struct axis){.least = least, .most = most};
    if (!usable(a) || most_ticks < 1)
        return;
    most_ticks = most_ticks > AXIS_TICKS ? AXIS_TICKS : most_ticks;
    int exponent = 0;
    double step = nice_step((most - least) / most_ticks, &exponent);
    double largest = fmax(fabs(least), fabs(most)), slack = step * 1e-9;
    for (double k = ceil((least - slack) / step); k * step <= most + slack && a->ticks < AXIS_TICKS; k++) {
        char label[AXIS_LABEL];
        double v = fmin(fmax(k * step, least), most);
        number_label(fabs(k * step) < slack ? 0 : k * step, exponent, largest, label);
        add_tick(a, v, label);
        if ((k + 1) * step == k * step)
            break; /* the range is below the resolution of doubles */
    }
}

void axis_log(struct axis *a, double least, double most, int most_ticks)
{
    *a = (struct axis){.least = least, .most = most};
    if (!usable(a) || least <= 0 || most_ticks < 1)
        return;
    if (most / least < 10) {
        axis_linear(a, least, most, most_ticks);
        return;
    }
    int first = decade_of(least), last = decade_of(most);
    int decades = last - first + 1, stride = (decades + most_ticks - 1) / most_ticks;
    static const int steps[3] = {1, 2, 5};
    int per_decade = decades * 3 <= most_ticks ? 3 : 1;
    for (int n = first; n <= last; n += stride) {
        for (int i = 0; i < per_decade; i++) {
            char label[AXIS_LABEL];
            double v = steps[i] * power_of_ten(n);
            if (n < -4 || n > 4) {
                snprintf(label, sizeof label, "%.0e", v);
                tidy_exponent(label);
            } else {
                number_label(v, n, v, label);
            }
            add_tick(a, v, label);
        }
    }
}

void axis_whole(struct axis *a, double least, double most, int most_ticks)
{
    double wide = ceil(most - least);
    int kept = 0;
    axis_linear(a, least, most, wide < 1 ? 1 : wide < most_ticks ? (int)wide : most_ticks);
    for (int i = 0; i < a->ticks; i++)
        if (floor(a->at[i]) == a->at[i]) {
            a->at[kept] = a->at[i];
            memmove(a->label[kept++], a->label[i], AXIS_LABEL);
        }
    a->ticks = kept;
}

#define LN10 2.302585092994045684

/* "950", "12.5k", "3M". */
static void count_label(double v, char out[AXIS_LABEL])
{
    static const char unit[] = " kMGT";
    size_t i = 0;
    while (v >= (i == 0 ? 9999.5 : 999.95) && i + 2 < sizeof unit) {
        v /= 1000;
        i++;
    }
    snprintf(out, AXIS_LABEL, "%.4g%.*s", v, i > 0, &unit[i]);
}

/* Within a decade the steps are those of the values; over more, 1, 2 and 5 times the powers of ten. */
void axis_log10(struct axis *a, double least, double most, int most_ticks)
{
    struct axis of_values;
    *a = (struct axis){.least = least, .most = most};
    if (!usable(a) || least < -300 || most > 300)
        return;
    double from = vmath_exp(least * LN10), to = vmath_exp(most * LN10);
    (most - least < 1 ? axis_linear : axis_log)(&of_values, from, to, most_ticks);
    for (int i = 0; i < of_values.ticks; i++) {
        char label[AXIS_LABEL];
        count_label(of_values.at[i], label);
        add_tick(a, vmath_log(of_values.at[i]) / LN10, label);
    }
}

enum unit { SECONDS, MONTHS };

static const struct time_step {
    enum unit unit;
    int count;
} time_steps[] = {
    {SECONDS, 1},     {SECONDS, 2},     {SECONDS, 5},     {SECONDS, 10},    {SECONDS, 30},     {SECONDS, 60},
    {SECONDS, 120},   {SECONDS, 300},   {SECONDS, 600},   {SECONDS, 1800},  {SECONDS, 3600},   {SECONDS, 7200},
    {SECONDS, 10800}, {SECONDS, 21600}, {SECONDS, 43200}, {SECONDS, 86400}, {SECONDS, 172800}, {SECONDS, 604800},
    {MONTHS, 1},      {MONTHS, 2},      {MONTHS, 3},      {MONTHS, 6},      {MONTHS, 12},      {MONTHS, 24},
    {MONTHS, 60},     {MONTHS, 120},    {MONTHS, 240},    {MONTHS, 600},    {MONTHS, 1200},    {MONTHS, 6000},
};

static double step_us(const struct time_step *s)
{
    return 1e6 * s->count * (s->unit == SECONDS ? 1.0 : 2629746.0);
}

/* A label says no more than what changed since the one before it. */
static void time_label(int64_t t, const struct time_step *s, int64_t before, bool first, char out[AXIS_LABEL])
{
    int64_t day = t / CLOCK_DAY_US - (t % CLOCK_DAY_US < 0),
            day_before = before / CLOCK_DAY_US - (before % CLOCK_DAY_US < 0);
    int year, month, d, year_before, unused_month, unused_day;
    clock_civil(day, &year, &month, &d);
    clock_civil(day_before, &year_before, &unused_month, &unused_day);
    int second = (int)((t - day * CLOCK_DAY_US) / CLOCK_SECOND_US);
    if (s->unit == MONTHS && s->count >= 12)
        snprintf(out, AXIS_LABEL, "%d", year);
    else if (s->unit == MONTHS)
        snprintf(out, AXIS_LABEL, "%d-%02d", year, month);
    else if (first || year != year_before)
        snprintf(out, AXIS_LABEL, "%d-%02d-%02d", year, month, d);
    else if (s->count >= 86400 || day != day_before)
        snprintf(out, AXIS_LABEL, "%02d-%02d", month, d);
    else if (s->count >= 60)
        snprintf(out, AXIS_LABEL, "%02d:%02d", second / 3600, second / 60 % 60);
    else
        snprintf(out, AXIS_LABEL, "%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60);
}

static int64_t floor_to(int64_t v, int64_t step)
{
    int64_t rest = v % step;
    return v - (rest < 0 ? rest + step : rest);
}

static int64_t tick_time(const struct time_step *s, int64_t least, int i)
{
    if (s->unit == SECONDS) {
        int64_t step = s->count * CLOCK_SECOND_US;
        int64_t monday = s->count == 604800 ? 4 * CLOCK_DAY_US : 0; /* 1970-01-05 was one */
        return floor_to(least - monday, step) + monday + i * step;
    }
    int year, month, day;
    clock_civil(floor_to(least, CLOCK_DAY_US) / CLOCK_DAY_US, &year, &month, &day);
    int64_t months = floor_to((int64_t)year * 12 + month - 1, s->count) + (int64_t)i * s->count;
    return clock_days((int)(floor_to(months, 12) / 12), (int)(months - floor_to(months, 12)) + 1, 1) * CLOCK_DAY_US;
}

void axis_time(struct axis *a, double least_us, double most_us, int most_ticks)
{
    *a = (struct axis){.least = least_us, .most = most_us};
    const double bound = 2e17; /* some six thousand years either way: civil dates stay in range */
    if (!usable(a) || fabs(least_us) > bound || fabs(most_us) > bound || most_ticks < 1)
        return;
    size_t k = 0;
    while (k + 1 < ARRAY_N(time_steps) && (most_us - least_us) / step_us(&time_steps[k]) > most_ticks)
        k++;
    int64_t before = 0;
    for (int i = 0; i < 2 * AXIS_TICKS; i++) {
        int64_t t = tick_time(&time_steps[k], (int64_t)least_us, i);
        if ((double)t > most_us)
            break;
        if ((double)t < least_us)
            continue;
        char label[AXIS_LABEL];
        time_label(t, &time_steps[k], before, a->ticks == 0, label);
        add_tick(a, (double)t, label);
        before = t;
    }
}

int axis_label_width(const struct axis *a)
{
    int widest = 0;
    for (int i = 0; i < a->ticks; i++) {
        int width = (int)strlen(a->label[i]);
        widest = width > widest ? width : widest;
    }
    return widest;
}

double axis_share(double least, double most, bool logarithmic, double v)
{
    if (!logarithmic)
        return (v - least) / (most - least);
    return vmath_log(v / least) / vmath_log(most / least);
}

void axis_value(double v, char *out, int size)
{
    if (isnan(v)) {
        text_copy(out, (size_t)size, "none");
        return;
    }
    snprintf(out, (size_t)size, "%.6g", v);
    tidy_exponent(out);
}

void axis_time_value(double time_us, char *out, int size)
{
    if (!(fabs(time_us) < 2e17)) {
        text_copy(out, (size_t)size, "none");
        return;
    }
    int64_t t = (int64_t)time_us;
    if (t % CLOCK_DAY_US == 0)
        clock_date(t, out, (size_t)size);
    else
        clock_iso(t - t % CLOCK_SECOND_US, out, (size_t)size);
}
