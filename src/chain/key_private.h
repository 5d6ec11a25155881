/* Inside of an unlocked identity, shared by key*.c only. */
#ifndef CHAIN_KEY_PRIVATE_H
#define CHAIN_KEY_PRIVATE_H

#include "chain/key.h"

#include <sodium.h>

struct key {
    char name[KEY_NAME_MAX];
    struct key_public public_key;
    uint8_t *secret; /* crypto_sign_SECRETKEYBYTES in a page of base/secret.h, read-only outside key_from_seed */
};

bool key_name_valid(const char *name); /* [a-z0-9_-]{1,31} */

#endif
