/* Measuring from the Graph screen: a job of the program's own `arch show --measure`, and what it found. */
#include "ui/screen/graph.h"

#include "base/text.h"
#include "store/measures.h"
#include "ui/screen/aid.h"

#include <math.h>

bool graph_measure_load(struct graph_screen *s, struct app *app)
{
    bool same = hash_equal(s->measured_of, s->hand.row.id);
    char *text = s->hand.arch != NULL ? measures_get(app_workspace(app), s->hand.row.id) : NULL;
    json_t *found = text != NULL ? json_loads(text, 0, NULL) : NULL;
    free(text);
    if (found == NULL && same && s->measured != NULL)
        return false; /* measured under --read-only: kept here alone */
    if (same && json_equal(found, s->measured)) {
        json_decref(found);
        return false;
    }
    bool other = found != NULL || s->measured != NULL;
    json_decref(s->measured);
    s->measured = found;
    s->measured_of = s->hand.row.id;
    return other;
}

/* The result has the figures at its nodes; here they stand together, as they are stored. */
static json_t *from_result(const json_t *result)
{
    json_t *measured = json_deep_copy(json_object_get(result, "measured")), *nodes = json_object();
    const json_t *node;
    size_t i;
    json_array_foreach(json_object_get(result, "graph"), i, node)
        json_object_set(nodes, aid_text(node, "name"), json_object_get(node, "measured"));
    json_object_set_new(measured, "nodes", nodes);
    return measured;
}

bool graph_measure_event(struct graph_screen *s, struct job *job, json_t *event)
{
    if (s->measuring == NULL || job != s->measuring)
        return false;
    if (text_equal(aid_text(event, "event"), "measure"))
        s->progress = json_number_value(json_object_get(event, "progress"));
    if (text_equal(aid_text(event, "event"), "ended"))
        s->measuring = NULL;
    if (!json_is_object(json_object_get(event, "measured")) || !hash_equal(s->measuring_of, s->hand.row.id))
        return false;
    json_decref(s->measured);
    s->measured = from_result(event);
    s->measured_of = s->measuring_of;
    return true;
}

bool graph_measure_can(void *self, struct app *app, char *why, size_t size)
{
    struct graph_screen *s = self;
    (void)app;
    text_copy(why, size, s->hand.task ? "there is no architecture yet: c makes one" : "there is no task yet: set one on Data");
    if (s->hand.arch == NULL)
        return false;
    text_copy(why, size, "it is being measured");
    if (s->measuring != NULL)
        return false;
    text_copy(why, size, "a suggestion is shown: s goes back to the architecture at hand, which can be measured");
    return s->ghost == NULL;
}

void graph_measure_start(void *self, struct app *app)
{
    struct graph_screen *s = self;
    char id[13], batch[16], threads[16];
    hash_short(s->hand.row.id, id);
    snprintf(batch, sizeof batch, "%d", s->batch);
    snprintf(threads, sizeof threads, "%d", app_threads(app));
    s->measuring = app_job(app, (const char *[]){"arch", "show", id, "--measure", "--batch", batch, "--threads",
                                                 threads, app_read_only(app) ? "--read-only" : NULL, NULL}, NULL);
    s->measuring_of = s->hand.row.id;
    s->progress = (double)NAN;
}

static void batch_given(void *self, struct app *app, const char *text)
{
    struct graph_screen *s = self;
    int64_t batch;
    if (!text_parse_int(text, 1, RECIPE_BATCH_MAX, &batch)) {
        app_message(app, STYLE_BAD, "a batch is a whole number from 1 to %d", RECIPE_BATCH_MAX);
        return;
    }
    s->batch = (int)batch;
    graph_picture_make(s, app, "");
}

void graph_measure_batch(void *self, struct app *app)
{
    struct graph_screen *s = self;
    char preset[16];
    snprintf(preset, sizeof preset, "%d", s->batch);
    app_ask(app, "Samples a step, for memory and for measuring", preset, false, batch_given, s);
}

void graph_measure_kind(void *self, struct app *app)
{
    struct graph_screen *s = self;
    s->kind = ((int)graph_kind_now(s) + 1) % GRAPH_KINDS;
    bool unknown = graph_kind_measured((enum graph_kind)s->kind) && !s->picture.cost.measured;
    app_message(app, STYLE_TEXT, "cost: %s%s", graph_kind_name[s->kind], unknown ? " (m measures it)" : "");
}
