/* Commands that sign: the draft is shown, the word typed, the passphrase asked, then the action signs exactly that. */
#ifndef CMD_SIGN_H
#define CMD_SIGN_H

#include "action/chain.h"
#include "cmd/command.h"

#define CMD_SIGN_OPTIONS                                                                                               \
    {"key", "NAME", "the identity that signs"}, {"draft", NULL, "sign nothing: show what would be signed"},            \
    {                                                                                                                  \
        "expect", "HASH", "sign only if exactly this was shown"                                                        \
    }

/* Is called twice: for the draft, and to sign. It must say the same both times. */
typedef json_t *cmd_signed_action(struct workspace *w, const struct arguments *a, const struct action_signer *s,
                                  struct error *err);
json_t *cmd_sign(struct workspace *w, const struct arguments *a, cmd_signed_action *act, struct error *err);

/* For what cannot even be shown without the key, because salts come from it: the passphrase is asked first, and the
 * draft has it too. A draft alone (--draft) gets it only from --passphrase-fd. */
json_t *cmd_sign_unlocked(struct workspace *w, const struct arguments *a, cmd_signed_action *act, struct error *err);

/* For what trains, before the passphrase is asked for: no key is open meanwhile. */
json_t *cmd_train_and_sign(struct workspace *w, const struct arguments *a, cmd_signed_action *act, struct error *err);

#define CMD_TRAIN_OPTION                                                                                               \
    {                                                                                                                  \
        "train", NULL, "only train what will be needed and keep it: sign nothing, ask for no passphrase"               \
    }

#endif
