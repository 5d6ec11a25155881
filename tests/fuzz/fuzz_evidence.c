/* Evidence texts: accepted only if they are text and begin with what the proposal claims, line by line. The input's first
 * byte tells whether the claim's own lines stand before the rest (bit 0), and which of their bytes is changed (the other
 * bits; 0: none). */
#include "fuzz_folder.h"

#include "action/claim.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdlib.h>

const char fuzz_corpus[] = "evidence";

static void fill_claim(struct state_task *task, struct tx_propose *p)
{
    *task = (struct state_task){.body = {.numeric = "msn1", .folds = 3}};
    memset(task->id.byte, 0xa1, HASH_BYTES);
    *p = (struct tx_propose){.counts = {.folds = 3, .correct = {550, 560, 570}, .total = {1000, 1000, 1000}}};
    memset(p->arch.byte, 0xb2, HASH_BYTES);
    memset(p->parent.byte, 0xc3, HASH_BYTES);
}

/* The object of these bytes is the only one in the folder. */
static void put_object(const struct bytes *b, struct hash *id)
{
    char name[8 + HASH_HEX] = "objects/";
    *id = hash_of(b->data, b->n);
    hash_hex(*id, name + 8);
    fuzz_put(name, b->data, b->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct state_task task;
    static struct tx_propose p;
    static char *lines;
    struct bytes b = {0};
    char *text = NULL;
    struct error err = {0};
    hash_start();
    if (n < 1)
        return 0;
    if (!lines) {
        fill_claim(&task, &p);
        lines = claim_lines(&task, &p);
    }
    if (data[0] & 1)
        bytes_put(&b, lines, strlen(lines));
    if (b.n && data[0] >> 1)
        b.data[(size_t)(data[0] >> 1) % b.n] ^= 1;
    bytes_put(&b, data + 1, n - 1);
    bytes_put_u8(&b, 0);
    b.n--; /* for text_is_utf8 and memchr to have something to look at */
    put_object(&b, &p.evidence);
    bool good = claim_evidence_check(fuzz_folder(), &task, &p, &text, &err);
    bool is_text = memchr(b.data, 0, b.n) == NULL && text_is_utf8((const char *)b.data, b.n);
    bool begins = b.n >= strlen(lines) && memcmp(b.data, lines, strlen(lines)) == 0;
    ASSERT(good == (is_text && begins));
    ASSERT(good ? strlen(text) == b.n : text == NULL && err.kind == ERROR_CHAIN);
    free(text);
    bytes_free(&b);
    return 0;
}
