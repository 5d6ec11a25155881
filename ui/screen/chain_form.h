/* A form for a command of the chain: a row for every operand and option that the command's own table names, so that what
 * the command line can say can be said here. What is not given is by itself, as on the command line. The identity that
 * signs is no row (it is chosen on the screen), and the options of a training recipe are those of the Train screen.
 * Private to ui/screen/chain*.c. */
#ifndef UI_SCREEN_CHAIN_FORM_H
#define UI_SCREEN_CHAIN_FORM_H

#include "cmd/command.h"
#include "ui/app.h"
#include "ui/cell/table.h"
#include "ui/screen/settings.h"

enum { CHAIN_FORM_ROWS = 48, CHAIN_FORM_WORDS = 4 };

struct chain_screen;

struct chain_form_row {
    int operand; /* -1: an option */
    int option;  /* of the command; -1: an operand */
    char *value; /* NULL: by itself; a flag: "yes" */
};

struct chain_form {
    const struct command *command; /* NULL: closed */
    bool signs;                    /* has it a draft? */
    bool recipe;                   /* does it take the options of a recipe? */
    struct chain_form_row row[CHAIN_FORM_ROWS];
    int rows;
    struct table_state list;
    struct box drawn;
    char refusal[512];
    struct settings settings; /* of the Train screen */
    char words[64], *word[CHAIN_FORM_WORDS];
    char flag[CHAIN_FORM_ROWS][40];
    struct settings_arguments passed;
};

void chain_form_open(struct chain_form *f, struct app *app, const struct command *command);
void chain_form_close(struct chain_form *f);
/* Fills a row by its name: an option's, or an operand's ("TO"). "": by itself. */
void chain_form_set(struct chain_form *f, const char *name, const char *value);
void chain_form_set_operand(struct chain_form *f, int k, const char *value); /* the k-th, from 0 */
/* The whole command, NULL-terminated; borrowed from the form. NULL, with the reason in f->refusal, where an operand is
 * missing. */
const char *const *chain_form_arguments(struct chain_form *f);

void chain_form_enter(struct chain_screen *s, struct app *app); /* asks for the value at the cursor, or turns it over */
void chain_form_reset(struct chain_screen *s, struct app *app);
bool chain_form_input(struct chain_screen *s, struct app *app, const struct input_event *event);
void chain_form_draw(struct chain_screen *s, struct grid *g, struct box b);

/* What can be chosen for a row (chain_choose.c): appended from n on, each to be freed, its id as the last word; the new n. */
enum { CHAIN_CHOICES_MOST = 40 };
int chain_choose_models(struct workspace *w, char **choice, int n); /* newest first */
int chain_choose_arches(struct workspace *w, char **choice, int n); /* newest first */
int chain_choose_tasks(const struct chain_screen *s, char **choice, int n); /* of the chain, newest first */

/* For drawing. */
void chain_form_name(const struct chain_form *f, int row, char *out, size_t size); /* as the command has it */
void chain_form_title(const struct chain_form *f, int row, char *out, size_t size);
const char *chain_form_about(const struct chain_form *f, int row);

#endif
