/* Months, weekdays and halves of the day by name. Declared in timestamp_cursor.h. */
#include "base/memory.h"
#include "base/text.h"
#include "data/time/timestamp_cursor.h"

#define WORD_MAX 24

struct month_name {
    const char *name;
    int month;
};

/* Lower case without accents: English, German, French, Spanish, Italian, Portuguese, Dutch, the Scandinavian ones. A
 * beginning of three letters or more counts where it leads to one month only. */
static const struct month_name months[] = {
    {"january", 1},    {"januar", 1},     {"janvier", 1},   {"janeiro", 1},   {"januari", 1},   {"enero", 1},
    {"gennaio", 1},    {"january", 1},    {"february", 2},  {"februar", 2},   {"fevrier", 2},   {"febrero", 2},
    {"febbraio", 2},   {"fevereiro", 2},  {"februari", 2},  {"march", 3},     {"marz", 3},      {"maerz", 3},
    {"mrz", 3},        {"mars", 3},       {"marzo", 3},     {"marco", 3},     {"maart", 3},     {"mrt", 3},
    {"marts", 3},      {"april", 4},      {"avril", 4},     {"abril", 4},     {"aprile", 4},    {"may", 5},
    {"mai", 5},        {"mayo", 5},       {"maggio", 5},    {"maio", 5},      {"mei", 5},       {"maj", 5},
    {"june", 6},       {"juni", 6},       {"juin", 6},      {"junio", 6},     {"giugno", 6},    {"junho", 6},
    {"july", 7},       {"juli", 7},       {"juillet", 7},   {"julio", 7},     {"luglio", 7},    {"julho", 7},
    {"august", 8},     {"aout", 8},       {"agosto", 8},    {"augustus", 8},  {"augusti", 8},   {"september", 9},
    {"septembre", 9},  {"septiembre", 9}, {"setiembre", 9}, {"settembre", 9}, {"setembro", 9},  {"october", 10},
    {"oktober", 10},   {"octobre", 10},   {"octubre", 10},  {"ottobre", 10},  {"outubro", 10},  {"november", 11},
    {"novembre", 11},  {"noviembre", 11}, {"novembro", 11}, {"december", 12}, {"dezember", 12}, {"decembre", 12},
    {"diciembre", 12}, {"dicembre", 12},  {"dezembro", 12}, {"desember", 12}};

static const char *const weekdays[] = {
    "monday",    "tuesday",  "wednesday",  "thursday", "friday",    "saturday",  "sunday",   "montag",
    "dienstag",  "mittwoch", "donnerstag", "freitag",  "samstag",   "sonnabend", "sonntag",  "lundi",
    "mardi",     "mercredi", "jeudi",      "vendredi", "samedi",    "dimanche",  "lunes",    "martes",
    "miercoles", "jueves",   "viernes",    "sabado",   "domingo",   "lunedi",    "martedi",  "mercoledi",
    "giovedi",   "venerdi",  "sabato",     "domenica", "segunda",   "terca",     "quarta",   "quinta",
    "sexta",     "maandag",  "dinsdag",    "woensdag", "donderdag", "vrijdag",   "zaterdag", "zondag"};

/* Accented Latin letters (U+00C0..U+00FF, all two bytes beginning with 0xC3) as plain ones. */
static char plain_letter(unsigned char second)
{
    static const char plain[] = "aaaaaaaceeeeiiiidnooooo*ouuuuyts"
                                "aaaaaaaceeeeiiiidnooooo/ouuuuyty";
    return second >= 0x80 && second <= 0xbf ? plain[second - 0x80] : '\0';
}

/* The next word, lower case and without accents; its length, 0 where there is none or it is too long. */
static size_t take_word(struct timestamp_cursor *c, char word[WORD_MAX])
{
    size_t n = 0;
    for (; c->at < c->end && cursor_is_letter(*c->at); n++) {
        char letter = *c->at++;
        if (letter >= 'A' && letter <= 'Z')
            letter = (char)(letter - 'A' + 'a');
        else if ((unsigned char)letter == 0xc3 && c->at < c->end)
            letter = plain_letter((unsigned char)*c->at++);
        if (n + 1 >= WORD_MAX || letter < 'a' || letter > 'z')
            return 0;
        word[n] = letter;
    }
    word[n] = '\0';
    return n;
}

int timestamp_take_month(struct timestamp_cursor *c)
{
    char word[WORD_MAX];
    int month = 0;
    if (take_word(c, word) < 3)
        return 0;
    for (size_t i = 0; i < ARRAY_N(months); i++) {
        if (months[i].name[0] != word[0] || !text_starts(months[i].name, word))
            continue;
        if (month && month != months[i].month)
            return 0;
        month = months[i].month;
    }
    if (month)
        cursor_take(c, '.');
    return month;
}

bool timestamp_take_weekday(struct timestamp_cursor *c)
{
    char word[WORD_MAX];
    size_t n = take_word(c, word);
    if (n < 2)
        return false;
    for (size_t i = 0; i < ARRAY_N(weekdays); i++)
        if (text_starts(weekdays[i], word)) {
            cursor_take(c, '.');
            return true;
        }
    return false;
}

int timestamp_take_half(struct timestamp_cursor *c)
{
    static const struct {
        const char *word;
        int half;
    } known[] = {{"AM", 1},   {"am", 1},   {"PM", 2},   {"pm", 2},   {"Am", 1},   {"Pm", 2},
                 {"a.m.", 1}, {"p.m.", 2}, {"A.M.", 1}, {"P.M.", 2}, {"上午", 1}, {"下午", 2},
                 {"午前", 1}, {"午後", 2}, {"오전", 1}, {"오후", 2}};
    if (!cursor_is_letter(cursor_peek(c)))
        return 0;
    for (size_t i = 0; i < ARRAY_N(known); i++)
        if (cursor_take_text(c, known[i].word))
            return known[i].half;
    return 0;
}
