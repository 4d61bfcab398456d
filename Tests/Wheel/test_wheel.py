"""Tests of the wheel that cluster/wheel makes: the file, and what a user of Python does with it."""

import glob
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest
import zipfile

from bare_debian import ROOT, BareDebian, Unavailable

PROGRAMS = os.environ.get("MAE_PROGRAMS", "")
EPOCH = "1700000000"
# What the wheel takes from the machine: glibc, and what every manylinux has.
OF_THE_MACHINE = {
    "ld-linux-x86-64.so.2", "libc.so.6", "libm.so.6", "libpthread.so.0", "libresolv.so.2", "libgcc_s.so.1", "libstdc++.so.6", "libz.so.1"}


def made(repository, output, umask):
    """The path of the wheel that this copy of the repository makes of the programs under test."""
    script = f"umask {umask} && exec cluster/wheel --build '{PROGRAMS}' --output '{output}'"
    ended = subprocess.run(
        ["bash", "-c", script], cwd=repository, env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True)
    if ended.returncode:
        raise AssertionError(ended.stdout)
    return ended.stdout.strip().split("\n")[-1]


def setUpModule():
    global work, wheel
    work = tempfile.mkdtemp()
    unittest.addModuleCleanup(shutil.rmtree, work)
    wheel = made(ROOT, os.path.join(work, "dist"), "022")


class File(unittest.TestCase):
    """The wheel as a file."""

    def setUp(self):
        self.archive = zipfile.ZipFile(wheel)
        self.addCleanup(self.archive.close)
        self.names = self.archive.namelist()

    def text(self, ending):
        return self.archive.read(next(name for name in self.names if name.endswith(ending))).decode()

    def test_tag(self):
        tag = re.fullmatch(r"mae_cluster-[0-9.]+-(py3-none-manylinux_2_(\d+)_x86_64)\.whl", os.path.basename(wheel))
        self.assertIsNotNone(tag, wheel)
        self.assertLessEqual(int(tag[2]), 34, "RHEL 9 has glibc 2.34")
        self.assertIn(f"Tag: {tag[1]}\n", self.text(".dist-info/WHEEL"))

    def test_programs(self):
        for program in ("mae-coord", "mae-worker"):
            entry = self.archive.getinfo(next(name for name in self.names if name.endswith(f".data/data/bin/{program}")))
            self.assertEqual(stat.S_IMODE(entry.external_attr >> 16), 0o755)
            self.assertEqual(self.archive.read(entry)[:4], b"\x7fELF")

    def test_modules(self):
        sources = ROOT / "Sources/python"
        modules = {"mae_record.py", "mae_record_run.py", *(f"mae_witness/{path.name}" for path in sources.glob("mae_witness/*.py"))}
        found = {name for name in self.names if ".data/" not in name and ".dist-info/" not in name and not name.endswith("/")}
        self.assertEqual(found, modules)
        for name in modules:
            self.assertEqual(self.archive.read(name), (sources / name).read_bytes())

    def test_metadata(self):
        told = subprocess.run([os.path.join(PROGRAMS, "mae-coord"), "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
        metadata = self.text(".dist-info/METADATA").split("\n")
        for line in ("Name: mae-cluster", "Version: " + told.split()[1], "License-Expression: Apache-2.0", "License-File: LICENSE",
                     "License-File: NOTICE", "Provides-Extra: torch", "Provides-Extra: witness"):
            self.assertIn(line, metadata)
        self.assertFalse([line for line in metadata if line.startswith("Requires-Dist") and "extra ==" not in line])
        self.assertEqual(self.text("licenses/NOTICE"), (ROOT / "NOTICE").read_text())

    def test_terms_of_libraries(self):
        grafted = [name for name in self.names if ".data/data/libexec/mae-cluster/lib" in name and ".so" in name]
        self.assertTrue([name for name in grafted if "/libsodium-" in name], self.names)
        terms = {name.rsplit("/", 1)[1] for name in self.names if "/mae-cluster/copyright/" in name}
        self.assertLessEqual({"libzmq5", "libsodium23", "libsqlite3-0", "libssl3", "libprotobuf-c1"}, terms)
        self.assertIn('"libsodium23"', self.text("sboms/auditwheel.cdx.json"))

    def test_same_bytes_from_another_folder(self):
        """From a copy of the repository, which is no repository of git and belongs to a user with another umask."""
        copy = os.path.join(work, "elsewhere/copy")
        self.addCleanup(os.umask, os.umask(0o077))
        for name in ("cluster", "Sources"):
            shutil.copytree(ROOT / name, os.path.join(copy, name), symlinks=True, copy_function=shutil.copy,
                            ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("LICENSE", "NOTICE"):
            shutil.copy(ROOT / name, copy)
        os.symlink(ROOT / ".build-wheel", os.path.join(copy, ".build-wheel"))
        other = made(copy, os.path.join(work, "other"), "077")
        self.assertEqual(os.path.basename(other), os.path.basename(wheel))
        with zipfile.ZipFile(other) as archive:
            self.assertEqual([name for name in self.names if archive.read(name) != self.archive.read(name)], [])
        self.assertTrue(pathlib.Path(other).read_bytes() == pathlib.Path(wheel).read_bytes(), "modes or times differ")


def documented():
    """The blocks of the page's part about pip: their language and text."""
    page = (ROOT / "docs/clusters.md").read_text()
    part = page.split("\n## Python: pip install\n")[1].split("\n## ")[0]
    return re.findall(r"^```(\w*)\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)


class Installed(unittest.TestCase):
    """The wheel in a Debian without libzmq and Swift, with the lines of docs/clusters.md."""

    @classmethod
    def setUpClass(cls):
        cls.torch, cls.version = packages_with_torch()
        shown = {"/root/work/dist": os.path.dirname(wheel), **({"/torch": cls.torch} if cls.torch else {})}
        try:
            cls.debian = BareDebian(os.path.join(work, "root"), shown)
        except Unavailable as reason:
            print(f"\nskipped: the wheel in a Debian of its own: {reason}")
            raise unittest.SkipTest(str(reason))
        cls.commands, cls.program, cls.explained = (text for _, text in documented())
        cls.said = cls.debian.run(cls.commands, variables={"PIP_NO_INDEX": "1"})

    def run_in_environment(self, script, **more):
        return self.debian.run(". mae/bin/activate\n" + script, **more)

    def test_documented_commands(self):
        self.assertRegex(self.said, r"(?m)^mae-coord \d")
        self.assertRegex(self.said, r"(?m)^AGREE  All 4 results \(2 nodes, 2 loading methods, 1 batch\) agree bit for bit")

    def test_libraries(self):
        """Nothing but glibc and what goes with it is of the machine."""
        self.assertEqual(self.debian.run("ldconfig -p | grep -c zmq || true").strip(), "0")
        for program in ("mae-coord", "mae-worker"):
            lines = self.run_in_environment(f"ldd mae/bin/{program}").strip().split("\n")
            places = dict(line.strip().split(" => ") for line in lines if " => " in line)
            self.assertFalse([line for line in lines if "not found" in line])
            own = {name for name, place in places.items() if "/mae/" in place}
            self.assertTrue([name for name in own if name.startswith("libsodium-")], lines)
            self.assertLessEqual(set(places) - own, OF_THE_MACHINE)

    def test_program_is_the_process(self):
        """No wrapper stands between a signal and the program, or between the program and an exit code."""
        said = self.run_in_environment("""
            mae-worker 2>log & worker=$!
            until grep -q "known answers match" log || ! kill -0 $worker; do sleep 0.05; done
            readlink /proc/$worker/exe
            kill $worker; code=0; wait $worker || code=$?; echo "ended with $code"
            mae-coord verify --no-such-option || echo "usage $?" """)
        self.assertIn("/root/work/mae/bin/mae-worker\n", said)
        self.assertIn("ended with 0\n", said)
        self.assertIn("usage 64\n", said)

    def test_manuals(self):
        """Each command has a page, which man finds where the programs are, and shows without a complaint."""
        said = self.run_in_environment("""
            cd mae/share/man/man1
            for page in *; do man --warnings -l "$page" 2>&1 >/dev/null; done
            echo shown: *
            man -w mae-coord-verify
            man -l mae-coord-verify.1 | cat""")
        self.assertRegex(said, r"\Ashown: mae-coord-baseline-pin\.1 ")
        self.assertIn("\n/root/work/mae/share/man/man1/mae-coord-verify.1\n", said)
        self.assertIn("--no-referee", said)
        commands = subprocess.run(
            [os.path.join(PROGRAMS, "mae-coord"), "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout
        for name in re.findall(r"(?m)^  ([a-z]+)[ ,]", commands.split("SUBCOMMANDS:")[1]):
            self.assertIn(f" mae-coord-{name}.1", said)

    def test_witness_says_what_it_lacks(self):
        self.assertIn("mae_witness", self.run_in_environment("mae-witness --version"))

    def test_recorded_and_explained(self):
        ours = self.debian.run("python3 -c 'import sys; print(*sys.version_info[:2], sep=\".\")'").strip()
        if self.torch is None or self.version != ours:
            print(f"\nskipped: recordings explained by an installed wheel: no PyTorch for Python {ours}")
            self.skipTest("no PyTorch")
        name = re.match(r"# (\S+)\n", self.program)[1]
        variables = {"PYTHONPATH": "/torch", "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
        said = self.run_in_environment(f"cat >{name} <<'PROGRAM'\n{self.program}PROGRAM\n{self.explained}", variables=variables, code=1)
        self.assertIn("1. error noise-not-shared\n", said)

    def test_other_places(self):
        """pip puts programs, libraries and pages of another place as they were in an environment."""
        # --user is not for environments, and Debian's own Python has no pip: it takes that of the environment.
        system = "PYTHONPATH=$(echo mae/lib/python3*/site-packages) /usr/bin/python3 -m pip"
        for pip, options, place in (
                ("mae/bin/pip", "--prefix /opt/mae", "/opt/mae"), ("mae/bin/pip", "--target /opt/modules", "/opt/modules"),
                (system, "--user --break-system-packages", "~/.local")):
            said = self.debian.run(f"""
                {pip} install -q --no-index --ignore-installed {options} dist/mae_cluster-*.whl
                {place}/bin/mae-coord --version
                {place}/bin/mae-coord verify --local 2 --method pretrained=vit-mae-tiny --store {place}/store""")
            self.assertIn("AGREE  All 2 results", said)

    def test_uninstalled(self):
        """Nothing stays of it, and nothing that was there before goes."""
        found = r"find fresh -type f -o -type l | grep -v __pycache__ | sort"
        before, between, after = self.debian.run(f"""
            python3 -m venv fresh && {found}; echo ---
            fresh/bin/pip install -q --no-index dist/mae_cluster-*.whl && {found}; echo ---
            fresh/bin/pip uninstall -q -y mae-cluster && {found}""").split("---\n")
        self.assertIn("fresh/bin/mae-coord\n", between)
        self.assertEqual(after, before)


def packages_with_torch():
    """The folder of packages of the Python that has PyTorch, and its version; None where there is none."""
    python = os.environ.get("MAE_PYTHON") or str(ROOT / ".build-torch/bin/python")
    asked = "import sys, sysconfig, transformers; print(sysconfig.get_path('purelib')); print(*sys.version_info[:2], sep='.')"
    try:
        ended = subprocess.run([python, "-c", asked], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None, None
    return ended.stdout.split()
