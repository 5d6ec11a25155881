/* Importing, for the actions' own files: what was typed as options, what was read as JSON. */
#ifndef ACTION_IMPORT_H
#define ACTION_IMPORT_H

#include "action/action.h"
#include "base/file.h"
#include "store/series.h"

struct import_lag {
    bool kept;
    int64_t us;
    char reason[192];
    char path[sizeof((struct series_row *)0)->path]; /* the files that it came from */
};

/* What becomes of some files that belong together: one alone, or all those that --append joins. */
struct import_unit {
    const char *const *path;
    int n;
    struct csv_report *report; /* [n] */
    struct csv_report joined;  /* of --append */
    json_t *files;             /* [n], as `data add` shows them */
    json_t *series;            /* [series_n] */
    struct series_row *row;    /* [series_n] */
    struct frame **frame;      /* [series_n], borrowed from the reports */
    struct import_lag *lag;    /* [series_n] of joined: what holds in the workspace; NULL: nothing does */
    size_t series_n;
    struct file_stamp stamp; /* of a file alone */
    struct hash key;         /* of what its outcome depends on */
    bool keyed, cached;      /* cached: frame is NULL, the workspace has what the rows name */
};

/* How far reading is: bytes of all files together. */
struct import_progress {
    const struct control *control;
    uint64_t before, all; /* bytes of the files before this one, and of all */
    double began, told;   /* seconds */
    const char *path;
};

struct import {
    struct workspace *w;
    const struct action_data_options *options;
    struct csv_options csv;
    int64_t lag_us; /* -1: not given */
    struct import_progress progress;
    struct import_unit *unit;
    int units;
};

/* ERROR_USAGE naming the option whose value is none. *lag_us is -1 where none was given. */
bool import_options(struct csv_options *out, int64_t *lag_us, const struct action_data_options *o, struct error *err);

/* csv_options.progress; its context is a struct import_progress. */
bool import_tell(void *context, uint64_t done, uint64_t all);

/* csv_read of one of the files, telling how far all of them are. */
bool import_read(struct import *im, const char *path, struct csv_report *report, const struct csv_options *options,
                 struct error *err);

/* One file as `data add` shows it, and the part of it that belongs to a series. */
json_t *import_report_json(const char *path, const struct csv_report *r);
json_t *import_series_json(const struct csv_series *s, const struct series_row *row);
/* The first rows, with what each column is and holds, less what is sealed. */
json_t *import_preview_json(struct workspace *w, const struct frame *f, const struct series_row *row);

/* Which rows of a series nothing seals: shown is [rows]. Returns how many are sealed. */
size_t import_shown(bool *shown, struct workspace *w, const struct frame *f, const struct series_row *row);
/* Of ISO 8601 in UTC, to the second; 0 if it is none. */
int64_t import_time_of(const char *iso);

/* Rows of the workspace for every series of a report, named `name` (and the symbol, where there are several); `about`
 * is what is kept of the files with each. */
bool import_series(struct import_unit *u, const struct import *im, const struct csv_report *r, const char *name,
                   const json_t *about, struct error *err);

/* Reads all files of the unit and joins them, with what the workspace has already under the joint name. */
bool import_append(struct import_unit *u, struct import *im, struct error *err);

/* import_key finds the key of a file alone; false where its state cannot be told from another. import_recall fills the
 * unit from what the workspace knows of that key; import_keep keeps what was read, within the transaction that stores.
 */
bool import_key(struct import_unit *u, const struct import *im);
bool import_recall(struct import_unit *u, struct workspace *w);
void import_keep(const struct import_unit *u, struct workspace *w);

#endif
