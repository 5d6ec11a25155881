"""`data add` from the command line: every option, evidence, joined files, what is refused and changes nothing."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

from tap import case, check, run, same

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith")
FOLDER = tempfile.mkdtemp(prefix="morphsmith-import-")
WORKSPACE = os.path.join(FOLDER, "w")
LIMIT = 120
MEMORY = 1 << 29  # bytes of address space: no bad file may need more

ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("MORPHSMITH_", "XDG_"))}
ENVIRONMENT.update(HOME=FOLDER, LC_ALL="C.UTF-8", TERM="dumb")


def bound_memory():
    if "MORPHSMITH_SANITIZED" not in os.environ:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def call(*words, expect=0, says=(), bounded=False):
    done = subprocess.run([PROGRAM, "-w", WORKSPACE] + list(words), env=ENVIRONMENT, cwd=FOLDER, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT, start_new_session=True,
                          preexec_fn=bound_memory if bounded else None)
    err = done.stderr.decode("utf-8", "replace")
    name = " ".join(map(str, words))
    same(done.returncode, expect, "status of %s (%s)" % (name, err.strip()[-500:]))
    for part in [says] if isinstance(says, str) else says:
        check(part in err, "%s: no %r in %r" % (name, part, err))
    return done.stdout.decode("utf-8")


def add(*words):
    """The one file's object of a successful `data add --json`."""
    result = json.loads(call("data", "add", *words, "--json"))
    return result["files"][0] if len(result["files"]) == 1 else result


def put(name, content):
    path = os.path.join(FOLDER, name)
    with open(path, "wb") as f:
        f.write(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def listed():
    return call("data", "list", "--json")


def guess(file, option):
    found = [g for g in file["guesses"] if g["option"] == option]
    same(len(found), 1, "guesses with %s" % option)
    check(found[0]["evidence"], "%s has no evidence" % option)
    return found[0]["value"]


call("init", WORKSPACE)


@case("every guess is shown with its evidence and the option that overrides it")
def _():
    path = put("plain.csv", "date;close\n13/02/2020;1,5\n14/02/2020;2,5\n15/02/2020;1.003,5\n")
    file = add(path, "--dry-run")
    for option in ("--delimiter", "--encoding", "--header", "--time", "--date-order", "--stamp"):
        guess(file, option)
    same([file["delimiter"], file["decimal"], file["encoding"], file["header_lines"], file["time_column"], file["rows"]],
         [";", ",", "utf-8", 1, "date", 3], "what was found")
    same(file["first"], "2020-02-13T00:00:00Z", "first")
    text = call("data", "add", path, "--dry-run")
    for part in ("(--delimiter)", "(--date-order)", "line 2", "nothing was stored"):
        check(part in text, "no %r in:\n%s" % (part, text))
    same(json.loads(listed())["series"], [], "series after a dry run")


@case("what only a person can know is asked for, and the option settles it")
def _():
    for name, text, option, value, first in (
            ("order.csv", "date,v\n01/02/2020,1\n02/02/2020,2\n", "--date-order", "dmy", "2020-02-01T00:00:00Z"),
            ("order2.csv", "date,v\n01/02/2020,1\n01/03/2020,2\n", "--date-order", "mdy", "2020-01-02T00:00:00Z"),
            ("stamp.csv", "time,v\n1577836800,1\n1577840400,2\n1577844000,3\n", "--stamp", "close", "2020-01-01T00:00:00Z"),
            ("missing.csv", "date,v\n2020-01-01,1\n2020-01-02,halt\n2020-01-03,3\n", "--missing", "halt",
             "2020-01-01T00:00:00Z"),
            ("two.csv", "a,b,v\n2020-01-01,2020-02-01,1\n2020-01-02,2020-02-02,1\n", "--time", "b", "2020-02-01T00:00:00Z"),
            ("long.csv", "date,kind,v\n2020-01-01,1.5,1\n2020-01-01,2.5,2\n2020-01-02,1.5,3\n2020-01-02,2.5,4\n", "--symbol",
             None, None)):
        path = put(name, text)
        call("data", "add", path, expect=3, says=(name, option))
        if value:
            same(add(path, option, value, "--dry-run")["first"], first, "first time of %s" % name)


@case("each option does what it says")
def _():
    hours = "time,v\n" + "".join("2020-07-01 %02d:00,%d\n" % (h, h) for h in range(8))
    for options, text, key, value in (
            (["--tz", "Europe/Rome", "--stamp", "close"], hours, "first", "2020-06-30T22:00:00Z"),
            (["--tz", "+05:30", "--stamp", "close"], hours, "first", "2020-06-30T18:30:00Z"),
            (["--delimiter", "tab"], "date\tv\n2020-01-01\t1\n2020-01-02\t2\n", "delimiter", "\t"),
            (["--delimiter", "~"], "date~v\n2020-01-01~1\n2020-01-02~2\n", "delimiter", "~"),
            (["--decimal", ","], "date;v\n2020-01-01;1,500\n2020-01-02;2,500\n", "decimal", ","),
            (["--encoding", "windows-1252"], b"date,gr\xf6\xdfe\n2020-01-01,1\n2020-01-02,2\n", "columns", ["gr\u00f6\u00dfe"]),
            (["--header", "0"], "2020-01-01,1\n2020-01-02,2\n", "header_lines", 0),
            (["--skip", "2"], "a,b\nc,d\ndate,v\n2020-01-01,1\n2020-01-02,2\n", "skipped_lines", 2),
            (["--missing", "x,y"], "date,v\n2020-01-01,1\n2020-01-02,x\n2020-01-03,y\n", "missing", 2),
            (["--format", "YYYY_MM_DD"], "date,v\n2020_01_05,1\n2020_01_06,2\n", "first", "2020-01-05T00:00:00Z"),
            (["--time", "#2"], "v,date\n1,2020-01-01\n2,2020-01-02\n", "time_column", "date"),
            (["--lag", "12h"], "date,v\n2020-01-01,1\n2020-01-02,2\n", "lag_seconds", 43200),
            (["--asset", "gold"], "date,v\n2020-01-01,1\n2020-01-02,2\n", "asset", "gold")):
        same(add(put("option.csv", text), "--dry-run", *options)[key], value, " ".join(options))


@case("rows that contradict each other: the last or the first, each named by its line")
def _():
    path = put("twice.csv", "date,v\n" + "".join("2020-01-%02d,%d\n" % (d, d) for d in range(1, 29)) + "2020-01-05,99\n,\n")
    file = add(path)
    same([file["rows"], file["duplicates"], file["conflicts"], file["dropped"]], [28, 1, 1, 1], "counts")
    same([d["line"] for d in file["dropped_rows"]], [6, 31], "lines")
    check("line 6: same time as line 30" in call("data", "add", path), "the text does not name the line")
    same([d["line"] for d in add(path, "--keep", "first")["dropped_rows"]], [30, 31], "lines with --keep first")


@case("a long table gives a series for each symbol")
def _():
    path = put("market.csv", "date,symbol,close\n" + "".join("2020-01-%02d,%s,%d\n" % (d, s, d + ord(s[0]))
                                                             for d in range(1, 29) for s in ("BTC", "ETH", "A/B") if (d, s) != (9, "ETH")))
    file = add(path)
    same(file["symbol_column"], "symbol", "column")
    same([(s["name"], s["asset"], s["rows"], s["gaps"]) for s in file["series"]],
         [("market-A/B", "A/B", 28, 0), ("market-BTC", "BTC", 28, 0), ("market-ETH", "ETH", 27, 1)], "series")
    same(json.loads(call("data", "show", "market-ETH", "--json"))["rows"], 27, "rows of one")
    call("data", "add", path, "--asset", "x", expect=2, says="--asset")
    call("data", "add", path, "--symbol", "nothing", expect=2, says="--symbol")


@case("data show tells people what data add told them")
def _():
    path = put("told.csv", "date,close,note\n2020-01-01,1,a\n2020-01-02,2,b\n2020-01-02,3,c\n2020-01-03,4,d\n")
    call("data", "add", path)
    shown = call("data", "show", "told")
    for part in ("(--delimiter)", "line 3: same time as line 4", "conflicts 1", "warning: column 'note'"):
        check(part in shown, "%r in %s" % (part, shown))


@case("files that belong together become one series, in any order, and with what is there already")
def _():
    parts = [put("BTC-1h-2020-%02d.csv" % m, "open_time,close\n" + "".join(
        "2020-%02d-%02dT%02d:00:00Z,%d\n" % (m, d, h, 100 * m + d) for d in range(1, 29) for h in range(24)))
        for m in (1, 2, 3)]
    whole = json.loads(call("data", "add", "--append", *parts[:2], "--json"))
    same([(s["name"], s["rows"], s["gaps"]) for s in whole["series"]], [("BTC-1h", 2 * 28 * 24, 1)], "joined")
    frame = json.loads(call("data", "show", "BTC-1h", "--json"))["frame"]
    call("data", "add", "--append", parts[1], parts[0], "--asset", "again")
    same(json.loads(call("data", "show", "again", "--json"))["frame"], frame, "frame in the other order")
    call("data", "add", "--append", parts[2])
    same(json.loads(call("data", "show", "BTC-1h", "--json"))["rows"], 3 * 28 * 24, "rows with the third")
    call("data", "add", "--append", parts[2])
    same(json.loads(call("data", "show", "BTC-1h", "--json"))["rows"], 3 * 28 * 24, "rows with the third again")
    before = listed()
    other = put("BTC-1h-2020-04.csv", "open_time,close,extra\n2020-04-01T00:00:00Z,1,2\n2020-04-01T01:00:00Z,1,2\n")
    call("data", "add", "--append", other, expect=3, says=("extra", "BTC-1h"))
    call("data", "add", "--append", parts[0], put("ETH.csv", "open_time,close\n2020-05-01T00:00:00Z,1\n"), expect=2,
         says="--asset")
    same(listed(), before, "data list after refusals")


@case("the order of dates that one file proves holds for the other parts, and is told")
def _():
    parts = [put("vix_2020-01.csv", "date,v\n" + "".join("%02d/01/2020,%d\n" % (d, d) for d in range(1, 29))),
             put("vix_2020-02.csv", "date,v\n" + "".join("%02d/02/2020,%d\n" % (d, d) for d in range(1, 11)))]
    call("data", "add", parts[1], expect=3, says="--date-order")
    result = json.loads(call("data", "add", "--append", *parts, "--json"))
    same([(s["name"], s["rows"], s["last"]) for s in result["series"]], [("vix", 38, "2020-02-10T00:00:00Z")], "joined")
    evidence = [g["evidence"] for g in result["files"][1]["guesses"] if g["option"] == "--date-order"]
    check(evidence and "vix_2020-01.csv" in evidence[0], "evidence: %r" % evidence)


@case("impossible values are kept, named by line and marked by time")
def _():
    file = add(put("flags.csv", "date,open,high,low,close,volume\n" + "".join(
        "2020-01-%02d,10,11,9,10,%d\n" % (d, -5 if d == 7 else 100 + d) for d in range(1, 29))))
    same([(f["time"], f["column"], f["what"], f["line"]) for f in file["flags"]],
         [("2020-01-07T00:00:00Z", "volume", "negative", 8)], "flags")
    check(any("line 8" in w for w in file["warnings"]), "warnings: %r" % file["warnings"])


@case("a file that is read again comes out the same, changed or not")
def _():
    path = put("again.csv", "date,v\n" + "".join("2020-01-%02d,%d\n" % (d, d) for d in range(1, 29)))
    time.sleep(0.2)  # so that its time stamp is older than the clock's grain
    first = call("data", "add", path, "--json")
    same(call("data", "add", path, "--json"), first, "the second time")
    frame = json.loads(call("data", "show", "again", "--json"))["frame"]
    with open(os.path.join(WORKSPACE, "frames", frame), "r+b") as f:
        f.seek(-8, 2)
        f.write(b"\1" * 8)
    call("data", "show", "again", expect=3, says=frame)
    same(call("data", "add", path, "--json"), first, "with a damaged frame")
    call("data", "show", "again")
    stamp = os.stat(path)
    with open(path, "r+b") as f:
        f.seek(-2, 2)
        f.write(b"9")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # as if nothing had been written
    time.sleep(0.2)
    call("data", "add", path)
    check(json.loads(call("data", "show", "again", "--json"))["frame"] != frame, "the changed file was not read")


@case("a series is removed with its frame, but not while the task in force uses it")
def _():
    market, other = os.path.join(FOLDER, "planted.csv"), put("other.csv", "date,v\n2020-01-01,1\n2020-01-02,2\n")
    call("synth", "planted", "--bars", "300", market)
    call("data", "add", market, "--asset", "m")
    call("data", "add", other)
    call("task", "set", "--asset", "m", "--lookback", "8", "--folds", "2")
    call("data", "remove", "planted", expect=2, says="task in force")
    call("data", "remove", "nothing", expect=2, says="nothing")
    frames = [json.loads(call("data", "show", name, "--json"))["frame"] for name in ("planted", "market-BTC")]
    call("data", "remove", "market-BTC")
    check("market-BTC" not in listed(), "it is still there")
    same([os.path.exists(os.path.join(WORKSPACE, "frames", f)) for f in frames], [True, False], "frames")


@case("what is marked behind the seal is not shown")
def _():
    chance = random.Random(3)
    path = put("sealed.csv", "date,open,high,low,close,volume\n" + "".join(
        "20%02d-%02d-%02d,%d,%d,%d,%d,%d\n" % (10 + i // 336, 1 + i // 28 % 12, 1 + i % 28, 100 + chance.randint(0, 9), 110, 99,
                                             100 + chance.randint(0, 9), -1 if i in (50, 990) else 1000)
        for i in range(1000)))
    same(len(add(path)["flags"]), 2, "flags on import")
    call("task", "set", "--asset", "sealed", "--lookback", "8", "--folds", "2")
    shown = json.loads(call("data", "show", "sealed", "--json"))
    check(shown["sealed_rows_left_out"] > 0, "nothing is sealed")
    same(len(shown["report"]["flags"]), 1, "flags that are shown")


@case("samples of a log are known when they are taken, so that its own states can be told from it")
def _():
    level = {"rest": 0, "walk": 2, "run": 4}
    state = [list(level)[(i // 25) * 7 % 3] for i in range(1500)]
    log = "ms,force,state\n" + "".join(
        "%d,%.2f,%s\n" % (20 * i, level[s] + (i * i * 7919 % 10007) / 3333, s) for i, s in enumerate(state))
    told = add(put("log.csv", log), "--asset", "log")
    same((told["lag_seconds"], told["stamp"], told["rows"], told["first"]), (0, "close", 1500, "1970-01-01T00:00:00Z"), "log")
    call("task", "set", "--asset", "log", "--target", "class:state", "--horizon", "0", "--lookback", "4", "--folds", "2")
    call("arch", "new", "mlp")
    scored = json.loads(call("score", "mlp", "--json"))
    check(scored["directional_accuracy"]["mean"] > 0.8, "the states are not told: %s" % scored["directional_accuracy"])


@case("what is no table is refused in little memory and changes nothing")
def _():
    before = listed()
    bad = [("empty.csv", b"", 3), ("header.csv", b"date,v\n", 3), ("binary.csv", bytes(range(256)) * 40, 3),
           ("nul.csv", b"date,v\n2020-01-01,1\n2020-01-02,\0\n", 3), ("quote.csv", b'date,v\n2020-01-01,"1\n' * 50, 3),
           ("wide.csv", b",".join(b"c%d" % i for i in range(100000)) + b"\n", 3),
           ("1599.csv", b"date,v\n1599-01-01,1\n1599-01-02,2\n", 3), ("words.csv", b"a,b\nx,y\nz,w\n", 3)]
    for name, content, status in bad:
        call("data", "add", put(name, content), expect=status, says=name, bounded=True)
    with open(os.path.join(FOLDER, "endless.csv"), "wb") as f:
        f.truncate(1 << 30)
    call("data", "add", os.path.join(FOLDER, "endless.csv"), expect=3, says="endless.csv")
    os.mkfifo(os.path.join(FOLDER, "fifo.csv"))
    os.mkdir(os.path.join(FOLDER, "folder.csv"))
    for name in ("fifo.csv", "folder.csv", "none.csv"):
        call("data", "add", os.path.join(FOLDER, name), expect=1, says=name)
    if os.getuid() != 0:
        os.chmod(put("secret.csv", "date,v\n2020-01-01,1\n"), 0)
        call("data", "add", os.path.join(FOLDER, "secret.csv"), expect=1, says="secret.csv")
    good = put("good.csv", "date,v\n2020-01-01,1\n2020-01-02,2\n")
    call("data", "add", good, os.path.join(FOLDER, "empty.csv"), expect=3, says="empty.csv")
    same(listed(), before, "data list")
    for name, content, last in (("far.csv", "date,v\n1600-01-01,1\n1600-01-02,1\n9999-12-31,2\n", "9999-12-31T00:00:00Z"),
                                ("digits.csv", "date,v\n2020-01-01,0.%s\n2020-01-02,2\n" % ("1" * 400), "2020-01-02T00:00:00Z"),
                                ("leap.csv", "t,v\n2016-12-30,1\n2016-12-31T23:59:60Z,2\n", None)):
        if last:
            same(add(put(name, content))["last"], last, name)


@case("an interrupted import leaves nothing")
def _():
    before = listed()
    path = os.path.join(FOLDER, "large.csv")
    with open(path, "w", encoding="ascii") as f:
        f.write("open_time,a,b,c,d\n")
        for i in range(1500000):
            f.write("%d,%d.5,%d.25,%d,%d\n" % (1500000000 + 60 * i, i, i, i, i))
    child = subprocess.Popen([PROGRAM, "-w", WORKSPACE, "--job", "data", "add", path], env=ENVIRONMENT, cwd=FOLDER,
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    line = child.stdout.readline()
    event = json.loads(line)
    check(event.get("event") == "progress" and 0 <= event["progress"] <= 1 and "eta_seconds" in event, line)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=LIMIT)
    same(child.returncode, 130, "status (%s)" % err.decode("utf-8", "replace"))
    same(listed(), before, "data list")
    os.unlink(path)


try:
    run()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
