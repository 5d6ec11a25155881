"""The rules of the house, first on small trees that break one each, then on the project itself."""

import os
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")]

import rules
from tap import case, check, comment, run, same

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))

HEADER = "/* A module. */\n#ifndef X_H\n#define X_H\n#endif\n"
GOOD = {
    "Makefile.am": "x = src/base/a.h src/base/a.c src/chain/c.c src/chain/c.h src/cmd/d.c src/main.c ui/present.c\n"
                   "y = ui/app.c ui/app.h src/net/n.c src/net/n.h tests/unit/test_a.c\n",
    "src/base/a.h": HEADER,
    "src/base/a.c": '#include "base/a.h"\n/* printf("x"); atoi(s) from /base/ */\nconst char *s = "exit(1) rand()";\n',
    "src/chain/c.h": HEADER,
    "src/chain/c.c": '#include "chain/c.h"\n#include "base/a.h"\n',
    "src/net/n.h": HEADER,
    "src/net/n.c": '#include "net/n.h"\nvoid f(struct op *o) { o->exp(1); o->exit(1); model_log(2); text_puts(3); }\n',
    "src/cmd/d.c": '#include "net/n.h"\nvoid f(void) { printf("x"); exit(1); }\n',
    "src/main.c": '#include "ui/app.h"\nvoid f(void) { (setlocale)(LC_CTYPE, ""); }\n',
    "ui/app.h": HEADER,
    "ui/app.c": '#include "ui/app.h"\n#include "net/n.h"\ndouble f(void) { return log10(3); }\n',
    "ui/present.c": "#include <ncursesw/curses.h>\n",
    "tests/unit/test_a.c": '#include "base/a.h"\n',
    "README.md": "src/work/job.c, see https://example.org/\n",
}

# rule, file, its text, a word of the breach
BAD = [
    ("floors", "src/base/a.c", '#include "net/n.h"\n', "base may not include net"),
    ("floors", "src/chain/c.c", '#include "net/n.h"\n', "chain may not include net"),
    ("floors", "src/net/n.c", '#include "chain/c.h"\n', "net may not include chain"),
    ("floors", "src/cmd/d.c", '#include "ui/app.h"\n', "cmd may not include ui"),
    ("floors", "src/net/n.c", '#  include "n.h"\n', "no path from src/"),
    ("floors", "src/net/n.c", '#include "../net/n.h"\n#include "base/gone.h"\n', "no path from src/"),
    ("floors", "src/cellar/a.c", "int x;\n", "no floor"),
    ("curses", "ui/app.c", "#include <curses.h>\n", "curses outside"),
    ("curses", "src/cmd/d.c", "#include <ncursesw/ncurses.h>\n", "curses outside"),
    ("quiet", "src/net/n.c", 'void f(void) { printf("x"); }\n', "prints"),
    ("quiet", "src/net/n.c", 'void f(void) { fprintf(stderr, "x"); }\n', "terminal"),
    ("quiet", "src/net/n.c", "void f(void) { write(2, s, 1); }\n", "terminal"),
    ("quiet", "ui/app.c", "void f(void) { exit(1); }\n", "ends the program"),
    ("quiet", "src/base/error.c", "void f(void) { exit(1); }\n", "ends the program"),
    ("banned", "src/net/n.c", "int f(void) { return atoi(s); }\n", "atoi"),
    ("banned", "tests/unit/test_a.c", "void f(void) { (void)strcpy (a, b); }\n", "strcpy"),
    ("banned", "src/net/n.c", 'void f(void) { (setlocale)(LC_ALL, ""); }\n', "locale"),
    ("exact", "src/net/n.c", "double f(double x) { return 1 / (1 + exp(-x)); }\n", "exp of libm"),
    ("exact", "src/chain/c.c", "float f(float x) { return tanhf(x); }\n", "tanhf of libm"),
    ("checks", "src/net/n.c", "void f(void) { CHECK(g()); }\n", "CHECK outside"),
    ("listed", "src/net/forgotten.c", "int x;\n", "no local.mk"),
    ("headers", "src/net/n.h", "#pragma once\nint f(void);\n", "no comment"),
    ("headers", "src/net/n.h", "/* A module. */\nint f(void);\n", "no include guard"),
    ("top_level", "notes.txt", "x\n", "top level"),
    ("words", "README.md", "see /" + "work/main/x\n", "one machine"),
    ("words", "src/net/n.c", "/* /" + "var/tmp/x */\n", "one machine"),
    ("words", "bootstrap", "https://" + "registry.example/x\n", "one machine"),
]


def plant(folder, tree):
    for path, text in tree.items():
        full = os.path.join(folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as f:
            f.write(text)


def breaches(rule, tree):
    with tempfile.TemporaryDirectory(prefix="morphsmith-house-") as folder:
        plant(folder, tree)
        return list(getattr(rules, rule)(folder))


def define(rule, path, text, word):
    @case("%s finds: %s in %s" % (rule, word, path))
    def _():
        found = breaches(rule, {**GOOD, path: text})
        check(any(word in f and path in f for f in found), "found only %r" % found)


@case("a good tree breaks no rule")
def _():
    for rule in rules.ALL:
        found = breaches(rule.__name__, GOOD)
        check(not found, "%s: %r" % (rule.__name__, found))


@case("long functions are seen")
def _():
    with tempfile.TemporaryDirectory(prefix="morphsmith-house-") as folder:
        plant(folder, {"src/net/n.c": "int f(void)\n{\n" + "    x();\n" * 70 + "}\n\nint g(void)\n{\n}\n"})
        check(list(rules.long_functions(folder)) == [(72, "src/net/n.c", "f")], list(rules.long_functions(folder)))


for entry in BAD:
    define(*entry)


def on_the_project(rule):
    @case("the project: %s" % " ".join(rule.__doc__.split()))
    def _():
        check(rules.sources(ROOT), "no sources under %s" % ROOT)
        found = list(rule(ROOT))
        check(not found, "\n".join(found))


for each in rules.ALL:
    on_the_project(each)


@case("a name that is defined twice is seen")
def _():
    with tempfile.TemporaryDirectory(prefix="morphsmith-house-") as folder:
        for floor in ("base", "net"):
            os.makedirs(os.path.join(folder, "src", floor))
            source, thing = os.path.join(folder, floor + ".c"), os.path.join(folder, floor + ".o")
            plant(folder, {floor + ".c": "int twice(void) { return 1; } int of_%s; static int own;\n" % floor})
            subprocess.run(["cc", "-c", "-w", source, "-o", thing], check=True)
            subprocess.run(["ar", "crs", os.path.join(folder, "src", floor, "lib%s.a" % floor), thing], check=True)
        same(list(rules.names(folder)), ["twice: defined in src/base/libbase.a and in src/net/libnet.a"], "found")


@case("the project: %s" % rules.names.__doc__)
def _():
    found = list(rules.names(os.getcwd()))
    check(not found, "\n".join(found))


for lines, path, name in sorted(rules.long_functions(ROOT), reverse=True)[:20]:
    comment("%d lines: %s in %s" % (lines, name, path))
for lines, path in sorted(rules.long_files(ROOT), reverse=True):
    comment("%d lines: %s" % (lines, path))
run()
