/* The tour of one: from a CSV file to a claim on a chain that its reader alone keeps. */
#include "action/action.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/tour_internal.h"

#define SAMPLE "synthetic_market.csv"

/* The passphrase of the tour's identity is public: the identity lives in the tour's own folder and goes with it. */
static const struct tour_step steps[] = {
    {"Data and the task", "Data",
     "A synthetic market: the next bar's direction follows a hidden pattern, then 6 % of the labels are flipped. So "
     "the best "
     "possible accuracy is known: 94 %. The last 15 % of time is sealed; nothing reads it.",
     "1"},
    {"A network and its morphisms", "Graph", "A network as a graph: one node a row, its edges as lanes, with shape, parameters and share of the work.",
     "2"},
    {NULL, "Morph",
     "Every change that keeps the function applies here and now. The next step widens or deepens the network, and "
     "shows that the "
     "output stays the same to the bit on real windows.",
     "3"},
    {NULL, "Morph: a step", "Applying the first applicable morphism. Look for max |delta| = 0.", "Enter"},
    {"Training", "Train",
     "Training by exact arithmetic: the same bits on every machine and for every number of threads. The curves are "
     "live.",
     "5"},
    {NULL, "Train: go", "Training the network at hand.", "t"},
    {"Searching", "Search",
     "Bayesian optimisation: a Gaussian process over graphs predicts what a change is worth. Six trials, two worker "
     "processes.",
     "4"},
    {NULL, "Search: go", "Each trial is a walk-forward cross-validation. Children start from their parent's weights.",
     "r Enter C-u 6 Enter r"},
    {NULL, "Search: suggestions",
     "What would it try next, and why? Each has a predicted score and an expected improvement; e explains one.", "s"},
    {"A chain of one: identity, task, block", "Chain", "A result becomes a signed statement that anyone can re-check. First an identity (passphrase: demo), ...",
     "6 K d e m o Enter d e m o Enter"},
    {NULL, "Chain: genesis", "... a chain with it as the only validator (its parameters are a form; all by themselves here), ...", "I r"},
    {NULL, "Chain: the task", "... and the task on it. What would be signed is shown, decoded from the very bytes.", "t r"},
    {NULL, "Chain: signing",
     "The word confirms it: it comes from the hash of those bytes, so it fits nothing else. Then the passphrase.",
     "@word @pass"},
    {NULL, "Chain: a block", "What waits for a block is shown once more, in full.", "b"},
    {NULL, "Chain: sealed", "Its word seals it. The identity is unlocked for some minutes: nothing asks for the passphrase.", "@word @pass"},
    {"A claim, re-run and approved", "Chain: a claim",
     "Claiming the score of the network at hand, with a stake of 100 tokens. It is trained from scratch first: a claim "
     "never rests on inherited weights. Then it is announced by its hash, so that nobody can copy it.",
     "p r @pass"},
    {NULL, "Chain: signing", "The same again: read, word. Alone, the block between the two halves is sealed at once.", "@word @pass"},
    {NULL, "Chain: a block", "The claim goes into a block of its own, ...", "b"},
    {NULL, "Chain: sealed", "... and is on the chain: now it waits for those who check it.", "@word @pass"},
    {NULL, "Chain: the re-run",
     "A validator re-trains the claim from the chain's objects alone and commits to what came out, hidden; then the "
     "author opens the root, and the findings are revealed. Alone, one does all three.",
     "g c @pass"},
    {NULL, "Chain: signing", "Three transactions, one word over the bytes of all of them.", "@word @pass"},
    {NULL, "Chain: the evidence", "The claim in full: its life, its folds, its network, who re-ran it, and every hash.", "Enter"},
    {NULL, "Chain: approval", "A reviewer re-trains the claim here and compares the bits before deciding.", "a Enter Enter"},
    {NULL, "Chain: signing", "The approval is bound to the evidence and to the re-run. Alone, it is marked `self`.",
     "@word @pass"},
    {NULL, "Chain: a block", "The approval goes into a block as well, ...", "b"},
    {NULL, "Chain: sealed", "... with which the claim is accepted, and paid for what it improves on.", "@word @pass"},
    {NULL, "Chain: verification", "Everything re-checked from genesis, and every claim re-trained.", "R"},
    {NULL, "The end",
     "That was the whole line: data, graph, morphism, training, search, signature, proof. ? lists the keys of a "
     "screen, : finds any "
     "command. The workbench is yours now, on this data; q leaves.",
     ""},
};

/* --- its workspace --------------------------------------------------------------------------------------------------- */

/* The bundled market; without it, one like it is made. */
static bool find_market(char *out, size_t size, const char *folder, struct error *err)
{
    if (tour_find(SAMPLE, out, size))
        return true;
    file_join(out, size, folder, SAMPLE);
    json_t *made = action_synth("planted", 7, 3000, 0.94, out, err);
    json_decref(made);
    return made != NULL;
}

/* A workspace with the market, the task and two networks; the rest is done before the reader's eyes. */
static struct workspace *prepare(const char *folder, struct error *err)
{
    char market[FILE_PATH_MAX], space[FILE_PATH_MAX];
    const char *const files[] = {market};
    file_join(space, sizeof space, folder, "demo");
    struct action_data_options data = {.asset = "synthetic"};
    struct action_task_options task = {
        .horizon = 1, .lookback = 24, .folds = 3, .embargo = -1, .stride = -1, .seed = -1, .holdout = -1};
    struct workspace *w = NULL;
    if (find_market(market, sizeof market, folder, err) && workspace_create(space, err) &&
        (w = workspace_open(space, false, err))) {
        json_t *result[] = {action_data_add(w, files, 1, &data, err), NULL, NULL, NULL};
        result[1] = result[0] ? action_task_set(w, &task, err) : NULL;
        result[2] = result[1] ? action_arch_new(w, "mlp", 16, 1, err) : NULL;
        result[3] = result[2] ? action_arch_new(w, "tcn", 12, 3, err) : NULL;
        bool ok = result[3] != NULL;
        workspace_setting_set(w, "search.deterministic", "1"); /* the same trials on every projector */
        for (size_t i = 0; i < ARRAY_N(result); i++)
            json_decref(result[i]);
        if (!ok) {
            workspace_close(w);
            w = NULL;
        }
    }
    return w;
}

const struct tour_plan tour_one = {
    .name = "one",
    .about = "data, graph, morphism, training, search, and a claim on a chain of one",
    .step = steps,
    .steps = ARRAY_N(steps),
    .screen = "data",
    .prepare = prepare,
};
