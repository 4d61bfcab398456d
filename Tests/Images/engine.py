"""The container engine that Tests/Images/run set up, for tests."""

import json
import pathlib
import subprocess
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORKERS = ["worker-1", "worker-2", "worker-3"]
# What docker/README.md says to run containers with.
HARDENED = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
# A bound for what must come: no test depends on its end.
PATIENCE = 300


def run(*command):
    """How a command ended, with what it wrote."""
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, cwd=ROOT)


def podman(*arguments):
    return run("podman", *arguments)


def configuration(image):
    """What an image says of its containers."""
    return json.loads(run("buildah", "inspect", "--type", "image", image).stdout)["Docker"]["config"]


class Test(unittest.TestCase):
    def expect(self, result, code=0):
        self.assertEqual(result.returncode, code, result.stdout)
        return result.stdout

    def exit_code(self, container):
        return int(self.expect(podman("inspect", "--format", "{{.State.ExitCode}}", container)))

    def wait_until_healthy(self, container):
        """Asks the image's health check until it says so."""
        end = time.monotonic() + PATIENCE
        while podman("healthcheck", "run", container).returncode != 0:
            self.assertLess(time.monotonic(), end, podman("logs", container).stdout)
            time.sleep(0.2)

    def stop(self, *containers):
        """Sends SIGTERM; the bound is for what does not end: the engine kills it, and the exit code tells."""
        self.expect(podman("stop", "--time", str(PATIENCE // 2), *containers))

    def check_confinement(self, container, closed):
        """The container runs as user 10001 without privileges, and cannot write to the folders of its root named here."""
        status = dict(
            line.split(":\t", 1) for line in self.expect(podman("exec", container, "cat", "/proc/1/status")).splitlines() if ":\t" in line)
        self.assertEqual(set(status["Uid"].split()), {"10001"})
        for field in ["CapPrm", "CapEff", "CapBnd"]:
            self.assertEqual(int(status[field], 16), 0, field)
        self.assertEqual(status["NoNewPrivs"], "1")
        for folder in closed:
            written = self.expect(podman("exec", container, "sh", "-c", f"echo x >{folder}/new"), code=2)
            self.assertIn("Read-only file system", written)
