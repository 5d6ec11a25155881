#include "data/read/marks.h"

#include "base/memory.h"
#include "base/text.h"
#include "data/read/dress.h"

#include <math.h>

#define BLOCKS_MAX 64
#define BLOCK_ROWS 16384
#define NO_ROW SIZE_MAX
#define READINGS (2 * DRESS_GROUPS)

/* What the cells of one column allow. Rows are those of the first cell of a kind. */
struct seen {
    unsigned readings;
    size_t excluded[READINGS]; /* the row that ruled a reading out */
    size_t cells, marks, units, other_unit, bare, suffixes;
    char suffix[8]; /* the different ones */
    char unit[DRESS_UNIT_MAX];
    bool fraction_before_suffix;
    bool percent_and_bare;
};

struct marks {
    struct table *table;
    struct findings *found;
    struct threads *pool;
    const struct csv_options *options;
    struct error *err;
    size_t *column; /* those that are looked at */
    size_t columns;
    struct seen *seen;   /* [blocks][columns], then joined in the first */
    unsigned *reading;   /* [columns] as decided; 0: open */
    size_t blocks, rows; /* rows of a block */
};

/* --- looking ----------------------------------------------------------------------------------------------------- */

static void look_first(size_t *at, size_t row)
{
    if (*at == NO_ROW)
        *at = row;
}

static void clear(struct seen *s)
{
    *s = (struct seen){.readings = DRESS_ALL,
                       .marks = NO_ROW,
                       .units = NO_ROW,
                       .other_unit = NO_ROW,
                       .bare = NO_ROW,
                       .suffixes = NO_ROW};
    for (size_t i = 0; i < READINGS; i++)
        s->excluded[i] = NO_ROW;
}

static void add_suffix(struct seen *s, char suffix)
{
    size_t n = strlen(s->suffix);
    if (suffix && !strchr(s->suffix, suffix) && n + 1 < sizeof s->suffix)
        s->suffix[n] = suffix;
}

static bool is_zero(const struct dress *d)
{
    for (size_t i = 0; i < d->core_n; i++)
        if (d->core[i] >= '1' && d->core[i] <= '9')
            return false;
    return true;
}

static bool take_apart(struct dress *d, const struct table *t, const struct record_cell *cell)
{
    return !number_is_extra_missing(cell->text, cell->n, t->missing) && dress_take_apart(d, cell->text, cell->n);
}

static void look_at(struct seen *s, const struct table *t, size_t row, const struct record_cell *cell)
{
    struct dress d;
    if (!take_apart(&d, t, cell))
        return;
    s->cells++;
    for (size_t i = 0; i < READINGS; i++)
        if (!(d.readings & 1u << i))
            look_first(&s->excluded[i], row);
    s->readings &= d.readings;
    if (d.marks)
        look_first(&s->marks, row);
    if (d.suffix) {
        look_first(&s->suffixes, row);
        add_suffix(s, d.suffix);
        s->fraction_before_suffix = s->fraction_before_suffix || d.marks;
    }
    if (!d.unit[0]) {
        if (!is_zero(&d))
            look_first(&s->bare, row);
    } else if (s->units == NO_ROW) {
        s->units = row;
        text_copy(s->unit, sizeof s->unit, d.unit);
    } else if (!text_equal(s->unit, d.unit)) {
        look_first(&s->other_unit, row);
    }
}

struct look {
    struct marks *m;
    struct seen *seen;
};

static void look_at_row(void *context, size_t row, const struct record_cell *cell, size_t n)
{
    const struct look *l = context;
    (void)n;
    for (size_t i = 0; i < l->m->columns; i++)
        look_at(&l->seen[i], l->m->table, row, &cell[l->m->column[i]]);
}

static size_t block_end(const struct marks *m, int block)
{
    size_t end = ((size_t)block + 1) * m->rows;
    return end < m->table->rows ? end : m->table->rows;
}

static void look_at_block(void *context, int block)
{
    struct marks *m = context;
    struct look l = {m, &m->seen[(size_t)block * m->columns]};
    for (size_t i = 0; i < m->columns; i++)
        clear(&l.seen[i]);
    table_visit(m->table, (size_t)block * m->rows, block_end(m, block), look_at_row, &l);
}

static void join(struct seen *a, const struct seen *b)
{
    a->readings &= b->readings;
    for (size_t i = 0; i < READINGS; i++)
        look_first(&a->excluded[i], b->excluded[i]);
    a->cells += b->cells;
    look_first(&a->marks, b->marks);
    look_first(&a->bare, b->bare);
    look_first(&a->suffixes, b->suffixes);
    for (const char *s = b->suffix; *s; s++)
        add_suffix(a, *s);
    a->fraction_before_suffix = a->fraction_before_suffix || b->fraction_before_suffix;
    if (a->units == NO_ROW) {
        a->units = b->units;
        text_copy(a->unit, sizeof a->unit, b->unit);
        look_first(&a->other_unit, b->other_unit);
    } else if (b->units != NO_ROW && !text_equal(a->unit, b->unit)) {
        look_first(&a->other_unit, b->units);
    } else {
        look_first(&a->other_unit, b->other_unit);
    }
}

static void look(struct marks *m)
{
    m->rows = m->table->rows / BLOCKS_MAX + 1;
    m->rows = m->rows > BLOCK_ROWS ? m->rows : BLOCK_ROWS;
    m->blocks = (m->table->rows + m->rows - 1) / m->rows;
    m->seen = NEW_ARRAY(struct seen, m->blocks * m->columns);
    threads_run(m->pool, (int)m->blocks, look_at_block, m);
    for (size_t b = 1; b < m->blocks; b++)
        for (size_t i = 0; i < m->columns; i++)
            join(&m->seen[i], &m->seen[b * m->columns + i]);
}

/* --- refusing ---------------------------------------------------------------------------------------------------- */

static struct table_cell show(const struct marks *m, size_t i, size_t row)
{
    struct table_cell cell = {0};
    if (row != NO_ROW)
        table_show(m->table, row, m->column[i], &cell);
    return cell;
}

static const char *name(const struct marks *m, size_t i)
{
    return m->table->column[m->column[i]].name;
}

static bool refuse_ambiguous(const struct marks *m, size_t i)
{
    struct table_cell cell = show(m, i, m->seen[i].marks);
    return error_set(
        m->err, ERROR_DATA,
        "line %llu: '%s' in column '%s' may have a decimal or a thousands mark, and so may every other cell "
        "of the column, and no other column settles it; say --decimal . or --decimal ,",
        (unsigned long long)cell.line, cell.text, name(m, i));
}

/* No reading fits all cells: two of them rule all out together. */
static bool refuse_contradiction(const struct marks *m, size_t i, unsigned allowed)
{
    const struct seen *s = &m->seen[i];
    size_t first = NO_ROW, last = 0;
    for (size_t k = 0; k < READINGS; k++)
        if (allowed & 1u << k && s->excluded[k] != NO_ROW) {
            first = s->excluded[k] < first ? s->excluded[k] : first;
            last = s->excluded[k] > last ? s->excluded[k] : last;
        }
    struct table_cell a = show(m, i, first), b = show(m, i, last);
    if (allowed != DRESS_ALL)
        return error_set(m->err, ERROR_DATA,
                         "line %llu: '%s' in column '%s' cannot be read with the --decimal and --thousands that were "
                         "given",
                         (unsigned long long)b.line, b.text, name(m, i));
    if (a.line == b.line)
        return error_set(m->err, ERROR_DATA, "line %llu: '%s' in column '%s' is no number in any form that is known",
                         (unsigned long long)a.line, a.text, name(m, i));
    return error_set(m->err, ERROR_DATA,
                     "column '%s' mixes ways to write numbers: line %llu has '%s' and line %llu '%s'; its marks mean "
                     "different things there",
                     name(m, i), (unsigned long long)a.line, a.text, (unsigned long long)b.line, b.text);
}

static bool is_letter(char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool refuse_units(const struct marks *m, size_t i)
{
    const struct seen *s = &m->seen[i];
    size_t other = s->other_unit != NO_ROW ? s->other_unit : s->bare;
    struct table_cell a = show(m, i, s->units), b = show(m, i, other);
    return error_set(m->err, ERROR_DATA,
                     "column '%s' mixes units: line %llu has '%s' and line %llu '%s'; write all of them alike",
                     name(m, i), (unsigned long long)a.line, a.text, (unsigned long long)b.line, b.text);
}

/* --- deciding ---------------------------------------------------------------------------------------------------- */

/* "5m", "1T" alone may be minutes as well as millions; letters that differ from cell to cell are words. */
static bool is_text_after_all(const struct seen *s)
{
    if (s->other_unit != NO_ROW && is_letter(s->unit[0]))
        return true;
    size_t kinds = strlen(s->suffix);
    return kinds == 1 && strchr("mtTb", s->suffix[0]) && !s->fraction_before_suffix;
}

static bool has_mixed_units(const struct seen *s)
{
    if (s->units == NO_ROW)
        return false;
    return s->other_unit != NO_ROW || (s->bare != NO_ROW && (s->unit[0] == '%' || is_letter(s->unit[0])));
}

static unsigned lowest(unsigned bits)
{
    return bits & (~bits + 1);
}

/* Whether both decimal marks remain and give different values. They give the same where no cell has a point or a comma:
 * then both remain beside the same other mark, or none (1 234 567). */
static bool is_open(const struct marks *m, size_t i, unsigned allowed)
{
    unsigned left = m->seen[i].readings & allowed;
    unsigned alike = left & left >> DRESS_GROUPS & DRESS_POINTS & ~(1u << DRESS_OTHER_MARK);
    return left & DRESS_POINTS && left & DRESS_COMMAS && !alike;
}

/* Which decimal marks the columns settle by themselves: DRESS_POINTS, DRESS_COMMAS, both or none; and one that does. */
static unsigned settled_by(const struct marks *m, unsigned allowed, size_t *witness, unsigned wanted)
{
    unsigned sides = 0;
    for (size_t i = 0; i < m->columns; i++) {
        unsigned left = m->seen[i].readings & allowed;
        if (m->seen[i].marks == NO_ROW || left == 0 || is_open(m, i, allowed))
            continue;
        unsigned side = left & DRESS_POINTS ? DRESS_POINTS : DRESS_COMMAS;
        if (side == wanted && !(sides & side))
            *witness = i;
        sides |= side;
    }
    return sides;
}

static unsigned allowed_by(const struct csv_options *o, struct error *err)
{
    static const char marks[] = {'\0', ',', '.', ' ', '\''};
    char group = '\0';
    unsigned allowed = DRESS_ALL, with_group = 0;
    if (o->decimal && !text_equal(o->decimal, ".") && !text_equal(o->decimal, ",")) {
        error_set(err, ERROR_USAGE, "--decimal '%s' is neither . nor ,", o->decimal);
        return 0;
    }
    if (o->decimal)
        allowed = *o->decimal == ',' ? DRESS_COMMAS : DRESS_POINTS;
    if (!o->thousands)
        return allowed;
    const char *t = o->thousands;
    if (text_equal_nocase(t, "space") || text_equal_nocase(t, "blank"))
        group = ' ';
    else if (!text_equal_nocase(t, "none") && (strlen(t) != 1 || !strchr(",.' ", *t))) {
        error_set(err, ERROR_USAGE, "--thousands '%s' is none of , . ' space none", t);
        return 0;
    } else if (!text_equal_nocase(t, "none")) {
        group = *t;
    }
    for (size_t i = 0; i < ARRAY_N(marks); i++)
        if (marks[i] == group)
            with_group = dress_reading('.', group) | dress_reading(',', group);
    if (!(allowed & with_group))
        error_set(err, ERROR_USAGE, "--decimal and --thousands cannot be the same mark");
    return allowed & with_group;
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

static void read_row(void *context, size_t row, const struct record_cell *cell, size_t n)
{
    const struct marks *m = context;
    (void)n;
    for (size_t i = 0; i < m->columns; i++) {
        struct dress d;
        if (!m->reading[i] || !take_apart(&d, m->table, &cell[m->column[i]]))
            continue;
        double v = dress_value(&d, m->reading[i]);
        m->table->column[m->column[i]].value[row] = isfinite(v) ? v : (double)NAN;
    }
}

static void read_block(void *context, int block)
{
    struct marks *m = context;
    table_visit(m->table, (size_t)block * m->rows, block_end(m, block), read_row, m);
}

static void report(const struct marks *m, size_t i, const char *because)
{
    const struct seen *s = &m->seen[i];
    struct table *t = m->table;
    unsigned reading = m->reading[i];
    char value[96];
    struct text how = {0};
    bool speaks = m->options->decimal || !(s->readings & DRESS_POINTS && s->readings & DRESS_COMMAS);
    if (s->marks != NO_ROW) {
        if (speaks || is_open(m, i, DRESS_ALL)) {
            text_printf(&how, "decimal %s, ", dress_decimal(reading) == '.' ? "point" : "comma");
            t->decimal = dress_decimal(reading);
        } /* else 1 234 567, which has none */
        text_printf(&how, "thousands %s", dress_group_name(reading));
        if (!text_equal(dress_group_name(reading), "none"))
            text_copy(t->thousands, sizeof t->thousands, dress_group_name(reading));
    }
    if (s->suffix[0])
        text_printf(&how, "%ssuffixes %s multiply", how.n ? ", " : "", s->suffix);
    if (s->unit[0] == '%')
        text_printf(&how, "%spercent as written (5.2%% is 5.2)", how.n ? ", " : "");
    else if (s->unit[0])
        text_printf(&how, "%sunit %s", how.n ? ", " : "", s->unit);
    snprintf(value, sizeof value, "'%.28s': %s", name(m, i), how.n ? text_of(&how) : "plain");
    size_t row = s->marks != NO_ROW ? s->marks : s->suffixes != NO_ROW ? s->suffixes : s->units;
    struct table_cell cell = show(m, i, row);
    findings_guess(m->found, "numbers", value, s->marks != NO_ROW ? "--decimal" : "", "line %llu: '%s'%s",
                   (unsigned long long)cell.line, cell.text, because);
    text_free(&how);
}

/* --- the whole --------------------------------------------------------------------------------------------------- */

static bool is_wanted(const struct marks *m, size_t c, bool plain_too)
{
    const struct table_column *column = &m->table->column[c];
    return column->kind == TABLE_NUMBERS && (column->dressed > 0 || (plain_too && column->numbers > 0));
}

static void choose(struct marks *m, bool plain_too)
{
    free(m->seen);
    m->seen = NULL;
    m->columns = 0;
    for (size_t c = 0; c < m->table->columns; c++)
        if (is_wanted(m, c, plain_too))
            m->column[m->columns++] = c;
    if (m->columns > 0)
        look(m);
}

static bool any_open(const struct marks *m, unsigned allowed)
{
    for (size_t i = 0; i < m->columns; i++)
        if (is_open(m, i, allowed))
            return true;
    return false;
}

static void make_text(struct marks *m, size_t i)
{
    struct table_column *column = &m->table->column[m->column[i]];
    column->kind = TABLE_TEXTS;
    column->texts += column->dressed + column->numbers;
    column->numbers = column->dressed = 0;
    column->text = show(m, i, m->seen[i].suffixes != NO_ROW ? m->seen[i].suffixes : m->seen[i].units);
    free(column->value);
    column->value = NULL;
}

static bool decide(struct marks *m, size_t i, unsigned allowed, unsigned sides, const char **because)
{
    const struct seen *s = &m->seen[i];
    unsigned left = s->readings & allowed;
    bool plain = m->table->column[m->column[i]].dressed == 0;
    *because = " and the cells like it have no other reading";
    if (left == 0)
        return refuse_contradiction(m, i, allowed);
    if (has_mixed_units(s))
        return refuse_units(m, i);
    if (is_open(m, i, allowed)) {
        if (sides == DRESS_POINTS || sides == DRESS_COMMAS) {
            left &= sides;
            *because = ", which other columns settle";
        } else if (plain && sides == 0 && (m->table->dialect.form.delimiter != ';' || m->options->decimal)) {
            left &= DRESS_POINTS; /* 0.302, 1.105: what every program writes */
        } else {
            return refuse_ambiguous(m, i);
        }
    }
    if (allowed != DRESS_ALL)
        *because = ", read as --decimal and --thousands say";
    /* thousands marks only where a cell has them */
    unsigned bare = left & (dress_reading('.', '\0') | dress_reading(',', '\0'));
    m->reading[i] = bare ? lowest(bare) : lowest(left);
    return true;
}

static bool settle_all(struct marks *m, unsigned allowed)
{
    size_t witness = 0;
    unsigned sides = settled_by(m, allowed, &witness, DRESS_POINTS);
    for (size_t i = 0; i < m->columns; i++) {
        const char *because;
        struct table_column *column = &m->table->column[m->column[i]];
        if (is_text_after_all(&m->seen[i])) {
            make_text(m, i);
            continue;
        }
        if (!decide(m, i, allowed, sides, &because))
            return false;
        bool plain = column->dressed == 0;
        if (plain && m->reading[i] & DRESS_POINTS)
            m->reading[i] = 0; /* read right already */
        else
            report(m, i, because);
        column->numbers += column->dressed;
        column->dressed = 0;
    }
    return true;
}

/* Whether all plain numbers could be whole ones with points for thousands (1.037): three digits behind the point, and
 * no value below 1. Semicolons part the tables of countries that write so. */
static bool may_all_be_thousands(const struct table *t)
{
    size_t fractions = 0;
    for (size_t c = 0; t->dialect.form.delimiter == ';' && c < t->columns; c++) {
        const struct table_column *column = &t->column[c];
        if (column->kind != TABLE_NUMBERS || column->numbers == 0)
            continue;
        for (size_t i = 0; i < t->rows; i++) {
            double v = fabs(column->value[i]), thousands = v * 1000;
            if (isnan(v) || v == floor(v))
                continue;
            if (v < 1 || v >= 1000 || fabs(thousands - floor(thousands + 0.5)) > 1e-6)
                return false;
            fractions++;
        }
    }
    return fractions > 0;
}

static bool settle(struct marks *m, unsigned allowed)
{
    bool forced = !(allowed & DRESS_POINTS);
    choose(m, forced);
    if (m->columns == 0 && allowed == DRESS_ALL && may_all_be_thousands(m->table))
        choose(m, true);
    if (m->columns == 0)
        return true;
    size_t witness = 0;
    if (!forced && (any_open(m, allowed) || settled_by(m, allowed, &witness, DRESS_COMMAS) & DRESS_COMMAS))
        choose(m, true); /* the plain columns are witnesses too, and may be misread where commas are decimal */
    m->reading = NEW_ARRAY(unsigned, m->columns);
    if (!settle_all(m, allowed))
        return false;
    threads_run(m->pool, (int)m->blocks, read_block, m);
    return true;
}

bool marks_settle(struct table *t, struct findings *found, struct threads *pool, const struct csv_options *options,
                  struct error *err)
{
    struct marks m = {.table = t, .found = found, .pool = pool, .options = options, .err = err};
    unsigned allowed = allowed_by(options, err);
    if (!allowed)
        return false;
    m.column = NEW_ARRAY(size_t, t->columns);
    bool ok = settle(&m, allowed);
    free(m.column);
    free(m.seen);
    free(m.reading);
    return ok;
}
