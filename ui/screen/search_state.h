/* What the files of the Search screen share. Private to ui/screen/search*.c.
 *
 * search_load reads the workspace and owns everything here; drawing reads it, and changes only where panes stood and
 * how far they were scrolled. Jobs are borrowed from the app; a pointer is NULL when that job does not run. */
#ifndef UI_SCREEN_SEARCH_STATE_H
#define UI_SCREEN_SEARCH_STATE_H

#include "store/arches.h"
#include "store/runs.h"
#include "store/tasks.h"
#include "ui/app.h"
#include "ui/cell/table.h"

enum search_view { SEARCH_TRIALS, SEARCH_SUGGESTIONS, SEARCH_FAMILY, SEARCH_PARETO, SEARCH_VIEWS };

enum { SEARCH_LEAD = 64, SEARCH_RUNNING = 64, SEARCH_SCORINGS = 4 };

struct search_family { /* one row of the family tree */
    int arch;          /* index into arch */
    int trial;         /* its best one, else its newest; -1: never tried */
    char lead[SEARCH_LEAD];
};

struct search_screen {
    enum search_view view;
    struct table_state table[SEARCH_VIEWS];
    struct box rows; /* where the table of the view was drawn last */

    bool has_task;
    struct task_row task;
    struct trial_row *trial; /* by id */
    int trials;
    struct arch_row *arch; /* by id (hash) */
    int arches;
    int *board; /* trials: scored ones by score, each recipe once; behind them running, waiting, failed */
    int boards, scored;
    int *by_size; /* the scored ones by parameters */
    bool *front;  /* [scored]: is by_size[i] on the Pareto front? */
    struct search_family *family;
    int families;
    double low, high; /* of all intervals: the scale of the bars */

    bool has_last; /* a search was made on this task */
    struct search_row last;
    int planned, ended, done; /* of the last search */
    char evidence[512];
    char selected[HASH_HEX];
    json_t *suggest; /* result of the last `suggest` on this task, or NULL */

    struct job *search_job, *suggest_job, *scoring[SEARCH_SCORINGS];
    bool paused;
    double progress, eta;
    char progress_text[128];
    struct {
        int64_t trial;
        double share;
    } running[SEARCH_RUNNING];
};

void search_load(struct search_screen *s, struct app *app);
void search_unload(struct search_screen *s);
void search_keep_suggestions(struct search_screen *s, struct app *app);              /* in the workspace's settings */
int search_find_arch(const struct search_screen *s, struct hash id);                 /* index, or -1 */
int64_t search_parameters(const struct search_screen *s, const struct trial_row *t); /* -1: not known */
const char *search_arch_name(const struct search_screen *s, struct hash id,
                             char out[80]); /* "mlp 3fa9c1", "3fa9c1d2" */

/* The rows of the view shown. */
int search_rows(const struct search_screen *s);
int search_trial_of_row(const struct search_screen *s, int row); /* index into trial, or -1 */
bool search_hash_of_row(const struct search_screen *s, int row, struct hash *out);
const json_t *search_suggestion(const struct search_screen *s, int row);
size_t search_suggestions(const struct search_screen *s);
void search_row_text(void *self, int row, char *out, size_t size);         /* for `/` */
double search_running_share(const struct search_screen *s, int64_t trial); /* NaN: not known */
/* Did the search that made it end before it? */
bool search_cut_off(const struct search_screen *s, const struct trial_row *t);
bool search_interrupted(const struct search_screen *s);

void search_draw(struct search_screen *s, struct app *app, struct grid *g, struct box b);
void search_draw_progress(const struct search_screen *s, struct grid *g, struct box b);
void search_draw_pareto(const struct search_screen *s, struct grid *g, struct box b);
void search_build_family(struct search_screen *s);
char *search_explain(struct search_screen *s);

#endif
