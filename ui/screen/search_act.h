/* What the keys of the Search screen do, and when they may. Private to ui/screen/search*.c. */
#ifndef UI_SCREEN_SEARCH_ACT_H
#define UI_SCREEN_SEARCH_ACT_H

#include "base/text.h"
#include "ui/screen/search_state.h"

/* May a key be used? If not, why. */
bool search_may_suggest(void *self, struct app *app, char *why, size_t size);
bool search_may_search(void *self, struct app *app, char *why, size_t size);
bool search_may_resume(void *self, struct app *app, char *why, size_t size);
bool search_is_searching(void *self, struct app *app, char *why, size_t size);
bool search_may_cancel(void *self, struct app *app, char *why, size_t size);
bool search_on_suggestion(void *self, struct app *app, char *why, size_t size);
bool search_may_accept(void *self, struct app *app, char *why, size_t size);
bool search_may_take(void *self, struct app *app, char *why, size_t size);
bool search_may_pin(void *self, struct app *app, char *why, size_t size);
bool search_may_chain(void *self, struct app *app, char *why, size_t size);
bool search_may_fold(void *self, struct app *app, char *why, size_t size);
bool search_has_skipped(void *self, struct app *app, char *why, size_t size);
bool search_has_arch(void *self, struct app *app, char *why, size_t size);

void search_take(void *self, struct app *app);   /* the architecture under the cursor is at hand; suggestions are scored */
void search_accept(void *self, struct app *app); /* scores the suggestion under the cursor */
void search_graph(void *self, struct app *app);
void search_morph(void *self, struct app *app);
void search_ask_suggestions(void *self, struct app *app);
void search_skip(void *self, struct app *app);
void search_unskip(void *self, struct app *app);
void search_pin(void *self, struct app *app);
void search_chain(void *self, struct app *app);
void search_fold(void *self, struct app *app);
void search_begin(void *self, struct app *app); /* as the form says */
void search_resume(void *self, struct app *app);
void search_pause(void *self, struct app *app);
void search_cancel(void *self, struct app *app);

/* --- search_judge.c --- */
bool search_may_judge(void *self, struct app *app, char *why, size_t size);
bool search_may_compare(void *self, struct app *app, char *why, size_t size);
bool search_may_holdout(void *self, struct app *app, char *why, size_t size);
void search_baselines(void *self, struct app *app); /* scores the manual models, as many as are asked for */
void search_compare(void *self, struct app *app);   /* the trial under the cursor with another, on the same bars */
void search_holdout(void *self, struct app *app);   /* opens it for the architecture under the cursor, or shows it */
bool search_may_inherit(void *self, struct app *app, char *why, size_t size);
void search_inherit(void *self, struct app *app);
bool search_put_inherited(struct text *out, const json_t *result); /* false: it is no such result */
void search_judged(struct app *app, const json_t *result);

#endif
