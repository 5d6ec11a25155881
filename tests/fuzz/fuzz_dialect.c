/* Tables out of any bytes: they are read or refused, and what is read is whole. The first byte chooses options, so that
 * given encodings, delimiters and marks are tried too; two threads find what one finds. */
#include "fuzz.h"

#include "data/read/table.h"

#include <math.h>

const char fuzz_corpus[] = "dialect";

struct reading {
    struct encoding text;
    struct findings found;
    struct table table;
    struct error err;
    bool ok;
};

static void read_one(struct reading *r, const char *text, size_t n, const struct csv_options *o)
{
    *r = (struct reading){0};
    r->ok = encoding_find(&r->text, &r->found, text, n, o->encoding, &r->err) &&
            table_read(&r->table, &r->found, &r->text, o, &r->err);
}

static void done(struct reading *r)
{
    table_free(&r->table);
    encoding_free(&r->text);
    findings_free(&r->found);
}

static void check(const struct reading *r)
{
    const struct table *t = &r->table;
    ASSERT(t->rows > 0 && t->columns > 1);
    for (size_t i = 1; i < t->rows; i++)
        ASSERT(t->line[i] > t->line[i - 1] && t->at[i] > t->at[i - 1]);
    for (size_t c = 0; c < t->columns; c++) {
        const struct table_column *column = &t->column[c];
        ASSERT(column->name[0] && (column->kind == TABLE_TIMES) == (column->time != NULL));
        for (size_t i = 0; i < t->rows && column->value; i++)
            ASSERT(!isinf(column->value[i]));
        for (size_t i = 0; i < t->rows && column->words.code; i++)
            ASSERT(column->words.code[i] == TABLE_WORDLESS || column->words.code[i] < column->words.n);
        struct error err = {0};
        ASSERT(table_check_column(t, c, &err) || err.kind == ERROR_DATA);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const char *const encoding[] = {NULL, NULL, NULL, "utf-16", "latin1", "shift_jis", "utf-8", "utf-7"};
    static const char *const delimiter[] = {NULL, NULL, NULL, "space", "tab", ";", "|", ","};
    if (n == 0)
        return 0;
    struct csv_options o = {.encoding = encoding[data[0] & 7], .delimiter = delimiter[data[0] >> 3 & 7], .threads = 1};
    o.decimal = data[0] >> 6 == 2 ? "," : NULL;
    o.missing = data[0] >> 6 == 3 ? "<1,0" : NULL;
    struct reading one, two;
    read_one(&one, (const char *)data + 1, n - 1, &o);
    o.threads = n % 16 ? 1 : 2;
    read_one(&two, (const char *)data + 1, n - 1, &o);
    ASSERT(one.ok == two.ok && one.found.guess_n == two.found.guess_n && one.found.drop_n == two.found.drop_n);
    ASSERT(strcmp(one.err.text, two.err.text) == 0);
    if (one.ok)
        check(&one);
    else
        ASSERT(one.err.kind != ERROR_NONE && one.err.text[0]);
    done(&one);
    done(&two);
    return 0;
}
