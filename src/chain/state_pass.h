/* Values of a saved state, for state*.c only. Both directions in one, so that they cannot drift apart: with `out` a value is
 * written, else it is read. A reader that has failed leaves zeros or what was there: whoever reads checks at the end. */
#ifndef CHAIN_STATE_PASS_H
#define CHAIN_STATE_PASS_H

#include "chain/state.h"

#define PASS_COUNT_MOST (1u << 28)

struct pass {
    struct bytes *out;
    struct bytes_reader *in;
};

void pass_raw(struct pass *p, void *data, size_t n);
void pass_u8(struct pass *p, uint8_t *v);
void pass_u32(struct pass *p, uint32_t *v);
void pass_u64(struct pass *p, uint64_t *v);
void pass_i64(struct pass *p, int64_t *v);
void pass_bool(struct pass *p, bool *v);
void pass_int(struct pass *p, int *v, size_t most); /* 0 to most; a larger one fails the reader */
void pass_hash(struct pass *p, struct hash *h);
void pass_address(struct pass *p, struct address *a);
void pass_moment(struct pass *p, struct state_moment *m);
void pass_body(struct pass *p, struct tx *tx); /* what a transaction brought, in the bytes of its body */

/* The memory, all zeros, for n items of `size` each: a count is not believed before there are so many bytes. */
void *pass_room(struct pass *p, int n, size_t size);

#define PASS_BODY(p, kind, member, value)                                                                              \
    do {                                                                                                               \
        struct tx tx_ = {.type = (kind)};                                                                              \
        tx_.member = *(value);                                                                                         \
        pass_body(p, &tx_);                                                                                            \
        *(value) = tx_.member;                                                                                         \
    } while (0)

/* An array's length, and its memory when reading; 0 when that failed. */
#define PASS_ARRAY(p, s, array, count, room_n)                                                                         \
    do {                                                                                                               \
        int n_ = (int)(s)->count;                                                                                      \
        pass_int(p, &n_, PASS_COUNT_MOST);                                                                             \
        if (!(p)->out) {                                                                                               \
            (s)->array = pass_room(p, n_, sizeof *(s)->array);                                                              \
            (s)->count = (s)->room_n = (s)->array ? (size_t)n_ : 0;                                                    \
        }                                                                                                              \
    } while (0)

#endif
