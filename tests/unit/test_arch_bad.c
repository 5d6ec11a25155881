/* Bad architectures end to end: what is said of each, word by word. A person reads the file's line, the rule, and what
 * to do. Sizes are bounded before they are believed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "net/arch.h"

#define HEAD "morphsmith-arch 1\nx input time=8 channels=2\n"
#define TAIL "p flatten in=x\ny dense in=p units=1\n"

static const struct {
    const char *text, *says;
} bad[] = {
    {"", "f: empty: an architecture begins with the line \"morphsmith-arch 1\""},
    {"# nothing\n\n", "f: empty: an architecture begins with the line \"morphsmith-arch 1\""},
    {"morphsmith-arch 1\n", "f: no nodes: begin with a line such as \"x input time=32 channels=8\""},
    {"x input time=8 channels=2\n", "f:1: this is no architecture: its first line must be \"morphsmith-arch 1\""},
    {"morphsmith-arch 2\nx input time=8 channels=2\n",
     "f:1: \"morphsmith-arch 2\" is another version of the format: for this program the first line must be \"morphsmith-arch 1\""},
    {"morphsmith-arch 1\rx input time=8 channels=2\r",
     "f:1: a carriage return within the line: end lines with line feeds"},
    {HEAD "a dense in=b units=2\nb dense in=a units=2\np flatten in=b\ny dense in=p units=1\n",
     "f:3: the graph has a cycle: a reads b reads a. Let one of them read something else"},
    {HEAD "a add in=a,x\np flatten in=a\ny dense in=p units=1\n",
     "f:3: the graph has a cycle: a reads a. Let one of them read something else"},
    {HEAD "p flatten in=q\ny dense in=p units=1\n",
     "f:3: 'p' reads 'q', and no node has that name: correct in=, or add it"},
    {HEAD "p flatten\ny dense in=p units=1\n", "f:3: flatten needs in=: name what it reads"},
    {HEAD "p flatten in=\ny dense in=p units=1\n", "f:3: '' in in= is no name: write in=a or in=a,b"},
    {HEAD "p flatten in=x,x\ny dense in=p units=1\n", "f:3: node 'p': flatten takes 1 input, not 2: correct in="},
    {HEAD "a add in=x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x\n", "f:3: more than 16 inputs: chain several nodes"},
    {HEAD "a dense in=x units=3\ns add in=a,x\np flatten in=s\ny dense in=p units=1\n",
     "f:4: node 's': add needs inputs of one shape, but input 1 is [8, 3] and input 2 is [8, 2] (time, channels): put a "
     "dense or a conv of kernel 1 before one of them"},
    {HEAD "y dense in=x units=1\n",
     "f:3: node 'y': the output must have no time axis: put last, meanpool or flatten before it"},
    {HEAD "p flatten in=x\ny dense in=p units=0\n",
     "f:4: units=0 is out of range: it must lie between 1 and 65536"},
    {HEAD "p flatten in=x\ny dense in=p units=-3\n",
     "f:4: units=-3 is out of range: it must lie between 1 and 65536"},
    {HEAD "p flatten in=x\ny dense in=p units=99999999999\n",
     "f:4: units=99999999999 is out of range: it must lie between 1 and 65536"},
    {HEAD "p flatten in=x\ny dense in=p units=99999999999999999999999\n",
     "f:4: units=99999999999999999999999 is out of range: it must lie between 1 and 65536"},
    {HEAD "p flatten in=x\ny dense in=p units=1.5\n", "f:4: units=1.5 is no whole number: write digits only"},
    {HEAD "a dropout in=x rate=nan\n", "f:3: rate=nan is no number: write it as 0.5 or 1e-05"},
    {HEAD "a dropout in=x rate=1.5\n", "f:3: rate=1.5 is out of range: it must lie between 0 and 0.95"},
    {HEAD "a attention in=x heads=0 head=4\n", "f:3: heads=0 is out of range: it must lie between 1 and 1024"},
    {HEAD "x flatten in=x\n", "f:3: the name 'x' is taken by line 2: choose another"},
    {HEAD "z input time=8 channels=2\ns add in=x,z\np flatten in=s\ny dense in=p units=1\n",
     "f:3: node 'z': there must be exactly one input node, not a second one: read the first"},
    {HEAD TAIL "z dense in=p units=1\n",
     "f:4: node 'y': nobody reads it, and nobody reads 'z': only the output may be unread. Remove it or read it"},
    {HEAD "p flaten in=x\n",
     "f:3: operator 'flaten' is not known: use one of input, dense, conv, dwconv, lstm, gru, attention, layernorm, rmsnorm, "
     "act, gate, scale, dropout, add, multiply, concat, flatten, last, meanpool, maxpool, timecode"},
    {HEAD "p flatten in=x\ny dense in=p unit=1\n", "f:4: dense has no parameter 'unit': it has units, act, bias"},
    {HEAD "p flatten in=x\ny dense in=p\n", "f:4: dense needs units=: add it"},
    {HEAD "p flatten in=x\ny dense in=p units=1 units=2\n", "f:4: units is given twice: remove one"},
    {HEAD "p flatten in=x\ny dense in=p units=1 act=rellu\n",
     "f:4: act=rellu is not known: use one of none, relu, gelu, silu, tanh, sigmoid"},
    {HEAD "p flatten in=x fast\n", "f:3: 'fast' is no setting: write name=value without blanks"},
    {HEAD "p\n", "f:3: 'p' has no operator: write NAME OPERATOR in=... parameters"},
    {HEAD "2p flatten in=x\n", "f:3: '2p' is no name: a letter or _, then at most 30 letters, digits or _"},
    {"morphsmith-arch 1\nx input time=70000 channels=2\n",
     "f:2: time=70000 is out of range: it must lie between 1 and 65536"},
    {"morphsmith-arch 1\nx input time=65536 channels=65536\np last in=x\ny dense in=p units=1\n",
     "f:2: node 'x': a value of 65536 steps of 65536 channels is too large: the limit is 16777216 floats. Use fewer"},
};

static void expect(const char *text, size_t n, enum error_kind kind, const char *says)
{
    struct error err = {0};
    struct arch *a = arch_parse(text, n, "f", &err);
    assert_null(a);
    assert_string_equal(err.text, says);
    assert_int_equal(err.kind, kind);
}

static void test_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_N(bad); i++)
        expect(bad[i].text, strlen(bad[i].text), ERROR_DATA, bad[i].says);
}

static void test_bytes_that_are_no_text(void **state)
{
    static const char zero[] = HEAD "p flat\0ten in=x\n";
    (void)state;
    expect(zero, sizeof zero - 1, ERROR_DATA, "f:3: a zero byte: this is no text; if an editor wrote it, save it as UTF-8");
}

/* Lines of other systems and an editor's mark are no reason to refuse: the architecture is the same. */
static void test_lines_of_other_systems(void **state)
{
    static const char *const same[] = {(HEAD TAIL), ("\xef\xbb\xbf" HEAD TAIL),
                                       ("morphsmith-arch 1\r\nx input time=8 channels=2\r\np flatten in=x\r\n"
                                        "y dense in=p units=1")};
    struct hash id[3];
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct error err = {0};
        struct arch *a = arch_parse(same[i], strlen(same[i]), "f", &err);
        assert_string_equal(err.text, "");
        id[i] = arch_id(a);
        arch_free(a);
    }
    assert_true(hash_equal(id[0], id[1]) && hash_equal(id[0], id[2]));
}

static char *chain(int nodes, size_t *n)
{
    struct text t = {0};
    text_put(&t, HEAD);
    for (int i = 0; i < nodes; i++)
        text_printf(&t, i == 0 ? "n%d act in=x kind=relu\n" : "n%d act in=n%d kind=relu\n", i, i - 1);
    text_printf(&t, "p flatten in=n%d\ny dense in=p units=1\n", nodes - 1);
    *n = t.n;
    return t.data;
}

/* A million nodes are refused by their bytes, 4097 at their line; the deepest chain that is allowed is read, named and
 * copied without a stack that grows with it. */
static void test_a_million_nodes(void **state)
{
    struct error err = {0};
    char says[128];
    size_t n;
    (void)state;
    char *text = chain(1000000, &n);
    snprintf(says, sizeof says, "f: %zu bytes are too many for an architecture: it has at most 1048576 bytes and 4096 nodes",
             n);
    expect(text, n, ERROR_LIMIT, says);
    free(text);
    text = chain(4096, &n);
    expect(text, n, ERROR_LIMIT, "f:4098: more than 4096 nodes: use fewer, wider ones");
    free(text);
    text = chain(4093, &n);
    struct arch *a = arch_parse(text, n, "f", &err);
    assert_non_null(a);
    assert_int_equal(a->nodes, 4096);
    struct hash id = arch_id(a);
    assert_false(hash_is_zero(id));
    arch_free(a);
    free(text);
}

static void test_long_lines(void **state)
{
    char says[256], *line = memory_new(10000000, 1), *cut = says;
    (void)state;
    memset(line, 'a', 9999999);
    memcpy(line, HEAD, strlen(HEAD));
    expect(line, 9999999, ERROR_LIMIT,
           "f: 9999999 bytes are too many for an architecture: it has at most 1048576 bytes and 4096 nodes");
    cut += snprintf(says, sizeof says, "f:3: '");
    memset(cut, 'a', 100);
    text_copy(cut + 100, 100, "' is no name: a letter or _, then at most 30 letters, digits or _");
    expect(line, 1000000, ERROR_DATA, says);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),         cmocka_unit_test(test_bytes_that_are_no_text),
        cmocka_unit_test(test_lines_of_other_systems), cmocka_unit_test(test_a_million_nodes),
        cmocka_unit_test(test_long_lines),
    };
    hash_start();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
