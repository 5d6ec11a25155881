/* What the files of the Search screen share. Private to ui/screen/search*.c.
 *
 * search_load reads the workspace and owns everything here; drawing reads it, and changes only where panes stood and
 * how far they were scrolled. Trials are loaded without recipe and result, which are read one at a time where they are
 * shown: tens of thousands must fit into a frame. Jobs are borrowed from the app; a pointer is NULL when that job does
 * not run. */
#ifndef UI_SCREEN_SEARCH_STATE_H
#define UI_SCREEN_SEARCH_STATE_H

#include "store/brief.h"
#include "store/tasks.h"
#include "ui/app.h"
#include "ui/cell/table.h"
#include "ui/screen/search_form.h"

enum search_view {
    SEARCH_TRIALS,
    SEARCH_SUGGESTIONS,
    SEARCH_FAMILY,
    SEARCH_PARETO,
    SEARCH_RACES,
    SEARCH_CHAIN,
    SEARCH_VIEWS
};
enum search_sort {
    SORT_SCORE,
    SORT_LOW,
    SORT_NEWEST,
    SORT_PARAMETERS,
    SORT_MACS,
    SORT_LATENCY,
    SORT_SECONDS,
    SEARCH_SORTS
};
enum search_cost { COST_PARAMETERS, COST_MACS, COST_LATENCY, SEARCH_COSTS };

enum { SEARCH_LEAD = 64, SEARCH_RUNNING = 64, SEARCH_SCORINGS = 4, SEARCH_FILTER = 24, SEARCH_RACERS = 6 };

struct search_family { /* one row of the family tree */
    int arch;          /* index into arch */
    int trial;         /* its best one, else its newest; -1: never tried */
    int folded;        /* architectures below it that are not shown; 0: none is hidden */
    bool parent;       /* some are below it, shown or not */
    char lead[SEARCH_LEAD];
};

/* A strategy in the race: what it found by itself, beside the starting points, which all share. */
struct search_racer {
    char name[16];
    int *trial; /* indices into trial, by id: starting points and its own */
    double *best;    /* in per cent, after each; NaN: none was scored in full yet */
    double *seconds; /* of training, all until then */
    int n, own, scored, stopped, failed;
    int winner; /* index into trial of its best, or -1 */
};

struct search_chain_row {
    int64_t trial; /* 0: a candidate that was not tried */
    char arch[HASH_HEX], name[80], step[192];
    double mean, sd;         /* the posterior now */
    double asked, asked_sd;  /* what was predicted before it ran */
    double score, low, high, fidelity;
};

struct search_screen {
    enum search_view view;
    struct table_state table[SEARCH_VIEWS];
    struct box rows; /* where the table of the view was drawn last */
    enum symbols symbols; /* of the grid drawn last */
    enum search_sort sort;
    char filter[SEARCH_FILTER]; /* "": all; else as search_filter_name says, or a strategy */
    enum search_cost cost;      /* the Pareto view's axis */
    bool by_seconds;            /* the race's axis: training seconds, not trials */
    int race_cursor;            /* index into race_x, or -1 */
    bool choices_known;         /* view, sort, filter, axes were read from the workspace once */
    struct search_form form;

    int at_once;  /* more new trials than these are read on a thread of their own */
    bool reading; /* that is under way */
    bool has_task;
    struct task_row task;
    struct brief_print print; /* of what was loaded */
    bool family_stale; /* it is built when it is looked at, where there are many trials */
    struct trial_row *trial; /* by id; recipe and result are NULL */
    int trials;
    struct arch_row *arch; /* by id (hash), without text */
    int arches;
    int *arch_of; /* [trials]: index into arch, or -1 */
    int *board;   /* trials as sorted and filtered: those scored in full, stopped ones, running, waiting, failed */
    int *rank;    /* [trials]: place by score among those in full, from 1; 0: none */
    int boards, scored, stopped;
    int best;     /* index of the best trial, or -1 */
    int *by_cost; /* those in full, by what the Pareto view's axis is; only those for which it is known */
    bool *front;  /* [costed]: is by_cost[i] on the Pareto front? */
    int costed;
    struct search_family *family;
    int families;
    struct hash *folded; /* architectures whose descendants are folded away */
    int folds;
    size_t folds_capacity;
    double low, high; /* of all intervals: the scale of the bars */
    struct search_racer racer[SEARCH_RACERS];
    int racers;
    double *race_x; /* where a curve has a point, rising */
    int race_xs;

    bool has_last; /* a search was made on this task */
    struct search_row last;
    int planned, ended, done; /* of the last search */
    char evidence[512];
    char selected[HASH_HEX];
    json_t *suggest; /* result of the last `suggest` on this task, or NULL */

    int64_t compared;       /* the trial that another is chosen for */
    char chosen[HASH_HEX];  /* for the hold-out */
    int64_t chain_of; /* the trial whose chain is shown, or 0 */
    struct search_chain_row *chain;
    int chains;
    json_t *chain_result;

    struct job *search_job, *suggest_job, *chain_job, *judge_job, *scoring[SEARCH_SCORINGS];
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
void search_keep_suggestions(struct search_screen *s, struct app *app); /* in the workspace's settings */
void search_keep_choices(const struct search_screen *s, struct app *app);
int search_find_arch(const struct search_screen *s, struct hash id); /* index, or -1 */
const struct trial_row *search_find_trial(const struct search_screen *s, int64_t id);
int64_t search_parameters(const struct search_screen *s, const struct trial_row *t); /* -1: not known */
void search_say_cost(const struct search_screen *s, const struct trial_row *t, char *out, size_t size); /* on the axis */
double search_cost_of(const struct search_screen *s, const struct trial_row *t, enum search_cost c); /* NaN: not known */
const char *search_arch_name(const struct search_screen *s, struct hash id,
                             char out[80]); /* "mlp 3fa9c1", "3fa9c1d2" */
bool search_is_done(const struct trial_row *t);    /* it has a score, be it of a part */
bool search_is_full(const struct trial_row *t);    /* it has a score of the whole cross-validation */
const char *search_asker(const struct trial_row *t); /* the strategy, "start", "hand", "search" */

/* --- search_board.c: sorted, filtered, and the front --- */
void search_build_board(struct search_screen *s);
void search_build_front(struct search_screen *s);
const char *search_sort_name(enum search_sort sort);
const char *search_cost_name(enum search_cost cost);
/* The filters that leave something, NULL-terminated; the first is "" for all. */
int search_filters(const struct search_screen *s, char out[][SEARCH_FILTER], int most);

/* --- search_race.c: of the last search; without one, of all trials --- */
void search_build_race(struct search_screen *s);
void search_free_race(struct search_screen *s);
double search_race_x(const struct search_screen *s, const struct search_racer *r, int i);
/* A racer's best so far at x, and how many of its trials had ended; NaN before the first score. */
double search_race_best(const struct search_screen *s, const struct search_racer *r, double x, int *ended);
double search_race_now(const struct search_screen *s); /* where the cursor is, or the end */
int search_race_leader(const struct search_screen *s, double x); /* of racer, or -1 */

/* --- search_chain.c --- */
void search_chain_show(struct search_screen *s, int64_t trial); /* from what the trials say */
void search_chain_event(struct search_screen *s, json_t *result);
void search_free_chain(struct search_screen *s);

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
void search_draw_race(const struct search_screen *s, struct grid *g, struct box b);
void search_draw_chain(const struct search_screen *s, struct grid *g, struct box b);
void search_draw_detail(const struct search_screen *s, struct grid *g, struct box b);
void search_draw_table(struct search_screen *s, struct grid *g, struct box b);
void search_draw_side_suggestions(const struct search_screen *s, struct grid *g, struct box b);
void search_build_family(struct search_screen *s);
void search_build_shown(struct search_screen *s); /* what the view needs and was left for later */
void search_fold_family(struct search_screen *s, struct hash arch);
char *search_explain(struct search_screen *s, struct app *app);

#endif
