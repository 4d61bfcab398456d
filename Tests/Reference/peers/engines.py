"""The engines that mae-bench is compared with. Each keeps everything in fp32."""

import importlib.util
import os
import tempfile
import time

import numpy as np
import torch

# Engines round differently; a larger difference means that one computes something else.
TOLERANCE = 1e-3


class Engine:
    """One engine at one workload."""

    name = ""
    # Modules that must be importable.
    modules = ()

    def missing(self):
        """Why this engine cannot be timed here, or None."""
        absent = [module for module in self.modules if importlib.util.find_spec(module) is None]
        return f"not installed: {', '.join(absent)}" if absent else None

    def prepare(self, workload):
        """Loads and compiles the model, checks what it computes, and so warms up.

        Raises ValueError when the output is not PyTorch's.
        """
        self.load(workload)
        expected = Eager("sdpa")
        expected.load(workload)
        difference = float(np.abs(self.output() - expected.output()).max())
        if not difference <= TOLERANCE:
            raise ValueError(f"its output differs from PyTorch's by {difference:.1e}, so it is not timed")
        self.turn()

    def load(self, workload):
        """Makes the engine ready for :meth:`run`."""
        raise NotImplementedError

    def arrange(self):
        """Sets what other engines of this process may have set otherwise; not timed."""

    def run(self):
        """Computes one pass and returns its output."""
        raise NotImplementedError

    def output(self):
        """The output of one pass as an array."""
        self.arrange()
        return np.asarray(self.run())

    def turn(self):
        """Seconds of one pass."""
        self.arrange()
        start = time.perf_counter()
        self.run()
        return time.perf_counter() - start

    def close(self):
        """Lets go of memory and threads."""


class Eager(Engine):
    """PyTorch in eager mode with one of its attention implementations."""

    def __init__(self, attention):
        self.attention = attention
        self.name = f"PyTorch eager, {attention}" + (" attention" if attention == "eager" else "")

    def load(self, workload):
        self.workload = workload
        self.forward = workload.forward

    def arrange(self):
        torch.set_num_threads(self.workload.setting.threads)
        self.workload.model.set_attn_implementation(self.attention)

    def run(self):
        with torch.inference_mode():
            return self.forward(self.workload.images, self.workload.noise)

    def close(self):
        self.workload = self.forward = None


class Compiled(Eager):
    """torch.compile, which needs a C++ compiler."""

    def __init__(self):
        super().__init__("sdpa")
        self.name = "PyTorch torch.compile"

    def load(self, workload):
        self.workload = workload
        torch._dynamo.reset()
        self.forward = torch.compile(workload.forward)


class ONNXRuntime(Engine):
    name = "ONNX Runtime"
    modules = ("onnx", "onnxscript", "onnxruntime")

    def load(self, workload):
        import onnxruntime

        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "model.onnx")
            names, values = list(workload.inputs), tuple(workload.inputs.values())
            torch.onnx.export(workload.forward, values, path, input_names=names, dynamo=True, verbose=False)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = workload.setting.threads
            # Its threads spin for work within a pass, as they do by default, and sleep between passes.
            options.add_session_config_entry("session.force_spinning_stop", "1")
            self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        names = [node.name for node in self.session.get_inputs()]
        self.inputs = {name: workload.inputs[name].numpy() for name in names}

    def run(self):
        return self.session.run(None, self.inputs)[0]

    def close(self):
        self.session = None


class OpenVINO(Engine):
    name = "OpenVINO"
    modules = ("openvino",)

    def load(self, workload):
        import openvino

        example = tuple(workload.inputs.values())
        model = openvino.convert_model(workload.forward, example_input=example)
        settings = {
            "INFERENCE_NUM_THREADS": workload.setting.threads,
            "INFERENCE_PRECISION_HINT": "f32",
            "PERFORMANCE_HINT": "LATENCY",
        }
        self.request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()
        self.inputs = [tensor.numpy() for tensor in example]

    def run(self):
        return self.request.infer(self.inputs)[0]

    def close(self):
        self.request = None
