/* Records of a text whose cells are parted by one character, with the line each record begins on.
 *
 * Records without a quote are split straight at the delimiter; those with quotes by libcsv, so that its rules hold:
 * a cell that begins with a quote ends with one, quotes inside it are doubled, delimiters and line ends inside it are
 * text; a quote in the middle of an unquoted cell is a character like any other. Blanks around an unquoted cell are
 * trimmed; blank lines are no records. Refused with its line: a quote that is never closed, text behind a closing
 * quote, a record beyond RECORD_BYTES_MAX or RECORD_CELLS_MAX.
 *
 * Where cells are parted by runs of blanks, quotes hold a cell together but are not doubled. */
#ifndef DATA_READ_RECORD_H
#define DATA_READ_RECORD_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

#define RECORD_BYTES_MAX (1u << 20)
#define RECORD_CELLS_MAX 4097

struct record_form {
    char delimiter;
    bool blanks; /* runs of blanks and tabs part the cells */
    bool quotes; /* the text holds a quote somewhere */
};

struct record_cell {
    const char *text; /* n bytes, nothing behind them */
    size_t n;
};

struct record {
    uint64_t line;      /* from 1 */
    size_t at, n_bytes; /* where it begins in the text, and its length without the line end */
    const struct record_cell *cell;
    size_t n;
};

enum record_status { RECORD_READ, RECORD_END, RECORD_BAD };

/* Reads one record after the other. Cells live until the next call. Zero-initialise, set text, n and form (and at and
 * line where it does not begin at the start); free with record_close. */
struct record_reader {
    const char *text;
    size_t n, at;
    uint64_t line; /* lines before `at` */
    struct record_form form;
    struct record_split *split;
    struct record_cell *cell;
    size_t capacity;
};

enum record_status record_next(struct record_reader *r, struct record *out, struct error *err);
void record_close(struct record_reader *r);

/* The length of the record that begins at text, without its line end; *lines: the line ends inside it. BAD: its quotes
 * are wrong or it is too long. */
enum record_status record_length(const char *text, size_t n, const struct record_form *form, size_t *length,
                                 uint64_t *lines, uint64_t line, struct error *err);

#endif
