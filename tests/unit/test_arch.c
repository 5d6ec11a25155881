#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/arch.h"
#include "net/op.h"

#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"

#include "tests/unit/net_random.h"

#define HEAD "morphsmith-arch 1\nx input time=8 channels=4\n"
#define END "l last in=c\ny dense in=l units=1\n"

static struct arch *parse(const char *text)
{
    struct error err = {0};
    struct arch *a = arch_parse(text, strlen(text), "test.arch", &err);
    if (!a)
        print_error("%s\n%s", err.text, text);
    assert_non_null(a);
    return a;
}

static struct hash id_of(const char *text)
{
    struct arch *a = parse(text);
    struct hash h = arch_id(a);
    arch_free(a);
    return h;
}

static void assert_same_id(const char *a, const char *b)
{
    assert_true(hash_equal(id_of(a), id_of(b)));
}

static void assert_other_id(const char *a, const char *b)
{
    assert_false(hash_equal(id_of(a), id_of(b)));
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

static void reads_a_graph(void **state)
{
    (void)state;
    struct arch *a = parse("# a comment before the header\n\n"
                           "morphsmith-arch 1   # and behind it\r\n"
                           "y  dense in=p units=3\n"
                           "x  input time=64 channels=16\n"
                           "p\tlast\tin=s1\n"
                           "c1 conv in=x channels=32 kernel=3 dilation=2 act=relu\n"
                           "r1 conv in=x channels=32 kernel=1 bias=0\n"
                           "s1 add in=c1,r1");
    assert_int_equal(a->nodes, 6);
    assert_string_equal(a->node[5].name, "y");
    assert_int_equal(arch_find(a, "nobody"), -1);
    int c1 = arch_find(a, "c1"), s1 = arch_find(a, "s1"), x = arch_find(a, "x");
    assert_int_equal(op_int(&a->node[c1], "dilation"), 2);
    assert_string_equal(op_enum(&a->node[c1], "act"), "relu");
    assert_int_equal(op_int(&a->node[c1], "bias"), 1);
    assert_int_equal(a->shape[s1].time, 64);
    assert_int_equal(a->shape[s1].channels, 32);
    assert_int_equal(a->shape[5].time, 0);
    assert_int_equal(a->shape[5].channels, 3);
    int readers[6];
    assert_int_equal(arch_readers(a, x, readers), 2);
    assert_int_equal(arch_readers(a, 5, NULL), 0);
    assert_int_equal(arch_parameters(a), 3 * 16 * 32 + 32 + 16 * 32 + 32 * 3 + 3);
    assert_int_equal(arch_macs(a), 64 * (3 * 16 * 32 + 16 * 32) + 32 * 3);
    arch_free(a);
}

static void keeps_an_order_that_is_one(void **state)
{
    (void)state;
    struct arch *a = parse(HEAD "b conv in=x channels=4 kernel=1\na conv in=x channels=4 kernel=1\nc add in=a,b\n" END);
    static const char *const names[] = {"x", "b", "a", "c", "l", "y"};
    for (int i = 0; i < 6; i++)
        assert_string_equal(a->node[i].name, names[i]);
    arch_free(a);
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct arch *a = net_random_arch(seed);
        char *text = arch_format(a);
        struct arch *b = parse(text);
        char *again = arch_format(b);
        assert_string_equal(text, again);
        assert_int_equal(a->nodes, b->nodes);
        assert_memory_equal(a->shape, b->shape, (size_t)a->nodes * sizeof *a->shape);
        for (int i = 0; i < a->nodes; i++) {
            assert_string_equal(a->node[i].name, b->node[i].name);
            assert_ptr_equal(a->node[i].op, b->node[i].op);
            assert_int_equal(a->node[i].inputs, b->node[i].inputs);
            assert_memory_equal(a->node[i].input, b->node[i].input, (size_t)a->node[i].inputs * sizeof(int));
            assert_memory_equal(a->node[i].param, b->node[i].param, sizeof a->node[i].param);
        }
        free(text);
        free(again);
        arch_free(a);
        arch_free(b);
    }
}

/* What is wrong, where it stands, and part of what the message must say. */
static const struct {
    const char *text, *where, *what;
    enum error_kind kind;
} refused[] = {
    {"", "test.arch", "empty", ERROR_DATA},
    {"# nothing\n\n", "test.arch", "empty", ERROR_DATA},
    {"morphsmith-arch 2\n", "test.arch:1", "first line must be", ERROR_DATA},
    {"morphsmith-arch 1\n", "test.arch", "no nodes", ERROR_DATA},
    {HEAD "9c dense in=x units=1\n", "test.arch:3", "'9c' is no name", ERROR_DATA},
    {HEAD "a234567890123456789012345678901b last in=x\n", "test.arch:3", "is no name", ERROR_DATA},
    {HEAD "c\n", "test.arch:3", "no operator", ERROR_DATA},
    {HEAD "c dance in=x\n", "test.arch:3", "operator 'dance' is not known", ERROR_DATA},
    {HEAD "c dense in=x unit=3\n", "test.arch:3", "no parameter 'unit'", ERROR_DATA},
    {HEAD "c last in=x unit=3\n", "test.arch:3", "it has none", ERROR_DATA},
    {HEAD "c dense in=x units\n", "test.arch:3", "name=value", ERROR_DATA},
    {HEAD "c dense in=x units=3 units=4\n", "test.arch:3", "given twice", ERROR_DATA},
    {HEAD "c dense in=x in=x units=3\n", "test.arch:3", "given twice", ERROR_DATA},
    {HEAD "c dense in=x\n", "test.arch:3", "needs units=", ERROR_DATA},
    {HEAD "c dense units=3\n", "test.arch:3", "needs in=", ERROR_DATA},
    {HEAD "c dense in= units=3\n", "test.arch:3", "is no name", ERROR_DATA},
    {HEAD "c add in=x,,x\n", "test.arch:3", "is no name", ERROR_DATA},
    {HEAD "c dense in=x units=0\n", "test.arch:3", "between 1 and 65536", ERROR_DATA},
    {HEAD "c dense in=x units=-7\n", "test.arch:3", "between 1 and 65536", ERROR_DATA},
    {HEAD "c dense in=x units=65537\n", "test.arch:3", "between 1 and 65536", ERROR_DATA},
    {HEAD "c dense in=x units=1e3\n", "test.arch:3", "no whole number", ERROR_DATA},
    {HEAD "c dense in=x units=99999999999999999999\n", "test.arch:3", "is out of range", ERROR_DATA},
    {HEAD "c dense in=x units=3 act=reluu\n", "test.arch:3", "use one of none, relu", ERROR_DATA},
    {HEAD "c dense in=x units=3 bias=2\n", "test.arch:3", "between 0 and 1", ERROR_DATA},
    {HEAD "c dense in=z units=3\n", "test.arch:3", "no node has that name", ERROR_DATA},
    {HEAD "c dense in=x,x units=3\n", "test.arch:3", "takes 1 input, not 2", ERROR_DATA},
    {HEAD "c add in=x\n", "test.arch:3", "takes 2 to 16 inputs", ERROR_DATA},
    {HEAD "c add in=x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x\n", "test.arch:3", "more than 16 inputs", ERROR_DATA},
    {HEAD "x last in=x\n", "test.arch:3", "taken by line 2", ERROR_DATA},
    {HEAD "z input time=1 channels=1\nc add in=x,z\n", "test.arch:3", "a second one", ERROR_DATA},
    {HEAD "z input in=x time=1 channels=1\n", "test.arch:3", "takes 0 inputs", ERROR_DATA},
    {"morphsmith-arch 1\na last in=b\nb last in=a\n", "test.arch:2", "a reads b reads a", ERROR_DATA},
    {HEAD "a add in=x,a\ny last in=a\n", "test.arch:3", "a reads a", ERROR_DATA},
    {HEAD "a last in=x\ny last in=x\n", "test.arch:3", "nobody reads it", ERROR_DATA},
    {HEAD "c dense in=x units=3\ns add in=c,x\nl last in=s\n", "test.arch:4", "input 2 is [8, 4]", ERROR_DATA},
    {HEAD "l last in=x\nc conv in=l channels=2 kernel=3\n", "test.arch:4", "time axis", ERROR_DATA},
    {HEAD "l last in=x\nc lstm in=l units=2\n", "test.arch:4", "time axis", ERROR_DATA},
    {HEAD "l last in=x\nm last in=l\n", "test.arch:4", "time axis", ERROR_DATA},
    {HEAD "l last in=x\nm meanpool in=l\n", "test.arch:4", "time axis", ERROR_DATA},
    {HEAD "l last in=x\nm flatten in=l\n", "test.arch:4", "time axis", ERROR_DATA},
    {HEAD "y dense in=x units=2\n", "test.arch:3", "must have no time axis", ERROR_DATA},
    {"morphsmith-arch 1\nx input time=65536 channels=65536\ny last in=x\n", "test.arch:2", "too large", ERROR_DATA},
    {"morphsmith-arch 1\nx input time=8 channels=65536\nl last in=x\ny dense in=l units=65536\n", "test.arch:4",
     "too many", ERROR_DATA},
    {"morphsmith-arch 1\nx input time=4 channels=65536\nc conv in=x channels=16 kernel=1024\ny last in=c\n",
     "test.arch:3", "too many", ERROR_DATA},
    {HEAD "c gru in=x units=0\n" END, "test.arch:3", "between 1 and 16384", ERROR_DATA},
    {HEAD "l last in=x\nc gru in=l units=2\ny last in=c\n", "test.arch:4", "time axis", ERROR_DATA},
    {HEAD "c dwconv in=x\n" END, "test.arch:3", "needs kernel=", ERROR_DATA},
    {HEAD "c dwconv in=x kernel=0\n" END, "test.arch:3", "between 1 and 1024", ERROR_DATA},
    {HEAD "c dwconv in=x kernel=2 channels=3\n" END, "test.arch:3", "no parameter 'channels'", ERROR_DATA},
    {HEAD "l last in=x\nc dwconv in=l kernel=2\ny last in=c\n", "test.arch:4", "time axis", ERROR_DATA},
    {HEAD "c attention in=x heads=2\n" END, "test.arch:3", "needs head=", ERROR_DATA},
    {HEAD "c attention in=x heads=0 head=2\n" END, "test.arch:3", "between 1 and 1024", ERROR_DATA},
    {HEAD "c attention in=x heads=2 head=0\n" END, "test.arch:3", "between 1 and 4096", ERROR_DATA},
    {HEAD "c attention in=x heads=2 head=2 scale=-1\n" END, "test.arch:3", "between 0 and 1000", ERROR_DATA},
    {HEAD "c attention in=x heads=2 head=2 scale=nan\n" END, "test.arch:3", "scale=", ERROR_DATA},
    {HEAD "c attention in=x heads=2 head=2 causal=2\n" END, "test.arch:3", "between 0 and 1", ERROR_DATA},
    {HEAD "l last in=x\nc attention in=l heads=1 head=2\ny dense in=c units=1\n", "test.arch:4", "time axis",
     ERROR_DATA},
    {"morphsmith-arch 1\nx input time=65536 channels=2\nc attention in=x heads=1 head=2\n" END, "test.arch:3",
     "compare 4294967296 pairs of steps", ERROR_DATA},
    {"morphsmith-arch 1\nx input time=8 channels=4096\nc attention in=x heads=1024 head=4096\n" END, "test.arch:3",
     "too large", ERROR_DATA},
    {"morphsmith-arch 1\nx input time=1 channels=16384\nc attention in=x heads=1024 head=1024\n" END, "test.arch:3",
     "too many", ERROR_DATA},
    {HEAD "c layernorm in=x eps=0\n" END, "test.arch:3", "between 1e-12 and 1", ERROR_DATA},
    {HEAD "c rmsnorm in=x divisor=-1\n" END, "test.arch:3", "between 0 and 16777216", ERROR_DATA},
    {HEAD "c rmsnorm in=x divisor=2.5\n" END, "test.arch:3", "no whole number", ERROR_DATA},
    {HEAD "c gate in=x\n" END, "test.arch:3", "needs kind=", ERROR_DATA},
    {HEAD "c gate in=x kind=step\n" END, "test.arch:3", "use one of none, relu", ERROR_DATA},
    {HEAD "c scale in=x\n" END, "test.arch:3", "needs init=", ERROR_DATA},
    {HEAD "c scale in=x init=1e9\n" END, "test.arch:3", "between -1000 and 1000", ERROR_DATA},
    {HEAD "c scale in=x init=one\n" END, "test.arch:3", "no number", ERROR_DATA},
    {HEAD "c dropout in=x rate=1\n" END, "test.arch:3", "between 0 and 0.95", ERROR_DATA},
    {HEAD "c dropout in=x rate=-0.1\n" END, "test.arch:3", "between 0 and 0.95", ERROR_DATA},
    {HEAD "c dropout in=x\n" END, "test.arch:3", "needs rate=", ERROR_DATA},
    {HEAD "d dense in=x units=3\nc multiply in=x,d\n" END, "test.arch:4", "multiply needs inputs of one shape",
     ERROR_DATA},
    {HEAD "c multiply in=x\n" END, "test.arch:3", "takes 2 to 16 inputs", ERROR_DATA},
    {HEAD "k last in=x\nc concat in=x,k\n" END, "test.arch:4", "input 2 is [0, 4]", ERROR_DATA},
    {HEAD "c concat in=x\n" END, "test.arch:3", "takes 2 to 16 inputs", ERROR_DATA},
    {"morphsmith-arch 1\nx input time=256 channels=65536\nc concat in=x,x\n" END, "test.arch:3", "too large",
     ERROR_DATA},
    {"morphsmith-arch 1\nx input time=256 channels=65536\nc timecode in=x\n" END, "test.arch:3", "too large",
     ERROR_DATA},
    {HEAD "l last in=x\nc timecode in=l\ny dense in=c units=1\n", "test.arch:4", "time axis", ERROR_DATA},
    {HEAD "l last in=x\nm maxpool in=l\n", "test.arch:4", "time axis", ERROR_DATA},
    {"morphsmith-arch 1\nx input time=4 channels=16384\nl last in=x\na dense in=l units=16384\n"
     "y dense in=a units=16384\n",
     "test.arch", "the limit is", ERROR_DATA},
};

static void refuses_with_origin_line_and_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_N(refused); i++) {
        struct error err = {0};
        size_t n = strlen(refused[i].where);
        assert_null(arch_parse(refused[i].text, strlen(refused[i].text), "test.arch", &err));
        if (err.kind != refused[i].kind || strncmp(err.text, refused[i].where, n) != 0 || err.text[n] != ':' ||
            !strstr(err.text, refused[i].what))
            fail_msg("case %zu: \"%s\" should be at %s and say \"%s\"", i, err.text, refused[i].where,
                     refused[i].what);
    }
}

static void refuses_what_is_no_text(void **state)
{
    (void)state;
    struct error err = {0};
    static const char zero[] = HEAD "y last\0 in=x\n";
    assert_null(arch_parse(zero, sizeof zero - 1, "z", &err));
    assert_non_null(strstr(err.text, "z:3: a zero byte"));
    char *huge = memory_new(ARCH_TEXT_MAX + 1, 1);
    memset(huge, ' ', ARCH_TEXT_MAX + 1);
    error_clear(&err);
    assert_null(arch_parse(huge, ARCH_TEXT_MAX + 1, "h", &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    free(huge);
    /* nothing that a terminal would obey comes back out of a message */
    error_clear(&err);
    static const char evil[] = "morphsmith-arch 1\nx \x1b[2Jinput\n";
    assert_null(arch_parse(evil, sizeof evil - 1, "e", &err));
    assert_null(strchr(err.text, '\x1b'));
}

/* 4096 nodes in one chain, written backwards: read, named and walked without recursion. One more is refused. */
static void reads_the_longest_chain(void **state)
{
    (void)state;
    struct text t = {0};
    struct error err = {0};
    text_put(&t, "morphsmith-arch 1\n");
    for (int i = ARCH_NODES_MAX - 2; i > 0; i--)
        text_printf(&t, "a%d act in=a%d kind=tanh\n", i, i - 1);
    text_put(&t, "a0 last in=x\nx input time=2 channels=1\n");
    struct arch *a = parse(text_of(&t)), *b;
    assert_int_equal(a->nodes, ARCH_NODES_MAX);
    b = net_shuffled(a, 1);
    assert_true(hash_equal(arch_id(a), arch_id(b)));
    arch_free(a);
    arch_free(b);
    text_put(&t, "more last in=x\n");
    assert_null(arch_parse(text_of(&t), t.n, "long", &err));
    assert_int_equal(err.kind, ERROR_LIMIT);
    text_free(&t);
}

/* --- identity ---------------------------------------------------------------------------------------------------- */

static void spelling_keeps_the_id(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct arch *a = net_random_arch(seed), *b = net_shuffled(a, seed);
        char *x = arch_canonical_text(a), *y = arch_canonical_text(b);
        assert_string_equal(x, y);
        struct arch *c = parse(x);
        char *z = arch_canonical_text(c);
        assert_string_equal(x, z);
        free(x);
        free(y);
        free(z);
        arch_free(a);
        arch_free(b);
        arch_free(c);
    }
}

static void defaults_keep_the_id(void **state)
{
    (void)state;
    assert_same_id(HEAD "c conv in=x channels=3 kernel=2\n" END,
                   HEAD "c conv in=x kernel=2 channels=3 dilation=1 act=none bias=1\n" END);
}

/* What follows from the input's shape is stored as a number: written out it is the same graph. */
static void stored_numbers_keep_the_id(void **state)
{
    (void)state;
    struct arch *a = parse(HEAD "d attention in=x heads=2 head=5\nc rmsnorm in=d\n" END);
    char *text = arch_format(a), *canonical = arch_canonical_text(a);
    assert_non_null(strstr(text, "scale=0.4472135954999579"));
    assert_non_null(strstr(canonical, "causal=1 head=5 heads=2 scale=0.4472135954999579\n"));
    assert_non_null(strstr(canonical, "divisor=4 eps=1e-05\n"));
    assert_same_id(text, HEAD "d attention in=x heads=2 head=5\nc rmsnorm in=d\n" END);
    assert_same_id(text, canonical);
    assert_same_id(HEAD "c attention in=x heads=1 head=4\n" END,
                   HEAD "c attention in=x heads=1 head=4 scale=0.5\n" END);
    free(text);
    free(canonical);
    arch_free(a);
}

static void products_commute_and_concats_do_not(void **state)
{
    (void)state;
#define PAIR HEAD "a conv in=x channels=3 kernel=2\nb conv in=x channels=3 kernel=3\n"
    assert_same_id(PAIR "c multiply in=a,b,b\n" END, PAIR "c multiply in=b,a,b\n" END);
    assert_other_id(PAIR "c concat in=a,b\n" END, PAIR "c concat in=b,a\n" END);
}

static void every_change_changes_the_id(void **state)
{
    (void)state;
    static const char base[] = HEAD "c conv in=x channels=3 kernel=2\n" END;
    static const char *const others[] = {
        "morphsmith-arch 1\nx input time=9 channels=4\nc conv in=x channels=3 kernel=2\n" END,
        "morphsmith-arch 1\nx input time=8 channels=5\nc conv in=x channels=3 kernel=2\n" END,
        HEAD "c conv in=x channels=4 kernel=2\n" END,
        HEAD "c conv in=x channels=3 kernel=3\n" END,
        HEAD "c conv in=x channels=3 kernel=2 dilation=2\n" END,
        HEAD "c conv in=x channels=3 kernel=2 act=relu\n" END,
        HEAD "c conv in=x channels=3 kernel=2 bias=0\n" END,
        HEAD "c conv in=x channels=3 kernel=2\nl meanpool in=c\ny dense in=l units=1\n",
        HEAD "c conv in=x channels=3 kernel=2\nl last in=c\ny dense in=l units=2\n",
        HEAD "d conv in=x channels=3 kernel=2\nc act in=d kind=none\n" END,
        HEAD "d conv in=x channels=3 kernel=2\nc add in=d,d\n" END,
        HEAD "d conv in=x channels=3 kernel=2\ne conv in=x channels=3 kernel=2\nc add in=d,e\n" END,
        HEAD "d conv in=x channels=3 kernel=2\ne conv in=x channels=3 kernel=2\nc multiply in=d,e\n" END,
        HEAD "d conv in=x channels=3 kernel=2\ne conv in=x channels=3 kernel=3\nc concat in=d,e\n" END,
        HEAD "d conv in=x channels=3 kernel=2\ne conv in=x channels=3 kernel=3\nc concat in=e,d\n" END,
        HEAD "c dwconv in=x kernel=2\n" END,
        HEAD "c gru in=x units=3\n" END,
        HEAD "c lstm in=x units=3\n" END,
        HEAD "c attention in=x heads=1 head=4\n" END,
        HEAD "c attention in=x heads=1 head=4 causal=0\n" END,
        HEAD "c attention in=x heads=1 head=4 scale=0.25\n" END,
        HEAD "c attention in=x heads=2 head=4\n" END,
        HEAD "c layernorm in=x\n" END,
        HEAD "c layernorm in=x eps=1e-6\n" END,
        HEAD "c rmsnorm in=x\n" END,
        HEAD "c rmsnorm in=x divisor=5\n" END,
        HEAD "c gate in=x kind=relu\n" END,
        HEAD "c gate in=x kind=tanh\n" END,
        HEAD "c scale in=x init=0\n" END,
        HEAD "c scale in=x init=1\n" END,
        HEAD "c dropout in=x rate=0.1\n" END,
        HEAD "c dropout in=x rate=0.2\n" END,
        HEAD "c timecode in=x\n" END,
        HEAD "c act in=x kind=relu\nl maxpool in=c\ny dense in=l units=1\n",
    };
    for (size_t i = 0; i < ARRAY_N(others); i++) {
        assert_other_id(base, others[i]);
        for (size_t j = 0; j < i; j++)
            assert_other_id(others[i], others[j]);
    }
}

/* Two branches that only their readers tell apart: c and d are equal from below, but one also feeds e. */
static void twins_are_told_apart_by_their_readers(void **state)
{
    (void)state;
#define TWINS HEAD "a conv in=x channels=3 kernel=2\nb conv in=x channels=3 kernel=2\n"
    static const char one[] = TWINS "s add in=a,b\ne act in=a kind=tanh\nc add in=s,e\n" END;
    assert_same_id(one, TWINS "s add in=b,a\ne act in=b kind=tanh\nc add in=e,s\n" END);
    assert_same_id(one, TWINS "s add in=b,a\ne act in=a kind=tanh\nc add in=e,s\n" END);
    assert_same_id(one, HEAD "e act in=a kind=tanh\ns add in=b,a\nb conv in=x channels=3 kernel=2\n"
                             "a conv in=x channels=3 kernel=2\nc add in=s,e\n" END);
    /* sharing is not equality: one branch read twice is another network than two */
    assert_other_id(TWINS "s add in=a,b\ne add in=a,b\nc add in=s,e\n" END,
                    TWINS "s add in=a,a\ne add in=b,b\nc add in=s,e\n" END);
    /* a with {a, b}, and twice the same: which comes first must not depend on the text */
    static const char three[] = TWINS "s add in=a,a\ne add in=a,b\nc add in=s,e\n" END;
    assert_same_id(three, TWINS "e add in=b,a\ns add in=a,a\nc add in=e,s\n" END);
    assert_same_id(three, TWINS "e add in=b,a\ns add in=b,b\nc add in=s,e\n" END);
}

/* 64 equal leaves under a balanced tree of sums, some of which also feed one more sum: ties on every level. */
static void symmetric_graphs_have_one_id(void **state)
{
    (void)state;
    for (int extra = 0; extra < 6; extra++) {
        struct text t = {0};
        text_put(&t, "morphsmith-arch 1\nx input time=2 channels=1\n");
        for (int i = 64; i < 128; i++)
            text_printf(&t, "v%d conv in=x channels=2 kernel=2\n", i);
        for (int i = 63; i > 0; i--)
            text_printf(&t, "v%d add in=v%d,v%d\n", i, 2 * i, 2 * i + 1);
        if (extra > 0)
            text_printf(&t, "w add in=v70,v%d\nz add in=w,v1\n", 69 + 9 * extra);
        text_printf(&t, "y last in=%s\n", extra > 0 ? "z" : "v1");
        struct arch *a = parse(text_of(&t));
        for (uint64_t seed = 0; seed < 5; seed++) {
            struct arch *b = net_shuffled(a, seed);
            assert_true(hash_equal(arch_id(a), arch_id(b)));
            arch_free(b);
        }
        arch_free(a);
        text_free(&t);
    }
}

static void known_id_stays(void **state)
{
    (void)state;
    struct arch *a = arch_template("tcn", 32, 8, 1, 16, 2, NULL);
    char *text = arch_canonical_text(a), hex[HASH_HEX];
    assert_string_equal(text, "morphsmith-arch 1\n"
                              "n0 input channels=8 time=32\n"
                              "n1 conv in=n0 act=relu bias=1 channels=16 dilation=1 kernel=3\n"
                              "n2 conv in=n0 act=none bias=1 channels=16 dilation=1 kernel=1\n"
                              "n3 add in=n1,n2\n"
                              "n4 conv in=n3 act=relu bias=1 channels=16 dilation=2 kernel=3\n"
                              "n5 add in=n4,n3\n"
                              "n6 last in=n5\n"
                              "n7 dense in=n6 act=none bias=1 units=1\n");
    hash_hex(arch_id(a), hex);
    assert_string_equal(hex, "bf45c6d693e1ebaedcf1bcd795a9c786ce8e3c7108645cf4549ce223b62a63ff");
    free(text);
    arch_free(a);
}

/* --- editing ----------------------------------------------------------------------------------------------------- */

static void inserting_moves_later_indices(void **state)
{
    (void)state;
    struct arch *a = parse(HEAD "c conv in=x channels=3 kernel=2\n" END), *b = arch_copy(a);
    struct arch_node node;
    char name[ARCH_NAME_MAX];
    arch_free_name(a, "c", name);
    assert_string_equal(name, "c1");
    op_node(&node, name, "act");
    op_set(&node, "kind", 4);
    node.inputs = 1;
    node.input[0] = 1;
    arch_insert(a, 2, &node);
    a->node[3].input[0] = 2; /* last now reads the new node */
    assert_true(arch_check(a, NULL));
    assert_int_equal(a->nodes, 5);
    assert_int_equal(a->node[4].input[0], 3);
    assert_int_equal(a->shape[2].channels, 3);
    assert_string_equal(op_enum(&a->node[2], "kind"), "tanh");
    assert_int_equal(b->nodes, 4); /* a copy is its own */
    arch_free_name(a, "c", name);
    assert_string_equal(name, "c2");
    arch_free(a);
    arch_free(b);
}

static void check_names_node_and_rule(void **state)
{
    (void)state;
    struct error err = {0};
    struct arch *a = parse(HEAD "c conv in=x channels=3 kernel=2\n" END);
    op_set(&a->node[1], "kernel", 0);
    assert_false(arch_check(a, &err));
    assert_non_null(strstr(err.text, "node 'c': kernel=0 is out of range"));
    op_set(&a->node[1], "kernel", 2.5);
    error_clear(&err);
    assert_false(arch_check(a, &err));
    assert_non_null(strstr(err.text, "whole number"));
    op_set(&a->node[1], "kernel", 2);
    a->node[1].input[0] = 3;
    error_clear(&err);
    assert_false(arch_check(a, &err));
    assert_non_null(strstr(err.text, "does not stand before"));
    a->node[1].input[0] = 0;
    text_copy(a->node[2].name, ARCH_NAME_MAX, "c");
    error_clear(&err);
    assert_false(arch_check(a, &err));
    assert_non_null(strstr(err.text, "node 'c': two nodes have this name"));
    arch_free(a);
}

/* --- templates and operators ------------------------------------------------------------------------------------- */

static void templates_are_valid(void **state)
{
    (void)state;
    struct error err = {0};
    for (int i = 0; arch_templates[i]; i++)
        for (int width = 0; width <= 48; width += 16)
            for (int depth = 0; depth < 4; depth++) {
                struct arch *a = arch_template(arch_templates[i], 24, 16, 1, width, depth, &err);
                assert_non_null(a);
                assert_int_equal(a->shape[a->nodes - 1].channels, 1);
                assert_string_equal(a->node[0].name, "x");
                assert_string_equal(a->node[a->nodes - 1].name, "y");
                arch_free(a);
            }
    assert_null(arch_template("tcn", 24, 16, 1, 0, 99, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    error_clear(&err);
    assert_null(arch_template("magic", 24, 16, 1, 0, 0, &err));
    assert_non_null(strstr(err.text, "magic"));
    error_clear(&err);
    assert_null(arch_template("mlp", 0, 16, 1, 0, 0, &err));
    assert_int_equal(err.kind, ERROR_DATA);
}

static void labels_bucket_the_width(void **state)
{
    (void)state;
    struct arch *a = parse(HEAD "c conv in=x channels=31 kernel=3 dilation=2 act=relu\nl lstm in=c units=32\n"
                                "g gru in=l units=9\nw dwconv in=g kernel=3 dilation=4 act=silu\n"
                                "a attention in=w heads=2 head=17\nb attention in=a heads=4 head=8 causal=0\n"
                                "n layernorm in=b\nr rmsnorm in=n\nk gate in=r kind=gelu\ns scale in=k init=0\n"
                                "d dropout in=s rate=0.25\nt timecode in=d\nu concat in=t,d\nv multiply in=u,u\n"
                                "m maxpool in=v\ny dense in=m units=1\n");
    static const char *const labels[] = {
        "input",     "conv k3 d2 relu c4", "lstm u5", "gru u3", "dwconv k3 d4 silu", "attention h2 w4 causal",
        "attention h4 w3", "layernorm",    "rmsnorm", "gate gelu", "scale",          "dropout p3",
        "timecode",  "concat",             "multiply", "maxpool", "dense none u0"};
    assert_int_equal(a->nodes, ARRAY_N(labels));
    for (int i = 0; i < a->nodes; i++) {
        char label[64];
        a->node[i].op->label(&a->node[i], label, sizeof label);
        assert_string_equal(label, labels[i]);
    }
    arch_free(a);
}

/* Multiply-adds and weights, counted by hand: time 8, 4 channels. */
static void costs_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        int64_t macs, weights;
    } one[] = {{"dwconv in=x kernel=3", 8 * 4 * 3, 3 * 4 + 4},
               {"gru in=x units=5", 8 * (4 + 5) * 15, 4 * 15 + 5 * 15 + 15 + 5},
               {"attention in=x heads=2 head=3", 4 * 8 * 4 * 6 + 2 * 8 * 8 * 6, 4 * 4 * 6 + 6 + 6 + 4},
               {"layernorm in=x", 2 * 32, 8},
               {"rmsnorm in=x", 2 * 32, 4},
               {"gate in=x kind=relu", 32, 1},
               {"scale in=x init=1", 32, 1},
               {"dropout in=x rate=0.5", 0, 0},
               {"multiply in=x,x", 0, 0},
               {"concat in=x,x", 0, 0},
               {"timecode in=x", 0, 0}};
    for (size_t i = 0; i < ARRAY_N(one); i++) {
        char *text = memory_format(HEAD "c %s\ny last in=c\n", one[i].line);
        struct arch *a = parse(text);
        assert_int_equal(arch_macs(a), one[i].macs);
        assert_int_equal(arch_parameters(a), one[i].weights);
        arch_free(a);
        free(text);
    }
}

/* The table is what the screens and the parser believe. */
static void table_is_complete(void **state)
{
    (void)state;
    for (int i = 0; op_table[i]; i++) {
        const struct op *op = op_table[i];
        assert_ptr_equal(op_find(op->name), op);
        assert_true(op->about && strlen(op->about) > 10);
        assert_true(op->params <= ARCH_PARAMS_MAX && op->inputs_most <= ARCH_INPUTS_MAX);
        assert_true(op->shape && op->tensors && op->macs && op->keep && op->scratch && op->forward && op->backward &&
                    op->label);
        for (int j = 0; j < op->params; j++) {
            assert_int_equal(op_param_find(op, op->param[j].name), j);
            assert_true(op->param[j].least <= op->param[j].most);
            assert_true((op->param[j].kind == OP_ENUM) == (op->param[j].names != NULL));
        }
    }
    assert_null(op_find("input "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_graph),
        cmocka_unit_test(keeps_an_order_that_is_one),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(refuses_with_origin_line_and_rule),
        cmocka_unit_test(refuses_what_is_no_text),
        cmocka_unit_test(reads_the_longest_chain),
        cmocka_unit_test(spelling_keeps_the_id),
        cmocka_unit_test(defaults_keep_the_id),
        cmocka_unit_test(stored_numbers_keep_the_id),
        cmocka_unit_test(products_commute_and_concats_do_not),
        cmocka_unit_test(every_change_changes_the_id),
        cmocka_unit_test(twins_are_told_apart_by_their_readers),
        cmocka_unit_test(symmetric_graphs_have_one_id),
        cmocka_unit_test(known_id_stays),
        cmocka_unit_test(inserting_moves_later_indices),
        cmocka_unit_test(check_names_node_and_rule),
        cmocka_unit_test(templates_are_valid),
        cmocka_unit_test(labels_bucket_the_width),
        cmocka_unit_test(costs_are_counted),
        cmocka_unit_test(table_is_complete),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
