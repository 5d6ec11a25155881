"""Data of every kind brought into the workbench by keys alone: a workspace made on the first page, a file whose dates only
a person can read, a table with semicolons and decimal commas, two series drawn together, a task on the classes of a column.
"""

import datetime
import os
import random
import re
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))

import harness
from tap import case, check, run

ROOT = os.path.abspath(os.environ.get("top_srcdir") or os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("MORPHSMITH") or os.path.join(ROOT, "build", "morphsmith")
LONG = 120

harness.required()

FOLDER = tempfile.mkdtemp(prefix="morphsmith-data-")
ENV = {"HOME": FOLDER, "XDG_DATA_HOME": os.path.join(FOLDER, "data")}


def write(name, lines):
    with open(os.path.join(FOLDER, name), "w") as f:
        f.write("\n".join(lines) + "\n")


def days(n, form):
    first = datetime.date(2024, 1, 1)
    return [(first + datetime.timedelta(days=i)).strftime(form) for i in range(n)]


def wave(i):
    return 100 + 20 * ((i * 7919) % 101) / 101


write("ambiguous.csv", ["date,price"] + ["0%d/0%d/2024,%d" % (i % 9 + 1, i // 9 + 1, 100 + i) for i in range(18)])
write("kurse.csv", ["Datum;Kurs;Umsatz"] + ["%s;%s;%d" % (day, ("%.2f" % wave(i)).replace(".", ","), 1000 + i % 9)
                                             for i, day in enumerate(days(600, "%d.%m.%Y"))])
rolls = random.Random(5)
write("states.csv", ["date,reading,state"] + ["%s,%.3f,%d" % (day, wave(i) / 7, rolls.randrange(3))
                                               for i, day in enumerate(days(600, "%Y-%m-%d"))])

t = harness.Terminal([PROGRAM], size=(120, 40), env=ENV, cwd=FOLDER)


def choose(name):
    """Opens a file by the filter of the list."""
    t.keys("a")
    t.wait_for("Enter opens|opens them")
    t.keys("/")
    t.type(name)
    t.wait_for(r"▸ " + re.escape(name))
    t.keys("Enter")


def down_to(regex):
    for _ in range(40):
        if re.search(r"▸ (\? )?" + regex, t.snapshot()):
            return
        before = t.snapshot()
        t.keys("Down")
        t.until(lambda: t.snapshot() != before or None, "the cursor to move", 5)
    check(False, "no row /%s/:\n%s" % (regex, t.snapshot()))


@case("a workspace is made on the page that says there is none")
def _():
    t.wait_for("There is no workspace here yet")
    t.keys("i")
    t.wait_for("Make a workspace")
    t.keys("C-u")
    t.type("mine")
    t.keys("Enter")
    t.wait_for("No data yet")
    check(os.path.exists(os.path.join(FOLDER, "mine", "workspace.db")), "no workspace was made")


@case("an ambiguous date is asked about, with both readings, and nothing is stored before it is answered")
def _():
    choose("ambiguous.csv")
    t.wait_for("A question")
    t.wait_for(r"02/01/2024 \(line 3\) +2 Jan 2024 +Feb 1, 2024")
    t.wait_for(r"▸ \? order of dates")
    t.keys("i")
    t.wait_for("Not imported")
    t.keys("Esc")
    t.wait_gone("Not imported")
    t.keys("Enter")
    t.wait_for("mdy: the month first")
    t.keys("Down", "Enter")
    t.wait_for(r"ambiguous.csv --date-order mdy")
    t.wait_for("Enter: 18 rows")
    t.wait_for("2024-01-02")
    t.keys("i")
    t.wait_for("Imported")
    t.keys("Esc")
    t.wait_for(r"▸ ambiguous +2024-01-01\.\.2024-09-02")


@case("semicolons and decimal commas are seen through; the lines as they are are a key away")
def _():
    choose("kurse.csv")
    t.wait_for(r"delimiter +semicolon")
    t.wait_for(r"decimal mark +,|decimal +comma|decimal mark +comma")
    t.wait_for(r"2024-01-01 +100 ")
    t.keys("r")
    t.wait_for(r"01\.01\.2024;100,00;1000")
    t.keys("r", "g", "Enter")
    t.wait_for("Imported")
    t.keys("Esc")
    t.wait_for(r"▸ kurse +2024-01-01")


@case("a guess is said otherwise, and the preview follows at once")
def _():
    choose("states.csv")
    t.wait_for("Enter: 600 rows")
    down_to("publication lag")
    t.keys("Enter")
    t.wait_for("as the file says")
    t.type("2d")
    t.keys("Enter")
    t.wait_for(r"2d \(said\)")
    t.wait_for(r"--lag 2d")
    t.keys("i")
    t.wait_for("Imported")
    t.keys("Esc")
    t.wait_for(r"▸ states ")


@case("columns of two series are drawn on one clock")
def _():
    t.keys("Space", "k")
    t.wait_for(r"▸ kurse")
    t.wait_for(r"2 columns, each its own axis")
    t.wait_for(r"states \w+ \[")
    t.keys("Y", "Y")
    t.wait_for("index, 100 at the common start")
    t.keys("Right")
    t.wait_for(r"kurse Kurs 1\d\d\.?\d* \[")
    t.keys("U")
    t.wait_gone("2 columns")


@case("a task on the classes of a column shows its folds and classes before it is set")
def _():
    t.keys("j", "t")
    t.wait_for("What it would be|This cannot be set", LONG)
    down_to("asset")
    t.keys("Enter")
    down_to("states")
    t.keys("Enter")
    t.wait_for(r"asset +states")
    down_to("target")
    t.keys("Enter")
    down_to("class:state")
    t.keys("Enter")
    t.wait_for(r"--asset states --target class:state", LONG)
    t.wait_for(r"classes +0 \d+, 1 \d+, 2 \d+", LONG)
    t.wait_for("fold 5")
    t.keys("s")
    t.wait_for("in force|Task not set", LONG)
    t.refuse("Task not set")
    t.wait_for("sealed")


@case("the column's figures and the features' ties to the target are of the training part")
def _():
    t.keys("s")
    t.wait_for("training part of fold 1")
    t.wait_for(r"Features and the target ─+ \d+ samples", LONG)
    t.keys("w")
    t.wait_for("all bars before the hold-out")
    t.keys("s")
    t.wait_gone("median")


@case("what lies in sealed time is not shown of a file that is not imported yet")
def _():
    choose("kurse.csv")
    t.wait_for("sealed rows not shown")
    t.keys("r")
    t.wait_for(r"##\.##\.####;###,##;####")
    t.keys("Esc", "Esc", "Esc")
    t.wait_for("in force")


@case("q leaves and gives the terminal back")
def _():
    t.keys("q")
    check(t.status() == 0, "status %d" % t.status())


try:
    run()
finally:
    t.close()
    shutil.rmtree(FOLDER, ignore_errors=True)
