"""Tests of the images that Tests/Images/run built, and of the containers that docker/compose.yaml makes of them."""

import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORKERS = ["worker-1", "worker-2", "worker-3"]
HARDENED = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
# A bound for what must come: no test depends on its end.
PATIENCE = 300


def run(*command):
    """How a command ended, with what it wrote."""
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, cwd=ROOT)


def podman(*arguments):
    return run("podman", *arguments)


def compose(*arguments):
    return run(os.environ["MAE_COMPOSE"], "--file", "docker/compose.yaml", *arguments)


def configuration(image):
    """What an image says of its containers."""
    return json.loads(run("buildah", "inspect", "--type", "image", image).stdout)["Docker"]["config"]


class Test(unittest.TestCase):
    def expect(self, result, code=0):
        self.assertEqual(result.returncode, code, result.stdout)
        return result.stdout


class Images(Test):
    """The images by themselves."""

    def test_configuration(self):
        coordinator, worker = configuration("mae-coord"), configuration("mae-worker")
        for it in [coordinator, worker]:
            self.assertEqual((it["User"], it["StopSignal"], it["Cmd"]), ("mae", "SIGTERM", ["--help"]))
            self.assertIn("org.opencontainers.image.description", it["Labels"])
            self.assertEqual(it["Healthcheck"]["Interval"], 10_000_000_000)
        self.assertEqual(coordinator["Entrypoint"], ["mae-coord"])
        self.assertEqual(worker["Entrypoint"], ["mae-worker", "--health", "/tmp/health"])
        self.assertEqual(coordinator["Healthcheck"]["Test"], ["CMD", "mae-coord", "health", "/tmp/health"])
        self.assertEqual(worker["Healthcheck"]["Test"], ["CMD", "mae-worker", "--check-health", "/tmp/health"])
        self.assertEqual(set(coordinator["Volumes"]), {"/keys", "/store"})
        self.assertEqual(set(worker["Volumes"]), {"/cache", "/keys"})
        self.assertEqual((coordinator["WorkingDir"], worker["WorkingDir"]), ("/store", "/cache"))
        self.assertEqual(coordinator["Labels"]["org.opencontainers.image.title"], "mae-coord")
        self.assertEqual(worker["Labels"]["org.opencontainers.image.title"], "mae-worker")
        self.assertEqual(set(coordinator["ExposedPorts"]), {"5555/tcp"})
        self.assertIn("XDG_CACHE_HOME=/cache", worker["Env"])

    def test_help(self):
        for image in ["mae-coord", "mae-worker"]:
            self.assertIn(f"USAGE: {image}", self.expect(podman("run", "--rm", "--network", "none", *HARDENED, image)))

    def test_packages(self):
        """The image that compiles has the packages that cluster/setup installs."""
        needed = re.search(r"^packages=\((.*)\)", (ROOT / "cluster/setup").read_text(), re.M).group(1).split()
        compiled = (ROOT / "docker/Dockerfile").read_text().split(" AS compiled")[1]
        installed = re.search(r"--no-install-recommends(.*?)&&", compiled, re.S).group(1).replace("\\", "").split()
        self.assertEqual(installed, needed)

    def test_ping(self):
        """The coordinator's image has what `--ping` needs: the library, and certificates for https."""
        with Service() as service:
            volume = self.expect(podman("volume", "create")).strip()
            self.addCleanup(podman, "volume", "rm", volume)
            common = ["run", "--rm", "--network", "host", *HARDENED, "--volume", f"{volume}:/store", "mae-coord"]
            self.expect(podman(*common, "checkpoint", "init", "--preset", "tiny", "--seed", "0", "--output", "/store/hub"))
            # Without a worker the run ends by its time, and with 3.
            output = self.expect(podman(
                *common, "verify", "--workers", "1", "--timeout", "1", "--method", "pretrained=/store/hub", "--store", "/store/runs",
                "--ping", service.address + "/night"), code=3)
            self.assertEqual(service.paths, ["/night/start", "/night/3"], output)
        self.expect(podman(
            "run", "--rm", "--network", "none", "--entrypoint", "test", "mae-coord", "-s", "/etc/ssl/certs/ca-certificates.crt"))


class Service:
    """A service that is told of runs, on a loopback address; it has the paths that were posted to."""

    def __enter__(self):
        self.paths = []
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                service.paths.append(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Compose(Test):
    """docker/compose.yaml, as docker/README.md tells it for podman."""

    @classmethod
    def setUpClass(cls):
        result = compose("up", "--detach", "--no-build")
        assert result.returncode == 0, result.stdout

    @classmethod
    def tearDownClass(cls):
        compose("--profile", "verify", "down", "--volumes")

    def container(self, service):
        return self.expect(podman(
            "ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.service={service}")).strip()

    def verify(self, *arguments):
        return compose("--profile", "verify", "run", "--rm", "-T", "coordinator", *arguments)

    def logs(self):
        return "\n".join(podman("logs", self.container(service)).stdout for service in ["prepare", *WORKERS])

    def wait_until_healthy(self, container):
        end = time.monotonic() + PATIENCE
        while podman("healthcheck", "run", container).returncode != 0:
            self.assertLess(time.monotonic(), end, self.logs())
            time.sleep(0.2)

    def test_verifies(self):
        prepare = self.container("prepare")
        self.assertEqual(self.expect(podman("inspect", "--format", "{{.State.ExitCode}}", prepare)).strip(), "0", self.logs())
        containers = [self.container(worker) for worker in WORKERS]
        for container in containers:
            self.wait_until_healthy(container)
            self.check_confinement(container)

        result = self.verify()
        self.assertEqual(result.returncode, 0, result.stdout + self.logs())
        self.assertIn("AGREE  All 9 results (3 nodes, 3 loading methods", result.stdout)
        for worker in WORKERS:
            self.assertIn(f"\n{worker} ", result.stdout)
        # Exit codes are the program's, for other options too.
        self.expect(self.verify("verify", "--unknown"), code=64)

        # The bound is for what does not end: the engine kills it, and the exit code tells.
        self.expect(podman("stop", "--time", str(PATIENCE // 2), *containers))
        for worker, container in zip(WORKERS, containers):
            self.assertEqual(
                self.expect(podman("inspect", "--format", "{{.State.ExitCode}}", container)).strip(), "0", self.logs())
            self.assertIn("signal 15", podman("logs", container).stdout, worker)

    def check_confinement(self, container):
        """What compose.yaml and the image promise of a container."""
        status = dict(re.findall(r"^(\w+):\s*(.*)$", self.expect(podman("exec", container, "cat", "/proc/1/status")), re.M))
        self.assertEqual(set(status["Uid"].split()), {"10001"})
        for field in ["CapPrm", "CapEff", "CapBnd"]:
            self.assertEqual(int(status[field], 16), 0, field)
        self.assertEqual(status["NoNewPrivs"], "1")
        written = self.expect(podman("exec", container, "sh", "-c", "echo x >/keys/new || echo x >/etc/new || echo x >/new"), code=2)
        self.assertEqual(written.count("Read-only file system"), 3, written)
        # Its own key and no other.
        self.assertEqual(self.expect(podman("exec", container, "ls", "/keys")).split(), ["node.key"])
        _, *check = configuration("mae-worker")["Healthcheck"]["Test"]
        self.expect(podman("exec", container, *check[:-1], "/tmp/another"), code=69)


if __name__ == "__main__":
    result = unittest.TextTestRunner(verbosity=1).run(unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"]))
    failed = len({test.id().split(" ")[0] for test, _ in result.failures + result.errors})
    print(f"{result.testsRun - failed - len(result.skipped)} passed, {failed} failed, {len(result.skipped)} skipped")
    sys.exit(1 if failed else 0)
