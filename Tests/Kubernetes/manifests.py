"""The manifests of cluster/kubernetes as kubectl renders them."""

import os
import pathlib
import shutil
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "cluster" / "kubernetes"
PROGRAMS = os.environ.get("MAE_PROGRAMS")


def program(name):
    """The path of one of the programs that were built."""
    return os.path.join(PROGRAMS, name)


def run(*command, **options):
    """What a command prints; raises with what it says where it fails."""
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode != 0:
        raise AssertionError(f"{command} ended with {result.returncode}:\n{result.stdout}\n{result.stderr}")
    return result.stdout


def render(folder):
    """The objects that a kustomization comes to, and their text."""
    text = run("kubectl", "kustomize", str(folder))
    return list(yaml.safe_load_all(text)), text


def site(folder, gpu=False):
    """Makes a site in `folder` as docs/kubernetes.md says, keys included, and returns it with its kustomization's folder."""
    copy = pathlib.Path(folder) / "kubernetes"
    shutil.copytree(FOLDER, copy)
    place = copy / "site"
    if gpu:
        file = place / "kustomization.yaml"
        file.write_text(file.read_text().replace("  # - ../gpu", "  - ../gpu"))
    environment = dict(os.environ, MAE_COORD=program("mae-coord"))
    run(str(copy / "make-keys"), str(place), "3", env=environment)
    return place


def named(objects, kind, name):
    """The object of a kind whose name is `name`, or that with a digest behind it."""
    found = [
        it for it in objects
        if it["kind"] == kind and (it["metadata"]["name"] == name or it["metadata"]["name"].startswith(name + "-"))
    ]
    assert len(found) == 1, f"{kind} {name}: {[it['metadata']['name'] for it in objects]}"
    return found[0]


def pods(objects):
    """The pod specifications with their names and the labels of their pods."""
    for it in objects:
        if it["kind"] == "CronJob":
            template = it["spec"]["jobTemplate"]["spec"]["template"]
        elif "template" in it.get("spec", {}):
            template = it["spec"]["template"]
        else:
            continue
        yield it["metadata"]["name"], template["spec"], template["metadata"]["labels"]


def containers(pod):
    """All containers of a pod, those that run first included."""
    return pod.get("initContainers", []) + pod["containers"]
