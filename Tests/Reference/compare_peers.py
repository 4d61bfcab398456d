"""Compares this engine with PyTorch, ONNX Runtime and OpenVINO on this machine: times, errors, starts.

In one run the engines take turns pass by pass, each fp32 with the same number of threads, so that a slow minute of the
machine hits all of them. Each line has its target and whether it is met, in tables of Markdown. An engine that is not installed is named
and left out. Use an otherwise idle machine, and release builds of mae-bench and mae-coord.
"""

import argparse
import contextlib
import importlib.metadata
import json
import logging
import os
import subprocess
import sys
import tempfile
import warnings

import torch
import transformers

from peers import accuracy, speed, startup
from peers.targets import read_targets
from peers.workload import PRESETS

TABLES = ("speed", "accuracy", "startup")
PACKAGES = ("torch", "transformers", "onnxruntime", "openvino")
# Fewer runs than this show that the tool works, and no more.
ENOUGH_RUNS = 7


class Arguments(argparse.Namespace):
    """The command line."""

    @property
    def coordinator(self):
        return os.path.join(os.path.dirname(self.bench), "mae-coord")

    def wants(self, name):
        """Whether an engine is among those asked for."""
        return not self.only or any(word.lower() in name.lower() for word in self.only)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--bench", default=".build/release/mae-bench", help="our binary, mae-coord next to it (default: %(default)s)"
    )
    parser.add_argument("--tables", choices=TABLES, nargs="+", default=TABLES, help="what to print (default: all)")
    parser.add_argument("--preset", choices=PRESETS, default="base", help="size of the model (default: %(default)s)")
    parser.add_argument("--model", metavar="DIR", help="hub directory for accuracy and startup (default: a drawn one)")
    parser.add_argument("--threads", type=int, nargs="+", default=[2], help="threads of every engine (default: 2)")
    parser.add_argument("--runs", type=int, default=ENOUGH_RUNS, help="turns of each engine (default: %(default)s)")
    parser.add_argument(
        "--pause", type=float, default=1.0, help="quiet seconds before each turn (default: %(default)s)"
    )
    parser.add_argument("--only", nargs="+", metavar="WORD", help="other engines whose name contains one of these")
    parser.add_argument("--quick", action="store_true", help="2 runs with short pauses: a trial of the tool")
    parser.add_argument("--json", metavar="FILE", help="also write the figures here")
    arguments = parser.parse_args(namespace=Arguments())
    if arguments.quick:
        arguments.runs, arguments.pause = 2, 0.2
    if arguments.runs < 1 or min(arguments.threads) < 1 or arguments.pause < 0:
        parser.error("--runs and --threads take numbers from 1, --pause from 0")
    for binary in (arguments.bench, arguments.coordinator):
        if not os.access(binary, os.X_OK):
            parser.error(f"{binary} is not there; build it with: swift build -c release")
    return arguments


def versions():
    """The installed releases; a package that is absent is named as such."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


@contextlib.contextmanager
def checkpoint(arguments):
    """A hub directory: the one named, or one of weights drawn from seed 0."""
    if arguments.model:
        yield arguments.model
        return
    with tempfile.TemporaryDirectory() as folder:
        hub = os.path.join(folder, "model")
        subprocess.run(
            [arguments.coordinator, "checkpoint", "init", "--preset", arguments.preset, "--seed", "0", "--output", hub],
            check=True, stdout=subprocess.DEVNULL,
        )
        yield hub


def main():
    arguments = parse()
    # None of this says anything about what is measured here.
    warnings.filterwarnings("ignore", category=torch.jit.TracerWarning)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    document = {"versions": versions(), "runs": arguments.runs, "threads": {}}
    print(", ".join(f"{package} {version}" for package, version in document["versions"].items()))
    if arguments.runs < ENOUGH_RUNS:
        print(f"{arguments.runs} runs are a trial: {ENOUGH_RUNS} or more make a measurement.")
    targets = read_targets(arguments.bench)
    for threads in arguments.threads:
        tables = document["threads"][str(threads)] = {}
        if "speed" in arguments.tables:
            tables["speed"] = speed.report(arguments, targets, threads)
        if "accuracy" in arguments.tables or "startup" in arguments.tables:
            with checkpoint(arguments) as hub:
                if "accuracy" in arguments.tables:
                    tables["accuracy"] = accuracy.report(arguments, hub, threads)
                if "startup" in arguments.tables:
                    tables["startup"] = startup.report(arguments, targets, hub, threads)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(document, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
