/* Axes: where the ticks stand and what they say. Steps are 1, 2 or 5 times a power of ten; on a logarithmic axis
 * decades; on an axis of time calendar steps, from seconds to centuries. */
#ifndef UI_CELL_AXIS_H
#define UI_CELL_AXIS_H

#include <stdbool.h>

#define AXIS_TICKS 64
#define AXIS_LABEL 24

struct axis {
    double least, most;
    int ticks;
    double at[AXIS_TICKS];
    char label[AXIS_TICKS][AXIS_LABEL];
};

/* At most `most_ticks` ticks within [least, most]; none if the range is empty or not finite. */
void axis_linear(struct axis *a, double least, double most, int most_ticks);
void axis_whole(struct axis *a, double least, double most, int most_ticks); /* at whole numbers alone */
/* least and most are the logarithms to the base of ten of what the ticks say: "10k", "200k". */
void axis_log10(struct axis *a, double least, double most, int most_ticks);
void axis_log(struct axis *a, double least, double most, int most_ticks); /* 0 < least */
void axis_time(struct axis *a, double least_us, double most_us, int most_ticks);
int axis_label_width(const struct axis *a); /* the widest */

/* Where v stands in [0, 1] between least and most. */
double axis_share(double least, double most, bool logarithmic, double v);

/* A value as a person reads it: six significant digits; a time to the second (or the day, if it is midnight). */
void axis_value(double v, char *out, int size);
void axis_time_value(double time_us, char *out, int size);

#endif
