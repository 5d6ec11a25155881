/* A table whose text comes bit by bit: rows as soon as their lines are whole.
 *
 * It is read by what reads files (data/read/table.h, data/timeline.h), lines at a time behind the header again. What
 * the first lines settle (header, delimiter, which column is the time, the order of its date) holds for all that
 * follow; what they leave open is a question, as it is in a file that has no more. Rows come in the order of the text:
 * it is the caller who looks at their times.
 *
 * A row that cannot be read is an error of its own, naming its line; the rows before it are handed out first, and those
 * behind it can be read on. Memory is bounded by ROW_STREAM_LINE bytes a line. */
#ifndef DATA_ROW_STREAM_H
#define DATA_ROW_STREAM_H

#include "data/read/csv.h"

#define ROW_STREAM_LINE ((size_t)1 << 20)
#define ROW_STREAM_TAKEN ((size_t)1 << 17) /* bytes that are read into rows at once, more or less */

enum row_status {
    ROW_READ, /* *rows has one row or more */
    ROW_MORE, /* there is no whole line left: put more text */
    ROW_END,  /* nothing is left, and nothing will come */
    ROW_BAD,  /* err says which line and why; the next call reads on behind it (but see row_stream_broken) */
};

struct row_chunk {
    struct frame
        *frame;     /* its columns are those wanted, in their order; times as they stand, in the order of the text */
    uint64_t *line; /* [rows] */
};
void row_chunk_free(struct row_chunk *c);

struct row_stream;

/* name stands for the file in messages. column[n] are the names wanted, text[n] whether they are of texts. All is
 * copied but the texts of the options. */
struct row_stream *row_stream_new(const char *name, const struct csv_options *options,
                                  const char (*column)[FRAME_NAME_MAX], const bool *text, size_t n);
void row_stream_free(struct row_stream *s);

void row_stream_put(struct row_stream *s, const char *text, size_t n);
void row_stream_end(struct row_stream *s); /* no more text comes: a last line needs no line end */

/* rows is filled by ROW_READ only; row_chunk_free. */
enum row_status row_stream_next(struct row_stream *s, struct row_chunk *rows, struct error *err);

/* Has all of it been read, with nothing more to come? */
bool row_stream_ended(const struct row_stream *s);

/* Was what is BAD not a row but the header, or text without end? Then nothing can be read on. */
bool row_stream_broken(const struct row_stream *s);

#endif
