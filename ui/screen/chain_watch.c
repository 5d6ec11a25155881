/* The job that the Chain screen watches: what it does, how far it is, how long it still takes. */
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_state.h"
#include "ui/screen/figure.h"

#include <math.h>

void chain_watch_begin(struct chain_screen *s, struct job *job, const char *what)
{
    if (job == NULL)
        return;
    s->watch = (struct chain_watch){.job = job, .progress = (double)NAN, .eta = (double)NAN};
    text_copy(s->watch.what, sizeof s->watch.what, what);
}

static double number_of(const json_t *event, const char *key, double otherwise)
{
    const json_t *v = json_object_get(event, key);
    return json_is_number(v) ? json_number_value(v) : otherwise;
}

void chain_watch_event(struct chain_screen *s, struct job *job, const json_t *event)
{
    struct chain_watch *w = &s->watch;
    if (w->job == NULL || job != w->job)
        return;
    if (text_equal(aid_text(event, "event"), "ended")) {
        *w = (struct chain_watch){.job = NULL};
        return;
    }
    w->progress = number_of(event, "progress", w->progress);
    w->eta = number_of(event, "eta_seconds", w->eta);
    if (json_is_string(json_object_get(event, "text")))
        text_copy(w->text, sizeof w->text, aid_text(event, "text"));
}

/* What the job says, or what follows from how far it has come. */
static double seconds_left(const struct chain_watch *w)
{
    if (isfinite(w->eta))
        return w->eta;
    return w->progress > 0.01 ? job_seconds(w->job) * (1 - w->progress) / w->progress : (double)NAN;
}

bool chain_watch_say(const struct chain_screen *s, char *out, size_t size, double *progress)
{
    const struct chain_watch *w = &s->watch;
    char left[64] = "";
    if (w->job == NULL)
        return false;
    if (seconds_left(w) >= 1) {
        text_copy(left, sizeof left, ", ");
        figure_span(seconds_left(w), left + 2, sizeof left - 2);
        text_append(left, sizeof left, " left");
    }
    snprintf(out, size, "%s%s%s%s; X stops it", w->what, w->text[0] != '\0' ? ": " : " ...", w->text, left);
    *progress = w->progress;
    return true;
}
