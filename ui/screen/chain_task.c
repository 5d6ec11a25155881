/* A task of the chain in full: read on a thread, shown as a text. */
#include "action/chain.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_act.h"

struct showing {
    char folder[FILE_PATH_MAX], id[HASH_HEX];
    bool read_only; /* else the baseline that is found is kept */
    json_t *found;
    struct error err;
};

static void read_task(void *context)
{
    struct showing *r = context;
    struct workspace *w = workspace_open(r->folder, r->read_only, &r->err);
    if (w == NULL)
        return;
    r->found = action_chain_show(w, r->id, &r->err);
    workspace_close(w);
}

static json_int_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static void put_problems(struct text *t, const json_t *o)
{
    size_t i;
    const json_t *one;
    json_array_foreach(json_object_get(o, "problems"), i, one)
        text_printf(t, "%s! %s\n", i == 0 ? "\nWhat is amiss\n" : "", json_string_value(one));
}

static void put_object(struct text *t, const char *title, const char *content)
{
    if (content[0] != '\0')
        text_printf(t, "\n%s\n%s", title, content);
}

static void put_holdouts(struct text *t, const json_t *task)
{
    size_t i;
    const json_t *h, *list = json_object_get(task, "holdouts");
    text_put(t, "\nThe sealed hold-out\n");
    if (json_array_size(list) == 0)
        text_put(t, "nothing was told of it on this chain\n");
    json_array_foreach(list, i, h)
    {
        text_printf(t, "opened, says %s in block %lld: %lld of %lld right\n", aid_text(h, "who"), number_at(h, "height"),
                    number_at(h, "correct"), number_at(h, "total"));
        put_object(t, "its evidence (the first lines are what was signed; the rest is the signer's word)", aid_text(h, "evidence"));
        put_problems(t, h);
    }
}

static char *task_text(const json_t *task)
{
    struct text t = {0};
    size_t i;
    const json_t *one, *baseline = json_object_get(task, "baseline");
    text_printf(&t, "task        %s\nowner       %s\ndata set    %s\nnumeric     %s\npool        %lld, of which %lld are left\n",
                aid_text(task, "task"), aid_text(task, "owner"), aid_text(task, "dataset"), aid_text(task, "numeric"),
                number_at(task, "pool"), number_at(task, "pool_left"));
    text_printf(&t, "baseline    %.4f %%, says the task", (double)number_at(baseline, "stated_ppm") / 1e4);
    if (json_object_get(baseline, "data_ppm") != NULL)
        text_printf(&t, "; %.4f %% in its data", (double)number_at(baseline, "data_ppm") / 1e4);
    text_printf(&t, "\napprovals   %lld of\n", number_at(task, "approvals"));
    json_array_foreach(json_object_get(task, "reviewers"), i, one)
        text_printf(&t, "            %s\n", json_string_value(one));
    put_problems(&t, task);
    put_holdouts(&t, task);
    put_object(&t, "What is predicted, from what", aid_text(task, "text"));
    put_object(&t, "How it is trained", aid_text(task, "recipe"));
    char *out = memory_text(text_of(&t));
    text_free(&t);
    return out;
}

static void shown(void *context, struct app *app)
{
    struct showing *r = context;
    if (app != NULL && r->found != NULL) {
        char *text = task_text(r->found);
        app_show_text(app, "Task", text);
        free(text);
    } else if (app != NULL) {
        app_error(app, &r->err);
    }
    json_decref(r->found);
    free(r);
}

void chain_show_task_in_full(struct app *app, const char *id)
{
    struct showing *r = NEW(struct showing);
    text_copy(r->folder, sizeof r->folder, workspace_folder(app_workspace(app)));
    text_copy(r->id, sizeof r->id, id);
    r->read_only = app_read_only(app);
    app_task(app, read_task, shown, r);
}
