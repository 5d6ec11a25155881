#include "ui/screen/aid.h"

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool aid_move(const struct input_event *event, int page, int *delta)
{
    switch (event->key) {
    case INPUT_UP:
    case 'k':
        *delta = -1;
        return true;
    case INPUT_DOWN:
    case 'j':
        *delta = 1;
        return true;
    case INPUT_PAGE_UP:
        *delta = page > 1 ? -page : -1;
        return true;
    case INPUT_PAGE_DOWN:
        *delta = page > 1 ? page : 1;
        return true;
    case INPUT_HOME:
    case 'g':
        *delta = INT_MIN;
        return true;
    case INPUT_END:
    case 'G':
        *delta = INT_MAX;
        return true;
    case INPUT_MOUSE:
        *delta = 3 * event->wheel;
        return event->wheel != 0;
    default:
        return false;
    }
}

void aid_heading(struct grid *g, struct box b, int y, const char *title, const char *note)
{
    if (y < 0 || y >= b.rows)
        return;
    int right = text_width(note) > 0 ? text_width(note) + 2 : 0;
    int x = grid_put(g, b, 0, y, STYLE_TITLE, title);
    bool room = x + 2 + right <= b.columns;
    for (int i = x + 1; i < b.columns - (room ? right : 0); i++)
        grid_code(g, b, i, y, STYLE_BORDER, 0x2500);
    if (room && right > 0)
        grid_put(g, b, b.columns - right + 1, y, STYLE_DIM, note);
}

int aid_field(struct grid *g, struct box b, int y, int at, const char *label, const char *format, ...)
{
    char value[2048];
    va_list list;
    va_start(list, format);
    vsnprintf(value, sizeof value, format, list);
    va_end(list);
    struct box right = box_inset(b, at, 0, 0, 0);
    if (y < b.rows)
        grid_put(g, (struct box){b.x, b.y, at - 1 < b.columns ? at - 1 : b.columns, b.rows}, 0, y, STYLE_DIM, label);
    int rows = right.columns > 0 ? grid_paragraph(g, right, y, STYLE_TEXT, value) : 1;
    return rows > 0 ? rows : 1;
}

void aid_hint(struct grid *g, struct box b, int x, int y, const char *key, const char *what)
{
    grid_put(g, b, x, y, STYLE_KEY, key);
    grid_put(g, b, x + 6, y, STYLE_TEXT, what);
}

const char *aid_count(int64_t n, char out[AID_NUMBER])
{
    out[0] = '\0';
    if (n < 0)
        text_copy(out, AID_NUMBER, "-");
    size_t at = strlen(out);
    text_of_count(n < 0 ? (uint64_t)-n : (uint64_t)n, out + at, AID_NUMBER - at);
    return out;
}

const char *aid_delta(int64_t n, char out[AID_NUMBER])
{
    if (n == 0) {
        text_copy(out, AID_NUMBER, "=");
        return out;
    }
    char count[AID_NUMBER];
    snprintf(out, AID_NUMBER, "%s%.30s", n > 0 ? "+" : "", aid_count(n, count));
    return out;
}

const char *aid_step(int64_t us, char out[AID_NUMBER])
{
    static const struct {
        int64_t us;
        const char *name;
    } units[] = {{CLOCK_DAY_US, "d"},
                 {3600 * CLOCK_SECOND_US, "h"},
                 {60 * CLOCK_SECOND_US, "min"},
                 {CLOCK_SECOND_US, "s"},
                 {CLOCK_SECOND_US / 1000, "ms"}};
    text_copy(out, AID_NUMBER, "-");
    for (size_t i = 0; i < ARRAY_N(units) && us > 0; i++) {
        if (us < units[i].us)
            continue;
        bool whole = us % units[i].us == 0;
        snprintf(out, AID_NUMBER, whole ? "%.0f %s" : "%.1f %s", (double)us / (double)units[i].us, units[i].name);
        break;
    }
    return out;
}

const char *aid_day(int64_t us, char out[AID_NUMBER])
{
    char iso[40];
    clock_iso(us, iso, sizeof iso);
    bool midnight = us % CLOCK_DAY_US == 0;
    snprintf(out, AID_NUMBER, "%.*s", midnight ? 10 : 16, iso);
    if (!midnight && strlen(out) == 16)
        out[10] = ' ';
    return out;
}

const char *aid_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

int64_t aid_time(const char *iso)
{
    int part[6] = {0};
    static const int at[6] = {0, 5, 8, 11, 14, 17};
    if (iso == NULL || strlen(iso) < 20 || iso[4] != '-' || iso[10] != 'T')
        return 0;
    for (int i = 0; i < 6; i++) {
        char digits[5] = "";
        int64_t v;
        memcpy(digits, iso + at[i], i == 0 ? 4 : 2);
        if (!text_parse_int(digits, 0, 9999, &v))
            return 0;
        part[i] = (int)v;
    }
    if (!clock_date_valid(part[0], part[1], part[2]))
        return 0;
    int64_t seconds = clock_days(part[0], part[1], part[2]) * 86400 + part[3] * 3600 + part[4] * 60 + part[5];
    return seconds * CLOCK_SECOND_US;
}
