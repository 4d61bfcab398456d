"""Makes the recordings in Tests/Goldens/recordings/. See README.md in this folder.

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


def record(model, path, noise=2, images=None, **options):
    """Records one call of the model with the images, and with noise that all recordings share."""
    import torch

    import mae_record
    import tiny
    with mae_record.record(model, path, **options), torch.no_grad():
        model(tiny.images() if images is None else images, noise=tiny.noise(noise))


def planted(model, change):
    """The model with another forward of its second block, which changes a copy of the block's output."""
    block = model.vit.layers[1]
    whole = type(block).forward

    def forward(*arguments, **named):
        output = whole(block, *arguments, **named).clone()
        change(output)
        return output

    block.forward = forward
    return model


@case()
def thread(path):
    """The forum thread's second script; its model is tiny, and the stale file is what an earlier run of it saved."""
    import tiny
    text = open(os.path.join(HERE, "thread_script.py"), encoding="utf-8").read()
    text = text.replace("torch.randn(8, 3, 224, 224)", "torch.randn(8, 1, 32, 32)")
    text = text.replace("mask_ratio = 0\n", "mask_ratio = 0.0\n")  # transformers 5 takes no integer
    earlier = text[:text.index("#save statedict only")].replace(".pth", ".cpkt")
    earlier = earlier.replace("mask_ratio = 0.0", "mask_ratio = 0.75")
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
    """Equal weights and settings, but the second block adds to one number of its output."""
    import tiny
    record(planted(tiny.model(), lambda output: output[0, 2, 3].add_(0.1)), path)


@case()
def nan_layer_1(path):
    """One number of the second block's output is NaN."""
    import tiny
    record(planted(tiny.model(), lambda output: output[0, 2, 3].fill_(float("nan"))), path)


@case({"ATEN_CPU_CAPABILITY": "default", "OMP_NUM_THREADS": "2"})
def rounding(path):
    """Another processor, as far as PyTorch knows, and two threads."""
    import tiny
    record(tiny.model(), path)


@case()
def ratio(path):
    """Another mask ratio."""
    import tiny
    record(tiny.model(mask_ratio=0.5), path)


@case()
def permuted_1(path):
    """Nothing is masked, but the noise decides the order of the tokens."""
    import tiny
    record(tiny.model(mask_ratio=0.0), path)


@case()
def permuted_2(path):
    """The same with other noise."""
    import tiny
    record(tiny.model(mask_ratio=0.0), path, noise=3)


@case()
def training(path):
    """Training mode with dropout."""
    import torch

    import tiny
    torch.manual_seed(7)
    record(tiny.model(hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.1).train(), path)


@case()
def eager(path):
    """Another implementation of attention."""
    import tiny
    record(tiny.model(attention="eager"), path)


@case()
def bfloat16(path):
    """A model in bfloat16."""
    import tiny
    record(tiny.model().bfloat16(), path, images=tiny.images().bfloat16())


@case()
def autocast(path):
    """A float32 model under autocast to bfloat16."""
    import torch

    import tiny
    with torch.autocast("cpu", torch.bfloat16):
        record(tiny.model(), path)


@case()
def weights(path):
    """One weight of the second block differs."""
    import tiny
    model = tiny.model()
    model.vit.layers[1].mlp.fc1.weight.data[3, 5] += 0.125
    record(model, path)


@case()
def tf32(path):
    """TF32 is allowed, which changes nothing on a CPU."""
    import torch

    import tiny
    torch.backends.cuda.matmul.allow_tf32 = True
    record(tiny.model(), path)
    torch.backends.cuda.matmul.allow_tf32 = False


@case()
def everything(path):
    """Digests of every module, and blocks and images kept whole."""
    import tiny
    record(tiny.model(), path, detail="all", keep="blocks,input")


@case()
def everything_fault(path):
    """The same of the model whose second block adds to one number."""
    import tiny
    record(planted(tiny.model(), lambda output: output[0, 2, 3].add_(0.1)), path, detail="all", keep="blocks,input")


@case()
def exception(path):
    """The decoder's block raises."""
    import tiny
    model = tiny.model()

    def forward(*_, **__):
        raise ValueError("no output")

    model.decoder.decoder_layers[0].forward = forward
    try:
        record(model, path)
    except ValueError:
        pass


@case({"PYTHON": "4"})
def transformers_4(path):
    """The same weights in transformers 4.57, which has other names for them."""
    import torch
    from safetensors.torch import load_file
    from transformers import ViTMAEConfig, ViTMAEForPreTraining

    import tiny
    model = ViTMAEForPreTraining(ViTMAEConfig(**tiny.SIZES)).eval()
    state = load_file(os.path.join(os.environ["TINY"], "model.safetensors"))
    model.load_state_dict({name.replace("decoder_encoder.layer", "decoder_layers"): one for name, one in state.items()})
    record(model, path)


@case({"PYTHON": "4"})
def redrawn(path):
    """transformers 4.57 loads what 5.23 saved, does not know the decoder's names, and draws those weights at random."""
    import torch
    from transformers import ViTMAEForPreTraining
    torch.manual_seed(1)
    record(ViTMAEForPreTraining.from_pretrained(os.environ["TINY"]).eval(), path)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python4", default=os.path.join(HERE, ".venv4/bin/python"))
    parser.add_argument("--here", action="store_true", help="make them in this process")
    parser.add_argument("names", nargs="*")
    chosen = parser.parse_args()
    if chosen.here:
        sys.path.insert(0, os.path.abspath(RECORDER))
        for name in chosen.names:
            path = os.path.join(GOLDENS, f"{name}.safetensors")
            CASES[name][0](path)
            print(f"{name}: {os.path.getsize(path)} bytes", flush=True)
        return
    os.makedirs(GOLDENS, exist_ok=True)
    groups = {}
    for name in chosen.names or CASES:
        groups.setdefault(tuple(CASES[name][1].items()), []).append(name)
    with tempfile.TemporaryDirectory() as tiny:
        code = "import sys, tiny; tiny.model().save_pretrained(sys.argv[1])"
        subprocess.run([sys.executable, "-c", code, tiny], cwd=HERE, check=True)
        for variables, names in groups.items():
            environment = {**os.environ, "OMP_NUM_THREADS": "1", "TINY": tiny, **dict(variables)}
            python = chosen.python4 if environment.pop("PYTHON", None) else sys.executable
            subprocess.run([python, os.path.abspath(__file__), "--here", *names], env=environment, check=True)


if __name__ == "__main__":
    main()
