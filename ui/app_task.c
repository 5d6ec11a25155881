/* Work of the app on threads of its own: started, waited for, handed back. */
#include "ui/app_internal.h"

#include <fcntl.h>
#include <unistd.h>

static void *run_task(void *argument)
{
    struct app_task *t = argument;
    t->run(t->context);
    t->ended = true;
    ssize_t n = write(t->wake, "", 1); /* a full pipe wakes as well */
    (void)n;
    return NULL;
}

static bool open_pipe(struct app *app)
{
    if (app->wake[0] >= 0)
        return true;
    if (pipe(app->wake) != 0)
        return false;
    for (int i = 0; i < 2; i++) {
        fcntl(app->wake[i], F_SETFD, FD_CLOEXEC);
        fcntl(app->wake[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

void app_task(struct app *app, void (*run)(void *context), void (*done)(void *context, struct app *app), void *context)
{
    struct app_task *t = NEW(struct app_task);
    *t = (struct app_task){.run = run, .done = done, .context = context};
    bool started = open_pipe(app);
    t->wake = app->wake[1];
    if (started && pthread_create(&t->thread, NULL, run_task, t) == 0) {
        t->next = app->task;
        app->task = t;
        return;
    }
    free(t); /* no thread to be had: then here */
    run(context);
    done(context, app);
}

/* Takes one that has ended out of the list, or any where `wait`. */
static struct app_task *take(struct app *app, bool wait)
{
    for (struct app_task **at = &app->task; *at != NULL; at = &(*at)->next) {
        struct app_task *t = *at;
        if (!wait && !t->ended)
            continue;
        *at = t->next;
        pthread_join(t->thread, NULL);
        return t;
    }
    return NULL;
}

static bool finish(struct app *app, bool wait, struct app *told)
{
    bool any = false;
    for (struct app_task *t; (t = take(app, wait)) != NULL; any = true) {
        t->done(t->context, told);
        free(t);
    }
    return any;
}

bool app_task_tick(struct app *app)
{
    char bytes[64];
    if (app->task == NULL)
        return false;
    while (read(app->wake[0], bytes, sizeof bytes) > 0)
        ;
    return finish(app, false, app);
}

void app_settle(struct app *app)
{
    while (app->task != NULL)
        finish(app, true, app);
}

void app_task_free(struct app *app)
{
    finish(app, true, NULL);
    for (int i = 0; i < 2; i++)
        if (app->wake[i] >= 0)
            close(app->wake[i]);
}
