/* The form that begins a search: every option of the command `search`, in the order in which people choose them. The
 * command's own table says which there are; what is known of one (its name for people, the values that it can have)
 * stands in search_form.c, and an option that is not known there is a line of text. Private to ui/screen/search*.c.
 *
 * What is not chosen is by itself, as on the command line. Choices are kept in the workspace's settings. */
#ifndef UI_SCREEN_SEARCH_FORM_H
#define UI_SCREEN_SEARCH_FORM_H

#include "ui/app.h"
#include "ui/cell/table.h"
#include "ui/screen/settings.h"

enum { SEARCH_OPTIONS = 48, SEARCH_FORM_ROWS = 96, SEARCH_VALUE = 160 };

struct search_form_row {
    int option; /* of command_search; -1: the recipe */
    int item;   /* of a list; -1: the whole value */
};

struct search_form {
    bool open;
    struct table_state list;
    struct box drawn;
    struct search_form_row row[SEARCH_FORM_ROWS];
    int rows;
    char chosen[SEARCH_OPTIONS][SEARCH_VALUE]; /* by the command's options; "": by itself; a flag: "yes" */
    char refusal[256];                         /* of the last answer */
    char recipe[256];                          /* what the Train form says, for people */
    struct settings settings;
    struct { /* what the arguments borrow from */
        char flag[SEARCH_OPTIONS][40];
        struct settings recipe;
    } passed;
};

/* Reads what is kept; what is damaged or unknown is by itself. */
void search_form_load(struct search_form *f, struct workspace *w);
void search_form_open(struct search_form *f);
/* The arguments of the search; they borrow from the form. False, with the reason in f->refusal, where two exclude each
 * other. */
bool search_form_arguments(struct search_form *f, struct settings_arguments *out);

void search_form_enter(struct search_form *f, struct app *app); /* asks for the value at the cursor, or turns it over */
void search_form_reset(struct search_form *f, struct app *app);
void search_form_reset_all(struct search_form *f, struct app *app);
bool search_form_input(struct search_form *f, struct app *app, const struct input_event *event);
void search_form_draw(struct search_form *f, struct grid *g, struct box b);

/* For drawing: what a row says. */
void search_form_title(const struct search_form *f, int row, char *out, size_t size);
void search_form_value(const struct search_form *f, int row, char *out, size_t size);
const char *search_form_about(const struct search_form *f, int row);
void search_form_range(const struct search_form *f, int row, char *out, size_t size);
bool search_form_chosen(const struct search_form *f, int row);

#endif
