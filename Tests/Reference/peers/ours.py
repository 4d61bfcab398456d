"""Our engine: a mae-bench process that stays alive and computes one pass on request."""

import json
import os
import subprocess

from peers.engines import Engine


class Ours(Engine):
    """mae-bench, which compares itself with its reference bit for bit before it answers, and times each pass itself."""

    def __init__(self, binary, isa="auto"):
        self.binary = binary
        self.isa = isa
        self.name = "mae-bench" if isa == "auto" else f"mae-bench --isa {isa}"
        self.process = None

    def missing(self):
        return None if os.access(self.binary, os.X_OK) else f"not built: {self.binary}"

    def prepare(self, workload):
        setting = workload.setting
        command = [
            self.binary, "model", "--turns", "--preset", setting.preset, "--batch-size", str(setting.batch_size),
            "--mask-ratio", f"{setting.mask_ratio:g}", "--threads", str(setting.threads), "--isa", self.isa,
        ]
        self.request = "full" if setting.decodes else "encoder"
        if not setting.decodes:
            command.append("--encoder-only")
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
        )
        self.description = self.answer()

    def turn(self):
        return self.ask(self.request)["seconds"]

    @property
    def operations(self):
        """Floating-point operations of the products of the pass that is timed."""
        return self.description[f"{self.request}_operations"]

    def peak(self):
        """GFLOP/s of fused multiply-adds in registers, right now."""
        return self.ask("peak")["gflops"]

    def ask(self, request):
        try:
            self.process.stdin.write(request + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # The process has ended; it said why.
        return self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"mae-bench ended: {self.process.communicate()[1].strip()}")
        return json.loads(line)

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait()
