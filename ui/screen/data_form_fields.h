/* The rows of the task's form. Private to ui/screen/data_form*.c. */
#ifndef UI_SCREEN_DATA_FORM_FIELDS_H
#define UI_SCREEN_DATA_FORM_FIELDS_H

#include "ui/screen/data_form.h"

#include <stddef.h>

struct data_form_field {
    const char *flag, *title, *about;
};
extern const struct data_form_field data_form_fields[DATA_FIELDS];

char *data_form_command(const struct data_form *f);                     /* free() */
bool data_form_leak(const struct data_form *f, char *out, size_t size); /* which feature is to be accepted */

enum { DATA_FORM_CHOICES = 128 };
/* Those that have a price first, then the others (a table with classes needs none). Returns how many; *preset is the
 * asset of the cursor's series if it has a price, else the first. */
struct data_screen;
int data_form_assets(const struct data_screen *s, const char *out[DATA_FORM_CHOICES], int *preset);

#endif
