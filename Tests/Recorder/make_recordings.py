"""Makes the recordings in Tests/Goldens/recordings/, each in a process of its own. See README.md in this folder.

    .venv5/bin/python make_recordings.py [--python4 .venv4/bin/python] [NAME ...]
"""

import argparse
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDENS = os.path.join(HERE, "../Goldens/recordings")
RECORDER = os.path.join(HERE, "../../Sources/python")
CASES = {}  # name: (function, environment)


def case(environment=None):
    """Adds a function `make(path)` whose name, with dashes, is that of the recording."""
    def add(make):
        CASES[make.__name__.replace("_", "-")] = (make, environment or {})
        return make
    return add


def record(model, path, *arguments, call=None, **options):
    """Records one call of the model with the images, and the shared noise where no other is given."""
    import torch

    import mae_record
    import tiny
    with mae_record.record(model, path, **options), torch.no_grad():
        (call or model)(*(arguments or (tiny.images(),)), noise=tiny.noise())


@case()
def thread(path):
    """The forum thread's second script; its model is tiny, and the stale file is what an earlier run of it saved."""
    import tiny
    text = open(os.path.join(HERE, "thread_script.py"), encoding="utf-8").read()
    text = text.replace("torch.randn(8, 3, 224, 224)", "torch.randn(8, 1, 32, 32)")
    text = text.replace("mask_ratio = 0\n", "mask_ratio = 0.0\n")  # transformers 5 takes no integer
    earlier = text[:text.index("#save statedict only")].replace(".pth", ".cpkt").replace("mask_ratio = 0.0", "mask_ratio = 0.75")
    with tempfile.TemporaryDirectory() as folder:
        tiny.model().save_pretrained(f"{folder}/facebook/vit-mae-base")
        environment = {**os.environ, "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1", "PYTHONPATH": os.path.abspath(RECORDER),
                       "MAE_RECORD": os.path.abspath(path)}
        for name, script, arguments in (("earlier.py", earlier, []), ("script.py", text, ["-m", "mae_record"])):
            with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
                file.write(script)
            subprocess.run([sys.executable, *arguments, name], cwd=folder, env=environment, check=True)


@case()
def base(path):
    """What the others are compared with."""
    import tiny
    record(tiny.model(), path)


@case()
def agree(path):
    """The same weights, loaded in another way: the same bits."""
    import tiny
    from transformers import ViTMAEForPreTraining
    with tempfile.TemporaryDirectory() as folder:
        tiny.model().save_pretrained(folder)
        record(ViTMAEForPreTraining.from_pretrained(folder).eval(), path)


@case()
def fault_layer_1(path):
    """Equal weights and settings, but the forward of the second block adds to one token of its output."""
    import tiny
    model = tiny.model()
    block = model.vit.layers[1]
    whole = type(block).forward

    def forward(*arguments, **named):
        output = whole(block, *arguments, **named).clone()
        output[0, 2] += 0.01
        return output

    block.forward = forward
    record(model, path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python4", default=os.path.join(HERE, ".venv4/bin/python"))
    parser.add_argument("--one", metavar="PATH", help="make one recording in this process")
    parser.add_argument("names", nargs="*")
    chosen = parser.parse_args()
    if chosen.one:
        sys.path.insert(0, os.path.abspath(RECORDER))
        CASES[chosen.names[0]][0](chosen.one)
        return
    os.makedirs(GOLDENS, exist_ok=True)
    for name in chosen.names or CASES:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", **CASES[name][1]}
        python = chosen.python4 if environment.pop("PYTHON4", None) else sys.executable
        path = os.path.join(GOLDENS, f"{name}.safetensors")
        subprocess.run([python, os.path.abspath(__file__), "--one", path, name], env=environment, check=True)
        print(f"{name}: {os.path.getsize(path)} bytes")


if __name__ == "__main__":
    main()
