"""Tests of mae_record with real PyTorch and, where it is installed, transformers. Run by Tests/Recorder/run."""

import contextlib
import hashlib
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import threading
import unittest
import warnings

import torch

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "../../Sources/python")]
import mae_record  # noqa: E402

try:
    import tiny
except ImportError:
    tiny = None
CHECKPOINTS = os.path.join(HERE, "../Goldens/checkpoints")
PLAIN_CALL = torch.nn.Module.__call__


def read(path):
    """The JSON and the tensors of a recording, by the format's own rules: no hole, no overlap, all aligned."""
    with open(path, "rb") as file:
        data = file.read()
    size = struct.unpack("<Q", data[:8])[0]
    assert size % 8 == 0
    header = json.loads(data[8:8 + size])

    def refuse(text):
        raise ValueError(f"{text} is no strict JSON")

    recorded = json.loads(header.pop("__metadata__")["mae_record"], parse_constant=refuse)
    body, end = data[8 + size:], 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        start, stop = entry["data_offsets"]
        assert start == end, name
        end = stop
    assert end == len(body)
    kinds = {"F32": torch.float32, "I64": torch.int64, "U8": torch.uint8, "BF16": torch.bfloat16, "F16": torch.float16}
    return recorded, {
        name: torch.frombuffer(bytearray(body[entry["data_offsets"][0]:entry["data_offsets"][1]]),
                               dtype=kinds[entry["dtype"]]).reshape(entry["shape"]) for name, entry in header.items()}


def sha(tensor):
    """The digest by docs/recordings.md, computed in another way than the recorder's."""
    if tensor.is_floating_point():
        numbers = tensor.detach().float().flatten().tolist()
        words = (b"\0\0\xc0\x7f" if one != one else struct.pack("<f", one) for one in numbers)
        return hashlib.sha256(b"".join(words)).hexdigest()
    if tensor.dtype == torch.bool:
        return hashlib.sha256(bytes(map(int, tensor.flatten().tolist()))).hexdigest()
    return hashlib.sha256(b"".join(struct.pack("<q", one) for one in tensor.flatten().tolist())).hexdigest()


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "a.safetensors")
        self.folder = folder.name
        torch.manual_seed(42)

    def tearDown(self):
        self.assertIs(torch.nn.Module.__call__, PLAIN_CALL)
        self.assertEqual([name for name in os.listdir(self.folder) if name.endswith(".part")], [])

    def record(self, model, *arguments, watch=True, **options):
        with mae_record.record(model if watch else None, self.path, **options):
            output = model(*arguments)
        return (output, *read(self.path))

    def value(self, recorded, path, side="outputs", call=0, place=0, count=0):
        """A value of a module's call, followed to where it was described."""
        found = recorded["calls"][call]
        modules = recorded["models"][found["model"]]["modules"]
        entry = next(one for one in found["modules"] if modules[one["module"]]["path"] == path and one["call"] == count)
        value = entry[side][place]
        if "same_as" in value:
            index, side, place = value["same_as"]
            value = found["modules"][index][side][place]
        return value


def simple():
    return torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.ReLU(inplace=True), torch.nn.Linear(3, 2))


class DigestTests(Case):
    """Values are what docs/recordings.md says."""

    def test_each_type_has_its_canonical_bytes(self):
        class Many(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.weight = torch.nn.Parameter(torch.ones(1))

            def forward(self, x):
                y = x.clone()
                y[0, 1], y[1, 0] = float("nan"), -float("inf")
                return {"fp32": y, "half": x.half(), "bf16": x.bfloat16(), "fp64": x.double() / 3,
                        "ints": torch.arange(-3, 4), "bools": x > 0, "turned": x.t(), "none": None,
                        "deep": [x + 1, (x + 2,)], "empty": x[:0]}
        output, recorded, _ = self.record(Many(), torch.randn(3, 4))
        values = {one["name"]: one for one in recorded["calls"][0]["modules"][0]["outputs"]}
        output["deep.0"], output["deep.1.0"] = output["deep"][0], output["deep"][1][0]
        self.assertEqual({*values}, {*output} - {"none", "deep"})
        for name, value in values.items():
            self.assertEqual(value["sha256"], sha(output[name]), name)
            self.assertEqual(value["shape"], list(output[name].shape))
        self.assertEqual((values["fp32"]["nan"], values["fp32"]["infinite"]), (1, 1))
        self.assertEqual(values["ints"]["largest"], 3)
        self.assertNotIn("nan", values["ints"])
        self.assertEqual(values["turned"]["largest"], output["turned"].abs().max().item())

    def test_a_value_is_that_of_its_time_when_it_is_changed_in_place(self):
        for inference in (False, True):
            model, x = simple().eval(), torch.randn(5, 4)
            with torch.inference_mode(inference):
                _, recorded, _ = self.record(model, x, detail="all")
                linear = model[0](x)
            self.assertEqual(self.value(recorded, "0")["sha256"], sha(linear))
            self.assertEqual(self.value(recorded, "1")["sha256"], sha(linear.relu()))

    def test_one_tensor_is_described_once(self):
        _, recorded, _ = self.record(simple(), torch.randn(5, 4), detail="all")
        entries = recorded["calls"][0]["modules"]
        self.assertEqual(entries[1]["inputs"], [{"name": "0", "same_as": [0, "inputs", 0]}])
        self.assertEqual([one["parent"] for one in entries], [-1, 0, 0, 0])

    def test_weights_are_those_of_the_state_dict_in_its_order(self):
        model = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.BatchNorm1d(3))
        model.append(model[0]) if hasattr(model, "append") else model.add_module("2", model[0])
        model[1].register_buffer("passing", torch.ones(2), persistent=False)
        state = {name: one.clone() for name, one in model.state_dict().items()}
        _, recorded, _ = self.record(model, torch.randn(5, 3))
        self.assertEqual([one["name"] for one in recorded["models"][0]["weights"]], [*state])
        for one in recorded["models"][0]["weights"]:
            self.assertEqual(one["sha256"], sha(state[one["name"]]), one["name"])

    def test_a_weight_that_is_another_is_told(self):
        def rows(model):
            model[0].weight.data[[0, 1]] = model[0].weight.data[[1, 0]]

        def ratio(model):
            model[0].weight.data.mul_(1.05)

        def replaced(model):
            model[0].weight = torch.nn.Parameter(model[0].weight.detach() * 1.1)

        ways = {"in place": lambda model: torch.nn.init.ones_(model[0].weight), "rows": rows, "data": ratio,
                "numpy": lambda model: model[0].bias.detach().numpy().fill(3), "replaced": replaced,
                "dtype": lambda model: model.double(), "nothing": lambda model: None}
        for name, change in ways.items():
            model = torch.nn.Sequential(torch.nn.Linear(40, 300), torch.nn.Linear(300, 2))
            with mae_record.record(model, self.path):
                model(torch.randn(5, 40))
                change(model)
                model(torch.randn(5, 40).to(model[0].weight.dtype))
            told = [one["weights_changed"] for one in read(self.path)[0]["calls"]]
            self.assertEqual(told, [False, name != "nothing"], name)

    def test_a_write_through_data_is_another_value(self):
        class Writes(torch.nn.Module):
            def __init__(self, write):
                super().__init__()
                self.inner, self.last, self.write = torch.nn.Linear(4, 4), torch.nn.Identity(), write

            def forward(self, x):
                y = self.inner(x)
                self.write(y)
                return self.last(y)
        writes = [lambda y: y.data.add_(0.5), lambda y: y.detach().numpy().fill(-0.0), lambda y: y[0].data.zero_()]
        for write in writes:
            for detail in ("all", "blocks"):
                output, recorded, _ = self.record(Writes(write), torch.randn(5, 4), detail=detail)
                self.assertEqual(self.value(recorded, "")["sha256"], sha(output), detail)
            self.assertNotEqual(self.value(recorded, "")["sha256"], self.value(recorded, "inner").get("sha256"))


class UntouchedTests(Case):
    """What the model computes and is stays what it was."""

    def test_a_training_step_has_the_same_bits(self):
        def step(path):
            torch.manual_seed(3)
            model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 1))
            optimizer, x = torch.optim.AdamW(model.parameters()), torch.randn(6, 4)
            with mae_record.record(model, path, keep="all") if path else torch.enable_grad():
                loss = model(x).square().mean()
                loss.backward()
                gradients = [one.grad.clone() for one in model.parameters()]
                optimizer.step()
            return [loss, *gradients, *model.parameters(), torch.get_rng_state()]
        for plain, recorded in zip(step(None), step(self.path)):
            self.assertTrue(torch.equal(plain, recorded))

    def test_a_model_that_is_saved_meanwhile_is_what_it_was(self):
        model, files = simple(), [io.BytesIO(), io.BytesIO()]
        torch.save(model, files[0])
        with mae_record.record(model, self.path):
            model(torch.randn(5, 4))
            torch.save(model, files[1])
        self.assertEqual(files[0].getvalue(), files[1].getvalue())

    def test_states_of_generators_are_told_and_left(self):
        model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Dropout(0.5)).train()
        before = torch.get_rng_state()
        _, recorded, tensors = self.record(model, torch.ones(2, 4))
        told = recorded["calls"][0]["generators"]["cpu"]
        self.assertEqual(told["before"], hashlib.sha256(bytes(before.tolist())).hexdigest())
        self.assertEqual(told["after"], hashlib.sha256(bytes(torch.get_rng_state().tolist())).hexdigest())
        self.assertEqual(told["seed"], 42)
        self.assertTrue(torch.equal(tensors[told["state"]], before))

    def test_an_exception_is_told_and_goes_on(self):
        class Fails(torch.nn.Module):
            def forward(self, x):
                raise KeyError("of /home/someone/file")
        model = torch.nn.Sequential(torch.nn.Linear(4, 4), Fails())
        with self.assertRaises(KeyError):
            self.record(model, torch.ones(2, 4))
        recorded, _ = read(self.path)
        self.assertEqual((recorded["ended"], recorded["exception"]["type"]), ("exception", "KeyError"))
        errors = [one.get("error", "") for one in recorded["calls"][0]["modules"]]
        self.assertEqual(errors, ["KeyError", "", "KeyError"])
        self.assertNotIn("someone", json.dumps(recorded))
        self.assertNotIn("message", recorded["exception"])
        self.assertIn("after", recorded["calls"][0]["generators"]["cpu"])

    def test_a_failure_of_the_recorder_is_a_warning(self):
        model, digest = simple(), mae_record._numbers

        def fail(*arguments, **named):
            raise RuntimeError("planted")
        mae_record._numbers = fail
        self.addCleanup(setattr, mae_record, "_numbers", digest)
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            output, recorded, _ = self.record(model, torch.ones(2, 4))
        self.assertEqual(output.shape, (2, 2))
        self.assertEqual(sum(one.category is RuntimeWarning for one in seen), 2)
        missing = ["the digest of a weight", "a digest"]
        self.assertEqual(recorded["problems"], [f"RuntimeError: {what} is missing" for what in missing])
        self.assertEqual(len(recorded["calls"][0]["modules"]), 4)

    def test_a_failure_is_none_of_the_model_where_warnings_are_errors(self):
        text, model = io.StringIO(), simple()
        with warnings.catch_warnings(), contextlib.redirect_stderr(text):
            warnings.simplefilter("error")
            with mae_record.record(model, self.path, limit=0):
                model(torch.ones(2, 4))
            with mae_record.record(model, self.path) as recorder:
                recorder.path = os.path.join(self.folder, "missing", "a.safetensors")
        self.assertIn("not all was kept", read(self.path)[0]["problems"][0])
        self.assertIn("was not written", text.getvalue())

    def test_modes_of_the_user_see_nothing_of_it(self):
        from torch.utils._python_dispatch import TorchDispatchMode

        class Counts(TorchDispatchMode):
            seen = 0

            def __torch_dispatch__(self, function, types, args=(), kwargs=None):
                self.seen += 1
                return function(*args, **(kwargs or {}))
        model, counts = simple(), []
        for recorded in (contextlib.nullcontext(), mae_record.record(model, self.path, keep="all")):
            with recorded, Counts() as mode, torch.no_grad():
                model(torch.ones(2, 4))
            counts.append(mode.seen)
        self.assertEqual(counts[0], counts[1])
        self.assertNotIn("problems", read(self.path)[0])

    def test_a_tensor_without_numbers_spoils_nothing_else(self):
        try:
            from torch._subclasses.fake_tensor import FakeTensorMode
        except ImportError:
            self.skipTest("this version of PyTorch has no fake tensors")
        model = torch.nn.Sequential(torch.nn.Linear(4, 4))
        with mae_record.record(model, self.path, keep="all,input"):
            output = model(torch.ones(2, 4))
            with contextlib.suppress(Exception), FakeTensorMode(allow_non_fake_inputs=True) as mode:
                model(mode.from_tensor(torch.ones(2, 4)))
        recorded, tensors = read(self.path)
        self.assertTrue(torch.equal(tensors["0/output"], output))
        self.assertNotIn("1/output", tensors)
        for call in recorded["calls"][1:]:  # PyTorch 1.13 makes no fake tensor of this one
            self.assertNotIn("sha256", call["modules"][0]["inputs"][0])

    def test_nothing_is_left_when_a_compiled_call_outlasts_it(self):
        begun, ended = threading.Event(), threading.Event()

        class Waits(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.inner = torch.nn.Linear(4, 4)

            @torch.jit.ignore
            def wait(self, x: torch.Tensor) -> torch.Tensor:
                begun.set()
                ended.wait(60)
                return x

            def forward(self, x):
                return self.wait(self.inner(x))
        thread = threading.Thread(target=torch.jit.script(Waits()), args=(torch.ones(2, 4),))
        with mae_record.record(None, self.path):
            thread.start()
            begun.wait(60)
        ended.set()
        thread.join()
        self.assertIs(torch.nn.Module.__call__, PLAIN_CALL)
        _, recorded, _ = self.record(simple(), torch.ones(2, 4))
        self.assertEqual(len(recorded["calls"][0]["modules"]), 4)

    def test_another_function_in_place_of_call_stays(self):
        model = torch.jit.script(torch.nn.Linear(4, 4))
        with mae_record.record(None, self.path):
            ours = torch.nn.Module.__call__
            other = torch.nn.Module.__call__ = lambda self, *args, **kwargs: ours(self, *args, **kwargs)
            model(torch.ones(2, 4))
            self.assertIs(torch.nn.Module.__call__, other)
        self.assertIs(torch.nn.Module.__call__, other)
        torch.nn.Module.__call__ = PLAIN_CALL

    def test_a_folder_that_is_not_there_is_refused_at_once(self):
        with self.assertRaises(OSError):
            mae_record.record(simple(), os.path.join(self.folder, "missing", "a.safetensors"))


class PrivateTests(Case):
    """What is written about the user."""

    def test_texts_are_told_only_where_they_are_known_words(self):
        class Config:
            model_type, _attn_implementation = "mine", "sdpa"

            def to_dict(self):
                return {"token": "hf_secret", "hidden_act": "gelu", "sizes": [3, 4], "_name_or_path": "secret",
                        "id2label": {"0": "secret"}, "model_type": "file secret", "names": ["secret"], "rate": 0.5}

        class Private(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.inner = torch.nn.Conv2d(1, 1, 1, padding_mode="reflect")
                self.token, self.host, self.pair, self.huge = "hf_secret", "node.secret", ("secret", 1), 10 ** 5000
                self.config, self.flag, self.rate = Config(), True, float("inf")

            def forward(self, x):
                try:
                    self.inner(x[0, 0, 0])
                except Exception:
                    pass
                raise ValueError("data/secret/My secret", self.inner)

        def fail(*_, **__):
            raise RuntimeError("secret of the recorder")
        numbers, mae_record._numbers = mae_record._numbers, fail
        self.addCleanup(setattr, mae_record, "_numbers", numbers)
        os.environ["OMP_NUM_THREADS_SECRET"] = os.environ["CUDNN_LOGDEST_DBG"] = "secret"
        self.addCleanup(os.environ.pop, "CUDNN_LOGDEST_DBG")
        self.addCleanup(os.environ.pop, "OMP_NUM_THREADS_SECRET")
        with warnings.catch_warnings(), self.assertRaises(ValueError):
            warnings.simplefilter("ignore")
            self.record(Private(), torch.ones(1, 1, 2, 2))
        recorded, _ = read(self.path)
        self.assertNotIn("secret", json.dumps(recorded))
        model = recorded["models"][0]
        self.assertEqual(model["modules"][0]["settings"], {"flag": True, "rate": "inf"})
        self.assertEqual(model["modules"][1]["settings"]["padding_mode"], "reflect")
        self.assertEqual(model["configs"][0]["values"], {"hidden_act": "gelu", "sizes": [3, 4], "rate": 0.5})


class CallTests(Case):
    """Which calls are recorded."""

    def test_without_models_each_outermost_call_of_one_with_parameters(self):
        models = [simple(), torch.nn.Sequential(torch.nn.ReLU()), torch.nn.Linear(4, 2)]
        with mae_record.record(None, self.path):
            for model in models:
                model(torch.randn(5, 4))
        recorded, _ = read(self.path)
        self.assertEqual([one["class"].rpartition(".")[2] for one in recorded["models"]], ["Sequential", "Linear"])

    def test_a_part_that_is_called_by_itself_counts(self):
        model = simple()
        other = simple()
        with mae_record.record(model, self.path):
            other(torch.randn(5, 4))
            model[0](torch.randn(5, 4))
        self.assertEqual([one["class"] for one in read(self.path)[0]["models"]], ["torch.nn.modules.linear.Linear"])

    def test_of_no_models_there_is_no_call(self):
        with mae_record.record([], self.path):
            simple()(torch.randn(5, 4))
        self.assertEqual(read(self.path)[0]["calls"], [])

    def test_nested_recordings_see_the_same(self):
        model, inner = simple(), os.path.join(self.folder, "b.safetensors")
        with mae_record.record(model, self.path), mae_record.record(model, inner):
            model(torch.randn(5, 4))
        self.assertEqual(read(self.path)[0]["calls"], read(inner)[0]["calls"])

    def test_threads_have_calls_of_their_own(self):
        models, outputs = [simple(), simple()], {}
        x = torch.randn(50, 4)

        def run(index):
            for _ in range(10):
                outputs[index] = models[index](x)
        with mae_record.record(models, self.path):
            threads = [threading.Thread(target=run, args=(index,)) for index in range(2)]
            [one.start() for one in threads]
            [one.join() for one in threads]
        recorded, _ = read(self.path)
        self.assertEqual(len(recorded["calls"]), 20)
        self.assertNotIn("problems", recorded)
        digests = {sha(output) for output in outputs.values()}
        self.assertEqual({one["modules"][0]["outputs"][0]["sha256"] for one in recorded["calls"]}, digests)
        self.assertEqual({len(one["modules"]) for one in recorded["calls"]}, {4})

    def test_calls_beyond_the_limit_are_counted(self):
        model = simple()
        with mae_record.record(None, self.path):
            for _ in range(mae_record.MAX_CALLS + 3):
                model(torch.randn(1, 4))
        recorded, _ = read(self.path)
        self.assertEqual((len(recorded["calls"]), recorded["calls_left_out"]), (mae_record.MAX_CALLS, 3))
        self.assertEqual(len(recorded["models"]), 1)

    def test_shared_modules_and_modules_added_later(self):
        shared = torch.nn.Linear(4, 4)
        model = torch.nn.Sequential(shared, shared)
        with mae_record.record(model, self.path, detail="all"):
            model(torch.randn(2, 4))
            model.add_module("late", torch.nn.Linear(4, 4))
            model(torch.randn(2, 4))
        recorded, _ = read(self.path)
        self.assertEqual([one["call"] for one in recorded["calls"][0]["modules"]], [0, 0, 1])
        self.assertEqual([one["path"] for one in recorded["models"][0]["modules"]], ["", "0", "late"])

    def test_what_is_computed_again_for_gradients_is_no_call(self):
        from torch.utils.checkpoint import checkpoint

        class Saving(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.inner = torch.nn.Linear(4, 4)

            def forward(self, x):
                return checkpoint(self.inner, x, use_reentrant=False) if new else checkpoint(self.inner, x)
        new = hasattr(torch._C, "_current_graph_task_id")
        if not new:
            self.skipTest("this version of PyTorch does not tell that gradients are being computed")
        model = Saving()
        with mae_record.record(None, self.path):
            model(torch.randn(2, 4, requires_grad=True)).sum().backward()
        self.assertEqual(len(read(self.path)[0]["calls"]), 1)

    def test_compiled_and_scripted_models_are_told(self):
        models = [torch.jit.script(torch.nn.Linear(4, 4))]
        if hasattr(torch, "compile"):
            models.append(torch.compile(simple(), backend="eager"))
        for model in models:
            output, recorded, _ = self.record(model, torch.randn(5, 4))
            self.assertTrue(recorded["models"][0]["compiled"])
            self.assertEqual(len(recorded["calls"][0]["modules"]), 1)
            self.assertEqual(recorded["calls"][0]["modules"][0]["outputs"][0]["sha256"], sha(output))

    def test_tracing_is_left_alone(self):
        with mae_record.record(None, self.path):
            traced = torch.jit.trace(simple(), torch.randn(5, 4), check_trace=False)
        self.assertNotIn("aminmax", str(traced.graph))
        self.assertEqual(read(self.path)[0]["calls"], [])


class KeepTests(Case):
    """What is kept whole."""

    def test_patterns_and_names(self):
        x = torch.randn(5, 4)
        for keep, names in {"none": [], "none,input": ["0/input"], "none,0": ["0/0"],
                            "all,none": ["0/0", "0/1", "0/2", "0/output"]}.items():
            _, _, tensors = self.record(simple(), x, keep=keep)
            self.assertEqual(sorted(tensors), names, keep)
        _, _, tensors = self.record(simple(), x, keep=["input"])
        self.assertEqual({*tensors}, {"0/input", "0/generator.cpu"})
        self.assertTrue(torch.equal(tensors["0/input"], x))

    def test_the_limit_is_kept_and_told(self):
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            _, recorded, tensors = self.record(simple(), torch.randn(5, 4), keep="input", limit=10)
        self.assertEqual((len(tensors), sum(one.category is RuntimeWarning for one in seen)), (0, 1))
        self.assertIn("not all was kept", recorded["problems"][0])

    def test_beyond_the_limit_only_whole_tensors_are_missing(self):
        options = {"keep": "all,input", "detail": "all"}
        _, whole, _ = self.record(simple(), torch.ones(5, 4), **options)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for limit in (0, 130):
                torch.manual_seed(42)
                _, recorded, tensors = self.record(simple(), torch.ones(5, 4), limit=limit, **options)
                digests = [[one.get("sha256") for one in entry["outputs"]] for entry in recorded["calls"][0]["modules"]]
                self.assertEqual(digests, [[one.get("sha256") for one in entry["outputs"]]
                                           for entry in whole["calls"][0]["modules"]])
                self.assertEqual([*tensors], ["0/2", "0/input"] if limit else [])
                self.assertEqual(len(recorded["problems"]), 1)


class MistakeTests(Case):
    """What a person gets wrong is told, and where it can be, at once."""

    def test_arguments_of_another_kind_are_refused_at_the_start(self):
        for arguments, options in [(("model", self.path), {}), ((simple(), self.path), {"limit": "1GB"}),
                                   (([simple(), "model"], self.path), {})]:
            with self.assertRaises(TypeError):
                mae_record.record(*arguments, **options)

    def told(self, given, called, **options):
        with warnings.catch_warnings(record=True) as seen, mae_record.record(given, self.path, **options):
            warnings.simplefilter("always")
            called(torch.ones(1, 4))
        return read(self.path)[0].get("problems", []), [str(one.message) for one in seen]

    def test_a_model_that_was_not_called_is_told(self):
        problems, seen = self.told(simple(), simple())
        self.assertIn("were not called", problems[0])
        self.assertIn("were not called", seen[0])
        model = simple()
        self.assertEqual(self.told(model, model), ([], []))

    def test_a_name_to_keep_that_no_module_has_is_told(self):
        model = simple()
        self.assertEqual(self.told(model, model, keep="1,nonsense"), ([(
            "keep: no module is called nonsense")], ["mae_record: keep: no module is called nonsense"]))


class ScriptTests(Case):
    """python -m mae_record"""

    def run_script(self, text, *arguments, **environment):
        script = os.path.join(self.folder, "script.py")
        with open(script, "w", encoding="utf-8") as file:
            file.write(text)
        variables = {**os.environ, "PYTHONPATH": os.path.dirname(mae_record.__file__), "MAE_RECORD": self.path}
        return subprocess.run(
            [sys.executable, "-m", "mae_record", *(arguments or [script])], cwd=self.folder,
            env={**variables, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def test_a_script_runs_as_it_does_alone(self):
        text = ("import sys, torch, pickle\nclass Mine(torch.nn.Linear): pass\n"
                "if __name__ == '__main__':\n    Mine(2, 2)(torch.ones(1, 2))\n    pickle.dumps(Mine(1, 1))\n"
                "    print(sys.argv)\n    sys.exit(5)\n")
        done = self.run_script(text, "script.py", "--rate", "1", WORLD_SIZE="2", RANK="1", MAE_RECORD_KEEP="none,input",
                               MAE_RECORD_DETAIL="all")
        self.assertEqual((done.returncode, done.stdout), (5, "['script.py', '--rate', '1']\n"), done.stderr)
        recorded, tensors = read(self.path.replace(".safetensors", ".1.safetensors"))
        self.assertEqual((recorded["models"][0]["class"], recorded["ended"]), ("__main__.Mine", "exception"))
        self.assertEqual([*tensors], ["0/input"])

    def test_a_script_that_raises(self):
        done = self.run_script("import torch\ntorch.nn.Linear(2, 2)(torch.ones(1, 2))\nraise ValueError('so')\n")
        self.assertEqual((done.returncode, done.stderr.splitlines()[-1]), (1, "ValueError: so"))
        self.assertEqual(len(read(self.path)[0]["calls"]), 1)
        asked = self.run_script("", "--help")
        self.assertEqual(asked.returncode, 0)
        self.assertIn("MAE_RECORD=FILE", asked.stdout)
        self.assertIn("MAE_RECORD is not set", self.run_script("", MAE_RECORD="").stderr)


@unittest.skipIf(tiny is None, "transformers is not installed")
class ViTMAETests(Case):
    """ViT-MAE of transformers."""

    def setUp(self):
        super().setUp()
        self.model, self.images, self.noise = tiny.model(), tiny.images(), tiny.noise()

    def play(self, **options):
        noise = {} if options.pop("drawn", False) else {"noise": self.noise}
        with mae_record.record(self.model, self.path, **options):
            output = self.model(self.images, **noise)
        return (output, *read(self.path))

    def test_roles(self):
        _, recorded, _ = self.play()
        roles = [(one["role"], one.get("index")) for one in recorded["models"][0]["modules"] if "role" in one]
        self.assertEqual(sorted(roles, key=str), sorted([
            ("encoder", None), ("embeddings", None), ("patch-projection", None), ("encoder-block", 0),
            ("encoder-block", 1), ("encoder-norm", None), ("decoder", None), ("decoder-embedding", None),
            ("decoder-block", 0), ("decoder-norm", None), ("decoder-prediction", None)], key=str))
        self.assertEqual(recorded["models"][0]["configs"][0]["values"]["hidden_size"], 16)

    def test_no_other_module_has_digests_where_a_tensor_gets_the_id_of_one_that_is_gone(self):
        self.model = tiny.model(num_hidden_layers=12)
        _, recorded, _ = self.play()
        modules = recorded["models"][0]["modules"]
        digested = {modules[entry["module"]]["path"] for entry in recorded["calls"][0]["modules"]
                    for value in entry["inputs"] + entry["outputs"] if "sha256" in value or "same_as" in value}
        other = {path for path in digested if not path.endswith(".attention")} - {
            one["path"] for one in modules if "role" in one or not one["path"]}
        self.assertEqual(other, set())

    def test_the_output_has_the_same_bits_and_its_digests(self):
        seen = {}
        self.model.vit.layernorm.register_forward_hook(lambda module, given, output: seen.update(norm=output))
        plain = self.model(self.images, noise=self.noise)
        output, recorded, tensors = self.play()
        for name in ("loss", "logits", "mask", "ids_restore"):
            self.assertTrue(torch.equal(plain[name], output[name]), name)
        self.assertEqual(self.value(recorded, "vit.layernorm")["sha256"], sha(seen["norm"]))
        self.assertEqual(recorded["calls"][0]["pooled"]["sha256"], sha(torch.mean(seen["norm"], axis=1)))
        self.assertTrue(torch.equal(tensors["0/vit.layernorm"], seen["norm"]))
        self.assertEqual(self.value(recorded, "", place=1)["sha256"], sha(plain.logits))
        rows = sorted(struct.pack("<16f", *row) for row in seen["norm"][0].tolist())
        rest = [b"".join(sorted(struct.pack("<16f", *row) for row in image.tolist())) for image in seen["norm"][1:]]
        digest = hashlib.sha256(b"".join(rows + rest)).hexdigest()
        self.assertEqual(self.value(recorded, "vit.layernorm")["rows_sha256"], digest)

    def test_noise_is_drawn_again_or_taken_from_the_argument(self):
        _, recorded, tensors = self.play()
        self.assertEqual(recorded["calls"][0]["mae"]["noise_from"], "argument")
        self.assertTrue(torch.equal(tensors["0/noise"], self.noise))
        torch.manual_seed(9)
        _, recorded, tensors = self.play(drawn=True)
        torch.manual_seed(9)
        self.assertTrue(torch.equal(tensors["0/noise"], torch.rand(tiny.IMAGES, tiny.PATCHES)))
        mae = recorded["calls"][0]["mae"]
        self.assertEqual((mae["noise_from"], mae["mask_ratio"]), ("generator", 0.75))

    def test_modes_and_types(self):
        self.model.train()
        with torch.autocast("cpu", torch.bfloat16):
            _, recorded, _ = self.play()
        call = recorded["calls"][0]
        self.assertEqual((call["autocast"], call["training"]), ({"cpu": "bfloat16"}, True))
        self.assertEqual(self.value(recorded, "vit.embeddings.patch_embeddings.projection")["dtype"], "bfloat16")
        self.model, self.images = self.model.bfloat16().eval(), self.images.bfloat16()
        with torch.inference_mode():
            output, recorded, tensors = self.play()
        self.assertEqual(tensors["0/vit.layernorm"].dtype, torch.bfloat16)
        self.assertEqual(self.value(recorded, "", place=1)["sha256"], sha(output.logits))
        self.assertTrue(recorded["calls"][0]["inference"])

    def test_blocks_that_are_kept_have_their_inputs(self):
        _, recorded, tensors = self.play(keep="blocks,input")
        for module in recorded["models"][0]["modules"]:
            if module.get("role", "").endswith("-block"):
                for side in ("inputs", "outputs"):
                    self.assertIn(self.value(recorded, module["path"], side)["tensor"], tensors)
        self.assertTrue(torch.equal(tensors["0/input"], self.images))

    def test_safetensors_opens_it(self):
        from safetensors import safe_open
        self.play(keep="all")
        with safe_open(self.path, "pt") as file:
            self.assertEqual(json.loads(file.metadata()["mae_record"])["schema"], 1)
            self.assertTrue(all(torch.is_tensor(file.get_tensor(name)) for name in file.keys()))

    def test_weights_have_the_digests_of_docs_formats(self):
        from transformers import ViTMAEForPreTraining
        with open(os.path.join(CHECKPOINTS, "weights.json"), encoding="utf-8") as file:
            expected = json.load(file)
        self.model = ViTMAEForPreTraining.from_pretrained(os.path.join(CHECKPOINTS, "hub4")).eval()
        self.images, self.noise = torch.randn(2, 3, 15, 15), torch.rand(2, 9)
        _, recorded, _ = self.play()
        told = {one["name"]: one["sha256"] for one in recorded["models"][0]["weights"]}
        by_name = {name: one["sha256"] for name, one in expected.items()}
        self.assertEqual(sorted(told.values()), sorted(by_name.values()))
        if "vit.encoder.layer.0.output.dense.weight" in told:
            self.assertEqual(told, by_name)

    def test_no_name_of_a_person_or_path(self):
        self.model.save_pretrained(os.path.join(self.folder, "private-folder"))
        self.model = type(self.model).from_pretrained(os.path.join(self.folder, "private-folder")).eval()
        _, recorded, _ = self.play()
        text = json.dumps(recorded)
        for private in ("private-folder", os.getcwd(), os.uname().nodename, os.path.expanduser("~")):
            self.assertNotIn(private, text)


class LightningTests(Case):
    """The callback, in a real Trainer."""

    def test_the_first_batch_of_each_stage(self):
        try:
            import pytorch_lightning as lightning
        except ImportError:
            self.skipTest("pytorch_lightning is not installed")
        from torch.utils.data import DataLoader

        class Module(lightning.LightningModule):
            def __init__(self):
                super().__init__()
                self.inner = torch.nn.Linear(4, 1)

            def forward(self, x):
                return self.inner(x)

            def training_step(self, batch, index):
                return self(batch).square().mean()

            def validation_step(self, batch, index):
                self(batch)

            def configure_optimizers(self):
                return torch.optim.SGD(self.parameters(), 0.1)

        def fit(*callbacks):
            torch.manual_seed(1)
            module, data = Module(), DataLoader(torch.randn(12, 4, generator=torch.Generator().manual_seed(5)), 2)
            trainer = lightning.Trainer(max_epochs=2, callbacks=[*callbacks], logger=False, enable_checkpointing=False,
                                        enable_progress_bar=False, enable_model_summary=False, accelerator="cpu")
            trainer.fit(module, data, data)
            return module
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            plain, recorded_model = fit(), fit(mae_record.Callback(self.path, batches=2))
        self.assertTrue(torch.equal(plain.inner.weight, recorded_model.inner.weight))
        recorded, _ = read(self.path)
        self.assertEqual([(one["training"], one["weights_changed"]) for one in recorded["calls"]],
                         [(True, False), (True, True), (False, True), (False, True)])


if __name__ == "__main__":
    unittest.main()
