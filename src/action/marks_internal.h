/* What the suggestions' files share. Private to src/action/. */
#ifndef ACTION_MARKS_INTERNAL_H
#define ACTION_MARKS_INTERNAL_H

#include "search/search.h"
#include "store/workspace.h"

#include <jansson.h>

/* One suggestion, as `suggest` promises it; its architecture is kept unless the workspace is only read. */
json_t *suggest_json(struct workspace *w, const struct search *s, const struct search_candidate *c);
/* Tells the search what was skipped, as nothing to propose. */
bool suggest_skipped(struct workspace *w, struct search *s, struct error *err);
/* Those that are pinned and were not tried on the task yet, with today's prediction: a new array. */
json_t *suggest_pinned(struct workspace *w, const struct search *s, struct hash task);
/* Unless its architecture is there already. Steals the suggestion. */
void suggest_append(json_t *list, json_t *suggestion);

#endif
