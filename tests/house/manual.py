"""The parts of morphsmith(1) that come from the program's own --help: its commands and its options."""

import re
import subprocess

# Options that several commands share are described once.
SHARED = [("Training options", ["epochs", "batch", "lr", "optimizer", "momentum", "nesterov", "weight-decay", "schedule", "warmup",
                                "step-size", "gamma", "min-lr", "clip", "label-smoothing", "class-weight", "loss",
                                "huber-delta", "patience", "min-delta", "head", "keep-start", "seed"]),
          ("Signing options", ["key", "draft", "expect"])]


def text_of(program, *words):
    return subprocess.run([program, *words, "--help"], check=True, stdout=subprocess.PIPE, text=True).stdout


def row(line):
    """(left, about) of a line of help; where the left side fills its column, one blank parts it from a small letter."""
    match = (re.match(r"  (\S.*?)  +(\S.*)$", line) or re.match(r"  (-\S+(?: [A-Z]\S*)?) (\S.*)$", line) or
             re.match(r"  ((?:[a-z-]+ )+[^a-z ]\S*(?: [^a-z ]\S*)*) (\S.*)$", line))
    if not match:
        raise ValueError("this line of help is not understood: %r" % line)
    return match.group(1), match.group(2)


def table(text, title):
    """Rows (left, about) of the part of a help that starts with this title."""
    part = re.search(r"^%s:\n((?:  .*\n)+)" % title, text, re.M)
    return [row(line) for line in part.group(1).rstrip("\n").split("\n")] if part else []


def commands(program):
    """(name, operands, about, options) of every command."""
    for left, about in table(text_of(program), "commands"):
        words = left.split()
        name = [w for w in words if re.fullmatch(r"[a-z][a-z-]*", w)]
        yield " ".join(name), " ".join(words[len(name):]), about, table(text_of(program, *name), "options")


def roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def option(left, about):
    name, _, value = left.partition(" ")
    return ".TP\n.B %s%s\n%s\n" % (roff(name), " \\fI%s\\fP" % roff(value) if value else "", roff(about))


def name_of(left):
    return left.split()[0].lstrip("-")


def shared_in(options):
    names = [name_of(left) for left, _ in options]
    return [(title, members) for title, members in SHARED if all(m in names for m in members)]


def commands_section(program):
    out, described = [], {}
    for name, operands, about, options in commands(program):
        out.append(".TP\n.B %s%s\n%s\n" % (roff(name), " \\fI%s\\fP" % roff(operands) if operands else "", roff(about)))
        common = shared_in(options)
        for title, members in common:
            described.setdefault(title, [o for o in options if name_of(o[0]) in members])
        hidden = {m for _, members in common for m in members}
        own = [o for o in options if name_of(o[0]) not in hidden]
        if common:
            out[-1] += "(with the %s)\n" % " and the ".join(title.lower() for title, _ in common)
        if own:
            out.append(".RS\n" + "".join(option(*o) for o in own) + ".RE\n")
    for title, _ in SHARED:
        if title in described:
            out.append(".SS %s\n" % title + "".join(option(*o) for o in described[title]))
    return "".join(out)


def options_section(program):
    return "".join(option(*o) for o in table(text_of(program), "global options"))


SECTIONS = {"options": options_section, "commands": commands_section}


def parts(page, name):
    """What stands before, within and after the made part of this name."""
    match = re.search(r'^\.\\" made from \-\-help: %s\n(.*?)^\.\\" end of %s\n' % (name, name), page, re.M | re.S)
    if not match:
        raise ValueError("the page has no part made from --help called %s" % name)
    return page[:match.start(1)], match.group(1), page[match.end(1):]


def renewed(page, program):
    for name, make in SECTIONS.items():
        before, _, after = parts(page, name)
        page = before + make(program) + after
    return page
