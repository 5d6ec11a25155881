/* `data add --append`: files that are parts of one series (or, of long tables, of one series for each symbol), joined
 * with what the workspace has of it. */
#include "action/import.h"

#include "action/name.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/read/append.h"
#include "data/read/flags.h"
#include "work/json.h"

struct gathering {
    struct append_part *part; /* [n] */
    size_t n;
    struct frame *kept; /* the workspace's, or NULL */
    char kept_name[FRAME_NAME_MAX + 32];
};

/* --- reading ------------------------------------------------------------------------------------------------------ */

static struct csv_guess *order_guess(const struct csv_report *r)
{
    for (size_t i = 0; i < r->guess_n; i++)
        if (text_equal(r->guess[i].option, "--date-order"))
            return &r->guess[i];
    return NULL;
}

static enum csv_date_order order_of(const struct csv_guess *g)
{
    char first = 0;
    for (const char *c = g->value; *c && !first; c++)
        first = strchr("DMYdmy", *c) ? *c : 0;
    return first == 'D' || first == 'd'   ? CSV_ORDER_DMY
           : first == 'M' || first == 'm' ? CSV_ORDER_MDY
           : first                        ? CSV_ORDER_YMD
                                          : CSV_ORDER_GUESS;
}

/* A file that cannot tell day from month itself takes the order that another one of the series has proved. */
static bool read_as(struct import_unit *u, struct import *im, int i, int proof, struct error *err)
{
    const struct csv_guess *g = order_guess(&u->report[proof]);
    struct csv_options options = im->csv;
    options.date_order = order_of(g);
    csv_report_free(&u->report[i]);
    if (!import_read(im, u->path[i], &u->report[i], &options, err))
        return false;
    struct csv_guess *mine = order_guess(&u->report[i]);
    if (mine)
        snprintf(mine->evidence, sizeof mine->evidence, "as in %.60s: %.120s", u->path[proof], g->evidence);
    return true;
}

static bool read_parts(struct import_unit *u, struct import *im, struct error *err)
{
    bool *open = NEW_ARRAY(bool, u->n); /* files that ask for the order of their dates */
    int proof = -1;
    bool ok = true;
    struct error first = {0};
    for (int i = 0; i < u->n && ok; i++) {
        struct error why = {0};
        char asked[24];
        if (import_read(im, u->path[i], &u->report[i], &im->csv, &why)) {
            const struct csv_guess *g = order_guess(&u->report[i]);
            proof = proof < 0 && g && order_of(g) != CSV_ORDER_GUESS ? i : proof;
            continue;
        }
        csv_asked_option(&why, asked, sizeof asked);
        open[i] = why.kind == ERROR_DATA && text_equal(asked, "--date-order");
        if (!first.kind)
            first = why;
        ok = open[i] || error_set(err, why.kind, "%s", why.text);
    }
    for (int i = 0; i < u->n && ok; i++)
        if (open[i])
            ok = proof >= 0 ? read_as(u, im, i, proof, err) : error_set(err, first.kind, "%s", first.text);
    free(open);
    return ok;
}

/* What one file was found to be must hold for all. */
static bool agree(const struct import_unit *u, struct error *err)
{
    for (int i = 1; i < u->n; i++) {
        const struct csv_report *a = &u->report[0], *b = &u->report[i];
        const struct csv_guess *x = order_guess(a), *y = order_guess(b);
        if (a->stamp != b->stamp)
            return error_set(err, ERROR_DATA, "the times of %s are stamped %s, those of %s %s: say which with --stamp",
                             u->path[0], csv_stamp_name(a->stamp), u->path[i], csv_stamp_name(b->stamp));
        if (x && y && order_of(x) != order_of(y))
            return error_set(err, ERROR_DATA, "%s is read as %s (%s), %s as %s (%s): say which with --date-order",
                             u->path[0], x->value, x->evidence, u->path[i], y->value, y->evidence);
    }
    return true;
}

/* --- joining ------------------------------------------------------------------------------------------------------ */

static const struct csv_series *series_of(const struct csv_report *r, const char *symbol)
{
    for (size_t i = 0; i < r->series_n; i++)
        if (text_equal(r->series[i].symbol, symbol))
            return &r->series[i];
    return NULL;
}

/* Every symbol that any of the files has, in the order in which they come. */
static void gather_symbols(struct import_unit *u)
{
    size_t capacity = 0;
    for (int i = 0; i < u->n; i++)
        for (size_t k = 0; k < u->report[i].series_n; k++) {
            const char *symbol = u->report[i].series[k].symbol;
            if (series_of(&u->joined, symbol))
                continue;
            u->joined.series =
                memory_grow(u->joined.series, &capacity, u->joined.series_n + 1, sizeof *u->joined.series);
            u->joined.series[u->joined.series_n] = (struct csv_series){0};
            text_copy(u->joined.series[u->joined.series_n++].symbol, FRAME_NAME_MAX, symbol);
        }
}

/* What the workspace has of the series: the row is freed here, its frame is the gathering's. */
static bool take_kept(struct gathering *g, struct import_lag *lag, const struct import *im, const struct import_unit *u,
                      const char *name, struct error *err)
{
    struct series_row row;
    struct error none = {0};
    if (!series_get(im->w, name, &row, &none))
        return none.kind == ERROR_USAGE || error_set(err, none.kind, "%s", none.text);
    free(row.report);
    lag->kept = true;
    lag->us = row.lag_us;
    memcpy(lag->reason, row.lag_reason, sizeof lag->reason);
    memcpy(lag->path, row.path, sizeof lag->path);
    if (row.stamp != u->joined.stamp)
        return error_set(err, ERROR_DATA,
                         "series %s of the workspace is stamped %s, %s is stamped %s: say which holds with --stamp",
                         name, csv_stamp_name(row.stamp), u->path[0], csv_stamp_name(u->joined.stamp));
    g->kept = series_frame(im->w, row.frame, err);
    if (!g->kept)
        return error_prefix(err, "series %s", name);
    snprintf(g->kept_name, sizeof g->kept_name, "series %s of the workspace", name);
    g->part[g->n++] = (struct append_part){.name = g->kept_name, .frame = g->kept};
    return true;
}

static bool join_series(struct import_unit *u, const struct import *im, struct csv_series *s, const char *name,
                        struct error *err)
{
    struct gathering g = {.part = NEW_ARRAY(struct append_part, u->n + 1)};
    for (int i = 0; i < u->n; i++) {
        const struct csv_report *r = &u->report[i];
        const struct csv_series *one = series_of(r, s->symbol);
        if (!one)
            continue;
        g.part[g.n++] =
            (struct append_part){u->path[i], one->frame, (const char(*)[FRAME_NAME_MAX])r->empty, r->empty_n};
        s->duplicates += one->duplicates;
        s->conflicts += one->conflicts;
        s->reordered = s->reordered || one->reordered;
    }
    bool ok = take_kept(&g, &u->lag[s - u->joined.series], im, u, name, err) &&
              append_join(s, &u->joined, g.part, g.n, im->csv.keep_first, err);
    frame_free(g.kept);
    free(g.part);
    return ok;
}

/* The name that the series has, as import_series will give it. */
static void series_name(char *out, size_t size, const char *joint, const struct csv_series *s, bool several)
{
    char *text = several ? memory_format("%s-%s", joint, s->symbol) : memory_text(joint);
    name_of_text(text, out, size);
    free(text);
}

static bool joint_name(char *out, size_t size, const struct import_unit *u, const struct import *im, struct error *err)
{
    if (im->options->asset)
        return name_take(out, size, im->options->asset, "--asset", err);
    name_of_paths(u->path, u->n, out, size);
    return out[0] ||
           error_set(err, ERROR_USAGE,
                     "--append: the names of %s and the other files have no common beginning; name the series "
                     "with --asset",
                     u->path[0]);
}

static bool same_columns(const struct frame *a, const struct frame *b)
{
    for (size_t c = 0; c < a->columns; c++)
        if (frame_find(b, a->column[c].name) < 0)
            return false;
    return a->columns == b->columns;
}

/* Is the series the asset's, and of the same columns? One that cannot be opened is none that can be joined. */
static bool is_alike(struct workspace *w, const struct series_row *row, const char *asset, const struct frame *f)
{
    struct error none = {0};
    struct frame *kept = text_equal_nocase(row->asset, asset) ? series_frame(w, row->frame, &none) : NULL;
    bool alike = kept && same_columns(f, kept);
    frame_free(kept);
    return alike;
}

/* An asset whose first file was added without --append has its series under the file's name: that one is meant. */
static bool find_begun(char *joint, size_t size, const struct import_unit *u, const struct import *im,
                       struct error *err)
{
    const char *asset = im->options->asset;
    struct series_row *rows;
    int n = series_list(im->w, &rows, err), found = -1;
    bool ok = n >= 0, named = false;
    for (int i = 0; i < n; i++)
        named = named || text_equal(rows[i].name, joint);
    for (int i = 0; i < n && ok && asset && !named && u->joined.series_n == 1; i++) {
        if (!is_alike(im->w, &rows[i], asset, u->report[0].series[0].frame))
            continue;
        ok = found < 0 || error_set(err, ERROR_USAGE,
                                    "--append: %s and %s are both series of asset %s with these columns: remove one "
                                    "with `data remove`, or add all their files anew with --append",
                                    rows[found].name, rows[i].name, asset);
        found = i;
    }
    if (ok && found >= 0)
        text_copy(joint, size, rows[found].name);
    series_list_free(rows, n);
    return ok;
}

static json_t *about_json(const struct import_unit *u)
{
    json_t *about = json_object(), *warnings = json_array();
    const json_t *first = json_array_get(u->files, 0);
    json_object_update(about, (json_t *)first);
    json_object_del(about, "dropped_rows");
    json_object_set(about, "files", u->files);
    for (int i = 0; i < u->n; i++)
        json_array_extend(warnings, json_object_get(json_array_get(u->files, (size_t)i), "warnings"));
    for (size_t i = 0; i < u->joined.warning_n; i++)
        json_array_append_new(warnings, json_of_text(u->joined.warning[i]));
    json_object_set_new(about, "warnings", warnings);
    return about;
}

static uint64_t no_line(const void *context, size_t row)
{
    (void)context;
    (void)row;
    return 0;
}

bool import_append(struct import_unit *u, struct import *im, struct error *err)
{
    char joint[FRAME_NAME_MAX], name[FRAME_NAME_MAX];
    u->report = NEW_ARRAY(struct csv_report, u->n);
    if (!joint_name(joint, sizeof joint, u, im, err) || !read_parts(u, im, err) || !agree(u, err))
        return false;
    u->files = json_array();
    for (int i = 0; i < u->n; i++)
        json_array_append_new(u->files, import_report_json(u->path[i], &u->report[i]));
    u->joined.stamp = u->report[0].stamp;
    text_copy(u->joined.symbol_column, FRAME_NAME_MAX, u->report[0].symbol_column);
    gather_symbols(u);
    u->lag = NEW_ARRAY(struct import_lag, u->joined.series_n);
    if (!find_begun(joint, sizeof joint, u, im, err))
        return false;
    for (size_t i = 0; i < u->joined.series_n; i++) {
        struct csv_series *s = &u->joined.series[i];
        series_name(name, sizeof name, joint, s, u->joined.series_n > 1);
        if (!join_series(u, im, s, name, err))
            return false;
        flags_find(s, no_line, NULL);
        flags_warn(&u->joined, s);
    }
    json_t *about = about_json(u);
    bool ok = import_series(u, im, &u->joined, joint, about, err);
    json_decref(about);
    return ok;
}
