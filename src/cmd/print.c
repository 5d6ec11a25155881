#include "cmd/print.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>

#define COLUMNS_MAX 16

static bool looks_like_hash(const char *s)
{
    return strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

void print_value(const json_t *v, char *out, size_t size)
{
    out[0] = 0;
    if (json_is_string(v)) {
        const char *s = json_string_value(v);
        char *copy = memory_text(s), *rest = copy, *line;
        struct text escaped = {0};
        if (looks_like_hash(s))
            copy[12] = 0;
        while ((line = text_next(&rest, '\n'))) { /* several lines, as the steps of a chain, stand in one */
            text_put(&escaped, escaped.n ? "; " : "");
            text_escape(&escaped, line, strlen(line));
        }
        text_copy(out, size, text_of(&escaped));
        text_free(&escaped);
        free(copy);
    } else if (json_is_integer(v)) {
        json_int_t n = json_integer_value(v);
        if (n >= 10000) {
            text_of_count((uint64_t)n, out, size);
        } else {
            snprintf(out, size, "%lld", n);
        }
    } else if (json_is_real(v)) {
        double d = json_real_value(v);
        snprintf(out, size, fabs(d) >= 1000 ? "%.0f" : fabs(d) >= 10 ? "%.2f" : "%.4g", d);
    } else if (json_is_boolean(v)) {
        text_copy(out, size, json_is_true(v) ? "yes" : "no");
    } else if (json_is_object(v) && json_object_get(v, "mean")) {
        snprintf(out, size, "%.4f [%.4f, %.4f]", json_number_value(json_object_get(v, "mean")),
                 json_number_value(json_object_get(v, "low")), json_number_value(json_object_get(v, "high")));
    } else if (json_is_null(v) || !v) {
        text_copy(out, size, "-");
    }
}

void print_text(const char *text, FILE *out)
{
    struct text escaped = {0};
    if (text)
        text_escape(&escaped, text, strlen(text));
    fputs(text_of(&escaped), out);
    text_free(&escaped);
}

void print_lines(const char *text, FILE *out)
{
    char *copy = memory_text(text), *rest = copy, *line;
    while ((line = text_next(&rest, '\n'))) {
        print_text(line, out);
        fputc('\n', out);
    }
    free(copy);
}

void print_shown(const char *show, FILE *out)
{
    if (show)
        fputs(show, out);
}

void print_score(const json_t *score, FILE *out)
{
    char text[96];
    print_value(score, text, sizeof text);
    fputs(text, out);
}

static const json_t *member(const json_t *object, const char *path)
{
    char copy[128], *rest = copy, *name;
    text_copy(copy, sizeof copy, path);
    while (object && (name = text_next(&rest, '.')))
        object = json_object_get(object, name);
    return object;
}

void print_table(const json_t *array, const char *columns, FILE *out)
{
    char copy[512], *rest = copy, *column;
    const char *path[COLUMNS_MAX], *title[COLUMNS_MAX];
    int width[COLUMNS_MAX], n = 0;
    bool number[COLUMNS_MAX];
    char cell[256];
    size_t i;
    const json_t *row;
    ASSERT(text_copy(copy, sizeof copy, columns));
    while ((column = text_next(&rest, ',')) && n < COLUMNS_MAX) {
        char *bar = strchr(column, '|');
        title[n] = bar ? bar + 1 : column;
        if (bar)
            *bar = 0;
        path[n] = column;
        width[n] = text_width(title[n]);
        number[n] = true;
        json_array_foreach((json_t *)array, i, row)
        {
            const json_t *v = member(row, path[n]);
            print_value(v, cell, sizeof cell);
            int w = text_width(cell);
            width[n] = w > width[n] ? w : width[n];
            number[n] = number[n] && (!v || json_is_null(v) || json_is_number(v));
        }
        n++;
    }
    for (int c = 0; c < n; c++)
        fprintf(out, number[c] ? "%*s%s" : "%-*s%s", c + 1 < n || number[c] ? width[c] : 0, title[c],
                c + 1 < n ? "  " : "\n");
    json_array_foreach((json_t *)array, i, row)
    {
        for (int c = 0; c < n; c++) {
            print_value(member(row, path[c]), cell, sizeof cell);
            int pad = width[c] - text_width(cell);
            if (c + 1 == n && !number[c])
                pad = 0;
            fprintf(out, "%*s%s%*s%s", number[c] ? pad : 0, "", cell, number[c] ? 0 : pad, "", c + 1 < n ? "  " : "\n");
        }
    }
}

void print_scores(const json_t *array, const char *columns, FILE *out)
{
    static const char accuracy[] = ",directional_accuracy|accuracy";
    const char *at = strstr(columns, accuracy);
    bool same = at != NULL;
    const json_t *row;
    size_t i;
    json_array_foreach((json_t *)array, i, row)
    {
        const json_t *right = json_object_get(row, "directional_accuracy");
        same = same && (right == NULL || json_equal(right, json_object_get(row, "score")));
    }
    if (!same) {
        print_table(array, columns, out);
        return;
    }
    char *fewer = memory_format("%.*s%s", (int)(at - columns), columns, at + strlen(accuracy));
    print_table(array, fewer, out);
    free(fewer);
}

/* All scalar members of an array's first object, as columns. */
static void print_array(const char *key, const json_t *array, FILE *out)
{
    const json_t *first = json_array_get(array, 0);
    if (!json_array_size(array))
        return;
    if (!json_is_object(first)) {
        fprintf(out, "%s:\n", key);
        size_t i;
        const json_t *v;
        char cell[256];
        json_array_foreach((json_t *)array, i, v)
        {
            print_value(v, cell, sizeof cell);
            fprintf(out, "  %s\n", cell);
        }
        return;
    }
    char columns[512] = "";
    const char *name;
    json_t *v;
    int n = 0;
    json_object_foreach((json_t *)first, name, v)
    {
        bool simple = !json_is_array(v) && (!json_is_object(v) || json_object_get(v, "mean"));
        if (!simple || n++ >= COLUMNS_MAX)
            continue;
        text_append(columns, sizeof columns, columns[0] ? "," : "");
        text_append(columns, sizeof columns, name);
    }
    fprintf(out, "\n%s\n", key);
    print_table(array, columns, out);
}

void print_fields(const json_t *object, FILE *out)
{
    const char *key;
    json_t *v;
    json_object_foreach((json_t *)object, key, v)
    {
        char text[512];
        if (json_is_array(v)) {
            print_array(key, v, out);
        } else if (json_is_object(v) && !json_object_get(v, "mean")) {
            const char *inner;
            json_t *x;
            json_object_foreach(v, inner, x)
            {
                print_value(x, text, sizeof text);
                fprintf(out, "%s %-*s %s\n", key, strlen(key) < 21 ? (int)(21 - strlen(key)) : 1, inner, text);
            }
        } else if (json_is_string(v) && strchr(json_string_value(v), '\n')) {
            fputc('\n', out);
            (strcmp(key, "show") == 0 ? print_shown : print_lines)(json_string_value(v), out);
        } else {
            print_value(v, text, sizeof text);
            bool whole = strcmp(key, "expect") == 0 && json_is_string(v) && looks_like_hash(json_string_value(v));
            fprintf(out, "%-22s %s\n", key, whole ? json_string_value(v) : text); /* --expect wants all of it */
        }
    }
}
