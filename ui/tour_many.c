/* The tour of many: four parties on one chain, three of which try to gain by what is not allowed. The parties act by the
 * scenario's script (samples/four_parties.sh), a step of it at a time; the screens are those of the honest one. */
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "ui/tour_internal.h"
#include "work/job.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SCRIPT "four_parties.sh"
#define LIAR "liar"

extern char **environ;

/* --- the script --------------------------------------------------------------------------------------------------------- */

static bool find_all(char *script, char *liar, size_t size, struct error *err)
{
    return (tour_find(SCRIPT, script, size) ||
            error_set(err, ERROR_FAILED,
                      "the scenario's script " SCRIPT " is neither beside the program nor installed: `make install` brings it there")) &&
           (tour_find(LIAR, liar, size) ||
            error_set(err, ERROR_FAILED,
                      "the dishonest parties' program " LIAR " is neither beside the program nor installed: `make` builds it"));
}

/* What it says goes into a file of the folder: the screen is the workbench's. */
static pid_t spawn(const char *folder, const char *const *word, struct error *err)
{
    char log[FILE_PATH_MAX];
    posix_spawn_file_actions_t files;
    pid_t pid;
    file_join(log, sizeof log, folder, TOUR_LOG);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    int failed = posix_spawnp(&pid, "sh", &files, NULL, (char *const *)(uintptr_t)word, environ);
    posix_spawn_file_actions_destroy(&files);
    errno = failed;
    if (failed)
        error_set_errno(err, ERROR_FAILED, "cannot start sh");
    return failed ? -1 : pid;
}

static pid_t begin(const char *folder, const char *name, struct error *err)
{
    char script[FILE_PATH_MAX], liar[FILE_PATH_MAX], owner[32];
    if (!find_all(script, liar, sizeof script, err))
        return -1;
    setenv("MORPHSMITH", job_program(), 1);
    setenv("LIAR", liar, 1);
    snprintf(owner, sizeof owner, "%ld", (long)getpid());
    setenv("FOUR_PARTIES_OWNER", owner, 1); /* a tour that is killed leaves nobody running */
    const char *const word[] = {"sh", script, "--in", folder, "--step", name, NULL};
    return spawn(folder, word, err);
}

static bool run_step(const char *folder, const char *name, struct error *err)
{
    int status;
    pid_t pid = begin(folder, name, err);
    return pid > 0 && ((waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
                       error_set(err, ERROR_FAILED, "the scenario's step %s failed: see %s/" TOUR_LOG, name, folder));
}

static struct workspace *prepare(const char *folder, struct error *err)
{
    char ada[FILE_PATH_MAX], space[FILE_PATH_MAX];
    if (!run_step(folder, "parties", err))
        return NULL;
    file_join(ada, sizeof ada, folder, "ada");
    file_join(space, sizeof space, ada, "ws");
    setenv("XDG_DATA_HOME", ada, 1);
    return workspace_open(space, false, err);
}

/* The others' programs run on their own: they end with the tour. */
static void end(const char *folder)
{
    run_step(folder, "end", NULL);
}

/* --- what is told ------------------------------------------------------------------------------------------------------- */

static const struct tour_step steps[] = {
    {"Four parties, one chain", "Four parties",
     "Ada is honest. Bob claims what is not so, Cyn attests without training anything, Dan signs two votes for one place. Each "
     "has a workspace and a copy of the chain; what they exchange are files in a shared folder. These are Ada's screens.",
     "6"},
    {NULL, "Who validates",
     "Each stakes tokens, and votes with as much power. A block is final when more than two thirds of the power have signed it; "
     "whose turn it is to propose goes round by power. Four programs follow the folder, one for each party.",
     "v v v v v v v"},
    {NULL, "The task",
     "Dan puts a prediction task on the chain, with 8,000 tokens for who improves on guessing. It became a block when three of "
     "the four had signed: nobody seals alone.",
     "@do:work @log"},
    {"An honest claim, and a guess", "Ada's claim",
     "Ada claims what a network scores, with a stake of 1,000. Bob and Dan train it again, commit to what they found, and reveal it "
     "once Ada has opened her root. Cyn trains nothing and makes up a root. (This takes some seconds.)",
     "Esc Esc @do:claim"},
    {NULL, "What came of it",
     "Two found the same bits, with more than two thirds of the stake: verified, approved, paid for the improvement. They share 2 % "
     "of Ada's stake for checking. Cyn's root is another: it cost a tenth of the stake.",
     "Enter"},
    {"A false claim, and a copy", "Bob's claim",
     "Bob's own program says that forty more directions were right. Cyn, wiser now, copies the hash that Ada has committed to. But "
     "under another key the same hash opens to nothing: what cannot be revealed costs as much as a wrong finding.",
     "Esc @do:refuted"},
    {NULL, "Refuted",
     "Ada and Dan found the truth. Bob's stake of 2,000 is lost: half goes to those who found it out, by their stakes, the rest is "
     "burnt. A copy of a commitment is worth nothing.",
     "j Enter"},
    {"A dispute", "Nobody looks",
     "Bob makes up one step of a training and shares his numbers with Cyn, who attests to them; this time nobody else looks. The claim "
     "counts as verified. One honest party is enough: Ada trains it again and disputes the first leaf that differs.",
     "Esc @do:disputed"},
    {NULL, "One interval",
     "Every validator trained that one interval again, from the state before it, before voting on the verdict: Bob's and Cyn's "
     "programs too. Half of what was left of the stake goes to Ada, who has her deposit back. Cyn is punished once more.",
     "v v v v v v v v Enter"},
    {"Two votes for one place", "Dan's two votes",
     "Dan's own program would refuse: the guard beside the key remembers what it signed. So he uses another. Ada's program meets both "
     "votes, and Ada shows them: 5 % of Dan's stake is lost, half of it is hers, and Dan validates no more.",
     "Esc @do:doubled v v v"},
    {"The account", "Who owns what",
     "The script works out from the rules what each must own now, and compares. Who lied has less than before, whichever lie it "
     "was; who checked has more.",
     "@do:account @log"},
    {NULL, "The end",
     "samples/four_parties.sh plays the same without screens. The dishonest parties needed a program of their own, for morphsmith has "
     "no way to lie. The workbench is yours now, as Ada; q leaves.",
     ""},
};

const struct tour_plan tour_many = {
    .name = "many",
    .about = "four parties on one chain, three of them dishonest: what each gains and loses",
    .step = steps,
    .steps = ARRAY_N(steps),
    .screen = "chain",
    .prepare = prepare,
    .begin = begin,
    .end = end,
};
