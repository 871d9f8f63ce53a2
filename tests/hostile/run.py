"""Gives hostile bundles to sealbag, and watches what it does.

  run.py SEALBAG BUNDLES KEYS WATCHED [RUNS AT ONCE] [without-limits|without-time] [few] [only=WORD]

BUNDLES  the folder that make.py has filled
KEYS     the trust store
WATCHED  a folder; each extraction has a destination in it, and nothing else of it may change
few      of three bundles one, and it is given to one command, in turn, instead of to all that it concerns

Prints "ok - ..." or "not ok - ..." for each case, and the slowest and the hungriest at the end.
"""
import codecs
import os
import re
import subprocess
import sys
import threading
import time

try:
    import json
except ImportError:  # python3-minimal has none
    json = None

SECONDS, MIB = 5, 256
WAIT = 200
GIVE_UP = 300
# What a terminal or a reader obeys rather than shows (docs/format.md, "The seal").
HIDDEN = re.compile(
    "[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f"
    "\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff0-\\ufffb"
    "\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff]"
)
FORMS = b"[%s]", b'"rule":"%s"'
SANITIZERS = [b"Sanitizer", b"runtime error:"]


def visible(text):
    return HIDDEN.sub("!", text)


class Output:
    """What a run printed, read in pieces: it can be large, and what this process needs counts as its
    children's memory, too."""

    def __init__(self, files, marks):
        self.files, self.marks = files, marks
        self.found, self.problem = set(), None
        for name in files:
            self.read(name)

    def read(self, name):
        decoder = codecs.getincrementaldecoder("utf-8")()
        before = b""
        with open(name, "rb") as file:
            while True:
                piece = file.read(1 << 20)
                self.found.update(mark for mark in self.marks if mark in before + piece)
                before = piece[-100:]
                try:
                    text = decoder.decode(piece, not piece)
                except UnicodeDecodeError:
                    self.problem = "it prints what is not UTF-8"
                    return
                if HIDDEN.search(text):
                    self.problem = "it prints control or hidden characters"
                if not piece:
                    return

    def beginning(self):
        text = b""
        for name in self.files:
            with open(name, "rb") as file:
                text += file.read(1500)
        return visible(text.decode("utf-8", "replace"))

    def json_exit(self):
        """The exit code that the JSON states; of a large one only its end is looked at."""
        with open(self.files[0], "rb") as file:
            if json and os.fstat(file.fileno()).st_size < 1 << 20:
                return json.load(file)["exit"]
            file.seek(-20, os.SEEK_END)
            return int(re.search(rb'"exit":([0-9])}\n$', file.read()).group(1))


class Run:
    """One run of the program: its exit code, output, time and most memory (MiB, with children)."""

    def __init__(self, command, folder, marks, stdin=None, environment=None):
        files = [os.path.join(folder, "out"), os.path.join(folder, "err")]
        start = time.monotonic()
        with open(files[0], "wb") as out, open(files[1], "wb") as err:
            process = subprocess.Popen(command, stdin=stdin or subprocess.DEVNULL, stdout=out, stderr=err,
                                       env=environment)
            watch = threading.Timer(GIVE_UP, process.kill)
            watch.start()
            _, status, usage = os.wait4(process.pid, 0)
            watch.cancel()
        # On a busy machine the processor's time tells more; a run that only waits has none.
        wall, processor = time.monotonic() - start, usage.ru_utime + usage.ru_stime
        self.seconds = wall if wall > WAIT else min(wall, processor)
        process.returncode = self.code = os.waitstatus_to_exitcode(status)
        self.memory = usage.ru_maxrss // 1024
        self.output = Output(files, marks + SANITIZERS)

    def complaint(self):
        """What is wrong with what it printed, whatever the bundle is."""
        if self.output.found.intersection(SANITIZERS):
            return "a sanitizer complains"
        if self.code not in (0, 1, 3, 4, 5):
            return "the exit code is %d" % self.code
        return self.output.problem


class Case:
    def __init__(self, line, worker):
        self.name, group, code, rules, self.text = line.rstrip("\n").split("\t")
        # Manifests of other kinds than SHA-256 cannot be judged when they come through a pipe.
        self.piped = not group.endswith("-file")
        self.group = group.removesuffix("-file")
        self.code, self.rules = int(code), [rule for rule in rules.split("|") if rule]
        self.worker = worker
        self.bundle = os.path.join(worker.bundles, self.name)
        self.problems = []
        self.environment = None

    def run(self, what, arguments, stdin=None):
        command = [self.worker.sealbag, arguments[0], "--keys", self.worker.keys] + arguments[1:]
        marks = [form % rule.encode() for rule in self.rules for form in FORMS]
        run = Run(command, self.worker.scratch, marks, stdin, self.environment)
        self.worker.measure(run, what, self)
        complaint = run.complaint()
        if complaint:
            self.wrong(what, complaint, run)
        return run

    def wrong(self, what, problem, run):
        said = run.output.beginning()
        self.problems.append("%s: %s\n%s" % (what, problem, "".join("    %s\n" % l for l in said.splitlines()[:14])))

    def judged(self, what, run):
        if run.code != self.code:
            self.wrong(what, "the exit code is %d, not %d" % (run.code, self.code), run)
        if self.rules and not run.output.found:
            self.wrong(what, "it does not say " + " or ".join(self.rules), run)

    def verify(self):
        self.judged("verify", self.run("verify", ["verify", self.bundle]))

    def verify_pipe(self):
        with subprocess.Popen(["cat", self.bundle], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as cat:
            run = self.run("verify from a pipe", ["verify", "--json", "-"], cat.stdout)
            cat.stdout.close()
        self.judged("verify from a pipe", run)
        self.parses("verify from a pipe", run)

    def parses(self, what, run):
        try:
            exit_code = run.output.json_exit()
        except (AttributeError, ValueError, OSError) as error:
            self.wrong(what, "the output is not JSON (%s)" % error, run)
        else:
            if exit_code != run.code:
                self.wrong(what, "the JSON says %s, and the exit code is %d" % (exit_code, run.code), run)

    def extract(self):
        before = self.worker.listing()
        run = self.run("extract", ["extract", "-C", self.worker.to, self.bundle])
        self.judged("extract", run)
        left = os.listdir(self.worker.to)
        if self.code != 0 and left:
            self.wrong("extract", "it leaves %r" % left, run)
        if self.code == 0 and len(left) != 1:
            self.wrong("extract", "it extracts nothing, or more than the bag: %r" % left, run)
        self.unchanged("extract", before, run)

    def salvage(self):
        before = self.worker.listing()
        arguments = ["extract", "--salvage", "--accept-untrusted", "--accept-unsigned"]
        run = self.run("salvage", arguments + ["--json", "-C", self.worker.to, self.bundle])
        self.parses("salvage", run)
        left = os.listdir(self.worker.to)
        if self.code in (1, 5) and [name for name in left if not name.endswith(".INCOMPLETE")]:
            self.wrong("salvage", "it extracts all of it: %r" % left, run)
        if run.code == 0 and self.code in (1, 5):
            self.wrong("salvage", "the exit code is 0", run)
        self.unchanged("salvage", before, run)

    def listed(self):
        """Only for what it prints."""
        self.run("list", ["list", self.bundle])

    def unchanged(self, what, before, run):
        """Nothing but folders and regular files in the destination, and nothing new beside it."""
        for folder, folders, files in os.walk(self.worker.to):
            for name in folders + files:
                mode = os.lstat(os.path.join(folder, name)).st_mode
                if mode >> 12 not in (4, 8) or mode & 0o7000:
                    self.wrong(what, "it makes %s with mode %o" % (name, mode), run)
        self.worker.empty()
        if self.worker.listing() != before:
            self.wrong(what, "something changed beside the destination", run)

    def all(self, number):
        """Everything is verified and extracted; the rest only where it says something new."""
        self.verify()
        if self.group != "bomb" or (self.worker.limits and number % 2 == 0):
            self.extract()
        if self.piped and (self.group == "display" or (self.group != "bomb" and number % 4 == 0)):
            self.verify_pipe()
        if self.group in ("path", "control") or (self.group != "bomb" and number % 4 == 1):
            self.salvage()
        if self.group == "display" and number % 2 == 0:
            self.listed()

    def once(self, number):
        ways = [self.verify]
        if self.group != "bomb":
            ways += [self.extract, self.salvage]
            if self.piped:
                ways.append(self.verify_pipe)
            if self.group == "display":
                ways.append(self.listed)
        # A sanitizer's checks of whole strings are quadratic.
        options = "detect_leaks=1:strict_string_checks=%d" % (self.group != "bomb")
        self.environment = dict(os.environ, ASAN_OPTIONS=options)
        # Neighbours are of one kind, and often as many as there are ways: so each round starts elsewhere.
        ways[(number + number // len(ways)) % len(ways)]()


class Worker(threading.Thread):
    """Has a destination of its own, and takes one case after the other."""

    def __init__(self, sealbag, bundles, keys, watched, number, cases, options):
        super().__init__()
        self.sealbag, self.bundles, self.keys = sealbag, bundles, keys
        self.watched, self.cases = watched, cases
        self.limits, self.few = "without-limits" not in options, "few" in options
        self.timed = self.limits and "without-time" not in options
        self.near = os.path.join(watched, "%d" % number)
        self.to = os.path.join(self.near, "to")
        self.scratch = os.path.join(bundles, "%d" % number)
        self.slowest, self.hungriest = [], []
        for folder in self.near, self.to, self.scratch:
            os.mkdir(folder)
        with open(os.path.join(self.near, "beside"), "w", encoding="ascii") as file:
            file.write("This is not to be touched.\n")

    def measure(self, run, what, case):
        entry = "%s: %s" % (what, case.name)
        self.slowest = sorted(self.slowest + [(run.seconds, entry)])[-12:]
        self.hungriest = sorted(self.hungriest + [(run.memory, entry)])[-12:]
        if self.timed and run.seconds > SECONDS:
            case.wrong(what, "it takes %.1f s" % run.seconds, run)
        if self.limits and run.memory > MIB:
            case.wrong(what, "it takes %d MiB" % run.memory, run)

    def listing(self):
        """What the watched folder holds, without what the other workers are doing."""
        found = []
        for folder in self.near, self.watched:
            with os.scandir(folder) as entries:
                for one in entries:
                    stat = one.stat(follow_symlinks=False)
                    times = (stat.st_mtime_ns, stat.st_size) if one.is_file(follow_symlinks=False) else ()
                    found.append((one.path, stat.st_mode, stat.st_ino) + times)
        return sorted(found)

    def empty(self):
        for folder, folders, files in os.walk(self.to, topdown=False):
            for name in files:
                os.unlink(os.path.join(folder, name))
            for name in folders:
                path = os.path.join(folder, name)
                (os.unlink if os.path.islink(path) else os.rmdir)(path)

    def run(self):
        while True:
            try:
                number, line = next(self.cases)
            except StopIteration:
                return
            case = Case(line, self)
            try:
                (case.once if self.few else case.all)(number)
            except Exception as error:  # pylint: disable=broad-except
                case.problems.append("the test failed: %r\n" % error)
            report(case)


LOCK = threading.Lock()


class Shared:
    """One list for several workers."""

    def __init__(self, items):
        self.items = enumerate(items)

    def __next__(self):
        with LOCK:
            return next(self.items)


def report(case):
    sentence = "%s (%s)" % (visible(case.text), case.name)
    with LOCK:
        if not case.problems:
            print("ok - " + sentence)
        for problem in case.problems:
            print("not ok - %s: %s" % (sentence, problem), end="")
        sys.stdout.flush()


def main(sealbag, bundles, keys, watched, at_once="1", *options):
    with open(os.path.join(bundles, "cases.tsv"), encoding="utf-8") as file:
        lines = list(file)
    for option in options:
        if option.startswith("only="):
            lines = [line for line in lines if option[5:] in line]
    cases = Shared(lines[::3] if "few" in options else lines)
    workers = [Worker(sealbag, bundles, keys, watched, n, cases, options) for n in range(int(at_once))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    for name, unit in ("slowest", "%.1f s"), ("hungriest", "%d MiB"):
        both = sorted((one for worker in workers for one in getattr(worker, name)), reverse=True)
        for number, entry in both[:8]:
            print("# %s: %s, %s" % (name, unit % number, entry))


if __name__ == "__main__":
    main(*sys.argv[1:])
