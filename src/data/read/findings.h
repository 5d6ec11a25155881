/* What the reading of a file found out: each guess with the lines that led to it, each row left out, each warning.
 * Filled by those who read (encoding, dialect, header, table); the importer puts it into its report. Texts that do not
 * fit are cut. Zero-initialise; free with findings_free. */
#ifndef DATA_READ_FINDINGS_H
#define DATA_READ_FINDINGS_H

#include <stddef.h>
#include <stdint.h>

struct finding {
    char what[32];      /* "delimiter", "encoding", "numbers of 'Vol.'", ... */
    char value[96];     /* "semicolon" */
    char evidence[192]; /* "lines 1 to 200 have 12 cells each" */
    char option[16];    /* what overrides it: "--delimiter"; "" where nothing does */
};

struct finding_drop {
    uint64_t line;
    char why[80];
};

struct findings {
    struct finding *guess;
    struct finding_drop *drop;
    char (*warning)[256];
    size_t guess_n, drop_n, warning_n;
};

void findings_guess(struct findings *f, const char *what, const char *value, const char *option, const char *format,
                    ...) __attribute__((format(printf, 5, 6)));
void findings_warn(struct findings *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
void findings_drop(struct findings *f, uint64_t line, const char *format, ...) __attribute__((format(printf, 3, 4)));
void findings_free(struct findings *f);

#endif
