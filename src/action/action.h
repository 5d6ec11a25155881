/* Actions: one function for each thing a person can do, used by the commands and the screens alike.
 *
 * Each takes an open workspace and options, and returns a new JSON value whose members are those that morphsmith(1)
 * promises for the command of the same name, or NULL and err. Long ones report through a control and can be cancelled.
 * Nothing here prints or asks. */
#ifndef ACTION_ACTION_H
#define ACTION_ACTION_H

#include "store/workspace.h"
#include "train/recipe.h"
#include "work/control.h"
#include "work/driver.h"

struct arch; /* net/arch.h */

/* --- workspace and data (data.c, import.c) --- */
json_t *action_init(const char *folder, struct error *err);

/* As typed; NULL: guessed from the file, with the evidence. See struct csv_options. */
struct action_data_options {
    const char *asset, *time_column, *date_order, *stamp, *lag;
    bool dry_run;
    const char *format, *tz, *delimiter, *decimal, *thousands, *encoding, *missing, *symbol;
    const char *header, *skip;     /* numbers; header 0: the columns have no names */
    const char *keep;              /* "first" or "last" (which is the default) of rows that contradict each other */
    bool append;                   /* the files are parts of one series, which may be there already */
    int threads;                   /* 0: 1 */
    const struct control *control; /* told how far it is, asked whether to stop; may be NULL */
};
/* Nothing is stored unless all of it can be. A refusal that an option settles names it in the text ("--date-order"). */
json_t *action_data_add(struct workspace *w, const char *const *path, int n, const struct action_data_options *options,
                        struct error *err);
json_t *action_data_list(struct workspace *w, struct error *err);
json_t *action_data_show(struct workspace *w, const char *name, struct error *err);
/* ERROR_USAGE while the task in force uses it. Older tasks keep the frames that they rest on. */
json_t *action_data_remove(struct workspace *w, const char *name, struct error *err);
json_t *action_data_export(struct workspace *w, const char *path, struct error *err);
json_t *action_synth(const char *kind, uint64_t seed, int64_t bars, double bayes, const char *path, struct error *err);

/* --- the task (task.c) --- */
struct action_task_options {
    const char *asset, *target, *features, *price;           /* NULL: default */
    int64_t horizon, lookback, folds, embargo, stride, seed; /* < 0: default */
    double holdout;                                          /* < 0: default */
    const char *missing;                                     /* inputs: "drop" or "mask"; NULL: drop */
    const char *const *columns;                              /* values of --columns, see task_columns.c */
    int columns_n;
    const char *const *accept_leak; /* suspicions to go on with, by name */
    int accepted_n;
    bool open_sealed; /* show bars that an earlier task sealed, for good */
    bool dry_run;     /* all but storing it */
};
json_t *action_task_set(struct workspace *w, const struct action_task_options *options, struct error *err);
json_t *action_task_show(struct workspace *w, struct error *err);
/* The task in force as a file, and such a file as the task in force (see task_file.c). */
json_t *action_task_export(struct workspace *w, const char *path, struct error *err);
json_t *action_task_import(struct workspace *w, const char *path, bool open_sealed, struct error *err);

/* --- architectures and morphisms (arch.c, morph.c) --- */
json_t *action_arch_new(struct workspace *w, const char *template_name, int width, int depth, struct error *err);
json_t *action_arch_add(struct workspace *w, const char *path, struct error *err);
/* With the costs of a plan for a batch (0: ACTION_BATCH), and what was measured last. */
json_t *action_arch_show(struct workspace *w, const char *key, int batch, struct error *err);
#define ACTION_BATCH 64 /* of recipe_defaults */
struct action_measure_options {
    int batch;     /* 0: ACTION_BATCH */
    int threads;
    int64_t steps; /* of each part; 0: as many as fit into about a second */
};
/* The same, measured now: on the first fold of the task with the newest trained weights, where there are such, else on
 * random windows and with fresh weights. Kept as what was measured last, unless the workspace is only read. */
json_t *action_arch_measure(struct workspace *w, const char *key, const struct action_measure_options *options,
                            const struct control *control, struct error *err);
json_t *action_arch_list(struct workspace *w, struct error *err);
json_t *action_arch_diff(struct workspace *w, const char *a, const char *b, struct error *err);
/* Its "changes": [{"change": "+", "~" or "-", "node"}], from a to b. */
json_t *action_arch_changes(const struct arch *a, const struct arch *b);
json_t *action_arch_export(struct workspace *w, const char *key, const char *format, const char *path,
                           struct error *err);
json_t *action_morph_list(struct workspace *w, const char *key, struct error *err);
/* settings: "k=v" texts. key: an architecture (its newest weights, else fresh ones) or a model. */
json_t *action_morph(struct workspace *w, const char *key, const char *kind, const char *node,
                     const char *const *settings, int n, struct error *err);

/* --- training and scoring (train.c) --- */
struct action_train_options {
    struct recipe recipe;
    const char *from; /* a model's hash, or NULL */
    int threads;
    bool resume;      /* training only: go on with one that was interrupted */
    int64_t run;      /* which, by its number; 0: the one of this recipe, or else the only one of the architecture */
    int seeds;        /* scoring only: so many seeds from the recipe's on, for the spread over them; 0, 1: one */
    bool grow;        /* scoring only: from the weights of the trial that the architecture grew from, as a search does */
};
json_t *action_train(struct workspace *w, const char *key, const struct action_train_options *options,
                     const struct control *control, struct error *err);
json_t *action_score(struct workspace *w, const char *key, const struct action_train_options *options,
                     const struct control *control, struct error *err);

/* --- baselines (baseline.c) --- */
struct action_baseline_options {
    int epochs;      /* at most, of each; 0: the usual 30 */
    uint64_t seed;   /* 0: 1 */
    int threads;
    double seconds;  /* after which no further model is begun, the first of all families apart; 0: no limit */
    bool quick;      /* one model of each family, 10 epochs */
    bool kept;       /* trains nothing: what needs no training, and what was trained before */
};
/* {"baselines": [{"name", "family", "about", ... as score}], "best": name, "left": models that time was too short for}.
 * Trained ones are trials that no search goes on from; what is there is not trained again. */
json_t *action_baseline(struct workspace *w, const struct action_baseline_options *options,
                        const struct control *control, struct error *err);
/* Puts beside those what was found: "found", the best full trial that is no manual model (null: there is none) as score
 * gives it, with "trial", "name", "why", "strategy", "parameters"; its "lead" over each of the baselines {mean, low, high,
 * "p", "bars"}, paired on the bars that both were scored on; and the "evidence" for it. */
bool action_baseline_found(struct workspace *w, json_t *out, struct error *err);

/* Two of: an architecture (its best trial on the task), "trial:12", or a rule ("majority"). {"a", "b", "difference":
 * {mean, low, high}, "p", "bars", "sentence"}. */
json_t *action_compare(struct workspace *w, const char *a, const char *b, struct error *err);

/* --- search (search.c) --- */
json_t *action_suggest(struct workspace *w, int n, uint64_t seed, struct error *err);
json_t *action_search(struct workspace *w, const struct driver_options *options, const struct control *control,
                      struct error *err);
/* What the surrogate says of each step of the chain that led to a trial, and of the best that could grow from it. */
json_t *action_posterior(struct workspace *w, int64_t trial, uint64_t seed, struct error *err);
/* Skips an architecture (it is never suggested again) or pins it (it stays on top of the suggestions), or takes that
 * back; see store/marks.h for the marks. */
json_t *action_mark(struct workspace *w, const char *key, const char *mark, bool on, struct error *err);
json_t *action_marked(struct workspace *w, struct error *err);
json_t *action_board(struct workspace *w, struct error *err);
/* What inheriting weights saved a trial (work/inherit.h); 0: the best of the last search. */
json_t *action_inherit(struct workspace *w, int64_t trial, int threads, const struct control *control,
                       struct error *err);
/* What it saved all trials of the last search. */
json_t *action_inherit_all(struct workspace *w, int threads, const struct control *control, struct error *err);
json_t *action_trial_pin(struct workspace *w, int64_t trial, bool pinned, struct error *err);
/* Makes an architecture of a suggestion or a trial the one at hand: what the Graph, Morph and Train screens show. */
json_t *action_select(struct workspace *w, const char *key, struct error *err);
bool action_selected(struct workspace *w, char *key, size_t size);

#endif
