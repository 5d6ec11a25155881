/* Commands as data: each is one entry of a table; parsing, --help, the man page's tables and the palette come from it.
 * A command parses nothing itself: it reads its arguments by name, calls one action and says how its result is shown.
 */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include "store/workspace.h"
#include "work/control.h"

#include <stdio.h>

#define COMMAND_ARGS_MAX 256
#define COMMAND_OPTIONS_MAX 48

struct command_option {
    const char *name;  /* without dashes; one letter: a short option */
    const char *value; /* what it takes, for the help; NULL: nothing */
    const char *about;
};

struct arguments;

enum command_need {
    COMMAND_BARE,  /* needs no workspace */
    COMMAND_READS, /* opens the workspace, writes nothing */
    COMMAND_WRITES
};

struct command {
    const char *name;     /* "data add" */
    const char *operands; /* "FILE..." */
    const char *about;
    int least, most; /* operands */
    enum command_need need;
    struct command_option option[COMMAND_OPTIONS_MAX]; /* up to the first without a name */
    /* Returns the result to be shown, or NULL and err. w is NULL for COMMAND_BARE. */
    json_t *(*run)(struct workspace *w, const struct arguments *a, struct error *err);
    void (*show)(const json_t *result, FILE *out); /* for people; NULL: as fields */
    bool streams;                                  /* under --json, events come first, a line each */
    /* Ends by itself when a signal asks it to (through its control, or as it waits at the terminal), and tidies up. The
     * other commands change their files all at once or not at all: a signal ends them where they are. */
    bool ends_itself;
    bool hidden;
    bool unlocks; /* what it signs hides something: even its draft needs the key (cmd/sign.h) */
    bool prefix; /* stands in front of another command of the same first word that can show a draft, and lends it options */
    /* Runs on its own, with its own output and exit status (the workbench, view, a worker); then run is NULL. */
    int (*own)(struct workspace *w, const struct arguments *a, struct error *err);
};

extern const struct command *const command_table[]; /* NULL-terminated */

/* --- arguments --- */
const char *arguments_operand(const struct arguments *a, int i); /* NULL behind the last */
int arguments_operands(const struct arguments *a);
const char *const *arguments_operand_list(const struct arguments *a);
const char *arguments_option(const struct arguments *a, const char *name); /* NULL: not given; "" for a flag */
bool arguments_flag(const struct arguments *a, const char *name);
bool arguments_prepares(const struct arguments *a); /* stands `chain prepare` in front? */
/* The k-th value of an option given several times, or NULL. */
const char *arguments_option_at(const struct arguments *a, const char *name, int k);
bool arguments_int(const struct arguments *a, const char *name, int64_t least, int64_t most, int64_t *out,
                   struct error *err);
bool arguments_real(const struct arguments *a, const char *name, double least, double most, double *out,
                    struct error *err);
/* A span in seconds: "90s", "10m", "2h"; left alone where it is not given. */
bool arguments_span(const struct arguments *a, const char *name, double *out, struct error *err);
const struct control *arguments_control(const struct arguments *a);
bool arguments_interrupted(void); /* has a signal asked this process to end? */
int arguments_threads(const struct arguments *a);
const char *arguments_folder(const struct arguments *a);
FILE *arguments_out(const struct arguments *a);

/* Runs the program's arguments on a table of commands (main joins the tables); returns the exit status. */
int command_main(int n, char **argument, const struct command *const *const *tables);

#endif
