/* Results for people: fields and tables from JSON. */
#ifndef CMD_PRINT_H
#define CMD_PRINT_H

#include <jansson.h>
#include <stdio.h>

/* Every member on a line: hashes shortened, objects flattened, arrays of objects as tables. */
void print_fields(const json_t *object, FILE *out);

/* An array of objects as a table. columns: "name|Title,valid.log_loss|Loss,..."; a dotted path reads a member of a
 * member. */
void print_table(const json_t *array, const char *columns, FILE *out);

/* The same for rows that are scores: without the column "directional_accuracy|accuracy" where that is what `score` says. */
void print_scores(const json_t *array, const char *columns, FILE *out);

/* A score with its interval: "0.5312 [0.5101, 0.5523]". */
void print_score(const json_t *score, FILE *out);

/* A text for the terminal: what could hide or move the cursor is written out. */
void print_text(const char *text, FILE *out);

/* The same of several lines, each on its own. */
void print_lines(const char *text, FILE *out);

/* Fields as chain/tx_show writes them, which has escaped what others wrote: once more would show another text than was
 * signed. */
void print_shown(const char *show, FILE *out);

/* One value as text: hashes of 64 digits are cut to 12, and texts are as print_text writes them. */
void print_value(const json_t *value, char *out, size_t size);

#endif
