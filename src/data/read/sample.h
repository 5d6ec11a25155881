/* The first records of a text, kept with their cells: what the guesses about its form look at. */
#ifndef DATA_READ_SAMPLE_H
#define DATA_READ_SAMPLE_H

#include "data/read/record.h"

#define SAMPLE_ROWS 300
#define SAMPLE_CELLS 200000

struct sample_row {
    uint64_t line;
    size_t at, n_bytes; /* in the text */
    size_t n;
    struct record_cell *cell; /* [n] */
    bool quotes;
    bool broken; /* it could not be split: its quotes are wrong */
};

struct sample {
    struct sample_row *row;
    size_t rows;
    struct error broken; /* why the first record that could not be split was kept as one cell */
};

/* Of text[n] from `at`, where `line` lines lie before. Free with sample_free. */
void sample_take(struct sample *s, const char *text, size_t n, size_t at, uint64_t line,
                 const struct record_form *form);
void sample_free(struct sample *s);

/* The most frequent number of cells of rows from..rows-1, the larger one of two; *rows_n: how many rows have it. */
size_t sample_usual_cells(const struct sample *s, size_t from, size_t *rows_n);

enum sample_kind { SAMPLE_EMPTY, SAMPLE_NUMBER, SAMPLE_TIME, SAMPLE_TEXT };
enum sample_kind sample_kind(const struct record_cell *cell);

#endif
