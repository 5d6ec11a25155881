#include "data/join.h"

#include "base/clock.h"
#include "data/read/stamp.h"

#include <math.h>

void join_published(int64_t *published_us, const struct frame *f, enum csv_stamp stamp, int64_t lag_us)
{
    for (size_t i = 0; i < f->rows; i++)
        published_us[i] = stamp_period_end(stamp, f->time_us[i], f->step_us) + lag_us;
}

int64_t join_stale(const struct frame *f)
{
    return f->step_us * 4 > CLOCK_DAY_US ? f->step_us * 4 : CLOCK_DAY_US;
}

void join_as_of(double *out, const int64_t *at_us, size_t n, const double *value, const int64_t *published_us,
                size_t rows, int64_t stale_us)
{
    size_t next = 0;
    size_t last = rows; /* the newest published row with a value; none yet */
    for (size_t i = 0; i < n; i++) {
        for (; next < rows && published_us[next] <= at_us[i]; next++)
            if (isfinite(value[next]))
                last = next;
        bool fresh = last < rows && at_us[i] - published_us[last] <= stale_us;
        out[i] = fresh ? value[last] : (double)NAN;
    }
}
