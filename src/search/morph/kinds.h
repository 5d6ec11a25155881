/* The kinds of this folder. To add one: write its file, name its struct here and in table.c. */
#ifndef SEARCH_MORPH_KINDS_H
#define SEARCH_MORPH_KINDS_H

#include "search/morph/edit.h"

extern const struct morph_kind morph_widen, morph_deepen, morph_insert, morph_add_skip, morph_lengthen, morph_undilate,
    morph_activate, morph_add_block, morph_add_concat, morph_add_pool, morph_add_head, morph_widen_head, morph_narrow,
    morph_remove;

/* "applicable" answers: false with a reason, printf-like. */
bool morph_refuse(char *reason, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
