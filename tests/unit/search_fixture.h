/* A tiny workspace to search in, and this test program as its own worker: the crew starts /proc/self/exe with
 * "-w DIR --job worker". main calls search_worker first. */
#ifndef SEARCH_FIXTURE_H
#define SEARCH_FIXTURE_H

#include "tests/unit/test_support.h"

#include "store/runs.h"
#include "work/driver.h"

/* The exit status if this process was started as a worker, else -1. */
int search_worker(int n, char **argument);

/* 300 bars, look-back 8, two folds, one small network. */
struct workspace *search_workspace(const char *folder);
struct driver_options search_options(int trials, int workers);

/* Every trial of the last search as text, without times: what two runs must have in common. free() */
char *search_trials(struct workspace *w, int *n, int *done);

/* What tests of searches share: search_workspace in a folder of the test's; a search that must not fail; a deterministic
 * one's options; the trials of the last search (runs_trials_free). */
struct workspace *search_fresh(void **state, const char *name);
json_t *search_run(struct workspace *w, const struct driver_options *o, const struct control *control);
struct driver_options search_options_of(const char *strategy, int trials, int workers);
int search_rows(struct workspace *w, struct trial_row **rows);

/* Callbacks of a control that stops a search behind so many finished trials. */
struct search_stopper {
    int left;
};
void search_count_down(void *context, json_t *event);
bool search_is_over(void *context);

#endif
