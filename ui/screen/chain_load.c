/* Reading for the Chain screen: on a thread of its own, with a connection of its own, whenever the files of the chain, its
 * pool, its receipts or the identities have changed. */
#include "action/chain.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/aid.h"
#include "ui/screen/chain_state.h"

#include <sys/stat.h>

/* --- has anything changed? ------------------------------------------------------------------------------------------- */

static void look_at(const char *path, char *out, size_t size)
{
    struct stat st;
    char one[64] = "- ";
    if (stat(path, &st) == 0)
        snprintf(one, sizeof one, "%lld.%lld.%ld ", (long long)st.st_size, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    text_append(out, size, one);
}

static void look(struct app *app, char *out, size_t size)
{
    static const char *const names[] = {"chain/blocks.msc", "chain/pool", "chain/objects", "receipts"};
    char path[FILE_PATH_MAX];
    out[0] = '\0';
    for (size_t i = 0; i < ARRAY_N(names); i++) {
        workspace_path(app_workspace(app), names[i], path, sizeof path);
        look_at(path, out, size);
    }
    if (action_key_folder(path, sizeof path, NULL))
        look_at(path, out, size);
}

/* --- reading --------------------------------------------------------------------------------------------------------- */

struct reading {
    struct chain_screen *s;
    char folder[FILE_PATH_MAX], opened[HASH_HEX];
    int64_t newest;   /* block; -1: the head */
    bool blocks_only; /* all else stays as it is */
    bool read_only;   /* else what was worked out while opening is saved, so that a long chain opens at once next time */
    struct chain_read read;
};

void chain_read_free(struct chain_read *r)
{
    json_decref(r->status);
    json_decref(r->identities);
    json_decref(r->receipts);
    json_decref(r->blocks);
    json_decref(r->shown);
    json_decref(r->people);
    json_decref(r->by_address);
    json_decref(r->votes);
    json_decref(r->disputes);
    json_decref(r->market);
    json_decref(r->jobs);
    json_decref(r->tournament);
    json_decref(r->forks);
    *r = (struct chain_read){.status = NULL};
}

/* Newest first, a page of them from `newest` down. */
static json_t *read_blocks(struct workspace *w, int64_t newest)
{
    int64_t from = newest - CHAIN_BLOCK_PAGE + 1;
    json_t *log = action_chain_log_part(w, from > 0 ? (uint64_t)from : 0, (uint64_t)newest, NULL);
    json_t *list = json_object_get(log, "blocks"), *out = json_array();
    for (size_t i = json_array_size(list); i-- > 0;)
        json_array_append(out, json_array_get(list, i));
    json_decref(log);
    return out;
}

static void read_page(void *context)
{
    struct reading *r = context;
    struct workspace *w = workspace_open(r->folder, r->read_only, NULL);
    if (w == NULL)
        return;
    r->read.blocks_from = r->newest;
    r->read.blocks = read_blocks(w, r->newest);
    workspace_close(w);
}

static void read_all(void *context)
{
    struct reading *r = context;
    struct error err = {0};
    r->read.identities = action_key_list(NULL);
    struct workspace *w = workspace_open(r->folder, r->read_only, &err);
    if (w != NULL) {
        r->read.status = action_chain_status(w, &err);
        r->read.receipts = chain_receipts_read(w);
    }
    text_copy(r->read.problem, sizeof r->read.problem, err.text);
    if (r->read.status != NULL) {
        struct error unshown = {0};
        int64_t height = json_integer_value(json_object_get(r->read.status, "height"));
        r->read.blocks_from = r->newest >= 0 && r->newest < height ? r->newest : height;
        r->read.blocks = read_blocks(w, r->read.blocks_from);
        if (r->opened[0] != '\0')
            r->read.shown = action_chain_show(w, r->opened, &unshown);
        text_copy(r->read.unshown, sizeof r->read.unshown, unshown.text);
    }
    if (w != NULL)
        workspace_close(w);
    chain_index_people(&r->read);
}

/* --- keeping the place ------------------------------------------------------------------------------------------------ */

/* What the cursor of each list is on stays under it. Blocks are counted from the newest: there it is the height. */
void chain_take(struct chain_screen *s, struct chain_read *r)
{
    struct chain_read old = s->read;
    for (int v = 0; v < CHAIN_VIEWS; v++) {
        const char *id_of_row = chain_list_of((enum chain_view)v)->id;
        const json_t *was = chain_row(s, (enum chain_view)v, s->table[v].cursor);
        char *id = memory_text(aid_text(was, id_of_row));
        int64_t height = json_integer_value(json_object_get(was, "height"));
        s->read = *r;
        int rows = chain_rows(s, (enum chain_view)v);
        if (v == CHAIN_BLOCKS && was != NULL && s->table[v].cursor > 0)
            s->table[v].cursor = (int)(r->blocks_from - height);
        for (int i = 0; i < rows && id[0] != '\0'; i++)
            if (text_equal(aid_text(chain_row(s, (enum chain_view)v, i), id_of_row), id)) {
                s->table[v].cursor = i;
                break;
            }
        table_move(&s->table[v], rows, 0);
        free(id);
        s->read = old;
    }
    chain_read_free(&s->read);
    s->read = *r;
    *r = (struct chain_read){.status = NULL};
}

static void begin(struct chain_screen *s, struct app *app);
static void begin_many(struct chain_screen *s, struct app *app);

static void take_page(struct chain_screen *s, struct chain_read *r)
{
    if (r->blocks == NULL)
        return;
    json_decref(s->read.blocks);
    s->read.blocks = r->blocks;
    s->read.blocks_from = r->blocks_from;
    r->blocks = NULL;
}

/* --- what only several people need: behind the rest, which is shown meanwhile ------------------------------------------- */

static void read_many(void *context)
{
    struct reading *r = context;
    struct workspace *w = workspace_open(r->folder, true, NULL);
    if (w == NULL)
        return;
    chain_many_read(&r->read, w);
    workspace_close(w);
}

static void many_read(void *context, struct app *app)
{
    struct reading *r = context;
    if (app != NULL) {
        struct chain_screen *s = r->s;
        s->reading_many = false;
        json_decref(r->read.status); /* it was borrowed from what is shown, and may be an older one */
        r->read.status = NULL;
        chain_many_take(s, &r->read);
        if (s->many_again)
            begin_many(s, app);
    }
    chain_read_free(&r->read);
    free(r);
}

static void begin_many(struct chain_screen *s, struct app *app)
{
    s->many_again = s->reading_many;
    if (s->reading_many || s->read.status == NULL)
        return;
    struct reading *r = NEW(struct reading);
    r->s = s;
    text_copy(r->folder, sizeof r->folder, workspace_folder(app_workspace(app)));
    r->read.status = json_incref(s->read.status);
    s->reading_many = true;
    app_task(app, read_many, many_read, r);
}

static void all_read(void *context, struct app *app)
{
    struct reading *r = context;
    if (app != NULL) {
        struct chain_screen *s = r->s;
        s->reading = false;
        s->begun = true;
        if (!r->blocks_only) {
            chain_many_carry(&r->read, &s->read);
            chain_take(s, &r->read);
            begin_many(s, app);
        } else {
            take_page(s, &r->read);
        }
        chain_want(s, app);
        if (s->again)
            begin(s, app);
    }
    chain_read_free(&r->read);
    free(r);
}

static void begin(struct chain_screen *s, struct app *app)
{
    struct reading *r = NEW(struct reading);
    look(app, s->seen, sizeof s->seen); /* before: what changes meanwhile is seen later */
    r->s = s;
    text_copy(r->folder, sizeof r->folder, workspace_folder(app_workspace(app)));
    r->newest = s->want_block;
    r->read_only = app_read_only(app);
    text_copy(r->opened, sizeof r->opened, s->opened);
    s->reading = true;
    s->again = false;
    app_task(app, read_all, all_read, r);
}

void chain_load(struct chain_screen *s, struct app *app, bool force)
{
    char now[sizeof s->seen];
    look(app, now, sizeof now);
    if (!force && s->seen[0] != '\0' && text_equal(now, s->seen))
        return;
    if (s->reading)
        s->again = true;
    else
        begin(s, app);
}

void chain_want(struct chain_screen *s, struct app *app)
{
    int64_t head = json_integer_value(json_object_get(s->read.status, "height")), at = head - s->table[CHAIN_BLOCKS].cursor;
    int64_t oldest = s->read.blocks_from - (int64_t)json_array_size(s->read.blocks) + 1;
    int64_t margin = CHAIN_BLOCK_PAGE / 4; /* what stands above and below the cursor */
    bool above = at + margin > s->read.blocks_from && s->read.blocks_from < head, below = at - margin < oldest && oldest > 0;
    if (s->view != CHAIN_BLOCKS || s->reading || (!above && !below))
        return;
    s->want_block = at + CHAIN_BLOCK_PAGE / 2 >= head ? -1 : at + CHAIN_BLOCK_PAGE / 2;
    struct reading *r = NEW(struct reading);
    *r = (struct reading){.s = s, .newest = s->want_block >= 0 ? s->want_block : head, .blocks_only = true,
                          .read_only = app_read_only(app)};
    text_copy(r->folder, sizeof r->folder, workspace_folder(app_workspace(app)));
    s->reading = true;
    app_task(app, read_page, all_read, r);
}

bool chain_stale(struct chain_screen *s, struct app *app)
{
    char now[sizeof s->seen];
    look(app, now, sizeof now);
    if (text_equal(now, s->seen))
        return false;
    chain_load(s, app, true);
    return true;
}
