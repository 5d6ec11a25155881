/* The workbench without its terminal: screens, dialogs, jobs, messages. ui/present drives it in a terminal, `view` and
 * the tests drive it with a grid and key names. Single-threaded; nothing here blocks.
 *
 * Order of calls: app_new; then, as often as needed, app_input or app_play, app_tick, app_draw; app_free. The workspace
 * is borrowed and may be NULL: then there is only a page that says how to begin. */
#ifndef UI_APP_H
#define UI_APP_H

#include "base/error.h"
#include "ui/cell/grid.h"
#include "ui/input.h"
#include "ui/screen/screen.h"
#include "work/job.h"

#include <poll.h>

struct workspace; /* store/workspace.h */

struct app_options {
    bool read_only;
    const char *screen; /* the first one shown; NULL: as left last time */
    int threads;
};

struct app *app_new(struct workspace *w, const struct app_options *options);
void app_free(struct app *app); /* cancels jobs */
struct workspace *app_workspace(struct app *app);
bool app_read_only(const struct app *app);
int app_threads(const struct app *app); /* for the jobs that screens start */

void app_input(struct app *app, const struct input_event *event);
/* Presses keys given by name, with spaces between: "3 Down Enter : l o g Enter". */
bool app_play(struct app *app, const char *keys, struct error *err);
void app_draw(struct app *app, struct grid *g);
bool app_ended(const struct app *app);
bool app_show(struct app *app, const char *screen);
/* The folder of the workspace that was made or chosen on the page without one, where that ended the app; else NULL. */
const char *app_chosen(const struct app *app);

/* Waiting: descriptors to poll besides the terminal's, and what to do when one is ready. Returns how many. app_tick
 * looks for changes of the workspace (SQLite's data_version) and dead jobs; true if something must be redrawn. Call it
 * after poll and at least every app_wait_ms() (-1 at rest: no job runs and nothing else can change without a key, save
 * data_version, looked at every second). */
int app_poll(struct app *app, struct pollfd *out, int most);
bool app_tick(struct app *app);
int app_wait_ms(const struct app *app);

/* For screens. Messages stand in the last row until the next key. */
void app_message(struct app *app, enum style style, const char *format, ...) __attribute__((format(printf, 3, 4)));
void app_error(struct app *app, const struct error *err);

/* What `/` was last asked to find; "" if nothing. After a new pattern the screen gets the key `n`. */
const char *app_search(const struct app *app);
/* The next row from `from` on in direction `step` (1 or -1, going round) that holds the pattern, or -1 with a message.
 * `text` writes what can be searched in a row. */
int app_search_row(struct app *app, int rows, int from, int step, void *self,
                   void (*text)(void *self, int row, char *out, size_t size));

/* A guide stands over the app: it has the last `rows` rows, sees every key first, and is asked at every tick. NULL:
 * none. */
struct app_guide {
    int rows;
    void (*draw)(void *self, struct app *app, struct grid *g, struct box b);
    bool (*input)(void *self, struct app *app, const struct input_event *event); /* true: used */
    bool (*tick)(void *self, struct app *app);                                   /* true: something changed */
    void *self;
};
void app_guide(struct app *app, const struct app_guide *guide);
/* A key that no guide sees: what the app, or a guide, presses itself. */
void app_press(struct app *app, int key);

/* Starts a job of this program's own command: arguments NULL-terminated. `-w WORKSPACE --json` is added. NULL and a
 * message on failure. Owned by the app and valid until app_free. Its events reach every screen's `event`; behind the
 * last comes {"event": "ended", "state": "done" | "failed" | "cancelled", "status": N, "message": TEXT}. */
struct job *app_job(struct app *app, const char *const *arguments, const char *secret);
int app_jobs(const struct app *app, struct job **out, int most); /* running first, the newest of each first */

/* A job that has no end of its own: it is not waited for, and C-c cancels it last. */
void app_job_lasting(struct app *app, const struct job *job);
/* Whether a job runs, or has ended and the screens were not told yet (what they begin behind it is still to come). */
bool app_job_busy(const struct app *app);

/* Work on a thread of its own, for what takes longer than a frame and needs no process: `run` touches nothing but its
 * context (which it owns until it returns); then `done` is called from app_tick, or from app_free with app NULL, and
 * frees the context. app_settle waits for all that run (for `view` and the tests). */
void app_task(struct app *app, void (*run)(void *context), void (*done)(void *context, struct app *app), void *context);
void app_settle(struct app *app);

/* Passphrases that were typed lately (ui/unlock.h), by the identity's name. app_unlock_by keeps one, in locked memory,
 * from the moment that the job to which it was handed ends well; one that the job found wrong is forgotten. */
void app_unlock_by(struct app *app, struct job *job, const char *identity, const char *passphrase);
const char *app_passphrase(struct app *app, const char *identity); /* borrowed, for app_job; NULL: ask for it */
void app_lock(struct app *app); /* forgets them all, at once */
int app_unlock_minutes(const struct app *app);
void app_unlock_minutes_set(struct app *app, int minutes); /* kept in the workspace; 0: ask every time */
/* For tests: another clock, in seconds. */
void app_unlock_clock(struct app *app, double (*now)(void *context), void *context);

/* Dialogs; `done` is called with the text, or not at all when cancelled by Esc. They may be opened from within `done`.
 * Texts are copied. */
typedef void app_answer(void *self, struct app *app, const char *text);
void app_ask(struct app *app, const char *title, const char *preset, bool secret, app_answer *done, void *self);
void app_ask_choice(struct app *app, const char *title, const char *const *choices, int n, int preset, app_answer *done,
                    void *self);
/* Shows `body` in full (scrolling) and asks for `word` to be typed, which counts once the end was shown; Enter alone does
 * nothing, Esc leaves. */
void app_ask_word(struct app *app, const char *title, const char *body, const char *word, app_answer *done, void *self);
const char *app_asked_word(const struct app *app); /* the word the topmost dialog asks for, or NULL */
bool app_asks_secret(const struct app *app);         /* is the topmost dialog one for a passphrase? */
void app_show_text(struct app *app, const char *title, const char *body); /* help, explanations, long errors */

#endif
