/* Cells of a table found again in its text, and columns of words. Declared in table.h. */
#include "base/memory.h"
#include "base/text.h"
#include "data/read/table.h"

void table_visit(const struct table *t, size_t from, size_t to,
                 void (*each)(void *context, size_t row, const struct record_cell *cell, size_t n), void *context)
{
    struct record_reader reader = {.text = t->text->text, .n = t->text->n, .form = t->dialect.form};
    struct record record;
    for (size_t row = from; row < to; row++) {
        reader.at = t->at[row];
        enum record_status status = record_next(&reader, &record, NULL);
        ASSERT(status == RECORD_READ && record.n >= t->columns);
        if (record.cell[0].n >= 3 && memcmp(record.cell[0].text, "\xef\xbb\xbf", 3) == 0) {
            reader.cell[0].text += 3;
            reader.cell[0].n -= 3;
        }
        each(context, row, record.cell, t->columns);
    }
    record_close(&reader);
}

struct show {
    struct table_cell *out;
    size_t column;
};

static void show_cell(void *context, size_t row, const struct record_cell *cell, size_t n)
{
    const struct show *s = context;
    struct text shown = {0};
    size_t most = cell[s->column].n < TABLE_SHOWN ? cell[s->column].n : TABLE_SHOWN - 1;
    (void)row;
    (void)n;
    while (most > 0 && most < cell[s->column].n && ((unsigned char)cell[s->column].text[most] & 0xc0) == 0x80)
        most--;
    text_escape(&shown, cell[s->column].text, most);
    text_copy(s->out->text, sizeof s->out->text, text_of(&shown));
    text_free(&shown);
}

void table_show(const struct table *t, size_t row, size_t column, struct table_cell *out)
{
    struct show s = {out, column};
    out->line = t->line[row];
    table_visit(t, row, row + 1, show_cell, &s);
}

/* --- words ------------------------------------------------------------------------------------------------------- */

struct collect {
    const struct table *table;
    struct table_words *words;
    size_t column, most, capacity;
    uint32_t *slot; /* hash table of word index + 1; a power of two */
    size_t slots;
    bool full;
};

static uint64_t hash_text(const char *text, size_t n)
{
    uint64_t h = UINT64_C(14695981039346656037); /* FNV-1a */
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
    return h;
}

static void rehash(struct collect *k)
{
    k->slots = k->slots ? 2 * k->slots : 256;
    free(k->slot);
    k->slot = NEW_ARRAY(uint32_t, k->slots);
    for (size_t i = 0; i < k->words->n; i++) {
        size_t at = hash_text(k->words->word[i], strlen(k->words->word[i])) & (k->slots - 1);
        while (k->slot[at])
            at = (at + 1) & (k->slots - 1);
        k->slot[at] = (uint32_t)i + 1;
    }
}

static size_t find_word(struct collect *k, const char *text, size_t n)
{
    size_t at = hash_text(text, n) & (k->slots - 1);
    for (; k->slot[at]; at = (at + 1) & (k->slots - 1)) {
        const char *word = k->words->word[k->slot[at] - 1];
        if (strlen(word) == n && memcmp(word, text, n) == 0)
            return k->slot[at] - 1;
    }
    if (k->words->n == k->most) {
        k->full = true;
        return 0;
    }
    k->words->word = memory_grow(k->words->word, &k->capacity, k->words->n + 1, sizeof *k->words->word);
    char *copy = memory_new(n + 1, 1);
    memcpy(copy, text, n);
    k->words->word[k->words->n] = copy;
    k->slot[at] = (uint32_t)++k->words->n;
    if (2 * k->words->n > k->slots)
        rehash(k);
    return k->words->n - 1;
}

static void take_word(void *context, size_t row, const struct record_cell *cell, size_t n)
{
    struct collect *k = context;
    double value;
    cell += k->column;
    (void)n;
    if (k->full)
        return;
    bool missing = number_parse(cell->text, cell->n, &value) == NUMBER_MISSING ||
                   number_is_extra_missing(cell->text, cell->n, k->table->missing);
    k->words->code[row] = missing ? TABLE_WORDLESS : (uint16_t)find_word(k, cell->text, cell->n);
}

struct order {
    char *word;
    size_t was;
};

static int compare_words(const void *a, const void *b)
{
    return strcmp(((const struct order *)a)->word, ((const struct order *)b)->word);
}

static void sort_words(struct table_words *w, size_t rows)
{
    struct order *order = NEW_ARRAY(struct order, w->n);
    uint16_t *now = NEW_ARRAY(uint16_t, w->n);
    for (size_t i = 0; i < w->n; i++)
        order[i] = (struct order){w->word[i], i};
    if (w->n > 0)
        qsort(order, w->n, sizeof *order, compare_words);
    for (size_t i = 0; i < w->n; i++) {
        w->word[i] = order[i].word;
        now[order[i].was] = (uint16_t)i;
    }
    for (size_t i = 0; i < rows; i++)
        if (w->code[i] != TABLE_WORDLESS)
            w->code[i] = now[w->code[i]];
    free(order);
    free(now);
}

/* Rows are visited in blocks, so that a column with too many words is left early. */
bool table_read_words(const struct table *t, size_t column, size_t most, struct table_words *out)
{
    struct collect k = {
        .table = t, .words = out, .column = column, .most = most < TABLE_WORDLESS ? most : TABLE_WORDLESS - 1};
    *out = (struct table_words){.code = memory_try(t->rows, sizeof *out->code, "the words of a column", NULL)};
    if (!out->code)
        return false;
    rehash(&k);
    for (size_t from = 0; from < t->rows && !k.full; from += 4096)
        table_visit(t, from, from + 4096 < t->rows ? from + 4096 : t->rows, take_word, &k);
    free(k.slot);
    if (k.full)
        table_words_free(out);
    else
        sort_words(out, t->rows);
    return !k.full;
}

void table_words_free(struct table_words *words)
{
    for (size_t i = 0; i < words->n; i++)
        free(words->word[i]);
    free(words->word);
    free(words->code);
    *words = (struct table_words){0};
}
