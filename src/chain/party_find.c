/* Which folders of a place hold a chain, how they are called, and what to say where there is none. */
#include "chain/party.h"

#include "base/memory.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>

static bool has_blocks(const char *folder, struct file_stamp *stamp)
{
    char path[FILE_PATH_MAX];
    if (strlen(folder) + 128 > sizeof path)
        return false;
    file_join(path, sizeof path, folder, "blocks.msc");
    return file_stamp(path, stamp, NULL);
}

static bool is_same(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->device == b->device && a->inode == b->inode;
}

static bool is_own(const char *own, const struct file_stamp *stamp)
{
    struct file_stamp mine;
    return own && has_blocks(own, &mine) && is_same(&mine, stamp);
}

static bool is_listed(const struct party_list *list, const char *folder)
{
    for (int i = 0; i < list->n; i++)
        if (text_equal(list->party[i]->folder, folder))
            return true;
    return false;
}

static void add(struct party_list *list, const char *folder, bool direct)
{
    if (is_listed(list, folder) || list->n >= PARTIES_MOST)
        return;
    struct party *p = NEW(struct party);
    text_copy(p->folder, sizeof p->folder, folder);
    p->blocks.size = -1;
    p->direct = direct;
    list->party = memory_resize(list->party, (size_t)list->n + 1, sizeof(struct party *));
    list->party[list->n++] = p;
}

/* The chain's folder that a path means by itself: the path or its chain/. */
static bool means_one(const char *path, char folder[FILE_PATH_MAX], struct file_stamp *stamp)
{
    if (strlen(path) + 256 > FILE_PATH_MAX)
        return false;
    text_copy(folder, FILE_PATH_MAX, path);
    if (has_blocks(folder, stamp))
        return true;
    file_join(folder, FILE_PATH_MAX, path, "chain");
    return has_blocks(folder, stamp);
}

/* The last parts of a path, but of a workspace's chain folder those of the workspace: as many as are asked for, or all.
 * One that is too long keeps its end. False: there are no more parts. */
static bool name_of(const char *path, int parts, char out[PARTY_NAME_MAX])
{
    char whole[FILE_PATH_MAX];
    text_copy(whole, sizeof whole, path);
    for (size_t n = strlen(whole); n > 1 && whole[n - 1] == '/'; n--)
        whole[n - 1] = 0;
    const char *from = file_name(whole);
    if (text_equal(from, "chain") && from > whole + 1) {
        whole[from - whole - 1] = 0;
        from = file_name(whole);
    }
    for (int i = 1; i < parts && from > whole + 1; i++)
        for (from--; from > whole && from[-1] != '/';)
            from--;
    size_t n = strlen(from);
    if (n < PARTY_NAME_MAX)
        text_copy(out, PARTY_NAME_MAX, n ? from : whole);
    else
        snprintf(out, PARTY_NAME_MAX, "...%s", from + n - (PARTY_NAME_MAX - 4));
    return from > whole + 1;
}

static bool is_shared(const struct party_list *list, int at)
{
    for (int i = 0; i < list->n; i++)
        if (i != at && text_equal(list->party[i]->name, list->party[at]->name))
            return true;
    return false;
}

/* Folders of the same name ("ws") are told apart by those that hold them ("ann/ws", "ben/ws"). */
static void tell_apart(struct party_list *list)
{
    bool shared[PARTIES_MOST], again = true;
    for (int i = 0; i < list->n; i++)
        name_of(list->party[i]->folder, 1, list->party[i]->name);
    for (int parts = 2; again; parts++) {
        again = false;
        for (int i = 0; i < list->n; i++)
            shared[i] = is_shared(list, i);
        for (int i = 0; i < list->n; i++)
            again |= shared[i] && name_of(list->party[i]->folder, parts, list->party[i]->name);
    }
}

static int names_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Most of what lies in a share may be no party. */
#define NAMES_MOST 8192

/* Names of what is in a folder, sorted; at most NAMES_MOST. */
static int names_in(const char *place, char ***out, struct error *err)
{
    DIR *dir = opendir(place);
    int n = 0;
    *out = NULL;
    if (!dir) {
        error_set_errno(err, ERROR_IO, "cannot open %s", place);
        return -1;
    }
    for (struct dirent *d; n < NAMES_MOST && (d = readdir(dir)) != NULL;) {
        if (d->d_name[0] == '.')
            continue;
        *out = memory_resize(*out, (size_t)n + 1, sizeof(char *));
        (*out)[n++] = memory_text(d->d_name);
    }
    closedir(dir);
    if (n)
        qsort(*out, (size_t)n, sizeof(char *), names_compare);
    return n;
}

bool party_find(struct party_list *list, const char *place, const char *own, int *found, struct error *err)
{
    char folder[FILE_PATH_MAX], inside[FILE_PATH_MAX], **names;
    struct file_stamp stamp;
    *found = 0;
    if (strlen(place) + 512 > sizeof folder)
        return error_set(err, ERROR_IO, "the path is too long: %.100s...", place);
    if (means_one(place, folder, &stamp) && !is_own(own, &stamp)) {
        int before = list->n;
        add(list, folder, true);
        if (list->n > before)
            tell_apart(list);
        *found = 1;
        return true;
    }
    int n = names_in(place, &names, err), before = list->n;
    for (int i = 0; i < n; i++) {
        file_join(inside, sizeof inside, place, names[i]);
        if (means_one(inside, folder, &stamp) && !is_own(own, &stamp)) {
            add(list, folder, false);
            ++*found;
        }
        free(names[i]);
    }
    free(names);
    if (list->n > before)
        tell_apart(list);
    return n >= 0;
}

/* --- where there is none -------------------------------------------------------------------------------------------- */

#define DEEP_MOST 4      /* folders below a place are looked at for a hint, so deep */
#define DEEP_FOLDERS 512 /* and so many */
#define NAMED_MOST 4

struct hint {
    const char *own;
    bool ours; /* our own chain is there */
    int looked, found;
    struct text deeper; /* folders that hold a chain, below those that are looked into */
};

static void look_below(struct hint *h, const char *place, int depth)
{
    char folder[FILE_PATH_MAX], inside[FILE_PATH_MAX], **names;
    struct file_stamp stamp;
    struct error why;
    if (depth > DEEP_MOST || h->looked++ >= DEEP_FOLDERS || strlen(place) + 512 > sizeof folder)
        return;
    if (means_one(place, folder, &stamp)) {
        if (is_own(h->own, &stamp))
            h->ours = true;
        else if (h->found++ < NAMED_MOST)
            text_printf(&h->deeper, "%s%s", h->found > 1 ? ", " : "", place);
        return;
    }
    int n = names_in(place, &names, &why);
    for (int i = 0; i < n; i++) {
        file_join(inside, sizeof inside, place, names[i]);
        look_below(h, inside, depth + 1);
        free(names[i]);
    }
    free(names);
}

void party_none(const char *place, const char *own, char *out, size_t n)
{
    struct hint h = {.own = own};
    look_below(&h, place, 0);
    if (h.found)
        snprintf(out, n, "%s holds no folder with a chain; deeper down there %s %s%s: name %s, or the folder that holds %s",
                 place, h.found > 1 ? "are" : "is", text_of(&h.deeper), h.found > NAMED_MOST ? ", and more" : "",
                 h.found > 1 ? "them" : "it", h.found > 1 ? "each" : "it");
    else
        snprintf(out, n,
                 "%s holds %s: expected is the workspace of another, its chain folder (with blocks.msc), or a folder that "
                 "holds some of those (a share)",
                 place, h.ours ? "no chain but this workspace's own" : "no chain");
    text_free(&h.deeper);
}
