"""The pods of cluster/kubernetes as they are rendered, run by podman in place of a kubelet."""

import base64
import os
import pathlib
import shutil
import sys
import tempfile
import time
import unittest

import yaml

from engine import PATIENCE, ROOT, Test, podman

sys.path.append(str(ROOT / "Tests" / "Kubernetes"))
import manifests


def adapted_pod(name, pod, labels):
    """A pod by itself, as podman 4.3 can run it: with the images of these tests, and without variables in arguments.

    That release shows the values of Secrets in base64, so they are ConfigMaps here; it gives pods whose emptyDir has the same
    name the same folder; and it starts containers that run first again when they have ended, unless pods are never restarted.
    """
    pod["restartPolicy"] = "Never"
    for volume in pod["volumes"]:
        if "secret" in volume:
            volume["configMap"] = {"name": volume.pop("secret")["secretName"]}
        volume["name"] = f"{name}-{volume['name']}"
    for container in manifests.containers(pod):
        container["image"] = "localhost/" + container["image"].split("/")[-1].split(":")[0]
        container["args"] = [argument.replace("$(POD_NAME)", name) for argument in container["args"]]
        for mount in container["volumeMounts"]:
            mount["name"] = f"{name}-{mount['name']}"
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": labels}, "spec": pod}


def configuration_map(secret):
    values = {name: base64.b64decode(value).decode() for name, value in secret["data"].items()}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": secret["metadata"]["name"]}, "data": values}


@unittest.skipUnless(shutil.which("kubectl"), "the packages of cluster/requirements-kubernetes.txt are missing")
class Pods(Test):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.expect(podman("network", "create", "--internal", "mae-pods"))
        self.addCleanup(podman, "network", "rm", "--force", "mae-pods")
        self.addCleanup(podman, "pod", "rm", "--all", "--force")

    def pods(self, site, workload, *names):
        """The pods of a workload under these names."""
        for name in names:
            objects, _ = manifests.render(site)
            [(pod, labels)] = [(pod, labels) for found, pod, labels in manifests.pods(objects) if found == workload]
            yield adapted_pod(name, pod, labels)

    def test_night(self):
        site = manifests.site(self.folder.name)
        objects, _ = manifests.render(site)
        workers = [f"mae-worker-{number}" for number in range(3)]
        # A Service leads workers to the coordinator's pod; here it has that name.
        night = [configuration_map(it) for it in objects if it["kind"] == "Secret"]
        night += [*self.pods(site, "mae-night", "mae-coordinator"), *self.pods(site, "mae-worker", *workers)]
        file = os.path.join(self.folder.name, "night.yaml")
        pathlib.Path(file).write_text(yaml.safe_dump_all(night))
        self.expect(podman("play", "kube", "--network", "mae-pods", file))

        coordinator, workers = "mae-coordinator-coordinator", [name + "-worker" for name in workers]
        for worker in workers:
            self.wait_until_healthy(worker)
            self.check_confinement(worker, ["", "/keys"])
            self.assertEqual(len(self.expect(podman("exec", worker, "ls", "/keys/own")).split()), 1)
        self.check_confinement(coordinator, ["", "/keys", "/models"])
        self.wait_for(coordinator, "AGREE")
        self.stop(coordinator, *workers)
        for container in [coordinator, *workers]:
            self.assertEqual(self.exit_code(container), 0, podman("logs", container).stdout)

    def wait_for(self, container, text):
        end = time.monotonic() + PATIENCE
        while text not in podman("logs", container).stdout:
            self.assertLess(time.monotonic(), end, podman("logs", container).stdout)
            time.sleep(0.2)
