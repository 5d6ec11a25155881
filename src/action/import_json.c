#include "action/import.h"

#include "base/clock.h"
#include "work/json.h"

static void set(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static void set_count(json_t *object, const char *key, size_t n)
{
    set(object, key, json_integer((json_int_t)n));
}

static json_t *seconds_json(int64_t us)
{
    return json_of_number((double)us / (double)CLOCK_SECOND_US);
}

static json_t *columns_json(const struct frame *f)
{
    json_t *list = json_array();
    for (size_t i = 0; f && i < f->columns; i++)
        json_array_append_new(list, json_of_text(f->column[i].name));
    return list;
}

static json_t *guesses_json(const struct csv_report *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->guess_n; i++) {
        const struct csv_guess *g = &r->guess[i];
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:o}", "what", g->what, "value", json_of_text(g->value),
                                              "evidence", json_of_text(g->evidence), "option",
                                              g->option[0] ? json_of_text(g->option) : json_null()));
    }
    return list;
}

static json_t *gaps_json(const struct csv_series *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->gap_n; i++)
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "from", json_of_time(s->gap[i].from_us), "to",
                                              json_of_time(s->gap[i].to_us), "seconds",
                                              seconds_json(s->gap[i].to_us - s->gap[i].from_us)));
    return list;
}

static json_t *flags_json(const struct csv_series *s)
{
    json_t *list = json_array();
    for (size_t i = 0; i < s->flag_n; i++) {
        const struct csv_flag *f = &s->flag[i];
        json_array_append_new(
            list, json_pack("{s:o, s:o, s:s, s:o, s:I}", "time", json_of_time(f->time_us), "column",
                            json_of_text(s->frame->column[f->column].name), "what", csv_flag_name(f->kind), "line",
                            f->line ? json_integer((json_int_t)f->line) : json_null(), "rows", (json_int_t)f->rows));
    }
    return list;
}

json_t *import_series_json(const struct csv_series *s, const struct series_row *row)
{
    const struct frame *f = s->frame;
    json_t *j = json_object();
    set(j, "name", json_of_text(row->name));
    set(j, "asset", json_of_text(row->asset));
    if (s->symbol[0])
        set(j, "symbol", json_of_text(s->symbol));
    set_count(j, "rows", f->rows);
    set(j, "first", json_of_time(f->time_us[0]));
    set(j, "last", json_of_time(f->time_us[f->rows - 1]));
    set(j, "step_seconds", seconds_json(f->step_us));
    set(j, "stamp", json_string(csv_stamp_name(row->stamp)));
    set(j, "lag_seconds", seconds_json(row->lag_us));
    set(j, "lag_reason", json_of_text(row->lag_reason));
    set_count(j, "duplicates", s->duplicates);
    set_count(j, "conflicts", s->conflicts);
    set(j, "reordered", json_boolean(s->reordered));
    set_count(j, "missing", s->missing);
    set_count(j, "gaps", s->gaps);
    set(j, "largest_gaps", gaps_json(s));
    set(j, "flags", flags_json(s));
    return j;
}

static void set_rows(json_t *j, const struct csv_report *r)
{
    set_count(j, "rows", r->rows);
    set(j, "columns", columns_json(r->series_n ? r->series[0].frame : NULL));
    set_count(j, "dropped", r->dropped);
    set_count(j, "duplicates", r->duplicates);
    set_count(j, "conflicts", r->conflicts);
    set(j, "reordered", json_boolean(r->reordered));
    set_count(j, "missing", r->missing);
    set(j, "first", json_of_time(r->first_us));
    set(j, "last", json_of_time(r->last_us));
    set(j, "step_seconds", seconds_json(r->step_us));
    set_count(j, "gaps", r->gaps);
}

static void set_form(json_t *j, const struct csv_report *r)
{
    set(j, "delimiter", json_of_text(r->delimiter));
    set(j, "decimal", json_of_text(r->decimal));
    set(j, "thousands", r->thousands[0] ? json_of_text(r->thousands) : json_null());
    set(j, "encoding", json_of_text(r->encoding));
    set_count(j, "skipped_lines", r->skipped_lines);
    set_count(j, "header_lines", r->header_lines);
    set_count(j, "table_columns", r->table_columns);
    set(j, "time_column", json_of_text(r->time_column));
    set(j, "time_format", json_of_text(r->time_format));
    set(j, "symbol_column", r->symbol_column[0] ? json_of_text(r->symbol_column) : json_null());
    set(j, "stamp", json_string(csv_stamp_name(r->stamp)));
}

json_t *import_report_json(const char *path, const struct csv_report *r)
{
    json_t *j = json_object(), *warnings = json_array(), *drops = json_array();
    set(j, "path", json_of_text(path));
    set_rows(j, r);
    set_form(j, r);
    for (size_t i = 0; i < r->warning_n; i++)
        json_array_append_new(warnings, json_of_text(r->warning[i]));
    set(j, "warnings", warnings);
    set(j, "guesses", guesses_json(r));
    for (size_t i = 0; i < r->drop_n; i++)
        json_array_append_new(
            drops, json_pack("{s:I, s:o}", "line", (json_int_t)r->drop[i].line, "why", json_of_text(r->drop[i].why)));
    set(j, "dropped_rows", drops);
    return j;
}
