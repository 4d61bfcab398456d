"""Real coordinators, workers and witnesses for tests: programs as a user starts them, in a folder of their own."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDENS = ROOT / "Tests/Goldens/checkpoints"
PROGRAMS = pathlib.Path(os.environ.get("MAE_PROGRAMS", ROOT / ".build-quick/release"))
# Only ends a test whose condition never comes.
LIMIT = 1000.0

_ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "Sources/python"), "OMP_NUM_THREADS": "1"}


def eventually(condition, what):
    """Waits until `condition` gives something true, and returns it."""
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"did not come: {what}")


class Process:
    """A program with its output in files."""

    def __init__(self, folder, name, words):
        self.paths = [folder / f"{name}.out", folder / f"{name}.err"]
        files = [open(path, "wb") for path in self.paths]
        self.process = subprocess.Popen(
            list(map(str, words)),
            stdin=subprocess.DEVNULL,
            stdout=files[0],
            stderr=files[1],
            cwd=folder,
            env=_ENVIRONMENT,
        )
        for file in files:
            file.close()

    @property
    def output(self):
        """What it wrote on standard output."""
        return self.paths[0].read_text(errors="replace")

    @property
    def errors(self):
        """What it wrote on standard error."""
        return self.paths[1].read_text(errors="replace")

    def wait(self):
        """Waits for its end; returns the exit code."""
        return self.process.wait(LIMIT)

    def says(self, text, count=1):
        """Waits until its log has `text` so many times."""
        eventually(lambda: self.errors.count(text) >= count or self.process.poll() is not None, text)
        if self.errors.count(text) < count:
            raise AssertionError(f"ended without saying {text!r}:\n{self.errors}")

    def end(self, number=signal.SIGTERM):
        """Sends a signal, and waits for the end."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait()


class ClusterCase(unittest.TestCase):
    """A test with a folder of its own, in which a tiny model is, and processes that end with it."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mae-witness-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.processes = []
        self.addCleanup(self._end)
        self.endpoint = f"ipc://{self.folder}/socket"
        self.coord("checkpoint", "init", "--preset", "tiny", "--output", "tiny")

    def _end(self):
        for process in self.processes:
            if process.process.poll() is None:
                process.process.kill()
                process.wait()

    def start(self, name, *words):
        """Starts a process."""
        process = Process(self.folder, name, words)
        self.processes.append(process)
        return process

    def coord(self, *words):
        """Runs mae-coord to its end, which must be a good one."""
        subprocess.run(
            [PROGRAMS / "mae-coord", *words], cwd=self.folder, env=_ENVIRONMENT, check=True, capture_output=True
        )

    def convert(self, name, form):
        """Writes the tiny model in another form."""
        self.coord("checkpoint", "convert", "tiny", name, "--to", form)

    def worker(self, *words, name="ours"):
        """Starts a mae-worker."""
        return self.start(
            name,
            PROGRAMS / "mae-worker",
            "--connect",
            self.endpoint,
            "--name",
            name,
            "--threads",
            "1",
            "--cache",
            self.folder / f"cache-{name}",
            *words,
        )

    def witness(self, *words, name="torch", log="torch", program=("-m", "mae_witness"), python=None):
        """Starts a witness; `name` None leaves the name to its key."""
        named = [] if name is None else ["--name", name]
        return self.start(
            log,
            python or sys.executable,
            *program,
            "--connect",
            self.endpoint,
            *named,
            "--cache",
            self.folder / "cache-torch",
            "--log-level",
            "debug",
            *words,
        )

    def liar(self, mode, *words, **options):
        """Starts a witness that errs on purpose: strange_witness.py."""
        return self.witness(*words, program=(pathlib.Path(__file__).parent / "strange_witness.py", mode), **options)

    def begin(self, *words, log="verify", workers=2, **options):
        """Starts a verification."""
        bind = options.get("bind", self.endpoint)
        return self.start(
            log,
            PROGRAMS / "mae-coord",
            "verify",
            "--bind",
            bind,
            "--workers",
            str(workers),
            "--store",
            "store",
            "--json",
            f"{log}.json",
            "--timeout",
            "900",
            *words,
        )

    def report(self, run, log="verify"):
        """The JSON report of a run that has ended."""
        run.wait()
        path = self.folder / f"{log}.json"
        self.assertTrue(path.exists(), run.errors)
        return json.loads(path.read_text())

    def cells(self, report, node):
        """Cells of a node by method."""
        return {cell["method"]: cell for cell in report["cells"] if cell["node"] == node}

    def assert_same_work(self, report, *methods):
        """Both nodes saw the same, and their outputs lie within the tolerance."""
        self.assert_same_stages(report, *methods)
        self.assertEqual(report["verdict"], "agree", report["sentence"])
        self.assertEqual(report["exit_code"], 0)

    def assert_same_stages(self, report, *methods):
        """Both nodes saw the same weights, input, noise, mask and order by each method."""
        ours, theirs = self.cells(report, "ours"), self.cells(report, "torch")
        for method in methods:
            for stage in ("weights", "input", "noise", "mask", "ids_restore"):
                self.assertEqual(
                    ours[method][f"{stage}_sha256"], theirs[method][f"{stage}_sha256"], f"{method}: {stage}"
                )

    def codes(self, report):
        """Codes of the findings, with their texts."""
        return {finding["code"]: finding for finding in report["findings"]}
