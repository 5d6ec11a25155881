#include "work/leaves.h"

#include "base/memory.h"
#include "base/text.h"

#define HEADER "morphsmith-leaves 1"
#define LEAF_LINE HASH_HEX /* 64 digits and the line feed */

char *leaves_format(const struct crossval *c)
{
    struct text t = {0};
    text_put(&t, HEADER "\n");
    for (int k = 0; k < c->folds; k++) {
        const struct train_result *r = &c->fold[k].train;
        text_printf(&t, "fold %d interval %lld leaves %llu\n", k + 1, (long long)r->trace_interval,
                    (unsigned long long)r->trace_leaves);
        for (uint64_t i = 0; i < r->trace_leaves; i++) {
            char hex[HASH_HEX];
            hash_hex(r->trace[i], hex);
            text_put(&t, hex);
            text_put(&t, "\n");
        }
    }
    return t.data;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

struct reading {
    const char *at, *end;
    uint64_t line;
};

static bool refuse(const struct reading *r, struct error *err, const char *what)
{
    return error_set(err, ERROR_CHAIN, "the leaves, line %llu: %s", (unsigned long long)r->line, what);
}

/* The next line into out[size]; one that does not fit, holds a zero byte or has no end is none. */
static bool next_line(struct reading *r, char *out, size_t size)
{
    size_t left = (size_t)(r->end - r->at), most = left < size ? left : size;
    const char *end = most ? memchr(r->at, '\n', most) : NULL;
    r->line++;
    if (!end)
        return false;
    size_t n = (size_t)(end - r->at);
    memcpy(out, r->at, n);
    out[n] = 0;
    r->at = end + 1;
    return strlen(out) == n;
}

/* "fold 2 interval 8 leaves 40" and no other spelling of it. */
static bool parse_head(const char *line, int fold, struct leaves_fold *out)
{
    char copy[96], again[96], *rest = copy, *word[6];
    int64_t leaves = 0;
    text_copy(copy, sizeof copy, line);
    for (int i = 0; i < 6; i++)
        if (!(word[i] = text_next(&rest, ' ')))
            return false;
    if (!text_parse_int(word[3], 1, INT64_MAX, &out->interval) || !text_parse_int(word[5], 1, INT64_MAX, &leaves))
        return false;
    out->n = (uint64_t)leaves;
    snprintf(again, sizeof again, "fold %d interval %lld leaves %lld", fold + 1, (long long)out->interval,
             (long long)leaves);
    return text_equal(line, again);
}

static bool parse_fold(struct reading *r, struct leaves *l, struct error *err)
{
    char line[96];
    struct leaves_fold *f = &l->fold[l->folds];
    if (l->folds == DATASET_FOLDS_MAX)
        return refuse(r, err, "there are more folds than a task can have");
    if (!next_line(r, line, sizeof line) || !parse_head(line, l->folds, f))
        return refuse(r, err, "expected \"fold K interval I leaves N\", folds in their order");
    if (f->n > (uint64_t)(r->end - r->at) / LEAF_LINE)
        return refuse(r, err, "it announces more leaves than follow");
    f->leaf = memory_try(f->n, sizeof *f->leaf, "the leaves of a training", err);
    if (!f->leaf)
        return false;
    l->folds++;
    for (uint64_t i = 0; i < f->n; i++)
        if (!next_line(r, line, LEAF_LINE) || !hash_from_hex(line, &f->leaf[i]))
            return refuse(r, err, "expected a hash of 64 hexadecimal digits");
    return true;
}

bool leaves_parse(struct leaves *out, const char *text, size_t n, struct error *err)
{
    struct reading r = {text, text + n, 0};
    char line[96];
    *out = (struct leaves){0};
    bool ok = (next_line(&r, line, sizeof line) && text_equal(line, HEADER)) ||
              refuse(&r, err, "expected \"" HEADER "\"");
    do
        ok = ok && parse_fold(&r, out, err);
    while (ok && r.at < r.end);
    if (!ok)
        leaves_free(out);
    return ok;
}

void leaves_free(struct leaves *l)
{
    for (int k = 0; k < l->folds; k++)
        free(l->fold[k].leaf);
    *l = (struct leaves){0};
}

/* --- comparing ---------------------------------------------------------------------------------------------------- */

struct hash leaves_root(const struct leaves *l)
{
    struct hash root[DATASET_FOLDS_MAX];
    for (int k = 0; k < l->folds; k++)
        root[k] = hash_merkle_root(l->fold[k].leaf, l->fold[k].n);
    return hash_merkle_root(root, (size_t)l->folds);
}

/* The first leaf of a fold that differs, those that only one list has among them; n of the shorter: none. */
static bool fold_differs(const struct leaves_fold *a, const struct leaves_fold *b, struct leaves_gap *out)
{
    uint64_t n = a->n < b->n ? a->n : b->n, i = 0;
    out->in_shape = a->interval != b->interval || a->n != b->n;
    if (a->interval == b->interval)
        while (i < n && hash_equal(a->leaf[i], b->leaf[i]))
            i++;
    out->leaf = i;
    out->step = i + 1 < n ? (int64_t)(i + 1) * a->interval : -1;
    return out->in_shape || i < n;
}

bool leaves_differ(const struct leaves *a, const struct leaves *b, struct leaves_gap *out)
{
    int folds = a->folds < b->folds ? a->folds : b->folds;
    for (int k = 0; k < folds; k++) {
        *out = (struct leaves_gap){.fold = k};
        if (fold_differs(&a->fold[k], &b->fold[k], out))
            return true;
    }
    *out = (struct leaves_gap){.fold = folds, .step = -1, .in_shape = true};
    return a->folds != b->folds;
}
