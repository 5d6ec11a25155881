/* What several screens share: keys that move, headings, fields, and numbers as people read them. */
#ifndef UI_SCREEN_AID_H
#define UI_SCREEN_AID_H

#include "ui/cell/grid.h"
#include "ui/input.h"

#include <jansson.h>
#include <stdint.h>

/* Rows to move by, for table_move: arrows, j k, pages, ends and the wheel. False if the event moves nothing. */
bool aid_move(const struct input_event *event, int page, int *delta);

/* A row of title, rule and note: "Task ─────────── 5 folds". */
void aid_heading(struct grid *g, struct box b, int y, const char *title, const char *note);
/* A dim label and, from column `at` on, its value; wraps below itself. Returns the rows it took. */
int aid_field(struct grid *g, struct box b, int y, int at, const char *label, const char *format, ...)
    __attribute__((format(printf, 6, 7)));
/* A key and what it does, as on pages that say what to do next. */
void aid_hint(struct grid *g, struct box b, int x, int y, const char *key, const char *what);

#define AID_NUMBER 32
const char *aid_count(int64_t n, char out[AID_NUMBER]);  /* "1,234" */
const char *aid_delta(int64_t n, char out[AID_NUMBER]);  /* "+1,234", "-7", "=" */
const char *aid_step(int64_t us, char out[AID_NUMBER]);  /* "1 d", "5 min", "31 d", "-" for 0 */
const char *aid_day(int64_t us, char out[AID_NUMBER]);   /* "2019-10-20", with the minute where it is no midnight */
const char *aid_text(const json_t *object, const char *key); /* a member that is a text; "" if it is none */
int64_t aid_time(const char *iso);                       /* of "2019-10-20T00:00:00Z"; 0 if it is none */

#endif
