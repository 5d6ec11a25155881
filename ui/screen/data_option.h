/* What an import can be told in place of guessing: one entry an option of `data add`. Those that this program's `data
 * add` has not are not offered. */
#ifndef UI_SCREEN_DATA_OPTION_H
#define UI_SCREEN_DATA_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#define DATA_OPTIONS 17
#define DATA_OPTION_MAX 160
#define DATA_PATHS_MOST 64

enum data_option_kind { DATA_OPTION_CHOICE, DATA_OPTION_LINE, DATA_OPTION_COLUMN, DATA_OPTION_FLAG };

struct data_option {
    const char *flag;  /* "date-order" */
    const char *title; /* "order of dates" */
    const char *about; /* what the answer means, for the dialog and the explanation */
    enum data_option_kind kind;
    const char *choice[10]; /* "dmy: the day first"; the word before the colon is the value */
    const char *guess[4];   /* beginnings of what the report calls it */
};

extern const struct data_option data_option_table[DATA_OPTIONS];
bool data_option_offered(int option);
/* The option that settles what the report or a message is about, or -1. */
int data_option_of_guess(const char *what);
int data_option_of_message(const char *text); /* one that names "--date-order" */

#endif
