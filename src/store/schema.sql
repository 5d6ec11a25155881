-- The workspace's tables. Hashes are 64 hex digits, times microseconds since 1970 UTC, "json" columns JSON objects.
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- An imported series. frame names a file in frames/.
CREATE TABLE series (
  name TEXT PRIMARY KEY, asset TEXT NOT NULL, path TEXT NOT NULL, frame TEXT NOT NULL,
  rows INTEGER NOT NULL, columns INTEGER NOT NULL, first_us INTEGER NOT NULL, last_us INTEGER NOT NULL,
  step_us INTEGER NOT NULL, stamp TEXT NOT NULL, lag_us INTEGER NOT NULL, lag_reason TEXT NOT NULL,
  report TEXT NOT NULL, added_us INTEGER NOT NULL) WITHOUT ROWID;

-- What need not be computed again; a workspace without these tables is as good. frame: the short print of a frame that
-- was hashed once (data/frame.h). import: what a file gave, by everything that the outcome depends on.
-- dataset: the print of a built data set in datasets/ (data/dataset_file.h), by the file's name, HASH.NUMERIC.
CREATE TABLE IF NOT EXISTS frame (hash TEXT PRIMARY KEY, print INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS import (
  key TEXT PRIMARY KEY, result TEXT NOT NULL, used_us INTEGER NOT NULL) WITHOUT ROWID;
-- measure: what an architecture was last measured to cost (store/measures.h).
CREATE TABLE IF NOT EXISTS measure (
  arch TEXT PRIMARY KEY, result TEXT NOT NULL, taken_us INTEGER NOT NULL) WITHOUT ROWID;
-- mark: what a person pinned or skipped among the suggestions (store/marks.h).
CREATE TABLE IF NOT EXISTS mark (
  arch TEXT NOT NULL, mark TEXT NOT NULL, set_us INTEGER NOT NULL, PRIMARY KEY (arch, mark)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS dataset (name TEXT PRIMARY KEY, print INTEGER NOT NULL) WITHOUT ROWID;

-- A prediction task; the one with the largest id is in force. hash is the data set's hash.
CREATE TABLE task (
  id INTEGER PRIMARY KEY, hash TEXT NOT NULL, text TEXT NOT NULL, info TEXT NOT NULL, created_us INTEGER NOT NULL);

-- Spans of bars, by their closes: (from_us, after_us] are those that a task shows, (after_us, last_us] those that it
-- seals. Openings are spans of sealed bars that were looked at. lineage is the asset of the first task that sealed bars
-- of this series, whatever it was called since.
CREATE TABLE seal (
  id INTEGER PRIMARY KEY, lineage TEXT NOT NULL, asset TEXT NOT NULL, series TEXT NOT NULL, value TEXT NOT NULL,
  frame TEXT NOT NULL, from_us INTEGER NOT NULL, after_us INTEGER NOT NULL, last_us INTEGER NOT NULL, task TEXT NOT NULL,
  created_us INTEGER NOT NULL);
CREATE TABLE opening (
  id INTEGER PRIMARY KEY, lineage TEXT NOT NULL, after_us INTEGER NOT NULL, last_us INTEGER NOT NULL,
  kind TEXT NOT NULL,              -- task (it shows sealed bars), shown (it seals bars that were shown), holdout
  task TEXT NOT NULL, created_us INTEGER NOT NULL);

-- Hold-outs that were opened (store/holdouts.h), once a task: by which trial, with which models (plan, JSON), and what
-- came out (JSON; '' until it ended); and what each model predicted, as it was made.
CREATE TABLE IF NOT EXISTS holdout (
  task TEXT PRIMARY KEY, trial INTEGER NOT NULL, plan TEXT NOT NULL, result TEXT NOT NULL, opened_us INTEGER NOT NULL,
  ended_us INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS holdout_part (
  task TEXT NOT NULL, name TEXT NOT NULL, part TEXT NOT NULL, PRIMARY KEY (task, name)) WITHOUT ROWID;

-- An architecture, by canonical id; text is as written (names kept).
CREATE TABLE arch (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL, parent TEXT, morphism TEXT,
  parameters INTEGER NOT NULL, macs INTEGER NOT NULL, nodes INTEGER NOT NULL, created_us INTEGER NOT NULL) WITHOUT ROWID;

-- Trained (or morphed) weights; id is the weights' hash, file names a file in models/.
CREATE TABLE model (
  id TEXT PRIMARY KEY, arch TEXT NOT NULL, task TEXT NOT NULL, file TEXT NOT NULL, recipe TEXT NOT NULL,
  parent TEXT, morphism TEXT, trace_root TEXT, result TEXT NOT NULL, created_us INTEGER NOT NULL) WITHOUT ROWID;

-- A search, and its trials. A trial is one cross-validation of one architecture; search 0 are those run by hand.
-- strategy asked for it ('': a starting point, or by hand). fidelity is the share of the cross-validation that was run:
-- below 1 it was stopped, and its score is an estimate that nothing may be claimed by. latency_us is one prediction at
-- batch 1 on the machine that it was trained on.
CREATE TABLE search (
  id INTEGER PRIMARY KEY, task TEXT NOT NULL, options TEXT NOT NULL, state TEXT NOT NULL, seconds REAL,
  created_us INTEGER NOT NULL);
CREATE TABLE trial (
  id INTEGER PRIMARY KEY, search INTEGER NOT NULL, task TEXT NOT NULL, arch TEXT NOT NULL, recipe_id TEXT NOT NULL,
  recipe TEXT NOT NULL, parent INTEGER, steps TEXT NOT NULL, why TEXT NOT NULL,
  state TEXT NOT NULL,             -- waiting, running, done, failed
  attempts INTEGER NOT NULL, score REAL, low REAL, high REAL, noise REAL, predicted REAL, predicted_sd REAL, ei REAL,
  trace_root TEXT, weights TEXT, result TEXT NOT NULL, seconds REAL, pinned INTEGER NOT NULL DEFAULT 0,
  created_us INTEGER NOT NULL,
  strategy TEXT NOT NULL DEFAULT '', fidelity REAL NOT NULL DEFAULT 1, latency_us REAL);
CREATE INDEX trial_recipe ON trial (recipe_id);
CREATE INDEX trial_search ON trial (search, state);
-- What lists show of a trial and stands behind its long texts, so that those need not be read (store/brief.h).
CREATE INDEX trial_brief ON trial
  (task, state, attempts, score, fidelity, pinned, seconds, created_us, strategy, latency_us);

-- Curves: kind 'trial' or 'train', run the trial's id or the training's number.
CREATE TABLE epoch (
  kind TEXT NOT NULL, run INTEGER NOT NULL, fold INTEGER NOT NULL, epoch INTEGER NOT NULL, step INTEGER NOT NULL,
  train_loss REAL, valid_loss REAL, valid_accuracy REAL, learning_rate REAL, gradient_norm REAL, samples_per_second REAL,
  PRIMARY KEY (kind, run, fold, epoch)) WITHOUT ROWID;
CREATE TABLE training (
  id INTEGER PRIMARY KEY, arch TEXT NOT NULL, task TEXT NOT NULL, state TEXT NOT NULL, model TEXT,
  epochs INTEGER NOT NULL, created_us INTEGER NOT NULL);
