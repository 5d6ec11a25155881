#include "data/read/append.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/read/report.h"
#include "data/read/series.h"

#include <math.h>

#define STEP_ROWS 10    /* below which the usual step of a part says little */
#define CONFLICTS_FEW 3 /* of these nobody asks what share they are */
#define CONFLICTS_NAMED 5
#define ABSENT SIZE_MAX

struct key {
    int64_t us;
    uint32_t part, row;
};

struct join {
    const struct append_part *part[APPEND_PARTS_MAX]; /* the one that ends last at the end */
    size_t n;
    size_t *column;  /* [n, columns]: where a part has the column, or ABSENT */
    double *recode;  /* [n, columns, FRAME_LABELS_MAX]: of labels; NULL where no column has any */
    struct key *key; /* [rows] */
    size_t rows, overlaps, conflicts;
    struct frame *out;              /* its names and labels first, then its values */
    char conflict[CSV_WARNING_MAX]; /* the first */
    bool keep_first;
};

static const struct frame *frame_of(const struct join *j, size_t part)
{
    return j->part[part]->frame;
}

static size_t *place_of(const struct join *j, size_t part, size_t column)
{
    return &j->column[part * j->out->columns + column];
}

/* --- the parts agree ---------------------------------------------------------------------------------------------- */

static int compare_parts(const void *a, const void *b)
{
    const struct append_part *x = *(const struct append_part *const *)a, *y = *(const struct append_part *const *)b;
    const struct frame *f = x->frame, *g = y->frame;
    if (f->time_us[f->rows - 1] != g->time_us[g->rows - 1])
        return f->time_us[f->rows - 1] < g->time_us[g->rows - 1] ? -1 : 1;
    if (f->time_us[0] != g->time_us[0])
        return f->time_us[0] < g->time_us[0] ? 1 : -1;
    return strcmp(x->name, y->name);
}

static size_t find_exactly(const struct frame *f, const char *name)
{
    for (size_t c = 0; c < f->columns; c++)
        if (text_equal(f->column[c].name, name))
            return c;
    return ABSENT;
}

static bool is_empty_in(const struct append_part *p, const char *name)
{
    for (size_t i = 0; i < p->empty_n; i++)
        if (text_equal(p->empty[i], name))
            return true;
    return false;
}

static bool refuse_column(const struct append_part *has, const struct append_part *lacks, const char *name,
                          struct error *err)
{
    return error_set(err, ERROR_DATA,
                     "%s has a column '%s' that %s lacks: parts of one series have the same columns; remove it there, "
                     "or add the files as series of their own (without --append)",
                     has->name, name, lacks->name);
}

/* The first part that has values in a column names it; the others must know it, if only as an empty one. */
static size_t count_columns(const struct join *j, char (*name)[FRAME_NAME_MAX])
{
    size_t n = 0;
    for (size_t p = 0; p < j->n; p++)
        for (size_t c = 0; c < frame_of(j, p)->columns; c++) {
            const char *one = frame_of(j, p)->column[c].name;
            bool known = false;
            for (size_t q = 0; q < p && !known; q++)
                known = find_exactly(frame_of(j, q), one) != ABSENT;
            if (known)
                continue;
            if (name)
                text_copy(name[n], FRAME_NAME_MAX, one);
            n++;
        }
    return n;
}

static bool place_columns(struct join *j, struct csv_report *report, struct error *err)
{
    for (size_t c = 0; c < j->out->columns; c++) {
        const char *name = j->out->column[c].name;
        const struct append_part *has = NULL;
        for (size_t p = 0; p < j->n; p++) {
            *place_of(j, p, c) = find_exactly(frame_of(j, p), name);
            has = *place_of(j, p, c) != ABSENT ? j->part[p] : has;
        }
        for (size_t p = 0; p < j->n; p++) {
            if (*place_of(j, p, c) != ABSENT)
                continue;
            if (!is_empty_in(j->part[p], name))
                return refuse_column(has, j->part[p], name, err);
            report_warn(report, "column '%s' has no value in %s", name, j->part[p]->name);
        }
    }
    return true;
}

static bool steps_agree(const struct join *j, struct error *err)
{
    const struct append_part *first = NULL;
    for (size_t p = 0; p < j->n; p++) {
        const struct frame *f = frame_of(j, p);
        if (f->rows < STEP_ROWS)
            continue;
        if (!first)
            first = j->part[p];
        int64_t a = first->frame->step_us, b = f->step_us, most = a > b ? a : b, least = a > b ? b : a;
        if (least < 28 * CLOCK_DAY_US ? a != b : most - least > 3 * CLOCK_DAY_US) /* months are not all as long */
            return error_set(err, ERROR_DATA,
                             "%s has a step of %.9g s and %s one of %.9g s: they are no parts of one series",
                             first->name, (double)a / CLOCK_SECOND_US, j->part[p]->name, (double)b / CLOCK_SECOND_US);
    }
    return true;
}

/* --- labels ------------------------------------------------------------------------------------------------------- */

static bool same_kind(const struct join *j, size_t c, bool *labelled, struct error *err)
{
    const struct append_part *numbers = NULL, *texts = NULL;
    for (size_t p = 0; p < j->n; p++) {
        if (*place_of(j, p, c) == ABSENT)
            continue;
        if (frame_of(j, p)->column[*place_of(j, p, c)].label)
            texts = j->part[p];
        else
            numbers = j->part[p];
    }
    *labelled = texts != NULL;
    if (texts && numbers)
        return error_set(err, ERROR_DATA, "column '%s' holds texts in %s and numbers in %s", j->out->column[c].name,
                         texts->name, numbers->name);
    return true;
}

/* Keeps the labels sorted. */
static bool add_label(struct frame_column *c, const char *label, struct error *err)
{
    size_t at = 0;
    while (at < c->labels && strcmp(c->label[at], label) < 0)
        at++;
    if (at < c->labels && text_equal(c->label[at], label))
        return true;
    if (c->labels == FRAME_LABELS_MAX)
        return error_set(err, ERROR_LIMIT, "column '%s' has more than %d spellings in all files together", c->name,
                         FRAME_LABELS_MAX);
    c->label = memory_resize(c->label, c->labels + 1, sizeof *c->label);
    memmove(&c->label[at + 1], &c->label[at], (c->labels - at) * sizeof *c->label);
    text_copy(c->label[at], FRAME_LABEL_MAX, label);
    c->labels++;
    return true;
}

static void recode_column(struct join *j, size_t c)
{
    const struct frame_column *to = &j->out->column[c];
    for (size_t p = 0; p < j->n; p++) {
        size_t at = *place_of(j, p, c);
        const struct frame_column *from = at == ABSENT ? NULL : &frame_of(j, p)->column[at];
        double *code = &j->recode[(p * j->out->columns + c) * FRAME_LABELS_MAX];
        for (size_t k = 0; from && k < from->labels; k++)
            for (size_t i = 0; i < to->labels; i++)
                if (text_equal(to->label[i], from->label[k]))
                    code[k] = (double)i;
    }
}

static bool join_labels(struct join *j, struct error *err)
{
    bool any = false;
    for (size_t c = 0; c < j->out->columns; c++) {
        bool labelled;
        if (!same_kind(j, c, &labelled, err))
            return false;
        any = any || labelled;
        for (size_t p = 0; labelled && p < j->n; p++) {
            size_t at = *place_of(j, p, c);
            for (size_t k = 0; at != ABSENT && k < frame_of(j, p)->column[at].labels; k++)
                if (!add_label(&j->out->column[c], frame_of(j, p)->column[at].label[k], err))
                    return false;
        }
    }
    if (!any)
        return true;
    j->recode = memory_try(j->n * j->out->columns * FRAME_LABELS_MAX, sizeof *j->recode, "the labels", err);
    for (size_t c = 0; j->recode && c < j->out->columns; c++)
        recode_column(j, c);
    return j->recode != NULL;
}

static double value_of(const struct join *j, const struct key *k, size_t c)
{
    size_t at = *place_of(j, k->part, c);
    if (at == ABSENT)
        return (double)NAN;
    double v = frame_of(j, k->part)->column[at].value[k->row];
    if (!j->out->column[c].label || isnan(v))
        return v;
    return j->recode[(k->part * j->out->columns + c) * FRAME_LABELS_MAX + (size_t)v];
}

/* --- rows --------------------------------------------------------------------------------------------------------- */

static int compare_keys(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    if (x->us != y->us)
        return x->us < y->us ? -1 : 1;
    return (x->part > y->part) - (x->part < y->part);
}

static bool order_keys(struct join *j, struct error *err)
{
    bool rising = true;
    for (size_t p = 0; p < j->n; p++)
        j->rows += frame_of(j, p)->rows;
    j->key = memory_try(j->rows, sizeof *j->key, "the rows of all parts", err);
    if (!j->key)
        return false;
    size_t n = 0;
    for (size_t p = 0; p < j->n; p++)
        for (size_t i = 0; i < frame_of(j, p)->rows; i++, n++) {
            j->key[n] = (struct key){frame_of(j, p)->time_us[i], (uint32_t)p, (uint32_t)i};
            rising = rising && (n == 0 || j->key[n].us > j->key[n - 1].us);
        }
    if (!rising)
        qsort(j->key, j->rows, sizeof *j->key, compare_keys);
    return true;
}

static size_t differing_column(const struct join *j, const struct key *a, const struct key *b)
{
    for (size_t c = 0; c < j->out->columns; c++) {
        double x = value_of(j, a, c), y = value_of(j, b, c);
        if (x != y && !(isnan(x) && isnan(y)))
            return c;
    }
    return ABSENT;
}

static void settle_pair(struct join *j, struct csv_series *s, struct csv_report *report, const struct key *dropped,
                        const struct key *kept)
{
    size_t c = differing_column(j, dropped, kept);
    char time[40];
    j->overlaps++;
    s->duplicates++;
    if (c == ABSENT)
        return;
    s->conflicts++;
    if (j->conflicts++ >= CONFLICTS_NAMED)
        return;
    clock_iso(kept->us, time, sizeof time);
    report_warn(report, "%s: %s and %s differ in '%s'; the row of %s is kept", time, j->part[dropped->part]->name,
                j->part[kept->part]->name, j->out->column[c].name, j->part[kept->part]->name);
    if (j->conflicts == 1)
        memcpy(j->conflict, report->warning[report->warning_n - 1], sizeof j->conflict);
}

static bool drop_overlaps(struct join *j, struct csv_series *s, struct csv_report *report, struct error *err)
{
    size_t kept = 0;
    for (size_t first = 0, end; first < j->rows; first = end) {
        end = first + 1;
        while (end < j->rows && j->key[end].us == j->key[first].us)
            end++;
        struct key keep = j->key[j->keep_first ? first : end - 1];
        for (size_t i = first; i < end; i++)
            if (j->key[i].part != keep.part)
                settle_pair(j, s, report, &j->key[i], &keep);
        j->key[kept++] = keep;
    }
    j->rows = kept;
    if (j->conflicts > CONFLICTS_FEW && j->conflicts > j->overlaps / 20)
        return error_set(err, ERROR_DATA,
                         "%zu of the %zu rows that the parts share differ (%s): they are no parts of one series",
                         j->conflicts, j->overlaps, j->conflict);
    if (j->conflicts > CONFLICTS_NAMED)
        report_warn(report, "%zu rows in all differ between the files", j->conflicts);
    return true;
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static bool fill(struct join *j, struct error *err)
{
    struct frame *f = j->out;
    f->time_us = memory_try(j->rows, sizeof *f->time_us, "the joint time line", err);
    f->rows = j->rows;
    for (size_t i = 0; f->time_us && i < j->rows; i++)
        f->time_us[i] = j->key[i].us;
    for (size_t c = 0; f->time_us && c < f->columns; c++) {
        double *value = memory_try(j->rows, sizeof *value, "a joint column", err);
        if (!value)
            return false;
        for (size_t i = 0; i < j->rows; i++)
            value[i] = value_of(j, &j->key[i], c);
        f->column[c].value = value;
    }
    return f->time_us != NULL;
}

static bool make_out(struct join *j, struct error *err)
{
    size_t n = count_columns(j, NULL);
    char(*name)[FRAME_NAME_MAX] = memory_new(n, sizeof *name);
    count_columns(j, name);
    j->out = frame_new_empty(0, n, err);
    for (size_t c = 0; j->out && c < n; c++)
        memcpy(j->out->column[c].name, name[c], FRAME_NAME_MAX);
    free(name);
    if (!j->out)
        return false;
    free(j->out->time_us);
    j->out->time_us = NULL;
    j->column = NEW_ARRAY(size_t, j->n * n);
    return true;
}

bool append_join(struct csv_series *s, struct csv_report *report, const struct append_part *parts, size_t n,
                 bool keep_first, struct error *err)
{
    if (n > APPEND_PARTS_MAX)
        return error_set(err, ERROR_LIMIT, "more than %d parts of one series", APPEND_PARTS_MAX);
    struct join *j = NEW(struct join);
    j->n = n;
    j->keep_first = keep_first;
    for (size_t i = 0; i < n; i++)
        j->part[i] = &parts[i];
    qsort(j->part, n, sizeof j->part[0], compare_parts);
    bool ok = make_out(j, err) && place_columns(j, report, err) && steps_agree(j, err) && join_labels(j, err) &&
              order_keys(j, err) && drop_overlaps(j, s, report, err) && fill(j, err);
    if (ok) {
        s->frame = j->out;
        frame_find_step(s->frame);
        series_count(s);
    } else {
        frame_free(j->out);
    }
    free(j->column);
    free(j->recode);
    free(j->key);
    free(j);
    return ok;
}
