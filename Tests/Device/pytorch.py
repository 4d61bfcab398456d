"""Times the encoder of ViT-MAE in PyTorch, fp32 with TF32 off and on, beside ours on the same device, taking turns.

Exit codes: 0 measured, 69 PyTorch, transformers or its device is missing (the last line says what), 1 something failed.
"""

import argparse
import json
import logging
import statistics
import subprocess
import sys
import time

PRESETS = {
    "tiny": dict(
        hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128, image_size=32, patch_size=8
    ),
    "base": {},
    "large": dict(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096),
    "huge": dict(
        hidden_size=1280, num_hidden_layers=32, num_attention_heads=16, intermediate_size=5120, patch_size=14
    ),
}


def unavailable(reason):
    print(f"PyTorch was left out: {reason}", file=sys.stderr)
    sys.exit(69)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", required=True, help="our mae-bench")
    parser.add_argument("--backend", required=True, help="our backend, such as vulkan:0")
    parser.add_argument("--preset", choices=PRESETS, default="base", help="size of the model (default: %(default)s)")
    parser.add_argument("--batches", default="1,8,64", help="batches, with commas between them (default: %(default)s)")
    parser.add_argument("--turns", type=int, default=7, help="timed passes of each (default: %(default)s)")
    parser.add_argument("--device", default="cuda", help="PyTorch's device (default: %(default)s)")
    parser.add_argument("--json", required=True, help="write the figures here, after each batch")
    parser.add_argument("--markdown", required=True, help="write a table here, after each batch")
    return parser.parse_args()


class PyTorch:
    """transformers' encoder with random weights and no mask, on random images that lie in the machine's memory."""

    def __init__(self, torch, transformers, arguments, images):
        self.torch = torch
        self.cuda = arguments.device.startswith("cuda")
        configuration = transformers.ViTMAEConfig(mask_ratio=0.0, attn_implementation="sdpa", **PRESETS[arguments.preset])
        self.model = transformers.ViTMAEModel(configuration).eval().to(arguments.device)
        size = configuration.image_size
        pixels = torch.randn(images, 3, size, size)
        self.pixels = pixels.pin_memory() if self.cuda else pixels
        self.resident = pixels.to(arguments.device)

    def seconds(self, tf32, copies=True):
        """Of one pass; with the copies of pixels to the device and of the output back, as ours has them, or without."""
        self.torch.set_float32_matmul_precision("high" if tf32 else "highest")
        self.torch.backends.cudnn.allow_tf32 = tf32
        self.wait()
        start = time.perf_counter()
        with self.torch.inference_mode():
            if copies:
                self.model(self.pixels.to(self.resident.device)).last_hidden_state.cpu()
            else:
                self.model(self.resident)
        self.wait()
        return time.perf_counter() - start

    def wait(self):
        if self.cuda:
            self.torch.cuda.synchronize()


class Ours:
    """A mae-bench process that times one pass on request, copies of pixels and outputs included."""

    def __init__(self, arguments, images):
        command = [
            arguments.bench, "model", "--turns", "--encoder-only", "--backend", arguments.backend, "--preset",
            arguments.preset, "--batch-size", str(images), "--mask-ratio", "0",
        ]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.answer()

    def seconds(self):
        self.process.stdin.write("encoder\n")
        self.process.stdin.flush()
        return self.answer()["seconds"]

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"mae-bench ended with code {self.process.wait()}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def compare(torch, transformers, arguments, images):
    """Times of each engine at one batch, in seconds."""
    theirs = PyTorch(torch, transformers, arguments, images)
    ours = Ours(arguments, images)
    engines = {
        "ours": ours.seconds,
        "pytorch_fp32": lambda: theirs.seconds(False),
        "pytorch_fp32_without_copies": lambda: theirs.seconds(False, copies=False),
        "pytorch_tf32": lambda: theirs.seconds(True),
    }
    times = {name: [] for name in engines}
    try:
        # The first two turns warm up, and are not counted.
        for turn in range(arguments.turns + 2):
            for name, measure in engines.items():
                seconds = measure()
                if turn >= 2:
                    times[name].append(seconds)
    finally:
        ours.close()
    medians = {name: statistics.median(values) for name, values in times.items()}
    return {
        "batch_size": images,
        "seconds": {
            name: {"min": min(values), "median": medians[name], "max": max(values)} for name, values in times.items()
        },
        "fp32_ratio": medians["pytorch_fp32"] / medians["ours"],
        "tf32_ratio": medians["pytorch_tf32"] / medians["ours"],
    }


def table(report):
    lines = [
        "",
        f"Encoder of {report['preset']}, mask ratio 0, medians of {report['turns']} turns; PyTorch {report['torch']}, "
        f"transformers {report['transformers']}, on {report['device']}. Times have the copies of pixels to the device and of "
        "the output back, where nothing else is said. A ratio above 1 means that ours is faster.",
        "",
        "| batch | ours, ms | PyTorch fp32, ms | ratio | without copies, ms | with TF32, ms | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in report["batches"]:
        ours, fp32, bare, tf32 = (
            row["seconds"][name]["median"] * 1e3
            for name in ("ours", "pytorch_fp32", "pytorch_fp32_without_copies", "pytorch_tf32")
        )
        lines.append(
            f"| {row['batch_size']} | {ours:.2f} | {fp32:.2f} | {row['fp32_ratio']:.2f} | {bare:.2f} | {tf32:.2f} "
            f"| {row['tf32_ratio']:.2f} |"
        )
    return "\n".join(lines) + "\n"


def main():
    arguments = parse()
    try:
        import torch
        import transformers
    except ImportError as error:
        unavailable(f"{error}; pip install torch transformers")
    if arguments.device.startswith("cuda") and not torch.cuda.is_available():
        unavailable(f"PyTorch {torch.__version__} sees no CUDA device")
    logging.disable(logging.WARNING)
    torch.manual_seed(0)
    device = torch.cuda.get_device_name() if arguments.device.startswith("cuda") else arguments.device
    report = {
        "torch": torch.__version__, "transformers": transformers.__version__, "device": device, "preset": arguments.preset,
        "turns": arguments.turns, "batches": [],
    }
    for images in map(int, arguments.batches.split(",")):
        report["batches"].append(compare(torch, transformers, arguments, images))
        with open(arguments.json, "w") as file:
            json.dump(report, file, indent=1)
            file.write("\n")
        with open(arguments.markdown, "w") as file:
            file.write(table(report))


if __name__ == "__main__":
    main()
