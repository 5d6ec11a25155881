/* Numbers as people dress them: 7,199.4  1.234,56  1 234,5  1'234.5  1.31M  -5.45%  $12  12 USD  (3.5)  U+2212 5.
 *
 * One cell often has several readings (1,234 is a thousand or one and a bit), so a cell is only taken apart here, and a
 * column decides: the readings that every cell allows remain. Groups must be right for a mark to part thousands: 1,23
 * can only be a decimal comma. A percent keeps its number as written (5.2% is 5.2); a suffix multiplies exactly. */
#ifndef DATA_READ_DRESS_H
#define DATA_READ_DRESS_H

#include <stdbool.h>
#include <stddef.h>

#define DRESS_UNIT_MAX 12
#define DRESS_CORE_MAX 64

/* A reading says what marks mean: bit decimal * DRESS_GROUPS + group. */
enum dress_group { DRESS_NO_GROUPS, DRESS_OTHER_MARK, DRESS_BLANK, DRESS_APOSTROPHE, DRESS_GROUPS };
#define DRESS_POINTS 0x0fu /* readings with a decimal point; DRESS_OTHER_MARK is the comma there */
#define DRESS_COMMAS 0xf0u /* with a decimal comma; DRESS_OTHER_MARK is the point */
#define DRESS_ALL 0xffu

struct dress {
    const char *core; /* digits and marks, borrowed from the cell */
    size_t core_n;
    unsigned readings;         /* those that the core allows */
    int power;                 /* of ten: the exponent, and 3, 6, 9 or 12 more for a suffix */
    char suffix;               /* k K m M b B t T, or '\0' */
    char unit[DRESS_UNIT_MAX]; /* "%", "$", "USD", ...; "" */
    bool negative, marks;      /* marks: the core has any */
};

/* False where the n bytes are no number in any dress. */
bool dress_take_apart(struct dress *d, const char *text, size_t n);

/* The value under one reading that the cell allows; infinite beyond a double. */
double dress_value(const struct dress *d, unsigned reading);

/* The reading of one decimal mark ('.' or ',') and thousands mark (one of , . ' and blank, or '\0' for none); 0: none.
 */
unsigned dress_reading(char decimal, char group);
char dress_decimal(unsigned reading);
const char *dress_group_name(unsigned reading); /* "comma", "point", "blank", "apostrophe", "none" */

#endif
