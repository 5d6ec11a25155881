#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "tests/unit/ui_helper.h"
#include "ui/app.h"
#include "ui/cell/table.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

/* --- two screens and what they were told ------------------------------------------------------------------------- */

static struct {
    int opened, closed, reloads, runs, writes, stale;
    char answer[256], event[256];
    bool possible;
    struct table_state fruit;
} seen;

static const char *const fruits[] = {"apple", "banana", "cherry", "date", "elderberry", "fig", "grape"};

static void *open_test(struct app *app)
{
    (void)app;
    seen.opened++;
    return &seen;
}

static void close_test(void *self)
{
    (void)self;
    seen.closed++;
}

static void reload_test(void *self, struct app *app)
{
    (void)self;
    (void)app;
    seen.reloads++;
}

static bool stale_test(void *self, struct app *app)
{
    (void)self;
    (void)app;
    return ++seen.stale == 1;
}

static void fruit_cell(void *context, int row, int column, char *out, size_t size, enum style *style)
{
    (void)context;
    (void)style;
    text_copy(out, size, column == 0 ? fruits[row] : "tasty");
}

static void draw_fruit(void *self, struct app *app, struct grid *g, struct box b)
{
    static const struct table_column columns[] = {{"Fruit", 8, 20, false, 0}, {"Taste", 8, 20, false, 1}};
    struct table_source source = {NULL, (int)ARRAY_N(fruits), fruit_cell};
    (void)self;
    (void)app;
    table_draw(g, b, columns, 2, &source, &seen.fruit, true);
}

static void fruit_text(void *self, int row, char *out, size_t size)
{
    (void)self;
    text_copy(out, size, fruits[row]);
}

static bool input_fruit(void *self, struct app *app, const struct input_event *event)
{
    int rows = (int)ARRAY_N(fruits);
    (void)self;
    if (event->key == 'n' || event->key == 'N') {
        int step = event->key == 'n' ? 1 : -1, row = app_search_row(app, rows, seen.fruit.cursor + step, step, NULL, fruit_text);
        seen.fruit.cursor = row >= 0 ? row : seen.fruit.cursor;
        return true;
    }
    if (event->key != INPUT_DOWN)
        return false;
    table_move(&seen.fruit, rows, 1);
    return true;
}

static void run_key(void *self, struct app *app)
{
    (void)self;
    (void)app;
    seen.runs++;
}

static void write_key(void *self, struct app *app)
{
    (void)self;
    (void)app;
    seen.writes++;
}

static void answered(void *self, struct app *app, const char *text)
{
    (void)app;
    assert_ptr_equal(self, &seen);
    text_copy(seen.answer, sizeof seen.answer, text);
}

static void ask_line(void *self, struct app *app)
{
    app_ask(app, "Name", "preset", false, answered, self);
}

static void ask_twice(void *self, struct app *app, const char *text)
{
    static const char *const choices[] = {"one", "two", "three"};
    assert_string_equal(text, "hunter2");
    app_ask_choice(app, "How many", choices, 3, 1, answered, self);
}

static void ask_secret(void *self, struct app *app)
{
    app_ask(app, "Passphrase", NULL, true, ask_twice, self);
}

static void ask_word(void *self, struct app *app)
{
    struct text body = {0};
    for (int i = 1; i <= 60; i++)
        text_printf(&body, "field %02d\n", i);
    text_put(&body, "evil \x1b[2J\n");
    app_ask_word(app, "Sign", text_of(&body), "amber-fox", answered, self);
    text_free(&body);
}

static bool is_possible(void *self, struct app *app, char *why, size_t size)
{
    (void)self;
    (void)app;
    text_copy(why, size, "there is no run to resume");
    return seen.possible;
}

static const struct screen_key fruit_keys[] = {
    {'t', "taste", "Tastes the fruit under the cursor.", false, NULL, run_key},
    {'r', "resume", "Goes on with the last run.", false, is_possible, run_key},
    {'w', "write", "Writes to the workspace.", true, NULL, write_key},
    {'a', "ask", "Asks for a name.", false, NULL, ask_line},
    {'p', "passphrase", "Asks for the passphrase.", false, NULL, ask_secret},
    {'S', "sign", "Signs the transaction.", true, NULL, ask_word},
};

static char *explain_fruit(void *self, struct app *app)
{
    (void)self;
    (void)app;
    return memory_format("%s is a fruit", fruits[seen.fruit.cursor]);
}

static void fruit_event(void *self, struct app *app, struct job *job, json_t *event)
{
    const char *kind = json_string_value(json_object_get(event, "event"));
    (void)self;
    (void)app;
    assert_non_null(job_title(job));
    text_append(seen.event, sizeof seen.event, kind != NULL ? kind : "?");
    text_append(seen.event, sizeof seen.event, " ");
}

static const struct screen fruit_screen = {
    .name = "fruit", .title = "Fruit", .about = "All the fruit there is.", .key = fruit_keys,
    .keys = (int)ARRAY_N(fruit_keys), .open = open_test, .close = close_test, .reload = reload_test,
    .stale = stale_test, .draw = draw_fruit, .input = input_fruit, .event = fruit_event, .explain = explain_fruit,
};

static void draw_plain(void *self, struct app *app, struct grid *g, struct box b)
{
    (void)self;
    (void)app;
    grid_fill(g, b, STYLE_TEXT, '.'); /* all of its box, so that what lies over it is seen to */
}

static void start_job(void *self, struct app *app)
{
    (void)self;
    app_job(app, (const char *const[]){"-c", "echo '{\"event\":\"step\",\"progress\":0.5,\"eta_seconds\":90,"
                                             "\"text\":\"fold 3 of 5\"}'; read -r x; exit 0", NULL}, NULL);
}

static void start_failing(void *self, struct app *app)
{
    (void)self;
    app_job(app, (const char *const[]){"-c", "echo '{\"error\":{\"text\":\"the loss is not finite\"}}'; exit 1", NULL}, NULL);
}

static void start_quick(void *self, struct app *app)
{
    (void)self;
    app_job(app, (const char *const[]){"-c", "echo \"{\\\"event\\\":\\\"$1\\\"}\"; exit 0", NULL}, NULL);
}

static void start_waiting(void *self, struct app *app)
{
    (void)self;
    app_job(app, (const char *const[]){"-c", "until [ -e \"$1/go\" ]; do sleep 0.01; done; exit 0", NULL}, NULL);
}

static const struct screen_key plain_keys[] = {
    {'j', "job", "Starts a job.", false, NULL, start_job},
    {'f', "fail", "Starts one that fails.", false, NULL, start_failing},
    {'d', "do", "Starts one that ends well.", false, NULL, start_quick},
    {'a', "await", "Starts one that ends when it is told to.", false, NULL, start_waiting},
};

static const struct screen plain_screen = {
    .name = "plain", .title = "Plain", .key = plain_keys, .keys = (int)ARRAY_N(plain_keys), .draw = draw_plain,
};

extern const struct screen screen_log;
const struct screen *const screen_table[] = {&fruit_screen, &plain_screen, &screen_log, NULL};

/* --- helpers --------------------------------------------------------------------------------------------------- */

static struct workspace space;
static struct app *app;
static char folder[64];

static void start(const struct app_options *options)
{
    memset(&seen, 0, sizeof seen);
    app = app_new(&space, options);
}

static int set_up(void **state)
{
    (void)state;
    memset(&space, 0, sizeof space);
    text_copy(folder, sizeof folder, "/tmp/test_ui_app.XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    text_copy(space.folder, sizeof space.folder, folder);
    job_program_set("/bin/sh");
    start(&(struct app_options){.threads = 1});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char path[128];
    app_free(app);
    app = NULL;
    snprintf(path, sizeof path, "%s/log.txt", folder);
    unlink(path);
    return rmdir(folder);
}

static void play(const char *keys)
{
    struct error err = {0};
    if (!app_play(app, keys, &err))
        fail_msg("%s", err.text);
}

static char *screen_text(int columns, int rows)
{
    struct grid *g = grid_new(columns, rows, SYMBOLS_ASCII);
    app_draw(app, g);
    char *text = grid_text(g);
    grid_free(g);
    return text;
}

static bool shows(const char *part)
{
    char *text = screen_text(100, 30);
    bool found = strstr(text, part) != NULL;
    free(text);
    return found;
}

/* --- tests ----------------------------------------------------------------------------------------------------- */

static void test_moving_between_screens(void **state)
{
    (void)state;
    assert_true(shows("[1 Fruit] 2 Plain  3 Log"));
    play("Tab");
    assert_true(shows("[2 Plain]"));
    play("BTab BTab");
    assert_true(shows("[3 Log]"));
    play("1");
    assert_true(shows("[1 Fruit]"));
    play("7");
    assert_true(shows("7 does nothing here"));
    assert_true(app_show(app, "PLAIN"));
    assert_false(app_show(app, "nowhere"));
    assert_true(shows("[2 Plain]"));
    struct error err = {0};
    assert_false(app_play(app, "1 Nokey", &err));
    assert_int_equal(err.kind, ERROR_USAGE);
}

static void test_screen_is_kept(void **state)
{
    (void)state;
    play("2");
    app_free(app);
    assert_int_equal(seen.closed, 1);
    start(&(struct app_options){0});
    assert_true(shows("[2 Plain]"));
    app_free(app);
    start(&(struct app_options){.screen = "log"});
    assert_true(shows("[3 Log]"));
    app_free(app);
    unsigned version = space.version;
    start(&(struct app_options){.read_only = true, .screen = "fruit"});
    app_free(app); /* keeps nothing */
    assert_int_equal(space.version, version);
    start(&(struct app_options){0});
    assert_true(shows("[3 Log]"));
}

static void test_screens_load_when_looked_at(void **state)
{
    (void)state;
    assert_int_equal(seen.reloads, 1);
    play("2");
    space.version++;
    play("Down");
    assert_true(app_tick(app));
    assert_int_equal(seen.reloads, 1);
    play("1");
    assert_int_equal(seen.reloads, 2);
    play("2 1 Down"); /* nothing changed in between */
    assert_true(app_tick(app)); /* only what the screen itself finds */
    assert_int_equal(seen.stale, 1);
    play("Down");
    assert_false(app_tick(app));
    assert_int_equal(seen.reloads, 2);
    assert_int_equal(app_wait_ms(app), 1000);
}

static void test_keys_follow_their_table(void **state)
{
    (void)state;
    play("t");
    assert_int_equal(seen.runs, 1);
    play("r");
    assert_int_equal(seen.runs, 1);
    assert_true(shows("there is no run to resume"));
    play("Down");
    assert_false(shows("there is no run to resume")); /* messages stand until the next key */
    seen.possible = true;
    play("r");
    assert_int_equal(seen.runs, 2);
    play("w");
    assert_int_equal(seen.writes, 1);
    play("Z");
    assert_true(shows("Z does nothing here"));
}

static void test_read_only_writes_nothing(void **state)
{
    (void)state;
    app_free(app);
    start(&(struct app_options){.read_only = true});
    assert_true(app_read_only(app));
    play("w");
    assert_int_equal(seen.writes, 0);
    assert_true(shows("--read-only"));
    play(": w r i t e Enter");
    assert_int_equal(seen.writes, 0);
    play("S");
    assert_false(shows("amber-fox"));
    play("t");
    assert_int_equal(seen.runs, 1);
}

static void test_key_bar_dims_what_does_not_work(void **state)
{
    (void)state;
    for (int possible = 0; possible < 2; possible++) {
        seen.possible = possible;
        struct grid *g = grid_new(100, 30, SYMBOLS_ASCII);
        app_draw(app, g);
        const struct cell *bar = &g->cell[28 * 100];
        int x = 0;
        while (x < 94 && !(bar[x].code == 'r' && bar[x + 1].code == ' ' && bar[x + 2].code == 'r'))
            x++;
        assert_int_equal(bar[x].style, possible ? STYLE_KEY : STYLE_DIM);
        assert_int_equal(bar[x + 2].style, possible ? STYLE_TEXT : STYLE_DIM);
        grid_free(g);
    }
}

static void test_line_dialog(void **state)
{
    (void)state;
    play("a");
    assert_true(shows("preset"));
    play("1 q C-u h i Enter"); /* digits and q are text here */
    assert_string_equal(seen.answer, "hi");
    play("a x Esc");
    assert_string_equal(seen.answer, "hi");
    play("a x C-c");
    assert_string_equal(seen.answer, "hi");
    assert_false(shows("preset"));
    assert_false(app_ended(app));
}

static void test_dialogs_open_dialogs_and_hide_secrets(void **state)
{
    (void)state;
    play("p h u n t e r 2");
    assert_false(shows("hunter"));
    assert_true(shows("fewer than 8"));
    play("Enter");
    assert_true(shows("How many"));
    assert_true(shows("> two"));
    play("Down Down Down Enter");
    assert_string_equal(seen.answer, "three");
    play("p h u n t e r 2 Enter g Enter");
    assert_string_equal(seen.answer, "one");
}

static void test_nothing_is_signed_but_by_its_word(void **state)
{
    (void)state;
    play("S");
    assert_true(shows("field 01"));
    assert_true(shows("more below"));
    assert_true(shows("amber-fox"));
    play("a m b e r - f o x Enter"); /* the end was not shown */
    assert_string_equal(seen.answer, "");
    assert_true(shows("must be shown to its end first"));
    play("C-u PgDn PgDn PgDn PgDn PgDn");
    play("Enter Enter y Enter");
    assert_string_equal(seen.answer, "");
    assert_true(shows("that is not the word"));
    play("C-u a m b e r - f o Enter");
    assert_string_equal(seen.answer, "");
    assert_true(shows("evil \\x1b[2J"));
    assert_false(shows("more below"));
    play("x Enter");
    assert_string_equal(seen.answer, "amber-fox");
    play("S a m b e r - f o x Esc");
    assert_false(shows("amber-fox"));
}

static void test_nothing_is_signed_unseen(void **state)
{
    (void)state;
    play("S a m b e r - f o x");
    seen.answer[0] = '\0';
    free(screen_text(20, 3)); /* too small to show what is signed */
    play("Enter");
    assert_string_equal(seen.answer, "");
    free(screen_text(80, 24));
    play("PgDn PgDn PgDn PgDn PgDn Enter");
    assert_string_equal(seen.answer, "amber-fox");
}

static void test_help_lists_every_key(void **state)
{
    (void)state;
    play("?");
    char *text = screen_text(100, 60);
    for (size_t i = 0; i < ARRAY_N(fruit_keys); i++)
        assert_non_null(strstr(text, fruit_keys[i].help));
    assert_non_null(strstr(text, "All the fruit there is."));
    assert_non_null(strstr(text, "there is no run to resume"));
    assert_non_null(strstr(text, "C-c"));
    free(text);
    play("q");
    assert_false(app_ended(app));
    assert_false(shows("Everywhere"));
}

static void test_explain_and_long_texts(void **state)
{
    (void)state;
    play("Down e");
    assert_true(shows("banana is a fruit"));
    play("Esc 2 e");
    assert_true(shows("nothing to explain"));
    struct text body = {0};
    for (int i = 0; i < 100; i++)
        text_printf(&body, "row %d of it\n", i);
    app_show_text(app, "Long", text_of(&body));
    text_free(&body);
    assert_true(shows("row 0 of it"));
    assert_false(shows("row 99 of it"));
    play("G");
    assert_true(shows("row 99 of it"));
    play("g Down");
    assert_false(shows("row 0 of it"));
    assert_true(shows("row 1 of it"));
}

static void test_palette(void **state)
{
    (void)state;
    play(": l o g Enter");
    assert_true(shows("[3 Log]"));
    play(": t a s t");
    assert_true(shows("fruit: taste"));
    play("Enter");
    assert_true(shows("[1 Fruit]"));
    assert_int_equal(seen.runs, 1);
    play(": f r u Space s i Enter"); /* two words, both at the start of one */
    assert_true(shows("amber-fox"));
    play("Esc : x q z z");
    assert_true(shows("nothing is called that"));
    play("Enter Esc : h e l p Enter");
    assert_true(shows("Everywhere"));
    play("Esc : Backspace");
    assert_false(shows("Go to or do"));
    play(": r e s u m e Enter"); /* what is not possible says why here too */
    assert_true(shows("there is no run to resume"));
}

static void test_search(void **state)
{
    (void)state;
    play("n");
    assert_true(shows("press / first"));
    play("/ e r r Enter");
    assert_string_equal(app_search(app), "err");
    assert_int_equal(seen.fruit.cursor, 2);
    play("n");
    assert_int_equal(seen.fruit.cursor, 4);
    play("n"); /* round */
    assert_int_equal(seen.fruit.cursor, 2);
    play("N");
    assert_int_equal(seen.fruit.cursor, 4);
    play("/ C-u z z z Enter");
    assert_true(shows("\"zzz\" is not here"));
    assert_int_equal(seen.fruit.cursor, 4);
    play("Esc");
    assert_string_equal(app_search(app), "");
}

/* --- jobs ------------------------------------------------------------------------------------------------------ */

/* Lets the app run until the screen shows `part`. */
static void wait_for(const char *part)
{
    for (int i = 0; i < 1000 && !shows(part); i++) {
        struct pollfd p[8];
        int n = app_poll(app, p, 8), ms = app_wait_ms(app);
        poll(p, (nfds_t)n, ms < 0 || ms > 50 ? 50 : ms);
        app_tick(app);
    }
    if (!shows(part)) {
        char *text = screen_text(100, 30);
        fail_msg("\"%s\" never came:\n%s", part, text);
    }
}

static void test_job_shows_progress_and_is_cancelled(void **state)
{
    struct job *job[2];
    (void)state;
    play("C-c");
    assert_true(shows("press q to leave"));
    assert_false(app_ended(app));
    play("2 j");
    wait_for("fold 3 of 5");
    assert_true(shows("50%"));
    assert_true(shows("1 min 30 s left"));
    assert_int_equal(app_jobs(app, job, 2), 1);
    assert_int_equal(job_state(job[0]), JOB_RUNNING);
    play("C-c");
    wait_for("job: cancelled");
    assert_string_equal(seen.event, "step ended ");
    assert_int_equal(app_jobs(app, job, 2), 1);
    assert_int_equal(job_state(job[0]), JOB_CANCELLED);
    assert_int_equal(app_poll(app, (struct pollfd[2]){{0}}, 2), 0);
}

static void test_leaving_asks_while_jobs_run(void **state)
{
    (void)state;
    play("2 j q");
    assert_true(shows("A job is running"));
    assert_false(app_ended(app));
    play("Enter"); /* the default is to stay */
    assert_false(app_ended(app));
    play("q Esc");
    assert_false(app_ended(app));
    play("q Down Enter");
    assert_true(app_ended(app));
}

static void test_leaving_asks_nothing_at_rest(void **state)
{
    (void)state;
    play("q");
    assert_true(app_ended(app));
}

static void test_failed_job_says_why(void **state)
{
    (void)state;
    play("2 f");
    wait_for("job failed: the loss is not finite");
    assert_string_equal(seen.event, "? ended ");
}

static double minute;

static double clock_of_ours(void *context)
{
    (void)context;
    return 60 * minute;
}

/* A job that ends well keeps the passphrase that it was given, a wrong one is forgotten, and nobody at the keys locks. */
static void test_what_is_unlocked_locks_again(void **state)
{
    struct job *job[1];
    (void)state;
    app_unlock_clock(app, clock_of_ours, NULL);
    minute = 7;
    play("2 d");
    assert_int_equal(app_jobs(app, job, 1), 1);
    app_unlock_by(app, job[0], "main", "secret");
    assert_null(app_passphrase(app, "main"));
    wait_for("job: done");
    assert_string_equal(app_passphrase(app, "main"), "secret");
    assert_true(shows("unlocked, locks in 5 min"));
    minute += 4;
    assert_true(app_tick(app)); /* the row says another number */
    assert_true(shows("unlocked, locks in 1 min"));
    play("1");
    assert_true(shows("unlocked, locks in 5 min"));
    minute += 5;
    assert_true(app_tick(app));
    assert_true(shows("nobody pressed a key"));
    assert_false(shows("unlocked"));
    assert_null(app_passphrase(app, "main"));

    play("2 d");
    assert_int_equal(app_jobs(app, job, 1), 1);
    app_unlock_by(app, job[0], "main", "secret");
    wait_for("unlocked, locks in 5 min");
    play("L");
    assert_true(shows("locked: the next signature asks"));
    assert_null(app_passphrase(app, "main"));

    /* Locked while it still runs: it ends well, and keeps nothing. */
    play("d");
    assert_int_equal(app_jobs(app, job, 1), 1);
    app_unlock_by(app, job[0], "main", "secret");
    play("L Esc");
    wait_for("job: done");
    assert_null(app_passphrase(app, "main"));

    play("f");
    assert_int_equal(app_jobs(app, job, 1), 1);
    app_unlock_by(app, job[0], "main", "secret");
    wait_for("job failed");
    assert_null(app_passphrase(app, "main"));
    app_unlock_minutes_set(app, 0);
    assert_int_equal(app_unlock_minutes(app), 0);
}

static void test_job_gets_workspace_and_json(void **state)
{
    (void)state;
    play("2 d"); /* $0 is -w, $1 the folder */
    wait_for("job: done");
    char expected[128];
    snprintf(expected, sizeof expected, "%s ended ", folder);
    assert_string_equal(seen.event, expected);
}

static void test_done_does_not_cover_the_answer_to_a_later_key(void **state)
{
    char path[128];
    struct job *job[1];
    (void)state;
    snprintf(path, sizeof path, "%s/go", folder);
    play("2 a !");
    assert_true(shows("! does nothing here"));
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(app_jobs(app, job, 1), 1);
    for (int i = 0; i < 1000 && strstr(seen.event, "ended") == NULL; i++) {
        poll(NULL, 0, 10);
        app_tick(app);
    }
    assert_string_equal(seen.event, "ended ");
    assert_true(shows("! does nothing here"));
    play("a"); /* the answer to this key was before the job */
    wait_for("job: done");
    unlink(path);
}

/* --- the log --------------------------------------------------------------------------------------------------- */

static void write_log(const char *text)
{
    char path[128];
    struct error err = {0};
    snprintf(path, sizeof path, "%s/log.txt", folder);
    if (!file_write(path, text, strlen(text), 0644, &err))
        fail_msg("%s", err.text);
}

static void test_log_screen(void **state)
{
    struct text log = {0};
    (void)state;
    play("3");
    assert_true(shows("nothing has happened yet"));
    play("Enter");
    assert_true(shows("the log is empty"));
    for (int i = 0; i < 2500; i++)
        text_printf(&log, "2026-01-02T03:04:05Z info record %d\n", i);
    text_put(&log, "2026-01-02T03:04:06Z error train: \x1b[31mbad\x07\nnot a record\n");
    write_log(text_of(&log));
    play("Down");
    assert_true(app_tick(app)); /* it has grown though the workspace is unchanged */
    assert_true(shows("2026-01-02 03:04:06  error    train: \\x1b[31mbad\\x07"));
    assert_true(shows("2000 of 2000  following"));
    play("k Enter");
    assert_true(shows("2026-01-02T03:04:06Z error train"));
    play("Esc / r e c o r d Space 7 0 0 Enter");
    assert_true(shows("record 700"));
    assert_true(shows("held"));
    play("g");
    assert_true(shows("record 502 ") || shows("record 502\n")); /* the last 2000 of 2502 */
    text_put(&log, "2026-01-02T03:04:07Z warning newest\n");
    write_log(text_of(&log));
    assert_false(shows("newest"));
    play("f");
    assert_true(shows("newest"));
    text_free(&log);
}

/* --- mouse ----------------------------------------------------------------------------------------------------- */

static void click(int x, int y)
{
    app_input(app, &(struct input_event){.key = INPUT_MOUSE, .x = x, .y = y});
}

static void test_mouse(void **state)
{
    (void)state;
    free(screen_text(100, 30));
    click(13, 0);
    assert_true(shows("[2 Plain]"));
    click(3, 0);
    assert_true(shows("[1 Fruit]"));
    click(2, 28);
    assert_int_equal(seen.runs, 1);
    play("p h u n t e r 2 Enter");
    char *text = screen_text(100, 30);
    const char *at = strstr(text, "three");
    assert_non_null(at);
    int y = 0;
    for (const char *s = text; s < at; s++)
        y += *s == '\n';
    free(text);
    click(50, y);
    assert_string_equal(seen.answer, ""); /* the first click selects */
    click(50, y);
    assert_string_equal(seen.answer, "three");
}

/* --- pictures -------------------------------------------------------------------------------------------------- */

static void check_golden(const char *name, int columns, int rows)
{
    static const char *const sets[] = {"braille", "block", "ascii"};
    for (int symbols = 0; symbols < 3; symbols += 2) {
        char full[96];
        struct grid *g = grid_new(columns, rows, (enum symbols)symbols);
        app_draw(app, g);
        snprintf(full, sizeof full, "app-%s-%s-%dx%d", name, sets[symbols], columns, rows);
        assert_true(golden_matches(g, full));
        grid_free(g);
    }
}

static void test_goldens(void **state)
{
    static const int sizes[][2] = {{60, 20}, {80, 24}, {132, 43}};
    static const struct {
        const char *name, *keys;
    } cases[] = {{"fruit", "1"}, {"help", "?"}, {"palette", "Esc : r e"}, {"sign", "Esc S"},
                 {"choice", "Esc p h u n t e r 2 Enter"}};
    (void)state;
    app_free(app);
    text_copy(space.folder, sizeof space.folder, "/tmp/market");
    start(&(struct app_options){0});
    for (size_t i = 0; i < ARRAY_N(cases); i++) {
        play(cases[i].keys);
        for (size_t k = 0; k < ARRAY_N(sizes); k++)
            check_golden(cases[i].name, sizes[k][0], sizes[k][1]);
    }
    app_free(app);
    app = app_new(NULL, &(struct app_options){0});
    check_golden("start", 80, 24);
}

static void test_without_a_workspace(void **state)
{
    (void)state;
    app_free(app);
    app = app_new(NULL, &(struct app_options){.screen = "log"});
    assert_true(shows("morphsmith init"));
    assert_int_equal(app_wait_ms(app), -1);
    play("1 Tab / x Enter n e C-c Down t ? Esc : q u Esc");
    assert_true(shows("morphsmith init"));
    assert_false(app_tick(app));
    play("q");
    assert_true(app_ended(app));
}

/* Every screen and dialog at every size: nothing crashes, and the frame is full where there is room. */
static void test_sweep(void **state)
{
    static const char *const keys[] = {"1", "2", "3", "?", "Esc : r", "Esc 1 S", "Esc a", "Esc p x", "Esc Enter"};
    (void)state;
    play("2 j 1");
    for (size_t i = 0; i < ARRAY_N(keys); i++) {
        play(keys[i]);
        for (int columns = 0; columns <= 300; columns += 1 + columns / 6) {
            for (int rows = 0; rows <= 120; rows += 1 + rows / 5) {
                struct grid *g = grid_new(columns, rows, (enum symbols)((columns + rows) % 3));
                app_draw(app, g);
                play("Up Down");
                grid_free(g);
            }
        }
    }
    char *text = screen_text(12, 3);
    assert_non_null(strstr(text, "This window"));
    free(text);
    play("Esc Esc 2");
    text = screen_text(40, 10); /* reduced, but usable */
    assert_non_null(strstr(text, "[2 Plain]"));
    assert_non_null(strstr(text, "........"));
    free(text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_moving_between_screens),
        TEST(test_screen_is_kept),
        TEST(test_screens_load_when_looked_at),
        TEST(test_keys_follow_their_table),
        TEST(test_read_only_writes_nothing),
        TEST(test_key_bar_dims_what_does_not_work),
        TEST(test_line_dialog),
        TEST(test_dialogs_open_dialogs_and_hide_secrets),
        TEST(test_nothing_is_signed_but_by_its_word),
        TEST(test_nothing_is_signed_unseen),
        TEST(test_help_lists_every_key),
        TEST(test_explain_and_long_texts),
        TEST(test_palette),
        TEST(test_search),
        TEST(test_job_shows_progress_and_is_cancelled),
        TEST(test_leaving_asks_while_jobs_run),
        TEST(test_leaving_asks_nothing_at_rest),
        TEST(test_failed_job_says_why),
        TEST(test_what_is_unlocked_locks_again),
        TEST(test_job_gets_workspace_and_json),
        TEST(test_done_does_not_cover_the_answer_to_a_later_key),
        TEST(test_log_screen),
        TEST(test_mouse),
        TEST(test_goldens),
        TEST(test_without_a_workspace),
        TEST(test_sweep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
