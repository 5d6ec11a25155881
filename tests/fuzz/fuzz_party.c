/* Folders of other parties, and one's own copy among them: whatever lies there, nothing is taken but what has the form
 * and the hash that its name says, nothing that did not change is read twice, and a copy that is said to be published
 * is one.
 *
 * The share holds the folders of three parties and our copy; our own chain lies elsewhere. Input: operations, each
 * ended by FD, spelt as in fuzz_fill.h; the first byte of one tells what it is and where. 0x03: the folder (0 ours, 1
 * and 2 others, 3 one that is a workspace). 0x1c: 0 the folder itself is made, 1 a file in pool/, 2 one in objects/, 3
 * blocks.msc, 4 a pipe or (0x40) a folder where a file belongs, 5 a file goes, 6 all are read, 7 ours is published. Of
 * a file: 0x20 under a name that is not its own, 0x40 put into the form that it should have, its first byte being the
 * type of message; 0x80 only half of it. Of reading: 0x20 in another epoch. */
#include "fuzz_fill.h"
#include "fuzz_folder.h"

#include "chain/codec.h"
#include "chain/mirror.h"
#include "chain/party.h"
#include "chain/pool_file.h"

const char fuzz_corpus[] = "party";

#define SHARE FUZZ_FOLDER "/share"
#define OWN FUZZ_FOLDER "/own"
#define STEPS 16

enum { PLACE = 3, MISNAMED = 0x20, FORMED = 0x40, HALF = 0x80 };
enum { MAKE, POOL, OBJECT, BLOCKS, ODD, REMOVE, LOOK, PUBLISH };

struct run {
    struct fill fill;
    struct party_list list;
    struct bytes genesis;  /* the frame of our chain */
    struct hash last;      /* name of the file that was put last */
    char last_path[FILE_PATH_MAX];
    uint64_t epoch;
    bool objects;          /* what is being read */
    int calls;
};

static const char *const place[] = {SHARE "/me", SHARE "/ann", SHARE "/ben", SHARE "/eve/chain"};

/* Our chain: its beginning, a message and an object. */
static void start(struct run *r)
{
    static struct run first;
    struct bytes file = {0};
    char path[FILE_PATH_MAX], hex[HASH_HEX];
    if (!first.genesis.n) {
        struct genesis g;
        struct bytes payload = {0};
        fill_start(&first.fill);
        fill_genesis(&first.fill, true, 3, &g);
        genesis_encode(&g, &payload);
        struct frame f = {.type = FRAME_GENESIS, .payload_n = (uint32_t)payload.n};
        block_frame_encode(&first.genesis, &f, payload.data, (struct hash){{0}});
        first.fill.chain = genesis_id(&g);
        bytes_free(&payload);
    }
    *r = first;
    fuzz_folder_clear();
    fuzz_folder();
    fuzz_folder_make(SHARE);
    fuzz_folder_make(SHARE "/eve");
    fuzz_folder_make(OWN);
    fuzz_folder_make(OWN "/pool");
    fuzz_folder_make(OWN "/objects");
    fuzz_folder_file(OWN "/blocks.msc", r->genesis.data, r->genesis.n);
    hash_hex(hash_of("x", 1), hex);
    snprintf(path, sizeof path, OWN "/objects/%s", hex);
    fuzz_folder_file(path, "x", 1);
    pool_file_encode(&file, POOL_VOTE, 0, "x", 1);
    snprintf(path, sizeof path, OWN "/pool/%s", hex);
    fuzz_folder_file(path, file.data, file.n);
    bytes_free(&file);
}

/* --- what others write ------------------------------------------------------------------------------------------------ */

static void put(struct run *r, unsigned op, const char *name, const struct bytes *b)
{
    file_join(r->last_path, sizeof r->last_path, place[op & PLACE], name);
    fuzz_folder_file(r->last_path, b->n ? b->data : (const uint8_t *)"", op & HALF ? b->n / 2 : b->n);
}

static void put_named(struct run *r, unsigned op, const char *inside, const struct bytes *b, struct hash name)
{
    char path[16 + HASH_HEX], hex[HASH_HEX];
    name.byte[0] ^= !!(op & MISNAMED);
    hash_hex(name, hex);
    snprintf(path, sizeof path, "%s/%s", inside, hex);
    fill_note(&r->fill, name);
    r->last = name;
    put(r, op, path, b);
}

static void put_message(struct run *r, unsigned op, const struct bytes *in)
{
    struct bytes file = {0};
    if (op & FORMED && in->n > 1) {
        enum pool_type type = (enum pool_type)(1 + in->data[0] % 4);
        pool_file_encode(&file, type, type == POOL_TRANSACTION ? in->n : 0, in->data + 1, in->n - 1);
        put_named(r, op, "pool", &file, hash_of(in->data + 1, in->n - 1));
    } else {
        put_named(r, op, "pool", in, hash_of(in->data, in->n));
    }
    bytes_free(&file);
}

static void put_blocks(struct run *r, unsigned op, const struct bytes *in)
{
    struct bytes all = {0};
    if (op & FORMED && op & MISNAMED) { /* ours, with whatever behind it */
        bytes_put(&all, r->genesis.data, r->genesis.n);
        bytes_put(&all, in->data, in->n);
    } else if (op & FORMED) { /* a frame of its own, of the beginning of another chain perhaps */
        struct frame f = {.type = FRAME_GENESIS, .payload_n = (uint32_t)in->n};
        block_frame_encode(&all, &f, in->n ? in->data : (const uint8_t *)"", (struct hash){{0}});
    } else {
        bytes_put(&all, in->data, in->n);
    }
    put(r, op, "blocks.msc", &all);
    bytes_free(&all);
}

static void make_folders(unsigned op)
{
    char path[FILE_PATH_MAX];
    fuzz_folder_make(place[op & PLACE]);
    for (int i = 0; i < 2; i++) {
        file_join(path, sizeof path, place[op & PLACE], i ? "pool" : "objects");
        fuzz_folder_make(path);
    }
}

/* A pipe or a folder: at a name of its own, or of what was put last elsewhere. */
static void put_odd(struct run *r, unsigned op, const struct bytes *in)
{
    static const char *const name[] = {"pool", "objects", "blocks.msc", "pool/%s", "objects/%s", "blocks.len", "chain"};
    char inside[16 + HASH_HEX], path[FILE_PATH_MAX], hex[HASH_HEX];
    hash_hex(op & MISNAMED ? hash_of("x", 1) : r->last, hex);
    const char *as = name[(in->n ? in->data[0] : 0u) % 7];
    snprintf(inside, sizeof inside, "%s", as);
    if (strchr(as, '%'))
        snprintf(inside, sizeof inside, "%.*s/%s", (int)(strchr(as, '/') - as), as, hex);
    file_join(path, sizeof path, place[op & PLACE], inside);
    if (op & FORMED)
        fuzz_folder_make(path);
    else
        fuzz_folder_pipe(path);
}

/* --- what we make of it ----------------------------------------------------------------------------------------------- */

static enum party_verdict know(void *context, struct hash name)
{
    (void)context;
    return name.byte[1] == 0 ? PARTY_TAKEN : PARTY_UNREAD;
}

static enum party_verdict take(void *context, const struct party_file *f, struct error *why)
{
    static const enum party_verdict verdict[] = {PARTY_TAKEN, PARTY_LATER, PARTY_REFUSED};
    struct run *r = context;
    r->calls++;
    ASSERT(f->name.byte[1] != 0);
    if (r->objects)
        ASSERT(f->type == 0 && f->order == 0 && hash_equal(hash_of(f->data, f->n), f->name));
    else
        ASSERT(f->type >= POOL_TRANSACTION && f->type <= POOL_CERTIFICATE && f->n > 0);
    enum party_verdict v = verdict[(f->n ? f->data[f->n - 1] : 0u) % 3];
    if (v == PARTY_REFUSED)
        error_set(why, ERROR_CHAIN, "not wanted");
    return v;
}

static int read_party(struct run *r, struct party *p)
{
    struct party_taker taker = {.context = r, .epoch = r->epoch, .know = know, .take = take};
    struct party_counts c = {.taken = 0};
    struct error err = {0};
    r->calls = 0;
    r->objects = false;
    bool good = party_pool(p, &taker, &c, &err);
    r->objects = true;
    good = good && party_objects(p, &taker, &c, &err);
    ASSERT(good || err.text[0] != '\0');
    ASSERT(c.taken + c.later + c.refused >= r->calls && c.left == 0);
    ASSERT(!c.refused == !c.why[0]);
    return r->calls;
}

static void look_at_genesis(const struct run *r, const struct party *p)
{
    struct genesis g;
    struct hash id;
    struct error err = {0};
    if (party_genesis(p, &g, &id, &err))
        ASSERT(hash_equal(id, genesis_id(&g)) && g.holders > 0);
    else
        ASSERT(err.text[0] != '\0' && !(hash_is_zero(r->fill.chain)));
}

static void look(struct run *r)
{
    int found;
    struct error err = {0};
    ASSERT(party_find(&r->list, SHARE, OWN, &found, &err));
    ASSERT(found <= r->list.n || found <= 4);
    for (int i = 0; i < r->list.n; i++) {
        for (int k = 0; k < i; k++)
            ASSERT(strcmp(r->list.party[i]->name, r->list.party[k]->name) != 0);
        look_at_genesis(r, r->list.party[i]);
        read_party(r, r->list.party[i]);
        ASSERT(read_party(r, r->list.party[i]) == 0); /* nothing has changed */
    }
    if (!found) {
        char text[1024];
        party_none(SHARE, OWN, text, sizeof text);
        ASSERT(text[0] != '\0');
    }
}

static void same(const char *name)
{
    char a[FILE_PATH_MAX], b[FILE_PATH_MAX];
    struct bytes x = {0}, y = {0};
    file_join(a, sizeof a, OWN, name);
    file_join(b, sizeof b, place[0], name);
    ASSERT(file_read(a, 1 << 20, &x, NULL) && file_read(b, 1 << 20, &y, NULL));
    ASSERT(x.n == y.n && memcmp(x.data, y.data, x.n) == 0);
    bytes_free(&x);
    bytes_free(&y);
}

static void publish(void)
{
    bool changed;
    struct error err = {0};
    if (!mirror_chain(OWN, place[0], &changed, &err)) {
        ASSERT(err.text[0] != '\0');
        return;
    }
    same("blocks.msc");
    ASSERT(mirror_chain(OWN, place[0], &changed, &err) && !changed);
}

static void step(struct run *r, unsigned op, const uint8_t *data, size_t n)
{
    struct bytes in = {0};
    if (!fill_out(&r->fill, data, n, &in))
        bytes_clear(&in);
    switch (op >> 2 & 7) {
    case MAKE:
        make_folders(op);
        break;
    case POOL:
        put_message(r, op, &in);
        break;
    case OBJECT:
        put_named(r, op, "objects", &in, hash_of(in.data, in.n));
        break;
    case BLOCKS:
        put_blocks(r, op, &in);
        break;
    case ODD:
        put_odd(r, op, &in);
        break;
    case REMOVE:
        file_remove_unsynced(r->last_path, NULL);
        break;
    case LOOK:
        r->epoch += !!(op & MISNAMED);
        look(r);
        break;
    default:
        publish();
    }
    bytes_free(&in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct run r;
    hash_start();
    start(&r);
    for (size_t at = 0, steps = 0; at < n && steps < STEPS; steps++) {
        unsigned op = data[at++];
        size_t length = fill_length(data + at, n - at);
        step(&r, op, data + at, length);
        at += length + 1;
    }
    look(&r);
    publish();
    party_list_free(&r.list);
    return 0;
}
