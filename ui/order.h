/* A command as a person would type it, put together word by word: shown as a line to copy, run here where it is quick,
 * or run as a job. So what the workbench does is what the command line does, with the same options and refusals. */
#ifndef UI_ORDER_H
#define UI_ORDER_H

#include "ui/app.h"

struct order {
    char **word; /* [n], then NULL */
    size_t n, capacity;
};

void order_free(struct order *o);
void order_put(struct order *o, const char *word);
void order_words(struct order *o, const char *words);                    /* several, split at blanks */
void order_option(struct order *o, const char *name, const char *value); /* nothing where value is "" */
char *order_text(const struct order *o); /* "morphsmith data add 'my file.csv' --stamp date", for a shell; free() */
/* In this process: the command's result, or NULL and err. */
json_t *order_run(const struct order *o, struct workspace *w, struct error *err);
struct job *order_job(const struct order *o, struct app *app);

/* Has this command of the program the option, and what does the help say of it? NULL: it has not. */
const char *order_about(const char *command, const char *option);

#endif
