/* Where passphrases come from: --passphrase-fd, else the terminal without echo. Never an argument or the environment.
 */
#ifndef CMD_PASSPHRASE_H
#define CMD_PASSPHRASE_H

#include "cmd/command.h"

#define PASSPHRASE_MAX 1024

/* A locked buffer with the passphrase, to be released by passphrase_free. NULL and ERROR_KEY where there is neither a
 * descriptor nor a terminal. twice: a new one, typed again. A second call takes the descriptor's next line. */
char *passphrase_read(const struct arguments *a, bool twice, struct error *err);

/* The same, asked for by another name than "Passphrase"; `name` is the identity's, where a new one is told weak. */
char *passphrase_read_as(const struct arguments *a, const char *prompt, bool twice, const char *name,
                         struct error *err);
void passphrase_free(char *passphrase);

/* Shows what would be signed on the terminal and asks for the word. False (ERROR_KEY) unless it was typed. Needs no
 * terminal, and asks nothing, when --passphrase-fd is given. */
bool passphrase_confirm(const struct arguments *a, const char *shown, const char *word, struct error *err);

#endif
