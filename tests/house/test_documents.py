"""What the manual and the README say exists, and nothing that exists is missing from them."""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..")]

import manual
import rules
from tap import case, check, run, same

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(HERE, "..", ".."))
PROGRAM = os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith")
PAGE = os.path.join("man", "morphsmith.1")

if os.environ.get("MORPHSMITH_UPDATE_GOLDENS"):
    new = manual.renewed(rules.read(ROOT, PAGE), PROGRAM)
    with open(os.path.join(ROOT, PAGE), "w", encoding="utf-8") as page:
        page.write(new)


@case("help is understood: every command and its options")
def _():
    found = list(manual.commands(PROGRAM))
    check(len(found) > 10 and any(options for _, _, _, options in found), "only %r" % found)
    listed = re.search(r"^commands:\n((?:  .*\n)+)", manual.text_of(PROGRAM), re.M).group(1).count("\n")
    same(len(found), listed, "commands understood, of those that are listed")
    for name, _, _, options in found:
        part = re.search(r"^options:\n((?:  .*\n)+)", manual.text_of(PROGRAM, *name.split()), re.M)
        same(len(options), part.group(1).count("\n") if part else 0, "options of %s" % name)


for each in manual.SECTIONS:
    def define(name):
        @case("morphsmith(1) has the %s of --help (else: make update-goldens)" % name)
        def _():
            got, made = manual.parts(rules.read(ROOT, PAGE), name)[1], manual.SECTIONS[name](PROGRAM)
            for line in made.split("\n"):
                check(line in got.split("\n"), "missing: %s" % line)
            same(got, made, name)
    define(each)


@case("morphsmith(1) names every variable that the program reads")
def _():
    page = rules.read(ROOT, PAGE)
    wanted = set()
    for path in rules.sources(ROOT, (".c",)):
        wanted |= set(re.findall(r'getenv\("(\w+)"\)', rules.read(ROOT, path)))
    check("MORPHSMITH_CLOCK" in wanted, "only %r" % wanted)
    missing = [name for name in sorted(wanted - {"HOME", "TMPDIR"}) if name not in page]
    same(missing, [], "variables that the page does not name")


@case("the commands of README.md exist, with their options")
def _():
    known = {name: {manual.name_of(left) for left, _ in options} for name, _, _, options in manual.commands(PROGRAM)}
    common = {manual.name_of(left) for left, _ in manual.table(manual.text_of(PROGRAM), "global options")}
    blocks = re.findall(r"^```sh\n(.*?)^```", rules.read(ROOT, "README.md"), re.M | re.S)
    lines = re.findall(r"^morphsmith (.*)$", "".join(blocks), re.M)
    check(len(lines) > 10, "only %d command lines" % len(lines))
    for line in lines:
        words = line.split("#")[0].split("&&")[0].split()
        name = next((n for n in (" ".join(words[:2]), words[0]) if n in known), None)
        check(name, "no such command: morphsmith %s" % line)
        for option in re.findall(r"(?<= )--?([a-z][a-z-]*)", " ".join(words)):
            check(option in known[name] | common, "%s has no option %s" % (name, option))


@case("the folders of README.md exist")
def _():
    for row in re.findall(r"^\| (`.*?) \|", rules.read(ROOT, "README.md"), re.M):
        for path in re.findall(r"`([^`]+)`", row):
            check(os.path.isdir(os.path.join(ROOT, path)), "no folder %s" % path)


run()
