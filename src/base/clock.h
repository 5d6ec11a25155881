/* Clocks and calendar. Times of data are int64 microseconds since 1970-01-01 UTC (proleptic Gregorian, no leap
 * seconds). A wall clock can be frozen for tests and demos: MORPHSMITH_CLOCK=SECONDS
 * (a whole number; anything else is ignored). */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLOCK_SECOND_US INT64_C(1000000)
#define CLOCK_DAY_US (INT64_C(86400) * CLOCK_SECOND_US)

int64_t clock_wall_us(void);
double clock_seconds(void); /* monotonic, for durations */
double clock_boot_seconds(void); /* the same, with the time that the machine slept */
double clock_processor_seconds(void); /* what the processor has spent on this process, all threads together */

/* Seconds since the process was started: main says when it begins, and what the processor had spent on the process by
 * then (loading, linking) counts too. NaN where main did not. */
void clock_process_begin(void);
double clock_process_seconds(void);

/* Days since 1970-01-01 of a civil date; the date must be valid. */
int64_t clock_days(int year, int month, int day);
bool clock_date_valid(int year, int month, int day);
void clock_civil(int64_t days, int *year, int *month, int *day);

/* "2019-10-20T00:00:00Z", with ".ffffff" only where it is not zero. out[40] is enough. */
void clock_iso(int64_t time_us, char *out, size_t size);
void clock_date(int64_t time_us, char *out, size_t size); /* "2019-10-20" */
void clock_span(double seconds, char *out, size_t size);  /* "1 h 05 min", "12.3 s" */

#endif
