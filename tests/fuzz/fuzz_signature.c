/* Ed25519 for fuzz programs, in place of libsodium's: a signature is good if it begins with FUZZSIGN, whatever it is over.
 * The true one costs a hundred times what reading an input does, and no mutation ever gets past it, so that nothing behind
 * a signature would be reached. What the true one must refuse is tried by fuzz_signed, which does not link this file. */
#include <sodium.h>
#include <string.h>

static const unsigned char good[] = {'F', 'U', 'Z', 'Z', 'S', 'I', 'G', 'N'};

int crypto_sign_verify_detached(const unsigned char *signature, const unsigned char *m, unsigned long long n,
                                const unsigned char *key)
{
    volatile unsigned char last = n ? m[n - 1] : 0; /* the sanitizer sees a length that is wrong */
    last = key[crypto_sign_PUBLICKEYBYTES - 1];
    (void)last;
    return memcmp(signature, good, sizeof good) == 0 && signature[crypto_sign_BYTES - 1] == 0 ? 0 : -1;
}

int crypto_sign_detached(unsigned char *signature, unsigned long long *n_out, const unsigned char *m, unsigned long long n,
                         const unsigned char *secret)
{
    volatile unsigned char last = n ? m[n - 1] : 0;
    last = secret[0];
    (void)last;
    memset(signature, 0, crypto_sign_BYTES);
    memcpy(signature, good, sizeof good);
    if (n_out)
        *n_out = crypto_sign_BYTES;
    return 0;
}
