"""Tests of the images by themselves."""

import http.server
import re
import socket
import threading

from engine import HARDENED, ROOT, Test, configuration, podman


class Images(Test):
    """The images by themselves."""

    def volume(self):
        """A new volume, which goes with the test."""
        name = self.expect(podman("volume", "create")).strip()
        self.addCleanup(podman, "volume", "rm", name)
        return name

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
            common = ["run", "--rm", "--network", "host", *HARDENED, "--volume", f"{self.volume()}:/store", "mae-coord"]
            self.expect(podman(*common, "checkpoint", "init", "--preset", "tiny", "--seed", "0", "--output", "/store/hub"))
            # Without a worker the run ends by its time, and with 3.
            output = self.expect(podman(
                *common, "verify", "--workers", "1", "--timeout", "1", "--method", "pretrained=/store/hub", "--store", "/store/runs",
                "--ping", service.address + "/night"), code=3)
            self.assertEqual(service.paths, ["/night/start", "/night/3"], output)
        self.expect(podman(
            "run", "--rm", "--network", "none", "--entrypoint", "test", "mae-coord", "-s", "/etc/ssl/certs/ca-certificates.crt"))


    def test_stop_without_names(self):
        """A worker ends when it is told to while it asks for the coordinator's address and no name server answers."""
        keys = self.volume()
        coordinator = ["run", "--rm", "--network", "none", *HARDENED, "--volume", f"{keys}:/keys", "mae-coord", "keys"]
        self.expect(podman(*coordinator, "init", "--keys", "/keys"))
        self.expect(podman(*coordinator, "add", "worker-1", "--keys", "/keys", "--output", "/keys/worker-1.key"))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 53))
            worker = self.expect(podman(
                "run", "--detach", "--network", "host", "--dns", "127.0.0.1", "--dns-opt", "timeout:30", "--dns-opt", "attempts:5",
                *HARDENED, "--volume", f"{keys}:/keys:ro", "mae-worker", "--connect", "tcp://coordinator:5555",
                "--key", "/keys/worker-1.key")).strip()
            self.addCleanup(podman, "rm", "--force", worker)
            self.wait_until_healthy(worker)
            silent.recv(512)
            # Of the 150 s that the system asks.
            self.expect(podman("stop", "--time", "60", worker))
        self.assertEqual(self.exit_code(worker), 0, podman("logs", worker).stdout)


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
