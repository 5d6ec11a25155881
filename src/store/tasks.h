/* Prediction tasks in the workspace. The newest one is in force. */
#ifndef STORE_TASKS_H
#define STORE_TASKS_H

#include "data/set/dataset.h"
#include "store/seals.h"
#include "store/workspace.h"

struct task_row {
    int64_t id, created_us;
    struct hash hash; /* of the data set */
    struct task task;
    char *info; /* JSON: samples, folds, channels, dropped */
};

bool tasks_put(struct workspace *w, const struct task *task, struct hash dataset, const char *info, struct error *err);
/* The task in force, or ERROR_USAGE saying how to set one. free(out->info). */
bool tasks_active(struct workspace *w, struct task_row *out, struct error *err);
/* The task with this data set, whether in force or not. free(out->info). */
bool tasks_find(struct workspace *w, struct hash dataset, struct task_row *out, struct error *err);
bool tasks_exist(struct workspace *w);
/* Its data set, kept from an earlier time (store/datasets.h) or built from the stored frames and checked against the
 * stored hash. Its arrays must not be written to. */
struct dataset *tasks_dataset(struct workspace *w, const struct task_row *row, struct error *err);
/* A data set from any task whose frames the workspace has. */
struct dataset *tasks_build(struct workspace *w, const struct task *task, struct error *err);
/* The frames of a task's series; free with tasks_frames_free in every case. */
bool tasks_frames(struct workspace *w, const struct task *task, struct frame *frame[TASK_SERIES_MAX],
                  struct error *err);
void tasks_frames_free(const struct task *task, struct frame *frame[TASK_SERIES_MAX]);

/* The base series of an asset as the seals know it (see seals.h), the span of its visible bars, and that of the sealed
 * ones behind them. */
struct seal_series tasks_seal_series(const struct task *task, int asset);
struct seal_span tasks_visible_span(const struct dataset *d, int asset);
struct seal_span tasks_sealed_span(const struct dataset *d, int asset);

#endif
