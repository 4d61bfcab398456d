"""What each way of loading gives of the files that real programs wrote, and what is said of them. No cluster is
needed."""

import json
import os
import pathlib
import pickle
import shutil
import tempfile
import types
import unittest

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import torch
import transformers

from cluster_support import GOLDENS
from mae_witness import configuration, content, forward, jobs, loading, mae_pb2 as pb, runner

transformers.logging.set_verbosity_error()
CONFIG = configuration.read(GOLDENS / "hub5/config.json", "hub5")
WEIGHTS = {name: entry["sha256"] for name, entry in json.loads((GOLDENS / "weights.json").read_text()).items()}


def digests(model):
    """SHA-256 of each weight by canonical name."""
    return {name: sha256.hex() for name, _, sha256 in forward.manifest(model.weights, lambda: None)}


def codes(model):
    """Codes of the findings with their severities."""
    return {code: severity for code, severity, _ in model.findings}


def state(name, key=None, config=CONFIG, allow=False):
    """The model by the method state-dict."""
    return loading.state_dict(GOLDENS / name, name, key, config, None, allow)


def full(path, key=None, definitions=None):
    """The model by the method full."""
    return loading.full(path, str(path), key, None, definitions or {})


class Wrapper(torch.nn.Module):
    """A class that exists in these tests alone."""

    def __init__(self, model):
        super().__init__()
        self.model = model


class GoldenTests(unittest.TestCase):
    """Every form holds the same weights, and the digests are those of mae-coord."""

    def test_folders(self):
        for name in ("hub4", "hub5", "hub-bin", "hub-sharded"):
            with self.subTest(name):
                model = loading.pretrained(GOLDENS / name, name, None)
                self.assertEqual(digests(model), WEIGHTS)
                self.assertEqual(model.findings, [])

    def test_state_dicts(self):
        for name in (
            "state4.pth",
            "state5.pth",
            "state.safetensors",
            "ddp-state.pth",
            "facebookresearch.pth",
            "legacy-state.pth",
            "lightning-state5.pth",
            "lightning.ckpt",
            "state-fp64.pth",
            "state-views.pth",
        ):
            with self.subTest(name):
                self.assertEqual(digests(state(name)), WEIGHTS)
        hyper = state("lightning-hparams.ckpt", config=None, allow=True)
        self.assertEqual(digests(hyper), WEIGHTS)
        self.assertEqual(hyper.origins["num_attention_heads"], pb.Origin_STATED)
        with self.assertRaises(jobs.JobFailure):
            state("lightning-hparams.ckpt")
        self.assertIn("renamed-keys", codes(state("state4.pth")))
        self.assertNotIn("renamed-keys", codes(state("state5.pth")))
        self.assertIn("converted-dtype", codes(state("state-fp16.pth")))
        wrong = digests(state("state-wrong.pth"))
        self.assertEqual(
            [name for name in WEIGHTS if wrong[name] != WEIGHTS[name]], ["vit.encoder.layer.1.output.dense.weight"]
        )

    def test_pickled_models(self):
        for name in ("full5.pth", "full-ratio0.pth", "lightning-full5.pth", "legacy-full.pth"):
            with self.subTest(name):
                model = full(GOLDENS / name)
                self.assertEqual(digests(model), WEIGHTS)
                self.assertEqual("stand-ins" in codes(model), name.startswith("lightning"))
        with self.assertRaises(jobs.JobFailure) as raised:
            full(GOLDENS / "full4.pth")
        self.assertIn("fits only the release", raised.exception.remedy)

    def test_outputs_are_those_of_the_goldens_in_canonical_order(self):
        model = state("state5.pth")
        images = forward.pixels(42, (2, 3, 15, 15))
        np.testing.assert_array_equal(images.numpy(), np.load(GOLDENS / "expected/images.npy"))
        noise = torch.from_numpy(np.load(GOLDENS / "expected/noise.npy"))
        for ratio in (0.75, 0):
            model.vit.config.mask_ratio = float(ratio)
            result = forward.run(model.vit, images, noise, jobs.Control())
            expected = np.load(GOLDENS / f"expected/layernorm-sdpa-{ratio}.npy")
            np.testing.assert_allclose(result.returned, expected, atol=1e-5)
            order = np.load(GOLDENS / f"expected/ids_restore-{ratio}.npy")
            kept = np.argsort(order, axis=1)[:, : expected.shape[1] - 1]
            by_patch = np.take_along_axis(result.returned[:, 1:], np.argsort(kept, axis=1)[..., None], axis=1)
            np.testing.assert_array_equal(result.canonical[:, 1:], by_patch)
            self.assertEqual(len(result.layers), 3)


class SettingTests(unittest.TestCase):
    """What only PyTorch shows is said."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mae-witness-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def model(self, **settings):
        """A model of the goldens' sizes."""
        return transformers.ViTMAEForPreTraining(transformers.ViTMAEConfig(**{**CONFIG, **settings}))

    def test_training_mode_with_dropout_is_an_error_and_stays_on(self):
        torch.save(self.model(hidden_dropout_prob=0.5).train(), self.folder / "a.pth")
        model = full(self.folder / "a.pth")
        self.assertEqual(codes(model), {"training-mode": pb.Severity_ERROR, "dropout": pb.Severity_ERROR})
        images, noise = forward.pixels(1, (1, 3, 15, 15)), torch.rand(1, 9)
        first, second = (forward.run(model.vit, images, noise, jobs.Control()) for _ in range(2))
        self.assertTrue((first.canonical != second.canonical).any())
        torch.save(self.model().train(), self.folder / "b.pth")
        self.assertEqual(codes(full(self.folder / "b.pth")), {"training-mode": pb.Severity_NOTE})

    def test_half_precision_is_said(self):
        torch.save(self.model().bfloat16().eval(), self.folder / "a.pth")
        model = full(self.folder / "a.pth")
        self.assertEqual(codes(model), {"half-precision": pb.Severity_WARNING})

    def test_weights_that_are_drawn_are_named_and_an_encoder_alone_is_none(self):
        self.model().save_pretrained(self.folder / "whole")
        from safetensors.torch import load_file, save_file

        tensors = load_file(self.folder / "whole/model.safetensors")
        tensors["stranger"] = torch.zeros(1)
        name = next(name for name in tensors if name.endswith("layernorm_after.bias") and name.startswith("vit"))
        lost = {key: value for key, value in tensors.items() if key != name}
        save_file(lost, self.folder / "whole/model.safetensors", {"format": "pt"})
        model = loading.pretrained(self.folder / "whole", "whole", None)
        self.assertEqual(codes(model), {"drawn-weights": pb.Severity_ERROR, "unexpected-keys": pb.Severity_WARNING})
        self.assertIn("vit.encoder.layer.0.layernorm_after.bias", model.findings[0][2])
        encoder = {key: value for key, value in tensors.items() if key.startswith("vit.")}
        save_file(encoder, self.folder / "whole/model.safetensors", {"format": "pt"})
        model = loading.pretrained(self.folder / "whole", "whole", None)
        self.assertEqual(codes(model), {"encoder-only": pb.Severity_NOTE})
        self.assertTrue(all(name.startswith("vit.") for name in model.weights))
        save_file(encoder, self.folder / "encoder.safetensors")
        again = loading.state_dict(self.folder / "encoder.safetensors", "encoder", None, CONFIG, None, False)
        self.assertEqual(digests(again), digests(model))

    def test_classes_that_are_not_there_are_stood_in_for_or_imported(self):
        wrapper = Wrapper(self.model().eval())
        saved, Wrapper.__module__ = Wrapper.__module__, "__main__"
        import __main__

        __main__.Wrapper = Wrapper
        try:
            torch.save(wrapper, self.folder / "a.pth")
        finally:
            Wrapper.__module__ = saved
            del __main__.Wrapper
        self.assertEqual(codes(full(self.folder / "a.pth")), {"stand-ins": pb.Severity_NOTE})
        self.assertEqual(codes(full(self.folder / "a.pth", definitions={"Wrapper": Wrapper})), {})

    def test_of_several_models_one_is_chosen_by_key(self):
        models = {"model": self.model().eval(), "ema": self.model().eval()}
        torch.save({name: model.state_dict() for name, model in models.items()}, self.folder / "states.pth")
        torch.save(models, self.folder / "models.pth")
        for key, name in ((None, "model"), ("ema", "ema")):
            expected = models[name].vit.layernorm.weight
            cls = models[name].state_dict()["vit.embeddings.cls_token"]
            state_model = loading.state_dict(self.folder / "states.pth", "s", key, CONFIG, None, False)
            for model in (state_model, full(self.folder / "models.pth", key)):
                self.assertTrue(torch.equal(model.weights["vit.layernorm.weight"], expected))
                self.assertTrue(torch.equal(model.weights["vit.embeddings.cls_token"], cls))

    def test_a_state_dict_with_gaps_or_more_is_refused_by_name(self):
        tensors = self.model().state_dict()
        del tensors["vit.layernorm.bias"]
        torch.save(tensors, self.folder / "a.pth")
        with self.assertRaises(jobs.JobFailure) as raised:
            loading.state_dict(self.folder / "a.pth", "a.pth", None, CONFIG, None, False)
        self.assertIn("vit.layernorm.bias", raised.exception.message)

    def test_nothing_in_a_state_dict_is_executed(self):
        class Bomb:
            def __reduce__(self):
                return (os.system, (f"touch {self.__dict__['path']}",))

        bomb = Bomb()
        bomb.path = self.folder / "executed"
        torch.save({"model": self.model().state_dict(), "extra": bomb}, self.folder / "a.pth")
        with self.assertRaises(jobs.JobFailure) as raised:
            loading.state_dict(self.folder / "a.pth", "a.pth", None, CONFIG, None, False)
        self.assertEqual(raised.exception.code, "refusedByPolicy")
        self.assertFalse(bomb.path.exists())
        (self.folder / "b.pth").write_bytes(pickle.dumps(bomb, 2))
        with self.assertRaises(jobs.JobFailure):
            loading.state_dict(self.folder / "b.pth", "b.pth", None, CONFIG, None, False)
        self.assertFalse(bomb.path.exists())

    def folder_with(self, settings=None, files=None):
        """A copy of a golden folder with other settings in its config.json, and further files."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder)) / "hub"
        shutil.copytree(GOLDENS / "hub4", folder)
        values = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**values, **(settings or {})}))
        for name, text in (files or {}).items():
            (folder / name).write_text(text)
        return folder

    def test_a_configuration_chooses_no_code(self):
        executed = self.folder / "executed"
        code = f"open({str(executed)!r}, 'w')"
        for settings, files in (
            ({"attn_implementation": "someone/kernel"}, {}),
            ({"_attn_implementation_internal": "someone/kernel"}, {}),
            ({"quantization_config": {"quant_method": "bitsandbytes", "load_in_8bit": True}}, {}),
            ({"quantization_config": {"quant_method": "torchao", "quant_type": "int4_weight_only"}}, {}),
            ({"auto_map": {"AutoModel": "other.Model"}, "trust_remote_code": True}, {"other.py": code}),
            ({"transformers_weights": str(self.folder / "elsewhere.safetensors")}, {}),
            ({"use_kernels": True}, {"adapter_config.json": '{"base_model_name_or_path": "x", "peft_type": "LORA"}'}),
        ):
            with self.subTest(str(settings)):
                model = loading.pretrained(self.folder_with(settings, files), "hub", None)
                self.assertEqual(digests(model), WEIGHTS)
                self.assertEqual(codes(model), {"settings-left-out": pb.Severity_WARNING})
                self.assertIn(next(iter(settings)), model.findings[0][2])
                self.assertIn(model.vit.config._attn_implementation, ("sdpa", "eager"))
        self.assertFalse(executed.exists())

    def test_a_configuration_says_what_a_model_computes_with(self):
        folder = self.folder_with({"attn_implementation": "eager", "mask_ratio": 0.5, "layer_norm_eps": 1e-3})
        model = loading.pretrained(folder, "hub", None)
        self.assertEqual((model.findings, model.vit.config._attn_implementation), ([], "eager"))
        self.assertEqual((model.vit.config.mask_ratio, model.vit.layernorm.eps), (0.5, 1e-3))
        self.assertEqual(loading.pretrained(folder, "hub", "sdpa").vit.config._attn_implementation, "sdpa")
        whole = {**transformers.ViTMAEConfig().to_dict(), **CONFIG}
        self.assertEqual(loading.pretrained(self.folder_with(whole), "hub", None).findings, [])
        with self.assertRaises(jobs.JobFailure):
            loading.pretrained(self.folder_with({"num_attention_heads": "many"}), "hub", None)

    def test_an_index_that_is_nested_too_deeply_is_malformed_input(self):
        folder = self.folder_with()
        (folder / "model.safetensors").rename(folder / "shard.safetensors")
        (folder / "model.safetensors.index.json").write_text("[" * 200_000)
        with self.assertRaises(ValueError):
            content.checkpoint_names(folder)
        with self.assertRaises(jobs.JobFailure) as raised:
            loading.pretrained(folder, "hub", None)
        self.assertEqual(raised.exception.fault, pb.Fault_INPUT_AT_FAULT)

    def test_functions_of_an_imported_file_are_found_as_its_classes_are(self):
        path = self.folder / "mine.py"
        path.write_text(
            "import functools\nclass Model: pass\ndef make(): return 1\nhalf = functools.partial(pow, 2)\nsize = 3\n"
        )
        self.assertEqual(set(runner.definitions_of(path)), {"Model", "make", "half"})

    def test_an_archive_under_the_name_of_an_array_is_no_fault_of_pytorch(self):
        class Place:
            named, finding = "images", None

            def __init__(self, path):
                self.files = {"a.npy": str(path)}

            def changed(self):
                return None

            def close(self):
                pass

        job = types.SimpleNamespace(batch_size=1, images=types.SimpleNamespace(path="images", files=None, first=0))
        path = self.folder / "a.npy"
        with open(path, "wb") as file:
            np.savez(file, images=np.zeros((1, 3, 15, 15), np.float32))
        archive = path.read_bytes()
        for data in (archive, archive[:200], b"\x93NUMPY\x01\x00\x06\x00((((((", b"\x80\x04N."):
            with self.subTest(data[:8]):
                path.write_bytes(data)
                compute = runner.Runner(None, None, torch.device("cpu"), "sdpa", None)
                compute.images = (("images", None), Place(path))
                with self.assertRaises(jobs.JobFailure) as raised:
                    compute._images(job, (1, 3, 15, 15), jobs.Control(), [])
                self.assertEqual(raised.exception.code, "malformedFile")

    def test_shapes_give_what_nothing_says(self):
        shapes = {name: tuple(tensor.shape) for name, tensor in state("state5.pth").weights.items()}
        with self.assertRaises(jobs.JobFailure) as raised:
            configuration.inferred(shapes, "state5.pth")
        self.assertIn("number of heads", raised.exception.message)
        values, _ = configuration.inferred(
            {
                "vit.embeddings.patch_embeddings.projection.weight": (768, 3, 16, 16),
                "vit.embeddings.position_embeddings": (1, 197, 768),
                **{f"vit.encoder.layer.{n}.intermediate.dense.weight": (3072, 768) for n in range(12)},
                "vit.encoder.layer.0.attention.attention.query.bias": (768,),
            },
            "base",
        )
        self.assertEqual(
            values,
            {
                "hidden_size": 768,
                "num_channels": 3,
                "patch_size": 16,
                "num_hidden_layers": 12,
                "intermediate_size": 3072,
                "qkv_bias": True,
                "image_size": 224,
                "num_attention_heads": 12,
            },
        )


if __name__ == "__main__":
    unittest.main()
