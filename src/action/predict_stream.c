/* Bars from standard input, or from a file that grows: each is predicted when its line is whole. */
#include "action/predict_internal.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/memory.h"
#include "data/read/row_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 1 << 16, WAIT_MS = 200, GROWS_MS = 50 };

struct stream {
    struct predict_session *s;
    struct row_stream *rows;
    const char *name;
    int in;
    off_t read; /* bytes, of a file that grows */
    size_t *column;
    bool begun, apart; /* apart: it lies before all that the workspace has */
    int64_t before_us; /* time of the last bar */
    size_t at;         /* of the history, while they overlap */
    json_int_t taken, bad;
    char first_bad[256];
};

/* --- bytes
 * ------------------------------------------------------------------------------------------------------------ */

static bool stopped(const struct stream *t, struct error *err)
{
    return control_cancelled(t->s->options->control) && !error_set(err, ERROR_INTERRUPTED, "interrupted");
}

/* Waits until there is something to read, so that a signal is seen. */
static bool wait_for_input(const struct stream *t, struct error *err)
{
    for (;;) {
        struct pollfd in = {.fd = t->in, .events = POLLIN};
        if (stopped(t, err))
            return false;
        int n = poll(&in, 1, WAIT_MS);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return error_set_errno(err, ERROR_IO, "cannot wait for %s", t->name);
    }
}

static bool wait_for_growth(struct stream *t, struct error *err)
{
    struct timespec pause = {0, GROWS_MS * 1000000L};
    for (;;) {
        struct stat st;
        if (stopped(t, err))
            return false;
        if (fstat(t->in, &st) != 0)
            return error_set_errno(err, ERROR_IO, "cannot look at %s", t->name);
        if (st.st_size < t->read)
            return error_set(err, ERROR_DATA, "%s was cut short while it was followed", t->name);
        if (st.st_size > t->read)
            return true;
        nanosleep(&pause, NULL);
    }
}

/* More text, or the end of it. */
static bool fetch(struct stream *t, struct error *err)
{
    char piece[PIECE];
    bool follows = t->s->options->follow;
    for (;;) {
        if (follows ? !wait_for_growth(t, err) : !wait_for_input(t, err))
            return false;
        ssize_t n = read(t->in, piece, sizeof piece);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_set_errno(err, ERROR_IO, "cannot read %s", t->name);
        if (n == 0 && follows)
            continue;
        if (n == 0)
            row_stream_end(t->rows);
        else
            row_stream_put(t->rows, piece, (size_t)n);
        t->read += n;
        return true;
    }
}

/* --- rows
 * ------------------------------------------------------------------------------------------------------------- */

/* The first bar says how much of the history belongs before it. */
static void begin(struct stream *t, int64_t first_us)
{
    struct predict_session *s = t->s;
    size_t rows = predict_history_rows(&s->history);
    t->at = predict_history_at(&s->history, first_us);
    t->apart = t->at == 0 && rows > 0 && first_us < predict_history_time(&s->history, 0);
    predict_warm(s, predict_warm_from(s, t->at, follow_close(s->follow, first_us)), t->at);
    t->before_us = t->at > 0 ? predict_history_time(&s->history, t->at - 1) : first_us;
    t->begun = true;
}

static bool check_order(const struct stream *t, int64_t time_us, uint64_t line, struct error *err)
{
    char time[40], before[40];
    clock_iso(time_us, time, sizeof time);
    clock_iso(t->before_us, before, sizeof before);
    return time_us == t->before_us
               ? error_set(err, ERROR_DATA, "%s, line %llu: the bar of %s came before: each bar comes once", t->name,
                           (unsigned long long)line, time)
               : error_set(err, ERROR_DATA,
                           "%s, line %llu: the bar of %s comes behind that of %s: bars come in the order of time",
                           t->name, (unsigned long long)line, time, before);
}

/* Is it a bar of the series? */
static bool belongs(struct stream *t, const struct row_chunk *c, size_t row, struct error *err)
{
    int64_t time_us = c->frame->time_us[row];
    size_t rows = predict_history_rows(&t->s->history);
    if (!t->apart && t->at < rows)
        return predict_agrees(t->s, &t->at, c->frame, t->column, row, c->line[row], t->name, err);
    return predict_fits(t->s, time_us, t->before_us, c->line[row], t->name, err);
}

/* Is it left out (--skip-bad), or the end? */
static bool is_left_out(struct stream *t, struct error *err)
{
    if (!t->s->options->skip_bad || err->kind != ERROR_DATA)
        return false;
    if (t->bad++ == 0)
        text_copy(t->first_bad, sizeof t->first_bad, err->text);
    error_clear(err);
    return true;
}

/* Runs of good rows are predicted together. */
static bool take_chunk(struct stream *t, const struct row_chunk *c, struct error *err)
{
    size_t from = 0;
    struct error why = {0};
    for (size_t i = 0; i < c->frame->rows; i++) {
        int64_t time_us = c->frame->time_us[i];
        bool first = !t->begun;
        if (first)
            begin(t, time_us);
        bool later = first || time_us > t->before_us || check_order(t, time_us, c->line[i], &why);
        if (later && belongs(t, c, i, &why)) {
            t->before_us = time_us;
            t->taken++;
            continue;
        }
        if (!predict_feed(t->s, c->frame, t->column, from, i, 0, err))
            return false;
        from = i + 1;
        if (later || !is_left_out(t, &why))
            return error_set(err, why.kind, "%s", why.text);
    }
    return predict_feed(t->s, c->frame, t->column, from, c->frame->rows, 0, err);
}

static bool take_text(struct stream *t, struct error *err)
{
    const struct action_predict_options *o = t->s->options;
    for (;;) {
        struct row_chunk chunk;
        enum row_status status = row_stream_next(t->rows, &chunk, err);
        if (status == ROW_MORE || status == ROW_END)
            return true;
        if (status == ROW_BAD) {
            if (row_stream_broken(t->rows) || !is_left_out(t, err))
                return false;
            continue;
        }
        bool ok = take_chunk(t, &chunk, err);
        row_chunk_free(&chunk);
        if (o->flush && !o->flush(o->context) && ok)
            ok = error_set(err, ERROR_IO, "interrupted");
        if (!ok)
            return false;
    }
}

static bool take_all(struct stream *t, struct error *err)
{
    do {
        if (!fetch(t, err) || !take_text(t, err))
            return false;
    } while (!row_stream_ended(t->rows));
    return t->taken > 0 || t->bad > 0 || error_set(err, ERROR_DATA, "%s is empty: it has no bars", t->name);
}

/* --- the whole
 * -------------------------------------------------------------------------------------------------------- */

static struct row_stream *rows_of(struct predict_session *s, const char *name, const struct csv_options *csv,
                                  size_t *column)
{
    size_t n = follow_reads(s->follow);
    char(*names)[FRAME_NAME_MAX] = memory_new(n, sizeof *names);
    bool *texts = NEW_ARRAY(bool, n);
    for (size_t i = 0; i < n; i++) {
        text_copy(names[i], sizeof names[i], follow_read(s->follow, i));
        texts[i] = follow_reads_texts(s->follow, i);
        column[i] = i;
    }
    struct row_stream *rows = row_stream_new(name, csv, (const char(*)[FRAME_NAME_MAX])names, texts, n);
    free(names);
    free(texts);
    return rows;
}

bool predict_stream(struct predict_session *s, const struct csv_options *csv, json_t *summary, struct error *err)
{
    const struct action_predict_options *o = s->options;
    struct csv_options options = *csv;
    struct stream t = {.s = s, .name = o->follow ? o->file : "standard input", .in = o->in};
    if (o->follow && (t.in = open(o->file, O_RDONLY | O_CLOEXEC)) < 0)
        return error_set_errno(err, ERROR_IO, "cannot open %s", o->file);
    options.stamp = s->head.task->series[s->head.task->asset[s->head.asset].base].stamp;
    t.column = NEW_ARRAY(size_t, follow_reads(s->follow));
    t.rows = rows_of(s, t.name, &options, t.column);
    s->live = true;
    bool ok = take_all(&t, err);
    json_object_set_new(summary, "rows", json_integer(t.taken));
    json_object_set_new(summary, "bad_rows", json_integer(t.bad));
    if (t.bad > 0)
        json_object_set_new(summary, "first_bad", json_string(t.first_bad));
    row_stream_free(t.rows);
    free(t.column);
    if (o->follow)
        close(t.in);
    return ok;
}
