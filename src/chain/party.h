/* Another's chain folder, as it is read: by whom it is written, when, and whether honestly, is unknown. Nothing is ever
 * written there. No length is believed before it is bounded, names that are no hash are passed over, what is no regular
 * file is refused, and what vanishes while it is read is no matter. How much is read at a time is bounded: what is left
 * comes next time.
 *
 * A file that was looked at is not read again until it changes; one whose taker said "later" (it fits no state that we
 * have reached) not before the taker's epoch changes. A party belongs to one thread at a time. */
#ifndef CHAIN_PARTY_H
#define CHAIN_PARTY_H

#include "base/file.h"
#include "chain/index.h"
#include "chain/state.h"

#define PARTIES_MOST 256
#define PARTY_FILES_MOST 131072                 /* names in one folder; the rest is left out */
#define PARTY_READ_FILES 8192                   /* read at a time */
#define PARTY_READ_BYTES ((size_t)128 << 20)
#define PARTY_NAME_MAX 64
#define PARTY_OBJECT_MOST ((size_t)64 << 20)

enum party_verdict {
    PARTY_TAKEN,  /* or not wanted for good: never again */
    PARTY_LATER,  /* not now */
    PARTY_REFUSED, /* why says what is wrong with it */
    PARTY_UNREAD   /* of a name alone: it must be read first */
};

struct party_seen_entry {
    struct hash name;
    int64_t size, modified_ns;
    uint64_t epoch;
    enum party_verdict verdict;
};
struct party_seen { /* of one folder */
    struct party_seen_entry *entry;
    size_t n, capacity;
    struct index index;
    struct file_stamp stamp;
    bool complete; /* all there was has been looked at, when the stamp was settled */
    uint64_t epoch;
};

struct party_counts {
    int taken, later, refused, left; /* left: not read yet, or too many */
    char why[256];                   /* the first refusal */
};

struct party {
    char name[PARTY_NAME_MAX];  /* for people */
    char folder[FILE_PATH_MAX]; /* of its chain */
    struct party_seen pool, objects;
    struct file_stamp blocks; /* of blocks.msc when it was last gone through; size -1: not yet */
    uint64_t tried_height;    /* behind this head of ours, */
    int tried_heard;          /* with so many certificates heard of */
    uint64_t height;          /* of its last whole block, as far as it was read */
    int taken, refused;       /* messages, in all */
    char why[256];            /* the newest refusal */
    bool direct;              /* its folder was named, not one that holds it */
    bool known;               /* its genesis was read and is ours */
    bool foreign, dead;       /* another genesis; not there any more */
    char problem[512];        /* what is wrong with its blocks; "": nothing known */
};
void party_free(struct party *p);

/* The chain folders that `place` means: itself, its chain/ (a workspace), or such folders in it (a share), in order of
 * their names; the folder `own` (which may be NULL) is left out. *found: how many, with those that are in `list` already,
 * which stay as they are; but where a newcomer has the same name, both are called by more of their paths. */
struct party_list {
    struct party **party; /* [n] */
    int n;
};
bool party_find(struct party_list *list, const char *place, const char *own, int *found, struct error *err);
void party_list_free(struct party_list *list);

/* What to say of a place where party_find has found none: what was expected, and where deeper down there is a chain. */
void party_none(const char *place, const char *own, char *out, size_t n);

/* Its genesis, read anew. */
bool party_genesis(const struct party *p, struct genesis *out, struct hash *id, struct error *err);

struct party_file {
    struct hash name;
    int type;
    uint64_t order;
    const uint8_t *data; /* the message; borrowed */
    size_t n;
};
struct party_taker {
    void *context;
    uint64_t epoch; /* another number than before: look at the later ones again */
    enum party_verdict (*know)(void *context, struct hash name); /* is it worth reading? */
    enum party_verdict (*take)(void *context, const struct party_file *f, struct error *why);
};

/* The messages of its pool that are new, or were for later. */
bool party_pool(struct party *p, const struct party_taker *taker, struct party_counts *counts, struct error *err);

/* The objects: f->type and f->order are 0, and the hash is checked. */
bool party_objects(struct party *p, const struct party_taker *taker, struct party_counts *counts, struct error *err);

#endif
