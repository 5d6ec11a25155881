/* The rows of a table as a frame, and what is counted over them. */
#ifndef DATA_READ_SERIES_H
#define DATA_READ_SERIES_H

#include "data/read/rows.h"

/* Fills s->frame, its step, gaps and missing values. Where `take` is true the table gives its columns away instead of
 * having them copied (the last series of a table): its values are gone afterwards, its lines and names stay. */
bool series_make(struct csv_series *s, struct table *t, const struct rows *rows, const struct rows_view *view,
                 bool take, struct error *err);

/* Counts over s->frame: gaps (distances longer than the usual step) and missing values. */
void series_count(struct csv_series *s);

/* The report's totals over its series. */
void series_total(struct csv_report *r);

#endif
