/* Numbers as the screens write them. All are cut to fit, never overflow, and write "" for what is not known. */
#ifndef UI_SCREEN_FIGURE_H
#define UI_SCREEN_FIGURE_H

#include <stddef.h>
#include <stdint.h>

void figure_count(int64_t n, char *out, size_t size);                  /* "9,876", "98.8k", "1.23M" */
void figure_percent(double share, char *out, size_t size);             /* "57.31 %" */
void figure_interval(double low, double high, char *out, size_t size); /* "[53.0, 61.2]", in per cent */
void figure_number(double v, int digits, char *out, size_t size);
/* What moves a prediction, "depth -0.00041" in shares of the score, as the lists have it: "depth -0.041 points". */
void figure_effect(const char *line, char *out, size_t size);
void figure_span(double seconds, char *out, size_t size);

/* An interval as a bar of `cells` cells on a scale from least to most: "├──●──┤", with a mark at 50 %. UTF-8. */
void figure_interval_bar(double low, double mean, double high, double least, double most, int cells, char *out,
                         size_t size);

#endif
