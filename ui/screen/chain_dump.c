/* The chain as a file of JSON values, one a block, as `chain dump --json` prints it: written on a thread, under another name
 * until it is whole. */
#include "action/chain.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/screen/chain_act.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct dumping {
    char folder[FILE_PATH_MAX], path[FILE_PATH_MAX], part[FILE_PATH_MAX + 8];
    FILE *out;
    long long blocks;
    bool ok;
    struct error err;
};

static bool put_block(void *context, json_t *block)
{
    struct dumping *d = context;
    char *line = json_dumps(block, JSON_COMPACT | JSON_PRESERVE_ORDER);
    bool ok = line != NULL && fputs(line, d->out) >= 0 && fputc('\n', d->out) != EOF;
    free(line);
    d->blocks++;
    return ok || error_set_errno(&d->err, ERROR_IO, "cannot write %s", d->part);
}

static void dump(void *context)
{
    struct dumping *d = context;
    struct workspace *w = workspace_open(d->folder, true, &d->err);
    d->out = w != NULL ? fopen(d->part, "wx") : NULL;
    if (w != NULL && d->out == NULL)
        error_set_errno(&d->err, ERROR_IO, "cannot make %s", d->part);
    d->ok = d->out != NULL && action_chain_dump(w, 0, UINT64_MAX, put_block, d, &d->err) && d->err.kind == ERROR_NONE;
    if (d->out != NULL) {
        bool whole = fflush(d->out) == 0 && fsync(fileno(d->out)) == 0;
        whole = fclose(d->out) == 0 && whole;
        if (d->ok && (!whole || link(d->part, d->path) != 0)) /* never over a file that is there */
            d->ok = error_set_errno(&d->err, ERROR_IO, "cannot write %s", d->path);
        unlink(d->part);
    }
    if (w != NULL)
        workspace_close(w);
}

static void dumped(void *context, struct app *app)
{
    struct dumping *d = context;
    if (app != NULL && d->ok)
        app_message(app, STYLE_GOOD, "%lld block%s in %s", d->blocks, d->blocks == 1 ? " is" : "s are", d->path);
    else if (app != NULL)
        app_error(app, &d->err);
    free(d);
}

static void file_given(void *self, struct app *app, const char *text)
{
    (void)self;
    if (text[0] == '\0')
        return;
    struct dumping *d = NEW(struct dumping);
    text_copy(d->folder, sizeof d->folder, workspace_folder(app_workspace(app)));
    text_copy(d->path, sizeof d->path, text);
    snprintf(d->part, sizeof d->part, "%s.part", d->path);
    app_message(app, STYLE_DIM, "writing %s ...", d->path);
    app_task(app, dump, dumped, d);
}

void chain_dump(void *self, struct app *app)
{
    app_ask(app, "File for the chain, a line of JSON a block", "chain.jsonl", false, file_given, self);
}
