"""Tests of the manifests of cluster/kubernetes: as they are rendered, and as their pods run on this machine."""

import base64
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

sys.path.append(str(pathlib.Path(__file__).parents[1] / "Ports"))

import manifests
from free_ports import free_port
from manifests import containers, named, pods, program, render, run

# podFailurePolicy is on by default from the first of these on.
VERSIONS = ["1.26", "1.28", "1.31", "1.34", "1.37"]
PATIENCE = 300


class Rendered(unittest.TestCase):
    """The base, and a site with and without GPUs."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.rendered = {"base": render(manifests.FOLDER / "base")}
        for name, gpu in [("site", False), ("gpu", True)]:
            cls.rendered[name] = render(manifests.site(os.path.join(cls.folder.name, name), gpu))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def test_strictly_valid(self):
        for name, (_, text) in self.rendered.items():
            file = os.path.join(self.folder.name, name + ".yaml")
            pathlib.Path(file).write_text(text)
            for version in VERSIONS:
                with self.subTest(name=name, version=version):
                    run("kubernetes-validate", "--strict", "-k", version, file)

    def test_validation_can_fail(self):
        file = os.path.join(self.folder.name, "wrong.yaml")
        pathlib.Path(file).write_text(self.rendered["base"][1].replace("concurrencyPolicy:", "concurencyPolicy:"))
        with self.assertRaises(AssertionError):
            run("kubernetes-validate", "--strict", "-k", VERSIONS[-1], file)

    def test_restricted_profile(self):
        allowed_volumes = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
        for name, (objects, _) in self.rendered.items():
            found = 0
            for workload, pod, _ in pods(objects):
                found += 1
                with self.subTest(name=name, workload=workload):
                    context = pod["securityContext"]
                    self.assertIs(context["runAsNonRoot"], True)
                    self.assertGreater(context["runAsUser"], 0)
                    self.assertEqual(context["seccompProfile"], {"type": "RuntimeDefault"})
                    self.assertIs(pod["automountServiceAccountToken"], False)
                    for field in ["hostNetwork", "hostPID", "hostIPC"]:
                        self.assertNotIn(field, pod)
                    for volume in pod["volumes"]:
                        self.assertLessEqual(set(volume) - {"name"}, allowed_volumes)
                    for container in containers(pod):
                        context = container["securityContext"]
                        self.assertIs(context["allowPrivilegeEscalation"], False)
                        self.assertIs(context["readOnlyRootFilesystem"], True)
                        self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
                        self.assertLessEqual({"cpu", "memory"}, set(container["resources"]["requests"]))
                        self.assertIn("memory", container["resources"]["limits"])
                        for port in container.get("ports", []):
                            self.assertNotIn("hostPort", port)
            self.assertEqual(found, 2)

    def test_namespace_enforces_it(self):
        objects, _ = self.rendered["base"]
        namespace = named(objects, "Namespace", "mae")
        self.assertEqual(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted")
        for it in objects:
            if it["kind"] != "Namespace":
                self.assertEqual(it["metadata"]["namespace"], "mae")

    def test_names_match(self):
        for name, (objects, _) in self.rendered.items():
            with self.subTest(name=name):
                workers = named(objects, "StatefulSet", "mae-worker")
                night = named(objects, "CronJob", "mae-night")
                coordinator = night["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
                worker = workers["spec"]["template"]["spec"]["containers"][0]
                ports = {port["name"]: port["containerPort"] for port in coordinator["ports"]}
                self.assertEqual(option(coordinator, "--workers"), str(workers["spec"]["replicas"]))
                self.assertEqual(option(coordinator, "--bind"), f"tcp://0.0.0.0:{ports['work']}")
                self.assertEqual(option(coordinator, "--listen"), f"0.0.0.0:{ports['pages']}")
                service = named([it for it in objects if it["kind"] == "Service"], "Service", "mae-coordinator")
                self.assertEqual(
                    option(worker, "--connect"), f"tcp://{service['metadata']['name']}:{service['spec']['ports'][0]['port']}")
                for port in service["spec"]["ports"]:
                    self.assertIn(port["targetPort"], ports)
                self.assertEqual(service["spec"]["clusterIP"], "None")
                for probe in ["livenessProbe", "readinessProbe"]:
                    self.assertIn(coordinator[probe]["httpGet"]["port"], ports)
                labels = {workload: labels for workload, _, labels in pods(objects)}
                self.assertLessEqual(service["spec"]["selector"].items(), labels["mae-night"].items())
                self.assertEqual(workers["spec"]["serviceName"], "mae-worker")
                self.assertLessEqual(workers["spec"]["selector"]["matchLabels"].items(), labels["mae-worker"].items())
                self.check_policies(objects, labels, ports)
                self.check_volumes(objects)
                # What ends a run by itself comes before what the cluster ends it with.
                seconds = float(option(coordinator, "--timeout")) + float(option(coordinator, "--linger"))
                self.assertLess(seconds, night["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"])
                grace = workers["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
                self.assertLess(float(option(worker, "--grace")), grace)

    def check_policies(self, objects, labels, ports):
        coordinator, worker = (named([it for it in objects if it["kind"] == "NetworkPolicy"], "NetworkPolicy", name)
                               for name in ["mae-coordinator", "mae-worker"])
        for policy, workload in [(coordinator, "mae-night"), (worker, "mae-worker")]:
            self.assertLessEqual(policy["spec"]["podSelector"]["matchLabels"].items(), labels[workload].items())
            self.assertEqual(set(policy["spec"]["policyTypes"]), {"Ingress", "Egress"})
        work, pages = coordinator["spec"]["ingress"]
        self.assertLessEqual(work["from"][0]["podSelector"]["matchLabels"].items(), labels["mae-worker"].items())
        self.assertEqual([port["port"] for port in work["ports"]], [ports["work"]])
        self.assertIn("namespaceSelector", pages["from"][0])
        self.assertEqual([port["port"] for port in pages["ports"]], [ports["pages"]])
        self.assertEqual((coordinator["spec"]["egress"], worker["spec"]["ingress"]), ([], []))
        self.assertEqual(worker["spec"]["egress"][0]["ports"][0]["port"], ports["work"])

    def check_volumes(self, objects):
        claims = {it["metadata"]["name"] for it in objects if it["kind"] == "PersistentVolumeClaim"}
        secrets = {it["metadata"]["name"] for it in objects if it["kind"] == "Secret"}
        for _, pod, _ in pods(objects):
            names = {volume["name"] for volume in pod["volumes"]}
            for container in containers(pod):
                self.assertLessEqual({mount["name"] for mount in container["volumeMounts"]}, names)
            for volume in pod["volumes"]:
                if "persistentVolumeClaim" in volume:
                    self.assertIn(volume["persistentVolumeClaim"]["claimName"], claims)
                if "secret" in volume and secrets:
                    self.assertIn(volume["secret"]["secretName"], secrets)

    def test_site_has_images_and_keys(self):
        objects, _ = self.rendered["site"]
        for _, pod, _ in pods(objects):
            for container in containers(pod):
                self.assertRegex(container["image"], r"^registry\.example/mae-(coord|worker):")
        replicas = named(objects, "StatefulSet", "mae-worker")["spec"]["replicas"]
        own = {f"mae-worker-{number}.key" for number in range(replicas)}
        self.assertEqual(set(named(objects, "Secret", "mae-worker-keys")["data"]), own)
        self.assertEqual(set(named(objects, "Secret", "mae-coordinator-keys")["data"]), own | {"coordinator.key"})

    def test_gpu(self):
        objects, _ = self.rendered["gpu"]
        worker = named(objects, "StatefulSet", "mae-worker")["spec"]["template"]["spec"]["containers"][0]
        self.assertEqual(option(worker, "--backend"), "vulkan")
        self.assertEqual(worker["resources"]["limits"]["nvidia.com/gpu"], 1)
        self.assertIn("graphics", {it["name"]: it.get("value") for it in worker["env"]}["NVIDIA_DRIVER_CAPABILITIES"])

    def test_options_exist(self):
        for name, (objects, _) in self.rendered.items():
            for workload, pod, _ in pods(objects):
                for container in containers(pod):
                    if "command" in container:
                        continue
                    is_coordinator = container["name"] == "coordinator"
                    command = ["mae-coord", container["args"][0]] if is_coordinator else ["mae-worker"]
                    known = set(re.findall(r"--[a-z][a-z-]*", run(program(command[0]), *command[1:], "--help")))
                    used = {argument for argument in container["args"] if argument.startswith("--")}
                    with self.subTest(name=name, container=container["name"]):
                        self.assertTrue(used)
                        self.assertEqual(used - known, set())
        policy = named(self.rendered["base"][0], "CronJob", "mae-night")["spec"]["jobTemplate"]["spec"]["podFailurePolicy"]
        exits = next(rule["onExitCodes"] for rule in policy["rules"] if "onExitCodes" in rule)
        readme = (manifests.ROOT / "README.md").read_text()
        told = re.search(r"Exit codes of `mae-coord`:(.*?)\n\n", readme, re.S).group(1)
        self.assertEqual(set(exits["values"]), {int(code) for code in re.findall(r"\b(\d+) [a-z]", told)} - {0})


class Pods(unittest.TestCase):
    """What the pods of a site run, run here: their own scripts and arguments, with folders of a test in place of volumes."""

    def test_night(self):
        with tempfile.TemporaryDirectory() as folder:
            objects, _ = render(manifests.site(folder))
            night = Night(objects, folder)
            try:
                night.carry_out(self)
            finally:
                night.end()


class Night:
    """One coordinator and its workers as processes."""

    def __init__(self, objects, folder):
        self.objects = objects
        self.folder = folder
        self.processes = []
        self.ports = {"5555": free_port(), "9464": free_port()}

    def volumes(self, name, secret):
        """Folders for the mounts of a pod, with its Secret as kubelet shows it: links to files that the group may read."""
        place = os.path.join(self.folder, name)
        for mount in ["keys", "store", "models", "cache", "tmp", "secret/..data"]:
            os.makedirs(os.path.join(place, mount))
        for file, data in named(self.objects, "Secret", secret)["data"].items():
            path = os.path.join(place, "secret", "..data", file)
            pathlib.Path(path).write_bytes(base64.b64decode(data))
            os.chmod(path, 0o440)
            os.symlink(os.path.join("..data", file), os.path.join(place, "secret", file))
        return place

    def local(self, text, place, pod_name):
        """An argument with this machine's folders and ports, and the pod's name where the cluster puts it."""
        text = re.sub(r"/(keys|store|models|secret)\b", lambda match: os.path.join(place, match.group(1)), text)
        text = text.replace("$(POD_NAME)", pod_name).replace("mae-coordinator", "127.0.0.1").replace("0.0.0.0", "127.0.0.1")
        for port, free in self.ports.items():
            text = text.replace(":" + port, f":{free}")
        return text

    def start(self, pod, pod_name, secret):
        place = self.volumes(pod_name, secret)
        environment = dict(
            os.environ, POD_NAME=pod_name, TMPDIR=os.path.join(place, "tmp"), XDG_CACHE_HOME=os.path.join(place, "cache"),
            PATH=manifests.PROGRAMS + os.pathsep + os.environ["PATH"])
        for container in pod.get("initContainers", []):
            arguments = [self.local(argument, place, pod_name) for argument in container["args"]]
            run(*container["command"], *arguments, env=environment)
        container = pod["containers"][0]
        name = "mae-coord" if container["name"] == "coordinator" else "mae-worker"
        arguments = [self.local(argument, place, pod_name) for argument in container["args"]]
        log = open(os.path.join(place, "log"), "w")
        process = subprocess.Popen([program(name), *arguments], env=environment, stdout=log, stderr=log)
        self.processes.append((process, os.path.join(place, "log")))
        return process, place

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['9464']}{path}", timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except (urllib.error.URLError, ConnectionError):
            return None, ""

    def wait(self, what, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"{what} did not come:\n{self.logs()}"
            time.sleep(0.1)

    def logs(self):
        return "\n".join(pathlib.Path(log).read_text()[-3000:] for _, log in self.processes)

    def carry_out(self, test):
        specs = {name: spec for name, spec, _ in pods(self.objects)}
        probe = {kind: specs["mae-night"]["containers"][0][kind]["httpGet"]["path"] for kind in ["livenessProbe", "readinessProbe"]}
        coordinator, _ = self.start(specs["mae-night"], "mae-night-0", "mae-coordinator-keys")
        self.wait("readiness", lambda: self.get(probe["readinessProbe"])[0] == 200 or coordinator.poll() is not None)
        test.assertEqual(self.get(probe["livenessProbe"])[0], 200, self.logs())
        replicas = named(self.objects, "StatefulSet", "mae-worker")["spec"]["replicas"]
        workers = [self.start(specs["mae-worker"], f"mae-worker-{number}", "mae-worker-keys") for number in range(replicas)]
        for _, place in workers:
            test.assertEqual(len(os.listdir(os.path.join(place, "keys", "own"))), 1)
        processes = [coordinator] + [worker for worker, _ in workers]
        self.wait("the verdict", lambda: 'mae_run_verdict{verdict="agree"} 1' in self.get("/metrics")[1] or any(
            process.poll() is not None for process in processes))
        test.assertEqual([process.poll() for process in processes], [None] * len(processes), self.logs())
        status, report = self.get("/report")
        test.assertEqual(status, 200, self.logs())
        for number in range(replicas):
            test.assertIn(f"mae-worker-{number}", report)
        coordinator.send_signal(signal.SIGTERM)
        test.assertEqual(coordinator.wait(PATIENCE), 0, self.logs())
        for worker, _ in workers:
            worker.send_signal(signal.SIGTERM)
            test.assertEqual(worker.wait(PATIENCE), 0, self.logs())

    def end(self):
        for process, _ in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()


def option(container, name):
    """The value that a container's arguments give an option."""
    arguments = container["args"]
    return arguments[arguments.index(name) + 1]
