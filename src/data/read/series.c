#include "data/read/series.h"

#include "base/memory.h"
#include "base/text.h"

#include <math.h>

static double *gathered(const double *value, const struct rows *rows, struct error *err)
{
    double *out = memory_try(rows->n, sizeof *out, "a column", err);
    for (size_t i = 0; out && i < rows->n; i++)
        out[i] = value[rows->row ? rows->row[i] : i];
    return out;
}

static bool move_column(struct frame_column *to, struct table_column *from, const struct rows *rows, bool take,
                        struct error *err)
{
    text_copy(to->name, sizeof to->name, from->name);
    if (from->kind == TABLE_TEXTS) { /* classes: their spellings are sorted by their bytes, as labels are */
        to->labels = from->words.n;
        to->label = memory_new(to->labels, sizeof *to->label);
        for (size_t k = 0; k < to->labels; k++)
            text_copy(to->label[k], FRAME_LABEL_MAX, from->words.word[k]);
    }
    if (take && !rows->row) {
        to->value = from->value;
        from->value = NULL;
        double *fitting = realloc(to->value, (rows->n ? rows->n : 1) * sizeof *fitting); /* it grew in steps */
        to->value = fitting ? fitting : to->value;
        return true;
    }
    to->value = gathered(from->value, rows, err);
    if (take) {
        free(from->value);
        from->value = NULL;
    }
    return to->value != NULL;
}

bool series_make(struct csv_series *s, struct table *t, const struct rows *rows, const struct rows_view *view,
                 bool take, struct error *err)
{
    struct frame *f = frame_new_empty(rows->n, view->columns, err);
    if (!f)
        return false;
    for (size_t i = 0; i < f->rows; i++)
        f->time_us[i] = view->us[rows->row ? rows->row[i] : i];
    for (size_t c = 0; c < view->columns; c++)
        if (!move_column(&f->column[c], &t->column[view->column[c]], rows, take, err)) {
            frame_free(f);
            return false;
        }
    frame_find_step(f);
    s->frame = f;
    s->duplicates = rows->duplicates;
    s->conflicts = rows->conflicts;
    s->reordered = rows->reordered;
    series_count(s);
    return true;
}

static void keep_gap(struct csv_series *s, int64_t from, int64_t to)
{
    size_t at = s->gap_n;
    while (at > 0 && s->gap[at - 1].to_us - s->gap[at - 1].from_us < to - from)
        at--;
    if (at == CSV_GAPS_KEPT)
        return;
    size_t n = s->gap_n < CSV_GAPS_KEPT ? s->gap_n : CSV_GAPS_KEPT - 1;
    memmove(&s->gap[at + 1], &s->gap[at], (n - at) * sizeof s->gap[0]);
    s->gap[at] = (struct csv_gap){from, to};
    s->gap_n = n + 1;
}

void series_count(struct csv_series *s)
{
    const struct frame *f = s->frame;
    s->gaps = s->gap_n = s->missing = 0;
    for (size_t i = 1; i < f->rows; i++)
        if (f->time_us[i] - f->time_us[i - 1] > f->step_us) {
            s->gaps++;
            keep_gap(s, f->time_us[i - 1], f->time_us[i]);
        }
    for (size_t c = 0; c < f->columns; c++)
        for (size_t i = 0; i < f->rows; i++)
            s->missing += isnan(f->column[c].value[i]) ? 1 : 0;
}

void series_total(struct csv_report *r)
{
    size_t longest = 0;
    for (size_t i = 0; i < r->series_n; i++) {
        const struct csv_series *s = &r->series[i];
        const struct frame *f = s->frame;
        if (i == 0 || f->time_us[0] < r->first_us)
            r->first_us = f->time_us[0];
        if (i == 0 || f->time_us[f->rows - 1] > r->last_us)
            r->last_us = f->time_us[f->rows - 1];
        if (f->rows > longest) {
            longest = f->rows;
            r->step_us = f->step_us;
        }
        r->rows += f->rows;
        r->columns = f->columns;
        r->gaps += s->gaps;
        r->missing += s->missing;
        r->duplicates += s->duplicates;
        r->conflicts += s->conflicts;
        r->reordered = r->reordered || s->reordered;
    }
}
