/* The folder where identities are kept, encrypted: NAME.key, and NAME.pub for what is known of others.
 *
 * Key file (mode 0600; refused if anyone but its owner can read or write it):
 *   "MSKEY001", u32 version 1, name (text), public key 32, opslimit u64, memlimit u64, salt 16, nonce 24,
 *   u32 n = 48, ciphertext n = XChaCha20-Poly1305(seed 32), the whole header before the ciphertext as associated data;
 *   key = Argon2id13(passphrase, salt, opslimit, memlimit)
 * Limits are bounded on reading (1 to 16 passes, 8 KiB to 1 GiB), so that a file cannot ask for all memory or for hours;
 * writing uses libsodium's MODERATE (3 passes, 256 MiB) or what the file had where that is more, never less. A backup is
 * the same file under another name.
 *
 * Public file: the lines "morphsmith-public 1", "name NAME", "address ADDRESS", "public_key HEX", nothing else.
 *
 * Names match [a-z0-9_-]{1,31}; the two kinds share them. An identity is never replaced but by key_passwd, which leaves
 * the old file or the new one whatever happens. Argon2 takes half a second and 256 MiB: call what takes a passphrase
 * from a worker, never from the screen's thread. */
#ifndef CHAIN_KEYSTORE_H
#define CHAIN_KEYSTORE_H

#include "base/text.h"
#include "chain/key.h"

/* For `strength`: 0 is what everyone gets; KEY_TEST_STRENGTH takes libsodium's smallest limits, for tests only. */
#define KEY_TEST_STRENGTH 1

struct key_info {
    char name[KEY_NAME_MAX];
    struct key_public public_key;
    bool public_only;  /* no secret key here: another's, or one that lives on another machine */
    char problem[320]; /* why it cannot be used; "": it can */
};

/* Makes an identity, and in NAME.guard/ the note that it was made here (chain/guard.h); refuses a name that is taken. */
struct key *key_new(const char *folder, const char *name, const char *passphrase, int strength, struct error *err);
struct key *key_open(const char *folder, const char *name, const char *passphrase, struct error *err);

/* All there are, sorted by name; a file that is damaged or open to others is there with its problem. -1 on error;
 * free(*out). A folder that does not exist holds none. */
int key_list(const char *folder, struct key_info **out, struct error *err);

/* Reads name and public key only: no passphrase, so neither is proven. A file that does not exist: ERROR_IO. */
bool key_inspect(const char *path, struct key_info *out, struct error *err);

/* Encrypts it anew under another passphrase. Backups made before still open with the old one. */
bool key_passwd(const char *folder, const char *name, const char *old, const char *passphrase, int strength,
                struct error *err);

/* Copies the encrypted file to a path that is free (mode 0600), or as NAME.key into a folder; where it went is in
 * out[FILE_PATH_MAX]. */
bool key_backup(const char *folder, const char *name, const char *path, char *out, size_t size, struct error *err);

/* Takes in a backup, if the passphrase opens it, under its own name or (name not NULL) another. One whose limits are
 * below today's is encrypted anew with these. As far as is known it may have voted elsewhere: on every chain it waits for
 * the next certificate (chain/guard.h). */
bool key_import(const char *folder, const char *file, const char *name, const char *passphrase, int strength,
                struct key_info *out, struct error *err);

/* Behind key_import, if its owner says so: this key has voted on no other machine and need not wait. If that is wrong, two
 * machines may sign two things in one place, which costs stake and seat. */
bool key_never_voted(const char *folder, const char *name, const struct key_public *k, struct error *err);

/* What others need to know of an identity, as a text; and taking in such a file as NAME.pub. */
void key_public_text(const struct key_info *info, struct text *out);
bool key_public_parse(const void *data, size_t n, struct key_info *out);
bool key_public_read(const char *file, struct key_info *out, struct error *err);
bool key_public_import(const char *folder, const char *file, const char *name, struct key_info *out,
                       struct error *err);
bool key_is_public_file(const char *file); /* by how it begins */

/* Is it easy to guess? Then `why` says what is wrong with it. */
bool key_passphrase_weak(const char *passphrase, const char *name, char *why, size_t size);

#endif
