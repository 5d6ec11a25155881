/* A file whose stamp and options are those of an earlier import is not read again: the workspace has its frames, and
 * the report is as it was. */
#include "action/import.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "config.h"
#include "store/imports.h"
#include "work/json.h"

/* To be raised with every change of what the importer makes of a file. */
#define IMPORT_VERSION 1

static void put_text(struct bytes *key, const char *text)
{
    bytes_put_u8(key, text != NULL);
    bytes_put_text(key, text ? text : "");
}

bool import_key(struct import_unit *u, const struct import *im)
{
    const struct action_data_options *o = im->options;
    const char *const texts[] = {o->asset,  o->time_column, o->date_order, o->stamp,     o->lag,          o->format,
                                 o->tz,     o->delimiter,   o->decimal,    o->thousands, o->encoding,     o->missing,
                                 o->symbol, o->header,      o->skip,       o->keep,      PACKAGE_VERSION, u->path[0]};
    struct bytes key = {0};
    if (!file_stamp(u->path[0], &u->stamp, NULL) || !file_stamp_is_settled(&u->stamp, clock_wall_us()))
        return false;
    bytes_put_u32(&key, IMPORT_VERSION);
    for (size_t i = 0; i < ARRAY_N(texts); i++)
        put_text(&key, texts[i]);
    bytes_put_u64(&key, u->stamp.device);
    bytes_put_u64(&key, u->stamp.inode);
    bytes_put_i64(&key, u->stamp.size);
    bytes_put_i64(&key, u->stamp.modified_ns);
    bytes_put_i64(&key, u->stamp.changed_ns);
    u->key = hash_of(key.data, key.n);
    u->keyed = true;
    bytes_free(&key);
    return true;
}

/* --- keeping ------------------------------------------------------------------------------------------------------ */

static json_t *row_json(const struct series_row *r)
{
    json_t *j = json_object();
    json_object_set_new(j, "name", json_string(r->name));
    json_object_set_new(j, "asset", json_string(r->asset));
    json_object_set_new(j, "path", json_of_text(r->path));
    json_object_set_new(j, "frame", json_of_hash(r->frame));
    json_object_set_new(j, "rows", json_integer(r->rows));
    json_object_set_new(j, "columns", json_integer(r->columns));
    json_object_set_new(j, "first_us", json_integer(r->first_us));
    json_object_set_new(j, "last_us", json_integer(r->last_us));
    json_object_set_new(j, "step_us", json_integer(r->step_us));
    json_object_set_new(j, "lag_us", json_integer(r->lag_us));
    json_object_set_new(j, "stamp", json_string(csv_stamp_name(r->stamp)));
    json_object_set_new(j, "lag_reason", json_of_text(r->lag_reason));
    json_object_set_new(j, "report", json_string(r->report));
    return j;
}

/* Only what is still as it was when reading began is worth keeping. */
static bool is_unchanged(const struct import_unit *u)
{
    struct file_stamp now;
    return file_stamp(u->path[0], &now, NULL) && now.device == u->stamp.device && now.inode == u->stamp.inode &&
           now.size == u->stamp.size && now.modified_ns == u->stamp.modified_ns &&
           now.changed_ns == u->stamp.changed_ns;
}

void import_keep(const struct import_unit *u, struct workspace *w)
{
    if (!u->keyed || u->cached || !is_unchanged(u))
        return;
    json_t *rows = json_array();
    for (size_t i = 0; i < u->series_n; i++)
        json_array_append_new(rows, row_json(&u->row[i]));
    json_t *all = json_pack("{s:O, s:O, s:o}", "files", u->files, "series", u->series, "rows", rows);
    char *text = all ? json_dumps(all, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    if (text)
        imports_put(w, u->key, text);
    free(text);
    json_decref(all);
}

/* --- using -------------------------------------------------------------------------------------------------------- */

static bool take_text(char *out, size_t size, const json_t *j, const char *key)
{
    const char *text = json_string_value(json_object_get(j, key));
    return text && text_copy(out, size, text);
}

static int64_t number_of(const json_t *j, const char *key)
{
    return json_integer_value(json_object_get(j, key));
}

static bool take_row(struct series_row *r, const json_t *j)
{
    char stamp[16];
    const char *report = json_string_value(json_object_get(j, "report"));
    if (!take_text(r->name, sizeof r->name, j, "name") || !take_text(r->asset, sizeof r->asset, j, "asset") ||
        !take_text(r->path, sizeof r->path, j, "path") || !take_text(stamp, sizeof stamp, j, "stamp") ||
        !take_text(r->lag_reason, sizeof r->lag_reason, j, "lag_reason") || !report ||
        !csv_stamp_parse(stamp, &r->stamp))
        return false;
    r->frame = json_member_hash(j, "frame");
    r->rows = number_of(j, "rows");
    r->columns = number_of(j, "columns");
    r->first_us = number_of(j, "first_us");
    r->last_us = number_of(j, "last_us");
    r->step_us = number_of(j, "step_us");
    r->lag_us = number_of(j, "lag_us");
    r->added_us = clock_wall_us();
    r->report = memory_text(report);
    return true;
}

/* A frame that is gone or damaged is made again from its file. */
static bool take_rows(struct import_unit *u, struct workspace *w, const json_t *rows)
{
    size_t n = json_array_size(rows);
    u->row = NEW_ARRAY(struct series_row, n);
    for (size_t i = 0; i < n; i++) {
        struct series_row *row = &u->row[u->series_n++];
        if (!take_row(row, json_array_get(rows, i)))
            return false;
        struct frame *f = series_frame(w, row->frame, NULL);
        if (!f)
            return false;
        frame_free(f);
    }
    return n > 0;
}

bool import_recall(struct import_unit *u, struct workspace *w)
{
    char *text = u->keyed ? imports_get(w, u->key) : NULL;
    json_t *all = text ? json_loads(text, 0, NULL) : NULL;
    free(text);
    u->cached = all && take_rows(u, w, json_object_get(all, "rows"));
    if (u->cached) {
        u->files = json_incref(json_object_get(all, "files"));
        u->series = json_incref(json_object_get(all, "series"));
    } else {
        for (size_t i = 0; i < u->series_n; i++)
            free(u->row[i].report);
        free(u->row);
        u->row = NULL;
        u->series_n = 0;
    }
    json_decref(all);
    return u->cached;
}
