/* The rule of a zone for the years behind its table, as POSIX writes it in the variable TZ:
 * "CET-1CEST,M3.5.0,M10.5.0/3". For zone*.c alone. */
#ifndef DATA_TIME_ZONE_RULE_H
#define DATA_TIME_ZONE_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ZONE_WORD_MAX 16

enum zone_date_kind { ZONE_MONTH_WEEK_DAY, ZONE_JULIAN, ZONE_DAY_OF_YEAR };

struct zone_date {
    enum zone_date_kind kind;
    int month, week, day; /* day: of the week (0 is Sunday), or of the year */
    int32_t second;       /* of the day, -167 h to 167 h */
};

struct zone_rule {
    int32_t standard, summer; /* seconds east */
    char standard_word[ZONE_WORD_MAX], summer_word[ZONE_WORD_MAX];
    bool has_summer;
    struct zone_date start, end; /* in the local time that holds before each */
};

bool zone_rule_parse(struct zone_rule *out, const char *text, size_t n);
bool zone_rule_is_summer(const struct zone_rule *r, int64_t utc_s);
/* The first change behind utc_s; false for a rule without summer. */
bool zone_rule_next(const struct zone_rule *r, int64_t utc_s, int64_t *change_s);

#endif
