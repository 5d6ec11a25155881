/* Settings that people choose once for a workspace, by name: a table of them, with their bounds. They are kept in the
 * workspace; one that is not there, or out of its bounds, is by itself. */
#ifndef ACTION_PREFERENCE_H
#define ACTION_PREFERENCE_H

#include "base/error.h"

#include <jansson.h>
#include <stdint.h>

struct workspace;

#define CONFIG_UNLOCK_MINUTES "unlock.minutes"

/* NULL: there is no such setting. */
const struct config_setting *config_find(const char *name);
struct config_setting {
    const char *name;
    int64_t least, most, otherwise; /* whole numbers */
    const char *about;
};

int64_t config_get(struct workspace *w, const char *name); /* of a setting that there is */

/* {"settings": [{"name", "value", "default", "least", "most", "about"}]} */
json_t *action_config_list(struct workspace *w, struct error *err);
/* Gives the one setting; value "default": by itself again. */
json_t *action_config_set(struct workspace *w, const char *name, const char *value, struct error *err);

#endif
