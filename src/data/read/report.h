/* Filling a csv_report: for the importer's own files. Texts that do not fit are cut. */
#ifndef DATA_READ_REPORT_H
#define DATA_READ_REPORT_H

#include "data/read/csv.h"

/* option: what overrides the guess, "" where nothing does. */
void report_guess(struct csv_report *r, const char *what, const char *value, const char *option, const char *format,
                  ...) __attribute__((format(printf, 5, 6)));
void report_warn(struct csv_report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
void report_drop(struct csv_report *r, uint64_t line, const char *why);
void report_empty(struct csv_report *r, const char *column);
void report_sort_drops(struct csv_report *r); /* by line */

#endif
