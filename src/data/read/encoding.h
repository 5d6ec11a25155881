/* From bytes to UTF-8 text with line feeds: what the file is written in, and refusing by name what is no text.
 *
 * Known without being told: UTF-8 with or without byte order mark, UTF-16 of both byte orders (by its mark, or by the
 * zero bytes that ASCII leaves in every second place), and Windows-1252 for what is not UTF-8. Everything else that
 * iconv(3) knows can be named. Bare carriage returns as line ends become line feeds. Text that is UTF-8 already is
 * borrowed, not copied. */
#ifndef DATA_READ_ENCODING_H
#define DATA_READ_ENCODING_H

#include "base/error.h"
#include "data/read/findings.h"

struct encoding {
    const char *text; /* UTF-8, without the mark; borrowed from the caller or from `owned` */
    size_t n;
    char *owned;
    char name[32];      /* "UTF-8", "UTF-16LE", "windows-1252", ... */
    bool crlf, bare_cr; /* line ends: of any line, of all lines */
    bool quotes;        /* there is a double quote somewhere */
};

/* given: an encoding's name, or NULL. bytes must outlive *e; free with encoding_free in every case. */
bool encoding_find(struct encoding *e, struct findings *found, const char *bytes, size_t n, const char *given,
                   struct error *err);
void encoding_free(struct encoding *e);

#endif
