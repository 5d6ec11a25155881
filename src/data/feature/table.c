/* The table of families, and lists of them as text. */
#include "base/memory.h"
#include "base/text.h"
#include "data/feature/families.h"

const struct feature_family *const feature_families[] = {
    &family_log_return, &family_range,         &family_volume_change, &family_onchain_change,
    &family_sentiment,  &family_level,         &family_change,        &family_difference,
    &family_ratio,      &family_volume_zscore, &family_mean,          &family_std,
    &family_momentum,   &family_rsi,           &family_macd,          &family_calendar,
};
const int feature_families_n = ARRAY_N(feature_families);

static int place_of(const char *name)
{
    for (int i = 0; i < feature_families_n; i++)
        if (text_equal(feature_families[i]->name, name))
            return i;
    return -1;
}

int feature_lookback(const struct feature_spec *spec)
{
    return spec->family->lookback(spec->parameter);
}

void feature_spec_format(const struct feature_spec *spec, const char *word, char *out, size_t size)
{
    text_copy(out, size, word);
    for (int i = 0; i < spec->family->parameters; i++) {
        char number[16];
        snprintf(number, sizeof number, ":%d", spec->parameter[i]);
        text_append(out, size, number);
    }
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

/* "rsi:N mean:N macd:FAST:SLOW:SIGNAL ..." */
static void name_all(char *out, size_t size)
{
    out[0] = '\0';
    for (int i = 0; i < feature_families_n; i++) {
        text_append(out, size, i ? ", " : "");
        text_append(out, size, feature_families[i]->name);
        for (int k = 0; k < feature_families[i]->parameters; k++) {
            text_append(out, size, ":");
            text_append(out, size, feature_families[i]->parameter[k].name);
        }
    }
}

static bool read_parameter(struct feature_spec *spec, int i, const char *text, struct error *err)
{
    const struct feature_family *f = spec->family;
    int64_t value;
    if (!text_parse_int(text, f->parameter[i].least, f->parameter[i].most, &value))
        return error_set(err, ERROR_USAGE, "%s:%s: %s is a whole number from %d to %d, not '%s'", f->name,
                         f->parameter[i].name, f->parameter[i].name, f->parameter[i].least, f->parameter[i].most, text);
    spec->parameter[i] = (int)value;
    return true;
}

static bool read_spec(struct feature_spec *out, char *text, struct error *err)
{
    char *rest = text, names[512];
    const char *name = text_next(&rest, ':'), *value;
    int place = place_of(name), n = 0;
    name_all(names, sizeof names);
    if (place < 0)
        return error_set(err, ERROR_USAGE, "there is no family of features called '%s'; there are %s", name, names);
    *out = (struct feature_spec){.family = feature_families[place]};
    for (int i = 0; i < out->family->parameters; i++)
        out->parameter[i] = out->family->parameter[i].usual;
    for (; (value = text_next(&rest, ':')); n++) {
        if (n == out->family->parameters)
            return error_set(err, ERROR_USAGE, "%s takes %s: '%s' is one number too many", out->family->name,
                             n ? "fewer numbers" : "no number", value);
        if (!read_parameter(out, n, value, err))
            return false;
    }
    if (out->family->fits && !out->family->fits(out->parameter))
        return error_set(err, ERROR_USAGE, "%s:%d:%d: %s must be less than %s", name, out->parameter[0],
                         out->parameter[1], out->family->parameter[0].name, out->family->parameter[1].name);
    return true;
}

static int compare(const struct feature_spec *a, const struct feature_spec *b)
{
    int by_family = place_of(a->family->name) - place_of(b->family->name);
    for (int i = 0; by_family == 0 && i < FEATURE_PARAMETERS_MAX; i++)
        by_family = a->parameter[i] - b->parameter[i];
    return by_family;
}

/* Keeps the list in order; what is there already is not put twice. */
static bool put(struct feature_list *list, const struct feature_spec *spec, struct error *err)
{
    int at = 0;
    while (at < list->n && compare(&list->spec[at], spec) < 0)
        at++;
    if (at < list->n && compare(&list->spec[at], spec) == 0)
        return true;
    if (list->n == FEATURE_SPECS_MAX)
        return error_set(err, ERROR_LIMIT, "more than %d features are named", FEATURE_SPECS_MAX);
    memmove(&list->spec[at + 1], &list->spec[at], (size_t)(list->n - at) * sizeof *spec);
    list->spec[at] = *spec;
    list->n++;
    return true;
}

static bool read_pieces(struct feature_list *out, char *text, struct error *err)
{
    for (char *rest = text, *piece = text_next(&rest, ','); piece; piece = text_next(&rest, ',')) {
        struct feature_spec spec;
        if (!read_spec(&spec, text_trim(piece), err) || !put(out, &spec, err))
            return false;
    }
    return true;
}

bool feature_list_read(struct feature_list *out, const char *text, struct error *err)
{
    *out = (struct feature_list){0};
    struct text whole = {0};
    char *copy = memory_text(text);
    int pieces = 0;
    for (char *rest = copy, *piece = text_next(&rest, ','); piece; piece = text_next(&rest, ','), pieces++)
        text_printf(&whole, "%s%s", pieces ? "," : "",
                    text_equal(text_trim(piece), "usual") ? FEATURE_USUAL : text_trim(piece));
    free(copy);
    copy = memory_text(text_of(&whole));
    text_free(&whole);
    bool ok = read_pieces(out, copy, err);
    free(copy);
    return ok;
}

bool feature_list_format(const struct feature_list *list, char *out, size_t size)
{
    bool whole = text_copy(out, size, "");
    for (int i = 0; i < list->n; i++) {
        char one[64];
        feature_spec_format(&list->spec[i], list->spec[i].family->name, one, sizeof one);
        whole = text_append(out, size, i ? "," : "") && text_append(out, size, one) && whole;
    }
    return whole;
}
