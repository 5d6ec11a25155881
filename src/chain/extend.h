/* Taking over the blocks that another's file has behind our head: read into memory, so that nobody can change them between
 * checking and appending, and appended by the ledger, which goes through them as through its own (signatures and
 * certificates by all threads, rules in order), in parts of at most LEDGER_APPEND_MOST. The last block of a part needs its
 * certificate: the block behind it carries it, for the file's very last it must have been heard of.
 *
 * A block that contradicts one of ours at its height is no extension. If it has a good certificate it is a fork: kept
 * (chain/fork.h), and what was signed twice becomes evidence. */
#ifndef CHAIN_EXTEND_H
#define CHAIN_EXTEND_H

#include "chain/certificate.h"
#include "chain/ledger.h"

struct extend_source {
    const char *path;                      /* the other's blocks.msc */
    const struct certificate *certificate; /* heard of; not checked yet */
    int certificates;
    int threads; /* 0: as many as the machine has */
    void (*progress)(void *context, uint64_t done, uint64_t bytes); /* may be NULL */
    void *context;
};
struct extend_report {
    uint64_t blocks; /* appended */
    uint64_t height;                           /* of its last whole frame that was looked at */
    bool fork; /* a new one, and kept */
    uint64_t fork_height;
    struct hash fork_id;
    char fork_file[4096];
    bool ours; /* what failed is this side: the disk, the ledger */
};

/* True if all of the other's file is in order and taken over, or there is nothing to take. Else err says what is wrong with it (or
 * with ours); what was good before it is appended. */
bool ledger_extend(struct ledger *l, const struct extend_source *source, struct extend_report *out, struct error *err);

#endif
