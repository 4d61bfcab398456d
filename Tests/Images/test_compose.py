"""docker/compose.yaml, run by podman-compose as docker/README.md tells."""

import os

from engine import WORKERS, Test, configuration, podman, run


def compose(*arguments):
    return run(os.environ["MAE_COMPOSE"], "--file", "docker/compose.yaml", *arguments)


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

    def test_verifies(self):
        prepare = self.container("prepare")
        self.assertEqual(self.exit_code(prepare), 0, self.logs())
        containers = [self.container(worker) for worker in WORKERS]
        for container in containers:
            self.wait_until_healthy(container)
            self.check_confinement(container, ["", "/etc", "/keys"])
            self.check_own(container)

        result = self.verify()
        self.assertEqual(result.returncode, 0, result.stdout + self.logs())
        self.assertIn("AGREE  All 9 results (3 nodes, 3 loading methods", result.stdout)
        for worker in WORKERS:
            self.assertIn(f"\n{worker} ", result.stdout)
        # Exit codes are the program's, for other options too.
        self.expect(self.verify("verify", "--unknown"), code=64)

        self.stop(*containers)
        for container in containers:
            self.assertEqual(self.exit_code(container), 0, self.logs())
            self.assertIn("signal 15", podman("logs", container).stdout)

    def check_own(self, container):
        """A worker sees its own key and no other; its health check can fail."""
        self.assertEqual(self.expect(podman("exec", container, "ls", "/keys")).split(), ["node.key"])
        _, *check = configuration("mae-worker")["Healthcheck"]["Test"]
        self.expect(podman("exec", container, *check[:-1], "/tmp/another"), code=69)
