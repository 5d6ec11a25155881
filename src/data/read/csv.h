/* Importing one CSV file: text in, frame and report out.
 *
 * A file is accepted with a report that names every dropped row, or refused (ERROR_DATA) with file, line and remedy;
 * it is never half-loaded and never guessed where only the user can know. This first importer reads comma-separated
 * UTF-8 with one header line and ISO, slash-date (day and month order decided over the whole column, undecidable is a
 * question) or epoch times (s, ms, us, ns; decided per row), see timestamp.h; everything else is refused by name.
 *
 * Columns of numbers are kept. Columns of text, other columns of times and columns without any value are left out and
 * named in a warning. A column that mixes numbers with other text, or holds what only looks like numbers (1,234.5,
 * 3.1M, <1), is refused. Rows are sorted by time; of rows with one time the last in the file is kept and the others are
 * named; where many contradict each other the file is refused, for it is no series. */
#ifndef DATA_READ_CSV_H
#define DATA_READ_CSV_H

#include "data/frame.h"

enum csv_date_order { CSV_ORDER_GUESS, CSV_ORDER_DMY, CSV_ORDER_MDY, CSV_ORDER_YMD };
enum csv_stamp { CSV_STAMP_GUESS, CSV_STAMP_OPEN, CSV_STAMP_CLOSE, CSV_STAMP_DATE };

#define CSV_NONE (-1)
#define CSV_WARNING_MAX 256

/* Everything that the importer would guess can be said instead. NULL, 0 and GUESS: guessed, with the evidence in the
 * report. Texts are borrowed. What is given and does not fit the file is refused, never overruled. */
struct csv_options {
    const char *time_column; /* a column's name or number (#1); two that belong together (date and clock) as "A+B" */
    const char *format;      /* how its cells are written, see timestamp.h */
    enum csv_date_order date_order;
    const char *zone; /* what the file's local times mean: "Europe/Rome", "+02:00", "UTC"; see zone.h */
    enum csv_stamp stamp;
    const char *delimiter; /* one character, or "tab", "comma", "semicolon", "bar", "space" */
    const char *decimal;   /* "." or "," */
    const char *thousands; /* ",", ".", "'", "space", or "none" */
    const char *encoding;  /* "utf-8", "utf-16", "utf-16le", "utf-16be", "windows-1252", ... */
    int skip;              /* lines before the header; CSV_NONE: none */
    int header_lines;      /* CSV_NONE: the columns have no names */
    const char *missing;   /* comma-separated spellings of "missing" besides the usual ones */
    const char *symbol;    /* the column that names the asset of a row: one series each; "none": there is none */
    bool keep_first;       /* of rows that contradict each other at one time the first; else the last */
    size_t most_bytes;     /* 0: 4 GiB */
    int threads;           /* 0: 1 */
    uint64_t lines_left_out; /* lines of the file between its header and the rows that the text goes on with */
    /* Told now and then how many bytes are read; false ends the import with ERROR_INTERRUPTED. May be NULL. */
    bool (*progress)(void *context, uint64_t done, uint64_t all);
    void *progress_context;
};

/* One thing the importer decided, and the evidence. */
struct csv_guess {
    char what[32];      /* "time column", "date order", "stamp", ... */
    char value[96];     /* "date", "M/D/YYYY", ... */
    char evidence[192]; /* "line 14: 2/13/2024 can only be month/day" */
    char option[16];    /* what overrides it: "--date-order"; "" where nothing does */
};

struct csv_drop {
    uint64_t line;
    char why[80];
};

/* Values that cannot be or hardly can: they are kept, named and marked. */
#define CSV_FLAGS(X)                                                                                                   \
    X(NEGATIVE, "negative", "is negative")                                                                             \
    X(ZERO, "zero price", "is a price of 0")                                                                           \
    X(CROSSED, "low above high", "lies above the high")                                                                \
    X(OUTSIDE, "outside low..high", "lies outside low..high")                                                          \
    X(SPIKE, "spike", "is about ten times (or a tenth of) its neighbours")                                             \
    X(REPEATED, "repeated", "and all other values repeat the row before: forward filled?")                             \
    X(UNFINISHED, "unfinished", "is far below the bars before: the last bar may be unfinished")
#define CSV_FLAG_ENUM(kind, name, text) CSV_FLAG_##kind,
enum csv_flag_kind { CSV_FLAGS(CSV_FLAG_ENUM) CSV_FLAG_KINDS };
#undef CSV_FLAG_ENUM

#define CSV_FLAGS_KEPT 100 /* of each kind; all are counted */
#define CSV_GAPS_KEPT 5

struct csv_flag {
    int64_t time_us;
    uint64_t line, rows; /* rows: how many in a row, from this one on */
    size_t column;       /* of the frame */
    enum csv_flag_kind kind;
};

struct csv_gap {
    int64_t from_us, to_us; /* the rows on both sides */
};

/* One series of a file. */
struct csv_series {
    char symbol[FRAME_NAME_MAX]; /* of a file that holds many; else "" */
    struct frame *frame;         /* owned by the report until it is taken (set to NULL) */
    size_t duplicates, conflicts, missing, gaps, flag_count[CSV_FLAG_KINDS];
    bool reordered;
    struct csv_gap gap[CSV_GAPS_KEPT]; /* the longest, longest first */
    size_t gap_n;
    struct csv_flag *flag; /* in the order of time */
    size_t flag_n;
};

struct csv_report {
    char time_column[FRAME_NAME_MAX], time_format[48], symbol_column[FRAME_NAME_MAX];
    bool elapsed; /* the times count from a beginning, without a date: samples of a log, known when they are taken */
    char delimiter[16], decimal[8], thousands[16], encoding[32];
    size_t skipped_lines, header_lines, table_columns;  /* columns of the file, with those that are no values */
    enum csv_stamp stamp;                               /* never GUESS */
    size_t rows, columns, dropped, duplicates, missing; /* missing: empty cells of numeric columns */
    size_t conflicts;                                   /* of the duplicates those with other values */
    bool reordered;
    int64_t first_us, last_us, step_us; /* step: of the longest series */
    size_t gaps;
    struct csv_series *series; /* one, or one for each symbol, by name */
    size_t series_n;
    char (*empty)[FRAME_NAME_MAX]; /* columns left out because they have no value at all */
    size_t empty_n;
    struct csv_guess *guess;
    size_t guess_n;
    struct csv_drop *drop; /* every dropped or replaced row, by line */
    size_t drop_n;
    char (*warning)[CSV_WARNING_MAX]; /* e.g. text columns left out, by name */
    size_t warning_n;
};

/* Reads a file into report->series. False and err if it is refused. *report is filled on success (and as far as it got
 * on failure); free it with csv_report_free in both cases. */
bool csv_read(const char *path, struct csv_report *report, const struct csv_options *options, struct error *err);
/* The same of n bytes in memory; `name` stands for the path in messages. */
bool csv_read_text(const char *name, const char *text, size_t n, struct csv_report *report,
                   const struct csv_options *options, struct error *err);

/* The same for files that hold one series: its frame, which is the caller's. Several are ERROR_DATA. */
struct frame *csv_import(const char *path, struct csv_report *report, const struct csv_options *options,
                         struct error *err);
struct frame *csv_import_text(const char *name, const char *text, size_t n, struct csv_report *report,
                              const struct csv_options *options, struct error *err);
void csv_report_free(struct csv_report *report);
const char *csv_stamp_name(enum csv_stamp stamp);
bool csv_stamp_parse(const char *name, enum csv_stamp *out);
/* The option that a refusal asks for ("--date-order"): the first that its text names; "" where it names none. */
void csv_asked_option(const struct error *err, char *out, size_t size);
const char *csv_flag_name(enum csv_flag_kind kind);

#endif
