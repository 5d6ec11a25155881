/* A task as a file, so that it can be set in another workspace on the same data.
 *
 * The file is the task's canonical text, with comment lines above it that name the data set's hash and the files that
 * the series were imported from:
 *
 *   # morphsmith task file; `morphsmith task import FILE` sets it in force
 *   # dataset HASH
 *   # file btc rows=3943 btc.csv
 *   morphsmith-task 1
 *   ...
 *
 * Only "# dataset HASH" is read of them: the task that is built from the workspace's series must have this hash. The
 * values themselves are not in the file: the importer needs the same series, and is told which are missing. */
#include "action/task_internal.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "store/series.h"
#include "work/json.h"

#define TASK_FILE_MOST (1u << 20)
#define DATASET_LINE "# dataset "
#define FILE_LINE "# file "

/* --- export ------------------------------------------------------------------------------------------------------ */

/* A series that was imported anew since, or is gone, has no line: its file would be another one. */
static void write_file_line(struct workspace *w, struct text *t, const struct task_series *s)
{
    struct series_row row;
    if (!series_get(w, s->name, &row, NULL))
        return;
    if (hash_equal(row.frame, s->frame)) {
        struct text name = {0};
        text_escape(&name, file_name(row.path), strlen(file_name(row.path)));
        text_printf(t, FILE_LINE "%s rows=%lld %s\n", s->name, (long long)row.rows, text_of(&name));
        text_free(&name);
    }
    free(row.report);
}

json_t *action_task_export(struct workspace *w, const char *path, struct error *err)
{
    struct task_row row;
    struct text t = {0};
    char hex[HASH_HEX];
    json_t *result = NULL;
    if (!tasks_active(w, &row, err))
        return NULL;
    hash_hex(row.hash, hex);
    text_printf(&t, "# morphsmith task file; `morphsmith task import FILE` sets it in force\n" DATASET_LINE "%s\n",
                hex);
    for (int i = 0; i < row.task.series_n; i++)
        write_file_line(w, &t, &row.task.series[i]);
    char *text = task_format(&row.task);
    text_put(&t, text);
    if (file_write(path, t.data, t.n, 0666, err))
        result = json_pack("{s:o, s:o, s:i, s:I}", "path", json_of_text(path), "task", json_of_hash(row.hash), "series",
                           row.task.series_n, "bytes", (json_int_t)t.n);
    text_free(&t);
    free(text);
    free(row.info);
    return result;
}

/* --- import ------------------------------------------------------------------------------------------------------ */

struct task_file {
    struct task task;
    struct hash dataset;
    bool has_dataset;
    char *text; /* owned */
};

static bool read_comment(struct task_file *f, const char *line, int number, struct error *err)
{
    if (!text_starts(line, DATASET_LINE))
        return true;
    f->has_dataset = true;
    return hash_from_hex(line + strlen(DATASET_LINE), &f->dataset) ||
           error_set(err, ERROR_DATA, "line %d: '# dataset' is followed by the 64 lower-case digits of a hash", number);
}

/* Behind the comments; line numbers in errors are the file's. */
static bool read_text(struct task_file *f, char *text, struct error *err)
{
    int number = 1;
    while (*text == '#') {
        char *end = strchr(text, '\n');
        if (!end)
            return error_set(err, ERROR_DATA, "line %d: the file ends within its comments, before the task", number);
        *end = '\0';
        if (!read_comment(f, text, number, err))
            return false;
        text = end + 1;
        number++;
    }
    return task_parse_at(&f->task, text, number, err);
}

static bool read_task_file(struct task_file *f, const char *path, struct error *err)
{
    struct bytes bytes = {0};
    bool ok = file_read(path, TASK_FILE_MOST, &bytes, err);
    if (ok && (memchr(bytes.data, 0, bytes.n) || !text_is_utf8((const char *)bytes.data, bytes.n)))
        ok = error_set(err, ERROR_DATA, "%s is no task file: it is no UTF-8 text", path);
    if (ok) {
        f->text = memory_format("%.*s", (int)bytes.n, (const char *)bytes.data);
        char *copy = memory_text(f->text);
        ok = read_text(f, copy, err) || error_prefix(err, "%s", path);
        free(copy);
    }
    bytes_free(&bytes);
    return ok;
}

/* The name of a series of this workspace with that frame. */
static bool find_frame(struct workspace *w, struct hash frame, char *name, size_t size)
{
    struct series_row *rows;
    int n = series_list(w, &rows, NULL);
    bool found = false;
    for (int i = 0; i < n && !found; i++)
        if ((found = hash_equal(rows[i].frame, frame)))
            text_copy(name, size, rows[i].name);
    series_list_free(rows, n < 0 ? 0 : n);
    return found;
}

/* What the comment says of the file of a series, from its rows on; "" where it says nothing. */
static void find_file(const struct task_file *f, const char *series, char *out, size_t size)
{
    char *copy = memory_text(f->text), *rest = copy;
    out[0] = '\0';
    for (char *line = text_next(&rest, '\n'); line && *line == '#'; line = text_next(&rest, '\n')) {
        size_t n = strlen(series);
        char *name = line + strlen(FILE_LINE);
        if (text_starts(line, FILE_LINE) && text_starts(name, series) && name[n] == ' ')
            text_copy(out, size, name + n + 1);
    }
    free(copy);
}

static bool check_series(struct workspace *w, const struct task_file *f, struct error *err)
{
    struct text missing = {0};
    for (int i = 0; i < f->task.series_n; i++) {
        const struct task_series *s = &f->task.series[i];
        char name[FRAME_NAME_MAX], file[256], hash[13];
        if (find_frame(w, s->frame, name, sizeof name))
            continue;
        find_file(f, s->name, file, sizeof file);
        hash_short(s->frame, hash);
        text_printf(&missing, "%s%s (frame %s%s%s)", missing.n ? ", " : "", s->name, hash, *file ? ", " : "", file);
    }
    bool ok = missing.n == 0;
    if (!ok)
        error_set(
            err, ERROR_DATA,
            "this workspace lacks the data of %s: import the same files with `data add` and the options they were "
            "imported with",
            text_of(&missing));
    text_free(&missing);
    return ok;
}

/* Series may be called otherwise here; the task's names are kept, as they are part of its hash. What was accepted when
 * the task was set is accepted here too: it stands in the text, and the same suspicions must come out. */
static json_t *put_in_force(struct workspace *w, const struct task_file *f, bool open_sealed, struct error *err)
{
    const char *accepted[TASK_LEAKS_MAX];
    for (int i = 0; i < f->task.accept_leak_n; i++)
        accepted[i] = f->task.accept_leak[i];
    struct task_consent consent = {accepted, f->task.accept_leak_n, open_sealed, false,
                                   f->has_dataset ? &f->dataset : NULL};
    return task_put_in_force(w, &f->task, &consent, err);
}

json_t *action_task_import(struct workspace *w, const char *path, bool open_sealed, struct error *err)
{
    struct task_file f = {0};
    json_t *info = NULL;
    if (read_task_file(&f, path, err)) {
        if (check_series(w, &f, err))
            info = put_in_force(w, &f, open_sealed, err);
        if (!info)
            error_prefix(err, "%s", path);
    }
    free(f.text);
    return info;
}
