/* The jobs of the app: started, listened to, announced when they end. */
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "store/workspace.h"
#include "ui/app_internal.h"

#include <math.h>

enum { EVENTS_A_TICK = 256 }; /* so that a chatty job cannot hold up the keys */
static const double ANSWER_SECONDS = 4; /* that an answer stays for at the least */

struct job *app_job(struct app *app, const char *const *arguments, const char *secret)
{
    size_t n = 0;
    struct error err = {0};
    while (arguments[n] != NULL)
        n++;
    const char **all = NEW_ARRAY(const char *, n + 5);
    memcpy(all, arguments, n * sizeof *all);
    if (app->workspace != NULL) {
        all[n++] = "-w";
        all[n++] = workspace_folder(app->workspace);
    }
    all[n++] = "--json";
    all[n] = "--job";
    struct job *job = job_start(all, secret, &err);
    free(all);
    if (job == NULL) {
        app_error(app, &err);
        return NULL;
    }
    app->job = memory_grow(app->job, &app->jobs_capacity, app->jobs + 1, sizeof *app->job);
    struct app_job *entry = NEW(struct app_job);
    *entry = (struct app_job){.job = job, .progress = NAN, .eta = NAN, .input = app->inputs};
    app->job[app->jobs++] = entry;
    app->running++;
    return job;
}

bool app_job_busy(const struct app *app)
{
    size_t lasting = 0;
    for (size_t i = 0; i < app->jobs; i++)
        lasting += app->job[i]->lasting && !app->job[i]->ended;
    return app->running > lasting;
}

void app_job_lasting(struct app *app, const struct job *job)
{
    for (size_t i = 0; i < app->jobs; i++)
        app->job[i]->lasting |= app->job[i]->job == job;
}

int app_jobs(const struct app *app, struct job **out, int most)
{
    int n = 0;
    for (int ended = 0; ended < 2; ended++)
        for (size_t i = app->jobs; i-- > 0 && n < most;)
            if (app->job[i]->ended == (ended == 1))
                out[n++] = app->job[i]->job;
    return n;
}

const struct app_job *app_job_newest(const struct app *app)
{
    const struct app_job *lasting = NULL;
    for (size_t i = app->jobs; i-- > 0;) {
        if (app->job[i]->ended)
            continue;
        if (!app->job[i]->lasting)
            return app->job[i];
        lasting = lasting != NULL ? lasting : app->job[i];
    }
    return lasting;
}

bool app_job_cancel(struct app *app)
{
    const struct app_job *newest = app_job_newest(app);
    if (newest == NULL)
        return false;
    job_cancel(newest->job);
    app_message(app, STYLE_WARN, "%s: cancelling", job_title(newest->job));
    return true;
}

static void tell_screens(struct app *app, struct app_job *j, json_t *event)
{
    for (int i = 0; i < app->screens; i++)
        if (app->screen[i].screen->event != NULL)
            app->screen[i].screen->event(app->screen[i].self, app, j->job, event);
}

static void note_event(struct app_job *j, const json_t *event)
{
    const json_t *progress = json_object_get(event, "progress"), *eta = json_object_get(event, "eta_seconds");
    const json_t *text = json_object_get(event, "text"), *error = json_object_get(event, "error");
    if (json_is_number(progress))
        j->progress = json_number_value(progress);
    if (json_is_number(eta))
        j->eta = json_number_value(eta);
    if (json_is_string(text))
        text_copy(j->text, sizeof j->text, json_string_value(text));
    if (json_is_object(error)) {
        const json_t *said = json_object_get(error, "text");
        error = said != NULL ? said : json_object_get(error, "reason");
    }
    if (json_is_string(error))
        text_copy(j->error, sizeof j->error, json_string_value(error));
}

/* Without the words behind the first that is an id or as long: the line is for the reason. */
static int title_shown(const char *title)
{
    size_t n = 0;
    while (title[n] != '\0') {
        size_t word = strcspn(title + n + 1, " ") + 1;
        if (word > 24)
            break;
        n += word;
    }
    return (int)n;
}

/* As commands say it, without their name in front. */
static const char *without_name(const char *message)
{
    static const char name[] = "morphsmith: ";
    return text_starts(message, name) ? message + sizeof name - 1 : message;
}

/* Whether the line holds the answer to what was pressed after the job was started, too new to have been read: a plain
 * "done" does not cover that. */
static bool answer_stands(const struct app *app, const struct app_job *j)
{
    return app->message[0] != '\0' && app->answered > j->input && clock_seconds() - app->answered_time < ANSWER_SECONDS;
}

static void announce_end(struct app *app, struct app_job *j, enum job_state state)
{
    static const char *const names[] = {"running", "done", "failed", "cancelled"};
    const char *why = j->error[0] != '\0' ? j->error : without_name(job_message(j->job)), *title = job_title(j->job);
    j->ended = true;
    app->running--;
    app_unlock_ended(app, j, state == JOB_DONE, why);
    log_write(state == JOB_FAILED ? LOG_WARNING : LOG_INFO, "%s: %s (status %d) after %.1f s", title, names[state],
              job_exit_status(j->job), job_seconds(j->job));
    if (state == JOB_FAILED)
        app_message(app, STYLE_BAD, "%.*s failed: %s", title_shown(title), title,
                    why[0] != '\0' ? why : "it said nothing; see the log");
    else if (state != JOB_DONE || !answer_stands(app, j))
        app_message(app, state == JOB_DONE ? STYLE_GOOD : STYLE_WARN, "%s: %s", title, names[state]);
    json_t *event = json_pack("{s:s, s:s, s:i, s:s?}", "event", "ended", "state", names[state], "status",
                              job_exit_status(j->job), "message", why);
    if (event == NULL) /* the message was not UTF-8 */
        event = json_pack("{s:s, s:s, s:i, s:s}", "event", "ended", "state", names[state], "status",
                          job_exit_status(j->job), "message", "");
    tell_screens(app, j, event);
    json_decref(event);
}

static bool job_tick(struct app *app, struct app_job *j)
{
    enum job_state state = job_state(j->job); /* before reading: what it wrote before its end is then all there */
    bool changed = false;
    json_t *event;
    for (int i = 0; (i < EVENTS_A_TICK || state != JOB_RUNNING) && (event = job_read(j->job)) != NULL; i++) {
        note_event(j, event);
        tell_screens(app, j, event);
        json_decref(event);
        changed = true;
    }
    if (state == JOB_RUNNING)
        return changed;
    announce_end(app, j, state);
    return true;
}

bool app_job_tick(struct app *app)
{
    bool changed = false;
    for (size_t i = 0; i < app->jobs && app->running > 0; i++)
        if (!app->job[i]->ended)
            changed |= job_tick(app, app->job[i]);
    return changed;
}

void app_job_free(struct app *app)
{
    for (size_t i = 0; i < app->jobs; i++)
        job_cancel(app->job[i]->job); /* all at once, so that waiting for one is waiting for all */
    for (size_t i = 0; i < app->jobs; i++) {
        app_unlock_ended(app, app->job[i], false, "");
        job_free(app->job[i]->job);
        free(app->job[i]);
    }
    free(app->job);
}
