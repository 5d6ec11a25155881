/* Every operator against values that another framework computed: tests/data/operators.txt, whose script lies beside it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/numeric.h"
#include "net/op.h"
#include "net/plan.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include "tests/unit/net_reference.h"

#include <math.h>

#define BATCH 2

enum { WEIGHTS, INPUT, OUTPUT, D_OUTPUT, GRADIENTS, PARTS };
static const char *const parts[] = {"weights", "input", "output", "d_output", "gradients"};

struct sample {
    char name[64];
    struct arch *arch;
    double *part[PARTS];
    size_t n[PARTS];
};

static char *words; /* the file, read once */

static char *next_line(char **rest)
{
    char *line = text_next(rest, '\n');
    return line;
}

static void read_part(struct sample *s, int i, char *head, char **rest)
{
    int64_t n;
    size_t got = 0;
    char *name = text_next(&head, ' ');
    assert_string_equal(name, parts[i]);
    assert_true(text_parse_int(head, 1, 100000, &n));
    s->n[i] = (size_t)n;
    s->part[i] = NEW_ARRAY(double, n);
    while (got < s->n[i]) {
        char *line = next_line(rest), *word;
        assert_non_null(line);
        while ((word = text_next(&line, ' ')) != NULL) {
            assert_true(got < s->n[i] && text_parse_double(word, &s->part[i][got]));
            got++;
        }
    }
}

static bool read_sample(struct sample *s, char **rest)
{
    struct error err = {0};
    char *line = next_line(rest);
    struct text text = {0};
    if (!line || !*line)
        return false;
    *s = (struct sample){0};
    assert_true(text_starts(line, "case "));
    text_copy(s->name, sizeof s->name, line + 5);
    while (line = next_line(rest), line && strcmp(line, "end") != 0)
        text_printf(&text, "%s\n", line);
    s->arch = arch_parse(text_of(&text), text.n, s->name, &err);
    if (!s->arch)
        fail_msg("%s", err.text);
    text_free(&text);
    for (int i = 0; i < PARTS; i++)
        read_part(s, i, next_line(rest), rest);
    return true;
}

static void free_sample(struct sample *s)
{
    arch_free(s->arch);
    for (int i = 0; i < PARTS; i++)
        free(s->part[i]);
}

static void assert_close(const struct sample *s, const char *what, double is, double should, double tolerance)
{
    if (!(fabs(is - should) <= tolerance * (1 + fabs(should))))
        fail_msg("%s: %s is %.9g and not %.9g", s->name, what, is, should);
}

/* The reference of the other tests. The file has nine digits. */
static void check_reference(const struct sample *s)
{
    struct reference *r = reference_new(s->arch, BATCH);
    assert_int_equal(s->n[WEIGHTS], r->layout->weights);
    memcpy(r->weight, s->part[WEIGHTS], s->n[WEIGHTS] * sizeof(double));
    const double *y = reference_forward(r, s->part[INPUT]);
    reference_backward(r, s->part[D_OUTPUT]);
    for (size_t i = 0; i < s->n[OUTPUT]; i++)
        assert_close(s, "output of the reference", y[i], s->part[OUTPUT][i], 2e-8);
    for (size_t i = 0; i < s->n[GRADIENTS]; i++)
        assert_close(s, "gradient of the reference", r->d_weight[i], s->part[GRADIENTS][i], 5e-8);
    reference_free(r);
}

static void check_plan(const struct sample *s)
{
    struct error err = {0};
    struct plan *p = plan_new(s->arch, BATCH, true, NULL, &err);
    float *weight = NEW_ARRAY(float, s->n[WEIGHTS]), *gradient = NEW_ARRAY(float, s->n[WEIGHTS]);
    float *d = NEW_ARRAY(float, s->n[OUTPUT]);
    assert_non_null(p);
    for (size_t i = 0; i < s->n[WEIGHTS]; i++)
        weight[i] = (float)s->part[WEIGHTS][i];
    for (size_t i = 0; i < s->n[INPUT]; i++)
        plan_input(p)[i] = (float)s->part[INPUT][i];
    for (size_t i = 0; i < s->n[OUTPUT]; i++)
        d[i] = (float)s->part[D_OUTPUT][i];
    const float *y = plan_forward(p, weight, BATCH);
    for (size_t i = 0; i < s->n[OUTPUT]; i++)
        assert_close(s, "output", y[i], s->part[OUTPUT][i], 1e-6);
    plan_backward(p, weight, d, gradient, BATCH);
    for (size_t i = 0; i < s->n[GRADIENTS]; i++)
        assert_close(s, "gradient", gradient[i], s->part[GRADIENTS][i], 5e-6);
    free(weight);
    free(gradient);
    free(d);
    plan_free(p);
}

static void values_of_another_framework(void **state)
{
    (void)state;
    bool covered[64] = {false};
    struct sample s;
    char *copy = memory_text(words), *rest = copy, *comment = next_line(&rest);
    int samples = 0;
    assert_true(comment && comment[0] == '#');
    for (; read_sample(&s, &rest); samples++) {
        check_reference(&s);
        check_plan(&s);
        for (int i = 0; op_table[i]; i++)
            for (int k = 0; k < s.arch->nodes; k++)
                covered[i] = covered[i] || s.arch->node[k].op == op_table[i];
        free_sample(&s);
    }
    assert_true(samples > 40);
    for (int i = 0; op_table[i]; i++)
        if (!covered[i])
            fail_msg("the file has no values of %s", op_table[i]->name);
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(values_of_another_framework)};
    char path[FILE_PATH_MAX];
    const char *source = getenv("srcdir");
    struct bytes file = {0};
    struct error err = {0};
    hash_start();
    numeric_start(NULL);
    snprintf(path, sizeof path, "%s/tests/data/operators.txt", source ? source : ".");
    if (!file_read(path, 1 << 24, &file, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return EXIT_FAILURE;
    }
    bytes_put_u8(&file, 0);
    words = (char *)file.data;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    bytes_free(&file);
    return failed;
}
