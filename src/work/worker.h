/* The worker's side of a search: a process that runs trials one after the other.
 *
 * Standard input: one line a trial, its number. Standard output: one JSON object a line: {"event":"epoch", ...},
 * then {"event":"result","trial":N,"result":{...}} or {"event":"error","trial":N,"kind":K,"text":T}. It ends when its
 * input closes, in the middle of a training too (the driver is gone), and when `cancelled` says so. It reads the
 * workspace's database and writes only weight files, so it can be killed at any moment. */
#ifndef WORK_WORKER_H
#define WORK_WORKER_H

#include "store/workspace.h"

#include <stdio.h>

bool worker_serve(struct workspace *w, FILE *in, FILE *out, bool (*cancelled)(void), struct error *err);

#endif
