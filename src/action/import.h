/* Importing, for the actions' own files: what was typed as options, what was read as JSON. */
#ifndef ACTION_IMPORT_H
#define ACTION_IMPORT_H

#include "action/action.h"
#include "store/series.h"

/* ERROR_USAGE naming the option whose value is none. *lag_us is -1 where none was given. */
bool import_options(struct csv_options *out, int64_t *lag_us, const struct action_data_options *o, struct error *err);

/* One file as `data add` shows it, and the part of it that belongs to a series. */
json_t *import_report_json(const char *path, const struct csv_report *r);
json_t *import_series_json(const struct csv_series *s, const struct series_row *row);

#endif
