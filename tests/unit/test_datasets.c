/* Built data sets that a workspace keeps: they are, bit for bit, what building gives; nothing that is damaged, of another
 * task or of another program is taken; what goes wrong while one is written costs nothing; and few are kept. */
#include "tests/unit/test_support.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "data/set/channel.h"
#include "data/set/dataset_file.h"
#include "net/numeric.h"
#include "store/datasets.h"
#include "store/runs.h"
#include "store/series.h"
#include "store/sql.h"
#include "store/tasks.h"

#include <dirent.h>
#include <math.h>
#include <sys/wait.h>

#define COUNT_DESCRIPTOR 9 /* see base/file.h */
#define DAY INT64_C(86400000000)
#define ROWS 400
#define SEALED_PRICE 7654321.125 /* of rows behind the beginning of the hold-out, and nowhere else */

static const char *program;

/* --- made-up data ------------------------------------------------------------------------------------------------- */

static double wave(int i, int kind)
{
    return 100 + 10 * sin(0.1 * i + kind) + sin(1.7 * i) + 0.01 * kind * i;
}

/* close, flow with holes, beat (four classes), mood (a sentiment); a long gap in between. */
static struct frame *some_frame(int kind, size_t rows)
{
    static const char *const names[] = {"close", "flow", "beat", "mood", "constant"};
    struct frame *f = frame_new(rows, ARRAY_N(names), NULL);
    for (size_t c = 0; c < f->columns; c++)
        text_copy(f->column[c].name, FRAME_NAME_MAX, names[c]);
    for (size_t i = 0; i < rows; i++) {
        int t = (int)i;
        f->time_us[i] = 1500000000 / 86400 * DAY + (t + 3 * kind + (t > 150 ? 20 : 0)) * DAY;
        f->column[0].value[i] = i >= rows * 9 / 10 ? SEALED_PRICE : wave(t, kind);
        f->column[1].value[i] = t % 5 == 4 ? (double)NAN : wave(2 * t, kind + 1);
        f->column[2].value[i] = (t * 7 / 3 + kind) % 4;
        f->column[3].value[i] = 50 + 40 * sin(0.3 * t);
        f->column[4].value[i] = 1;
    }
    frame_find_step(f);
    return f;
}

static struct frame *named_frame(size_t rows)
{
    struct frame *f = some_frame(0, rows);
    f->column[2].label = memory_new(4, sizeof *f->column[2].label);
    f->column[2].labels = 4;
    for (size_t i = 0; i < 4; i++)
        text_copy(f->column[2].label[i], FRAME_LABEL_MAX, (const char *const[]){"high", "low", "middle", "none"}[i]);
    return f;
}

static void put_series(struct workspace *w, const char *name, struct frame *f)
{
    struct error err = {0};
    struct series_row row = {.rows = (int64_t)f->rows, .columns = (int64_t)f->columns, .stamp = CSV_STAMP_CLOSE};
    text_copy(row.name, sizeof row.name, name);
    text_copy(row.asset, sizeof row.asset, name);
    row.report = memory_text("{}");
    if (!series_put(w, &row, f, &err))
        fail_msg("%s", err.text);
    free(row.report);
    frame_free(f);
}

static struct workspace *opened(void **state, bool read_only)
{
    char folder[FILE_PATH_MAX];
    file_join(folder, sizeof folder, *state, "w");
    struct workspace *w = workspace_open(folder, read_only, NULL);
    assert_non_null(w);
    return w;
}

static struct workspace *fresh(void **state)
{
    char folder[FILE_PATH_MAX];
    file_join(folder, sizeof folder, *state, "w");
    assert_true(workspace_create(folder, NULL));
    struct workspace *w = opened(state, false);
    put_series(w, "a", some_frame(0, ROWS));
    put_series(w, "b", some_frame(1, ROWS - 30));
    put_series(w, "c", some_frame(2, ROWS + 7));
    put_series(w, "names", named_frame(ROWS));
    return w;
}

static void use_series(struct workspace *w, struct task *t, const char *name, int asset)
{
    struct series_row row;
    assert_true(series_get(w, name, &row, NULL));
    struct task_series *s = &t->series[t->series_n++];
    text_copy(s->name, sizeof s->name, name);
    s->frame = row.frame;
    s->stamp = CSV_STAMP_CLOSE;
    s->asset = asset;
    free(row.report);
}

static void use_asset(struct workspace *w, struct task *t, const char *name, const char *price)
{
    struct task_asset *a = &t->asset[t->assets];
    text_copy(a->name, sizeof a->name, name);
    text_copy(a->price, sizeof a->price, price);
    a->base = t->series_n;
    use_series(w, t, name, t->assets++);
}

enum kinds { DIRECTION, RETURN, CLASS, CLASS_NOW, NAMES, SHARED, KINDS };

static struct task task_of(struct workspace *w, enum kinds kind)
{
    struct error err = {0};
    struct task t;
    task_defaults(&t);
    t.lookback = 8;
    t.folds = 3;
    t.horizon = kind == CLASS_NOW ? 0 : kind == RETURN ? 3 : 1;
    t.missing = kind == RETURN || kind == SHARED ? TASK_MISSING_MASK : TASK_MISSING_DROP;
    assert_true(task_set_target(&t, kind == RETURN ? "return" : kind == DIRECTION || kind == SHARED ? "direction" : "class:beat",
                                &err));
    if (kind == NAMES)
        use_asset(w, &t, "names", "close");
    else
        use_asset(w, &t, "a", kind == CLASS_NOW ? "" : "close");
    if (kind == RETURN || kind == CLASS) {
        use_asset(w, &t, "b", "close");
        use_asset(w, &t, "c", "close");
    }
    if (kind == SHARED)
        use_series(w, &t, "c", TASK_SHARED);
    if (kind == CLASS_NOW)
        text_copy(t.features, sizeof t.features, FEATURE_USUAL_PLAIN);
    if (!task_settle(&t, &err) || !task_check(&t, &err))
        fail_msg("%s", err.text);
    return t;
}

/* Puts a task in force; what building gives for it. */
static struct dataset *put_task(struct workspace *w, const struct task *t, struct task_row *row)
{
    struct error err = {0};
    struct dataset *d = tasks_build(w, t, &err);
    if (!d)
        fail_msg("%s", err.text);
    assert_true(tasks_put(w, t, d->hash, "{}", &err));
    assert_true(tasks_active(w, row, &err));
    return d;
}

/* --- the same bits -------------------------------------------------------------------------------------------------- */

static void same_bytes(const char *what, const void *a, const void *b, size_t n)
{
    if ((a == NULL) != (b == NULL) || (a && memcmp(a, b, n) != 0))
        fail_msg("%s differ", what);
}

static void same_channel(const struct channel *a, const struct channel *b)
{
    assert_string_equal(a->name, b->name);
    assert_ptr_equal(a->spec.family, b->spec.family);
    assert_memory_equal(a->spec.parameter, b->spec.parameter, sizeof a->spec.parameter);
    assert_int_equal(a->output, b->output);
    assert_true(a->series == b->series && a->column == b->column && a->low == b->low);
    assert_true(a->at_close == b->at_close && a->filled == b->filled && a->lag_us == b->lag_us);
    assert_memory_equal(&a->centre, &b->centre, sizeof a->centre);
    assert_memory_equal(&a->half, &b->half, sizeof a->half);
}

static void same_names(const struct dataset *a, const struct dataset *b)
{
    assert_int_equal(a->classes, b->classes);
    assert_memory_equal(a->class_value, b->class_value, (size_t)a->classes * sizeof *a->class_value);
    for (int i = 0; i < a->classes; i++)
        assert_string_equal(a->class_name[i], b->class_name[i]);
    for (size_t c = 0; c < a->channels; c++)
        assert_string_equal(a->channel[c], b->channel[c]);
    assert_int_equal(a->planned, b->planned);
    for (size_t i = 0; i < a->planned * (size_t)a->task.assets; i++)
        same_channel(&a->made[i], &b->made[i]);
    assert_int_equal(a->note_n, b->note_n);
    for (size_t i = 0; i < a->note_n; i++)
        assert_string_equal(a->note[i], b->note[i]);
}

/* Every field of both. */
static void same(const struct dataset *a, const struct dataset *b)
{
    char *x = task_format(&a->task), *y = task_format(&b->task);
    assert_string_equal(x, y);
    free(x);
    free(y);
    assert_true(hash_equal(a->hash, b->hash));
    assert_true(a->bars == b->bars && a->channels == b->channels && a->samples == b->samples);
    assert_true(a->visible_bars == b->visible_bars && a->visible_samples == b->visible_samples);
    assert_memory_equal(a->asset, b->asset, (size_t)a->task.assets * sizeof *a->asset);
    same_bytes("times", a->time_us, b->time_us, a->bars * sizeof *a->time_us);
    same_bytes("prices", a->price, b->price, a->bars * sizeof *a->price);
    same_bytes("classes", a->label, b->label, a->bars * sizeof *a->label);
    same_bytes("past classes", a->past_label, b->past_label, a->bars * sizeof *a->past_label);
    same_bytes("features", a->feature, b->feature, a->bars * a->channels * sizeof *a->feature);
    same_bytes("bars", a->bar, b->bar, a->samples * sizeof *a->bar);
    same_bytes("targets", a->target, b->target, a->samples * sizeof *a->target);
    assert_int_equal(a->folds, b->folds);
    assert_memory_equal(a->fold, b->fold, (size_t)a->folds * sizeof *a->fold);
    assert_true(a->dropped_missing == b->dropped_missing && a->dropped_gap == b->dropped_gap &&
                a->dropped_zero == b->dropped_zero);
    assert_true(a->sealed_bars == b->sealed_bars && a->sealed_first_us == b->sealed_first_us &&
                a->sealed_last_us == b->sealed_last_us && a->opened == b->opened);
    same_names(a, b);
}

/* --- helpers -------------------------------------------------------------------------------------------------------- */

static void path_of(struct workspace *w, struct hash hash, char path[FILE_PATH_MAX])
{
    char hex[HASH_HEX], name[128];
    hash_hex(hash, hex);
    snprintf(name, sizeof name, "datasets/%s." NUMERIC_VERSION, hex);
    workspace_path(w, name, path, FILE_PATH_MAX);
}

/* Files in datasets/ besides the lock. */
static int files_in(struct workspace *w)
{
    char folder[FILE_PATH_MAX];
    int n = 0;
    workspace_path(w, "datasets", folder, sizeof folder);
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir)) != NULL;)
        n += e->d_name[0] != '.' && !text_equal(e->d_name, "lock");
    if (dir)
        closedir(dir);
    return n;
}

/* The data set of the task in force, which must come from the file or must not. */
static void comes(struct workspace *w, const struct task_row *row, const struct dataset *built, bool mapped)
{
    struct error err = {0};
    struct dataset *d = tasks_dataset(w, row, &err);
    if (!d)
        fail_msg("%s", err.text);
    assert_int_equal(d->map != NULL, mapped);
    same(built, d);
    dataset_free(d);
}

static void read_bytes(const char *path, struct bytes *out)
{
    assert_true(file_read(path, (size_t)1 << 26, out, NULL));
}

static void write_bytes(const char *path, const void *data, size_t n)
{
    FILE *f = fopen(path, "wb"); /* not file_write, which waits for the disk each time */
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* --- tests ---------------------------------------------------------------------------------------------------------- */

static void a_kept_one_has_the_bits_of_a_built_one(void **state)
{
    struct workspace *w = fresh(state);
    for (enum kinds k = 0; k < KINDS; k++) {
        struct task t = task_of(w, k);
        struct task_row row;
        struct dataset *built = put_task(w, &t, &row);
        assert_true(built->samples > 30 && built->folds == 3 && built->sealed_bars > 30);
        assert_true(built->note_n > 0);
        comes(w, &row, built, false);
        comes(w, &row, built, true);
        comes(w, &row, built, true);
        workspace_close(w);
        w = opened(state, k % 2 == 0); /* one may look at a workspace that is not to be written */
        comes(w, &row, built, true);
        workspace_close(w);
        w = opened(state, false);
        assert_int_equal(files_in(w), 1);
        dataset_free(built);
        free(row.info);
    }
    workspace_close(w);
}

static void what_is_sealed_is_not_in_the_file(void **state)
{
    struct workspace *w = fresh(state);
    for (enum kinds k = 0; k < KINDS; k++) {
        struct task t = task_of(w, k);
        struct task_row row;
        struct bytes file = {0};
        char path[FILE_PATH_MAX];
        struct dataset *built = put_task(w, &t, &row);
        comes(w, &row, built, false);
        path_of(w, row.hash, path);
        read_bytes(path, &file);
        const double wide = SEALED_PRICE, seen = built->price ? built->price[0] : (double)built->time_us[0];
        const float narrow = (float)SEALED_PRICE;
        bool sealed = false, any = !built->price;
        for (size_t i = 0; i + 8 <= file.n; i += 4) {
            sealed = sealed || memcmp(file.data + i, &wide, 8) == 0 || memcmp(file.data + i, &narrow, 4) == 0;
            any = any || memcmp(file.data + i, &seen, 8) == 0;
        }
        assert_false(sealed);
        assert_true(any); /* or the search above could not find anything */
        bytes_free(&file);
        dataset_free(built);
        free(row.info);
    }
    workspace_close(w);
}

/* Is the file at `path` taken for the data set of the row? */
static bool is_taken(struct workspace *w, const struct task_row *row)
{
    struct dataset *d = datasets_get(w, &row->task, row->hash);
    dataset_free(d);
    return d != NULL;
}

static void any_damage_is_noticed_and_mended(void **state)
{
    struct workspace *w = fresh(state);
    struct task t = task_of(w, CLASS);
    struct task_row row;
    struct bytes file = {0};
    char path[FILE_PATH_MAX];
    struct dataset *built = put_task(w, &t, &row);
    comes(w, &row, built, false);
    path_of(w, row.hash, path);
    read_bytes(path, &file);
    for (size_t i = 0; i < file.n; i += i < 9000 || i + 3000 > file.n ? 7 : 61) {
        uint8_t was = file.data[i];
        file.data[i] = (uint8_t)(was ^ (1u << i % 8));
        write_bytes(path, file.data, file.n);
        if (is_taken(w, &row))
            fail_msg("byte %zu of %zu was changed, and the file is taken", i, file.n);
        file.data[i] = was;
    }
    for (size_t cut = 0; cut <= file.n; cut += cut < 200 ? 1 : 997) {
        write_bytes(path, file.data, cut);
        assert_false(is_taken(w, &row) && cut < file.n);
    }
    bytes_put_u64(&file, 0);
    write_bytes(path, file.data, file.n);
    assert_false(is_taken(w, &row));
    comes(w, &row, built, false);
    comes(w, &row, built, true);
    assert_true(file_remove(path, NULL));
    comes(w, &row, built, false);
    comes(w, &row, built, true);
    bytes_free(&file);
    dataset_free(built);
    free(row.info);
    workspace_close(w);
}

/* A whole file, with every check right, that is not this task's, this program's or the one that was taken down. */
static void another_one_is_not_taken(void **state)
{
    struct workspace *w = fresh(state);
    struct task t = task_of(w, DIRECTION), other = t;
    struct task_row row;
    char path[FILE_PATH_MAX];
    uint64_t print, was;
    struct dataset *built = put_task(w, &t, &row);
    comes(w, &row, built, false);
    path_of(w, row.hash, path);
    assert_true(dataset_save(built, path, NUMERIC_VERSION, &was, NULL));
    assert_true(is_taken(w, &row));
    built->target[0] = 1 - built->target[0];
    assert_true(dataset_save(built, path, NUMERIC_VERSION, &print, NULL));
    built->target[0] = 1 - built->target[0];
    assert_true(print != was);
    assert_false(is_taken(w, &row)); /* whole, but not what the workspace took down */
    assert_true(dataset_save(built, path, "msn0", &print, NULL));
    struct dataset_identity is = {&t, row.hash, "msn0", print};
    struct dataset *d = dataset_load(path, &is, NULL);
    assert_non_null(d);
    dataset_free(d);
    is.numeric = NUMERIC_VERSION;
    assert_null(dataset_load(path, &is, NULL));
    is.numeric = "msn0";
    other.seed = 2;
    is.task = &other;
    assert_null(dataset_load(path, &is, NULL));
    is.task = &t;
    is.hash.byte[31] ^= 1;
    assert_null(dataset_load(path, &is, NULL));
    is.hash = row.hash;
    is.print ^= 1;
    assert_null(dataset_load(path, &is, NULL));
    is.print = print;
    d = dataset_load(path, &is, NULL);
    assert_non_null(d);
    dataset_free(d);
    comes(w, &row, built, false);
    comes(w, &row, built, true);
    dataset_free(built);
    free(row.info);
    workspace_close(w);
}

static void without_the_database_s_word_it_is_built(void **state)
{
    struct workspace *w = fresh(state);
    struct task t = task_of(w, DIRECTION);
    struct task_row row;
    struct dataset *built = put_task(w, &t, &row);
    comes(w, &row, built, false);
    assert_true(sql_run(w, NULL, "UPDATE dataset SET print=print+1", ""));
    comes(w, &row, built, false);
    comes(w, &row, built, true);
    assert_true(sql_run(w, NULL, "DELETE FROM dataset", ""));
    comes(w, &row, built, false);
    comes(w, &row, built, true);
    assert_true(sql_run(w, NULL, "DROP TABLE dataset", "")); /* as older programs left it */
    comes(w, &row, built, false);
    comes(w, &row, built, true);
    dataset_free(built);
    free(row.info);
    workspace_close(w);
}

static void what_cannot_be_built_is_an_error_and_not_kept(void **state)
{
    struct workspace *w = fresh(state);
    struct task t = task_of(w, DIRECTION);
    struct task_row row;
    struct error err = {0};
    struct dataset *built = tasks_build(w, &t, &err);
    assert_true(tasks_put(w, &t, hash_of_text("another"), "{}", NULL));
    assert_true(tasks_active(w, &row, NULL));
    assert_null(tasks_dataset(w, &row, &err));
    assert_int_equal(err.kind, ERROR_DATA);
    assert_int_equal(files_in(w), 0);
    free(row.info);
    dataset_free(built);
    built = put_task(w, &t, &row);
    comes(w, &row, built, false);
    char path[FILE_PATH_MAX];
    struct bytes file = {0};
    path_of(w, row.hash, path);
    read_bytes(path, &file);
    file.data[file.n / 2] ^= 1;
    write_bytes(path, file.data, file.n);
    bytes_free(&file);
    workspace_blob_path(w, "frames", t.series[0].frame, path, sizeof path);
    assert_true(file_remove(path, NULL)); /* both are gone: nothing may be made up */
    assert_null(tasks_dataset(w, &row, &err));
    dataset_free(built);
    free(row.info);
    workspace_close(w);
}

static void a_workspace_that_is_not_written_works_without(void **state)
{
    struct workspace *w = fresh(state);
    struct task t = task_of(w, RETURN);
    struct task_row row;
    struct dataset *built = put_task(w, &t, &row);
    workspace_close(w);
    w = opened(state, true);
    comes(w, &row, built, false);
    comes(w, &row, built, false);
    assert_int_equal(files_in(w), 0);
    workspace_close(w);
    w = opened(state, false);
    char folder[FILE_PATH_MAX];
    workspace_path(w, "datasets", folder, sizeof folder);
    write_bytes(folder, "x", 1); /* where the folder should be */
    comes(w, &row, built, false);
    comes(w, &row, built, false);
    dataset_free(built);
    free(row.info);
    workspace_close(w);
}

static void few_are_kept(void **state)
{
    struct workspace *w = fresh(state);
    struct task_row row[4];
    struct dataset *built[4];
    char path[4][FILE_PATH_MAX], stray[FILE_PATH_MAX], left[FILE_PATH_MAX];
    int64_t search;
    for (int i = 0; i < 4; i++) {
        struct task t = task_of(w, DIRECTION);
        t.seed = (uint64_t)i + 10;
        built[i] = put_task(w, &t, &row[i]);
        comes(w, &row[i], built[i], false);
        path_of(w, row[i].hash, path[i]);
        if (i == 1)
            assert_true(runs_search_new(w, row[i].hash, "{}", &search, NULL));
        if (i > 0)
            assert_int_equal(file_exists(path[i - 1]), i - 1 == 1);
    }
    assert_int_equal(files_in(w), 2);
    comes(w, &row[0], built[0], false); /* neither in force nor searched: built, not kept */
    comes(w, &row[0], built[0], false);
    comes(w, &row[1], built[1], true);
    comes(w, &row[3], built[3], true);
    assert_true(runs_search_end(w, search, "done", 1, NULL));
    workspace_path(w, "datasets/notes.txt", stray, sizeof stray);
    write_bytes(stray, "x", 1);
    snprintf(left, sizeof left, "%.4000s.tmp.1", path[3]);
    write_bytes(left, "x", 1);
    comes(w, &row[2], built[2], false);
    assert_false(file_exists(path[1]) || file_exists(path[2]) || file_exists(left));
    assert_true(file_exists(path[3]) && file_exists(stray));
    for (int i = 0; i < 4; i++) {
        dataset_free(built[i]);
        free(row[i].info);
    }
    workspace_close(w);
}

/* A removed or replaced file stays with those who have it. */
static void one_in_use_outlives_its_file(void **state)
{
    struct workspace *w = fresh(state);
    struct task t = task_of(w, DIRECTION), next = t;
    struct task_row row, other;
    struct dataset *built = put_task(w, &t, &row);
    comes(w, &row, built, false);
    struct dataset *used = tasks_dataset(w, &row, NULL);
    assert_non_null(used->map);
    next.seed = 77;
    struct dataset *second = put_task(w, &next, &other);
    comes(w, &other, second, false);
    assert_int_equal(files_in(w), 1);
    same(built, used);
    dataset_free(used);
    dataset_free(built);
    dataset_free(second);
    free(row.info);
    free(other.info);
    workspace_close(w);
}

/* --- several processes, and faults ------------------------------------------------------------------------------------ */

/* "open FOLDER": the data set of the task in force, whose hash must be right. */
static int open_once(const char *folder)
{
    struct error err = {0};
    struct task_row row;
    struct workspace *w = workspace_open(folder, false, &err);
    if (!w || !tasks_active(w, &row, &err))
        return 2;
    struct dataset *d = tasks_dataset(w, &row, &err);
    if (!d)
        return 1;
    dataset_name(d);
    int status = hash_equal(d->hash, row.hash) ? 0 : 3;
    dataset_free(d);
    free(row.info);
    workspace_close(w);
    return status;
}

static pid_t start(const char *folder, const char *fault, int count_to)
{
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    if (count_to >= 0)
        dup2(count_to, COUNT_DESCRIPTOR);
    if (fault)
        setenv("MORPHSMITH_FAULT", fault, 1);
    execl(program, program, "open", folder, (char *)NULL);
    _exit(127);
}

static void several_processes_at_once(void **state)
{
    struct workspace *w = fresh(state);
    struct task t = task_of(w, RETURN);
    struct task_row row;
    struct dataset *built = put_task(w, &t, &row);
    pid_t pid[6];
    for (size_t i = 0; i < ARRAY_N(pid); i++)
        pid[i] = start(workspace_folder(w), NULL, -1);
    for (size_t i = 0; i < ARRAY_N(pid); i++) {
        int status;
        assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    assert_int_equal(files_in(w), 1);
    comes(w, &row, built, true);
    dataset_free(built);
    free(row.info);
    workspace_close(w);
}

static void forget(struct workspace *w, struct hash hash)
{
    char path[FILE_PATH_MAX];
    path_of(w, hash, path);
    remove(path);
    assert_true(sql_run(w, NULL, "DELETE FROM dataset", ""));
}

static void a_fault_at_any_operation(void **state)
{
    static const char *const kind[] = {"kill", "after", "error", "full", "torn", "lost"};
    struct workspace *w = fresh(state);
    struct task t = task_of(w, RETURN);
    struct task_row row;
    struct dataset *built = put_task(w, &t, &row);
    int out[2], status;
    char text[32] = "";
    comes(w, &row, built, false); /* makes the folder */
    forget(w, row.hash);
    assert_int_equal(pipe(out), 0);
    pid_t pid = start(workspace_folder(w), "count:0", out[1]);
    assert_true(read(out[0], text, sizeof text - 1) > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    long operations = strtol(text, NULL, 10), killed = 0, good = 0;
    close(out[0]);
    close(out[1]);
    assert_in_range(operations, 5, 40); /* parts, sync, rename, sync of the folder */
    for (size_t k = 0; k < ARRAY_N(kind); k++)
        for (long n = 1; n <= operations; n++) {
            char fault[32];
            snprintf(fault, sizeof fault, "%s:%ld", kind[k], n);
            forget(w, row.hash);
            pid = start(workspace_folder(w), fault, -1);
            assert_int_equal(waitpid(pid, &status, 0), pid);
            killed += WIFSIGNALED(status);
            good += WIFEXITED(status) && WEXITSTATUS(status) == 0;
            struct dataset *d = tasks_dataset(w, &row, NULL);
            assert_non_null(d);
            same(built, d);
            dataset_free(d);
            comes(w, &row, built, true);
            assert_int_equal(files_in(w), 1);
        }
    assert_int_equal(killed, 4 * operations);
    assert_int_equal(good, 2 * operations); /* refused writes cost nothing but the cache */
    dataset_free(built);
    free(row.info);
    workspace_close(w);
}

int main(int n, char **argument)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, test_folder_new, test_folder_free)
    const struct CMUnitTest tests[] = {
        CASE(a_kept_one_has_the_bits_of_a_built_one),
        CASE(what_is_sealed_is_not_in_the_file),
        CASE(any_damage_is_noticed_and_mended),
        CASE(another_one_is_not_taken),
        CASE(without_the_database_s_word_it_is_built),
        CASE(what_cannot_be_built_is_an_error_and_not_kept),
        CASE(a_workspace_that_is_not_written_works_without),
        CASE(few_are_kept),
        CASE(one_in_use_outlives_its_file),
        CASE(several_processes_at_once),
        CASE(a_fault_at_any_operation),
    };
    hash_start();
    program = argument[0];
    if (n == 3)
        return open_once(argument[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
