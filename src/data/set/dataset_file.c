#include "data/set/dataset_file.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/threads.h"
#include "data/set/dataset_head.h"

#define SECTIONS 7
#define ALIGN DATASET_HEAD_ALIGN
#define HEAD_FIXED 24                    /* bytes before the maker */
#define HEAD_CHECKS (8 * (SECTIONS + 1)) /* bytes of the checks that end it */
#define HEAD_MOST (64u << 20)
#define PIECE_BYTES ((size_t)1 << 22) /* of an array, checked by one thread at a time */
#define THREADS_FROM 8                /* pieces, below which no thread is started */
#define THREADS_MOST 8

static const uint8_t zeros[ALIGN];

static bool little_endian(void)
{
    const uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, 1);
    return first == 1;
}

static size_t padded(size_t n)
{
    return (n + ALIGN - 1) / ALIGN * ALIGN;
}

static uint64_t word_at(const uint8_t *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

/* --- the arrays --------------------------------------------------------------------------------------------------- */

/* Where one stands (or NULL) and the bytes it has, or would have. */
struct section {
    const void *data;
    size_t n;
};

static void list_sections(struct section out[SECTIONS], const struct dataset *d)
{
    const struct section all[SECTIONS] = {
        {d->time_us, d->bars * sizeof *d->time_us},
        {d->price, d->bars * sizeof *d->price},
        {d->label, d->bars * sizeof *d->label},
        {d->past_label, d->bars * sizeof *d->past_label},
        {d->feature, d->bars * d->channels * sizeof *d->feature},
        {d->bar, d->samples * sizeof *d->bar},
        {d->target, d->samples * sizeof *d->target},
    };
    memcpy(out, all, sizeof all);
}

static void place_section(struct dataset *d, int k, void *data)
{
    switch (k) {
    case 0:
        d->time_us = data;
        break;
    case 1:
        d->price = data;
        break;
    case 2:
        d->label = data;
        break;
    case 3:
        d->past_label = data;
        break;
    case 4:
        d->feature = data;
        break;
    case 5:
        d->bar = data;
        break;
    default:
        d->target = data;
        break;
    }
}

/* Prices there may be or not; the rest follows from the target. */
static bool sections_fit(const struct dataset *d, uint32_t there)
{
    uint32_t classes = d->task.target == TASK_CLASS ? 0x0c : 0;
    return (there & ~UINT32_C(2)) == (0x71 | classes) && (d->task.target == TASK_CLASS || (there & 2));
}

/* --- checks ------------------------------------------------------------------------------------------------------- */

struct piece {
    const uint8_t *data;
    size_t n;
    uint64_t check;
};

/* Whole lines of the file, then the rest with the zeros that follow it there. */
static void check_piece(void *context, int i)
{
    struct piece *p = (struct piece *)context + i;
    uint64_t rest[1 + ALIGN / 8] = {0};
    size_t whole = p->n / ALIGN * ALIGN;
    rest[0] = frame_check(p->data, whole / 8);
    memcpy(rest + 1, p->data + whole, p->n - whole);
    p->check = frame_check(rest, ARRAY_N(rest));
}

static int list_pieces(struct piece *out, const struct section *s)
{
    int n = 0;
    for (size_t at = 0; s->data && at < s->n; at += PIECE_BYTES, n++)
        if (out)
            out[n] =
                (struct piece){(const uint8_t *)s->data + at, s->n - at < PIECE_BYTES ? s->n - at : PIECE_BYTES, 0};
    return n;
}

/* 0 where there is no array. */
static void check_sections(uint64_t check[SECTIONS], const struct section *s)
{
    int first[SECTIONS + 1] = {0};
    for (int k = 0; k < SECTIONS; k++)
        first[k + 1] = first[k] + list_pieces(NULL, &s[k]);
    int n = first[SECTIONS], threads = threads_machine_n();
    struct piece *piece = NEW_ARRAY(struct piece, n);
    uint64_t *of_piece = NEW_ARRAY(uint64_t, n);
    for (int k = 0; k < SECTIONS; k++)
        list_pieces(piece + first[k], &s[k]);
    struct threads *pool = n < THREADS_FROM ? NULL : threads_new(threads < THREADS_MOST ? threads : THREADS_MOST);
    threads_run(pool, n, check_piece, piece);
    threads_free(pool);
    for (int i = 0; i < n; i++)
        of_piece[i] = piece[i].check;
    for (int k = 0; k < SECTIONS; k++)
        check[k] = s[k].data ? frame_check(of_piece + first[k], (size_t)(first[k + 1] - first[k])) : 0;
    free(piece);
    free(of_piece);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void put_head(struct bytes *head, const struct dataset *d, const struct section *s, const char *numeric)
{
    struct bytes own = {0};
    uint32_t there = 0;
    uint64_t check[SECTIONS];
    dataset_head_put(&own, d, numeric);
    size_t n = padded(HEAD_FIXED + own.n + HEAD_CHECKS), all = n;
    for (uint32_t k = 0; k < SECTIONS; k++) {
        there |= (uint32_t)(s[k].data != NULL) << k;
        all += s[k].data ? padded(s[k].n) : 0;
    }
    check_sections(check, s);
    bytes_put(head, DATASET_HEAD_MAGIC, 8);
    bytes_put_u32(head, (uint32_t)n);
    bytes_put_u32(head, there);
    bytes_put_u64(head, all);
    bytes_put(head, own.data, own.n);
    while (head->n < n - HEAD_CHECKS)
        bytes_put_u8(head, 0);
    for (int k = 0; k < SECTIONS; k++)
        bytes_put_u64(head, check[k]);
    bytes_put_u64(head, frame_check(head->data, head->n / 8));
    bytes_free(&own);
}

bool dataset_save(const struct dataset *d, const char *path, const char *numeric, uint64_t *print, struct error *err)
{
    struct section s[SECTIONS];
    struct file_part part[1 + 2 * SECTIONS];
    struct bytes head = {0};
    size_t n = 1;
    ASSERT(d->visible_bars == d->bars && d->visible_samples == d->samples);
    if (!little_endian())
        return error_set(err, ERROR_FAILED, "this machine keeps no data sets: its numbers are stored big end first");
    list_sections(s, d);
    put_head(&head, d, s, numeric);
    part[0] = (struct file_part){head.data, head.n};
    for (int k = 0; k < SECTIONS; k++) {
        if (!s[k].data)
            continue;
        part[n++] = (struct file_part){s[k].data, s[k].n};
        part[n++] = (struct file_part){zeros, padded(s[k].n) - s[k].n};
    }
    *print = word_at(head.data + head.n - 8);
    bool ok = head.n <= HEAD_MOST && file_write_parts(path, part, n, 0666, err);
    bytes_free(&head);
    return ok;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static bool head_fits(const uint8_t *data, size_t n, uint64_t print, size_t *head_n, uint32_t *there)
{
    struct bytes_reader r = bytes_read(data, n);
    const uint8_t *magic = bytes_get(&r, 8);
    *head_n = bytes_get_u32(&r);
    *there = bytes_get_u32(&r);
    if (bytes_get_u64(&r) != n || r.failed || memcmp(magic, DATASET_HEAD_MAGIC, 8) != 0)
        return false;
    if (*head_n < HEAD_FIXED + HEAD_CHECKS || *head_n % ALIGN || *head_n > n || *head_n > HEAD_MOST)
        return false;
    uint64_t check = word_at(data + *head_n - 8);
    return check == print && check == frame_check(data, *head_n / 8 - 1);
}

/* Places the arrays behind the head, which must end where the file ends. */
static bool place_all(struct dataset *d, uint8_t *data, size_t head_n, uint32_t there, size_t n)
{
    struct section s[SECTIONS];
    size_t at = head_n;
    if (d->bars > n / 8 || d->channels == 0 || d->bars > n / 4 / d->channels)
        return false;
    list_sections(s, d);
    for (int k = 0; k < SECTIONS; k++) {
        if (!(there >> k & 1))
            continue;
        size_t end = at + s[k].n;
        if (s[k].n > n || padded(end) > n || memcmp(data + end, zeros, padded(end) - end) != 0)
            return false;
        place_section(d, k, data + at);
        at = padded(end);
    }
    return at == n;
}

/* What would lead out of an array. */
static bool indices_fit(const struct dataset *d)
{
    bool ok = true;
    for (size_t i = 0; i < d->samples; i++)
        ok = ok && d->bar[i] < d->bars;
    for (size_t i = 0; d->task.target == TASK_CLASS && i < d->samples; i++)
        ok = ok && d->target[i] >= 0 && d->target[i] < (float)d->classes;
    return ok;
}

static bool take(struct dataset *d, const struct dataset_identity *is)
{
    uint8_t *data = d->map;
    size_t head_n;
    uint32_t there;
    uint64_t check[SECTIONS];
    struct section s[SECTIONS];
    if (!head_fits(data, d->map_n, is->print, &head_n, &there))
        return false;
    struct bytes_reader r = bytes_read(data, head_n - HEAD_CHECKS);
    bytes_get(&r, HEAD_FIXED);
    if (!dataset_head_get(d, &r, is) || r.n - r.at >= ALIGN || !sections_fit(d, there) ||
        !place_all(d, data, head_n, there, d->map_n))
        return false;
    list_sections(s, d);
    check_sections(check, s);
    return memcmp(check, data + head_n - HEAD_CHECKS, sizeof check) == 0 && indices_fit(d);
}

struct dataset *dataset_load(const char *path, const struct dataset_identity *is, struct error *err)
{
    struct dataset *d = NEW(struct dataset);
    if (!file_map(path, &d->map, &d->map_n, err)) {
        free(d);
        return NULL;
    }
    if (d->map && little_endian() && take(d, is))
        return d;
    if (d->map)
        dataset_free(d);
    else
        free(d);
    error_set(err, ERROR_DATA, "%s is not as it was written, or of another task or program: it is made again", path);
    return NULL;
}
