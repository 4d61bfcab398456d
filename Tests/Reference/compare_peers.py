"""Times the encoder of a ViT-MAE preset here and in other engines, side by side on this machine.

The engines take turns, so that a slow minute of the machine hits all of them. Every engine computes the same: the
encoder on one batch at mask ratio 0, in fp32, from random weights. An engine that is not installed is named and left out.
"""

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

import torch
from transformers import ViTMAEConfig, ViTMAEForPreTraining

PRESETS = {
    "base": {},
    "large": dict(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096),
    "huge": dict(
        hidden_size=1280, num_hidden_layers=32, num_attention_heads=16, intermediate_size=5120, patch_size=14
    ),
}

# Threads of an engine that has just finished may still spin for work; the next one waits this long.
PAUSE_SECONDS = 1.0


class Workload:
    """The model and the batch that every engine is given."""

    def __init__(self, preset, batch_size):
        self.preset = preset
        self.batch_size = batch_size
        torch.manual_seed(0)
        config = ViTMAEConfig(mask_ratio=0.0, **PRESETS[preset])
        self.encoder = ViTMAEForPreTraining(config).eval().vit
        self.images = torch.randn(batch_size, 3, config.image_size, config.image_size)
        self.noise = torch.rand(batch_size, (config.image_size // config.patch_size) ** 2)


class Encoder(torch.nn.Module):
    """The encoder with its output as a plain tensor, for exporting."""

    def __init__(self, workload):
        super().__init__()
        self.encoder = workload.encoder

    def forward(self, images, noise):
        return self.encoder(images, noise=noise).last_hidden_state


class Peer:
    """One engine, to be timed with one number of threads."""

    name = ""
    # Modules that must be importable.
    modules = ()

    def missing(self):
        """Why this engine cannot be timed here, or None."""
        absent = [module for module in self.modules if importlib.util.find_spec(module) is None]
        return f"not installed: {', '.join(absent)}" if absent else None

    def prepare(self, workload, threads):
        """Loads, compiles and warms up."""
        raise NotImplementedError

    def measure(self, repeats):
        """Seconds of each of `repeats` runs of the encoder."""
        seconds = []
        for _ in range(repeats):
            start = time.perf_counter()
            self.run()
            seconds.append(time.perf_counter() - start)
        return seconds


class PyTorch(Peer):
    """PyTorch in eager mode with one of its attention implementations."""

    def __init__(self, attention):
        self.attention = attention
        self.name = f"PyTorch {torch.__version__.split('+')[0]} {attention}"

    def prepare(self, workload, threads):
        self.workload, self.threads = workload, threads
        self.forward = workload.encoder
        self.measure(1)

    def measure(self, repeats):
        # Both are settings of the process or of the shared model.
        torch.set_num_threads(self.threads)
        self.workload.encoder.set_attn_implementation(self.attention)
        return super().measure(repeats)

    def run(self):
        with torch.inference_mode():
            self.forward(self.workload.images, noise=self.workload.noise)


class CompiledPyTorch(PyTorch):
    """torch.compile, which needs a C++ compiler."""

    def __init__(self):
        super().__init__("sdpa")
        self.name = f"PyTorch {torch.__version__.split('+')[0]} torch.compile"

    def prepare(self, workload, threads):
        self.workload, self.threads = workload, threads
        torch._dynamo.reset()
        self.forward = torch.compile(workload.encoder)
        self.measure(2)


class ONNXRuntime(Peer):
    name = "ONNX Runtime"
    modules = ("onnx", "onnxscript", "onnxruntime")

    def prepare(self, workload, threads):
        import onnxruntime

        inputs = {"images": workload.images, "noise": workload.noise}
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "encoder.onnx")
            torch.onnx.export(
                Encoder(workload), tuple(inputs.values()), path, input_names=list(inputs), dynamo=True, verbose=False
            )
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        names = [node.name for node in self.session.get_inputs()]
        self.inputs = {name: inputs[name].numpy() for name in names}
        self.measure(1)

    def run(self):
        self.session.run(None, self.inputs)


class OpenVINO(Peer):
    name = "OpenVINO"
    modules = ("openvino",)

    def prepare(self, workload, threads):
        import openvino

        example = (workload.images, workload.noise)
        model = openvino.convert_model(Encoder(workload), example_input=example)
        settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
        self.request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
        self.inputs = [tensor.numpy() for tensor in example]
        self.measure(1)

    def run(self):
        self.request.infer(self.inputs)


class Ours(Peer):
    """mae-bench of this repository, which times itself."""

    name = "mae-bench"

    def __init__(self, binary):
        self.binary = binary

    def missing(self):
        return None if os.access(self.binary, os.X_OK) else f"not built: {self.binary}"

    def prepare(self, workload, threads):
        self.command = [
            self.binary, "model", "--preset", workload.preset, "--batch-size", str(workload.batch_size),
            "--mask-ratio", "0", "--threads", str(threads), "--json",
        ]
        self.report = {}

    def measure(self, repeats):
        command = [*self.command, "--repeat", str(repeats)]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        self.report = json.loads(output)
        seconds = self.report["encoder_seconds"]
        # The three figures it gives stand for its runs.
        return [seconds["min"], seconds["median"], seconds["max"]]


def make_peers(binary):
    return [Ours(binary), PyTorch("sdpa"), PyTorch("eager"), CompiledPyTorch(), ONNXRuntime(), OpenVINO()]


def compare(workload, threads, peers, rounds, repeats):
    """Seconds of each peer by name, the peers taking turns."""
    ready, results = [], {}
    for peer in peers:
        reason = peer.missing()
        if reason is None:
            try:
                peer.prepare(workload, threads)
                ready.append(peer)
                continue
            except Exception as error:  # An engine that fails to load the model is left out, not the comparison.
                reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
        print(f"{peer.name}: left out, {reason}", file=sys.stderr)
    for _ in range(rounds):
        for peer in ready:
            time.sleep(PAUSE_SECONDS)
            results.setdefault(peer.name, []).extend(peer.measure(repeats))
    return {
        name: {"min": min(seconds), "median": statistics.median(seconds), "max": max(seconds)}
        for name, seconds in results.items()
    }


def print_table(threads, results):
    base = results.get(Ours.name, next(iter(results.values())))
    first = Ours.name if Ours.name in results else next(iter(results))
    print(f"\nencoder seconds, {threads} thread{'' if threads == 1 else 's'} (ratios: against {first})")
    print(f"{'engine':32} {'min':>8} {'median':>8} {'max':>8} {'min ratio':>10} {'median ratio':>13}")
    for name, seconds in results.items():
        print(
            f"{name:32} {seconds['min']:8.3f} {seconds['median']:8.3f} {seconds['max']:8.3f} "
            f"{seconds['min'] / base['min']:10.2f} {seconds['median'] / base['median']:13.2f}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default=".build/release/mae-bench", help="our binary (default: %(default)s)")
    parser.add_argument("--preset", choices=PRESETS, default="base")
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5, help="turns that each engine gets (default: %(default)s)")
    parser.add_argument("--repeat", type=int, default=3, help="runs in a turn (default: %(default)s)")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="engines whose name contains one of these")
    parser.add_argument("--json", metavar="FILE", help="also write the figures here")
    arguments = parser.parse_args()

    workload = Workload(arguments.preset, arguments.batch_size)
    document = {}
    for threads in arguments.threads:
        peers = make_peers(arguments.bench)
        if arguments.only:
            words = [word.lower() for word in arguments.only]
            peers = [peer for peer in peers if any(word in peer.name.lower() for word in words)]
        results = compare(workload, threads, peers, arguments.rounds, arguments.repeat)
        if not results:
            sys.exit("nothing could be measured")
        print_table(threads, results)
        document[str(threads)] = results
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump(document, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()
