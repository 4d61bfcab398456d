"""Computes jobs with PyTorch: finds the files, loads the model by the job's method, runs it, and tells what it saw."""

import logging
import os
import time

import numpy as np
import torch

from . import configuration, content, forward, limits, loading, machine, mae_pb2 as pb, wire
from .jobs import Cancelled, JobFailure

log = logging.getLogger("mae-witness")

METHODS = {pb.Method_PRETRAINED: "pretrained", pb.Method_FULL: "full", pb.Method_STATE_DICT: "state-dict"}
# Models that are kept: the coordinator groups shards by method, so few are needed.
_KEPT = 2
# What a batch may take: an image has this many elements at most, and a batch that many.
_MOST_ELEMENTS = 1 << 31


class Runner:
    """Computes one job at a time, on one thread."""

    def __init__(self, supply, cache, device, attention, stated_attention, allow_pickle=False, definitions=None):
        self.supply, self.cache, self.device = supply, cache, device
        self.attention, self.stated_attention = attention, stated_attention
        self.allow_pickle, self.definitions = allow_pickle, definitions or {}
        self.models = []
        self.images = None

    def run(self, job, control):
        """The result of `job` as (Completed, payloads); raises JobFailure and Cancelled."""
        try:
            with torch.no_grad():
                return self._compute(job, control)
        except (JobFailure, Cancelled):
            raise
        except torch.cuda.OutOfMemoryError as error:
            self.models = []
            raise JobFailure(
                "outOfMemory", limits.clipped(str(error)), "use smaller batches", pb.Fault_NODE_AT_FAULT
            ) from error
        except MemoryError as error:
            self.models = []
            raise JobFailure(
                "outOfMemory", "there is no memory for the batch", "use smaller batches", pb.Fault_NODE_AT_FAULT
            ) from error
        except Exception as error:
            log.exception("a job failed")
            raise JobFailure(
                "torchFailed",
                limits.clipped(f"PyTorch fails: {type(error).__name__}: {error}"),
                "",
                pb.Fault_NODE_AT_FAULT,
            ) from error

    def _compute(self, job, control):
        start = time.monotonic()
        model = self._model(job, control)
        load = time.monotonic() - start
        findings = list(model.findings)
        embeddings = model.vit.embeddings
        own_ratio = float(embeddings.config.mask_ratio)
        ratio = own_ratio if job.mask_ratio is None else job.mask_ratio
        if job.mask_ratio is None:
            ratio_origin = model.origins.get("mask_ratio", pb.Origin_DEFAULT_VALUE)
            ratio_origin = ratio_origin[0] if isinstance(ratio_origin, tuple) else ratio_origin
        else:
            ratio_origin = pb.Origin_FLAG
        if not 0 <= ratio < 1:
            raise JobFailure("invalidConfiguration", f"{job.checkpoint}: a mask ratio of {ratio} keeps no patch")

        start = time.monotonic()
        images, noise = self._input(job, model, control, findings)
        dtype = next(model.vit.parameters()).dtype
        input_seconds = time.monotonic() - start
        # Not by setattr: transformers 5 refuses to set an integer, which transformers 4 pickled.
        settings = vars(embeddings.config)
        given_ratio = settings["mask_ratio"]
        try:
            if job.mask_ratio is not None:
                settings["mask_ratio"] = ratio
            result = forward.run(
                model.vit, images.to(self.device, dtype), noise.to(self.device), control, job.states_of
            )
        finally:
            settings["mask_ratio"] = given_ratio
        control.report(pb.Stage_ENCODING)
        if job.examined_layer is not None and job.states_of is None:
            log.info(
                "the coordinator asks about single operations of %s; a witness does not look at them",
                job.examined_layer,
            )
        self._note_settings(model, findings)
        return self._completed(
            job, model, images, noise, result, ratio, ratio_origin, findings, (load, input_seconds, result.seconds)
        )

    def _input(self, job, model, control, findings):
        config = model.vit.config
        sides = config.image_size if isinstance(config.image_size, (list, tuple)) else [config.image_size] * 2
        shape = (job.batch_size, int(config.num_channels), int(sides[0]), int(sides[1]))
        patches = int(model.vit.embeddings.patch_embeddings.num_patches)
        if np.prod(shape, dtype=object) > _MOST_ELEMENTS:
            raise JobFailure(
                "invalidInput",
                f"{job.batch_size} images of {shape[1:]} are too many for a batch",
                "use smaller batches",
            )
        given = self._images(job, shape, control, findings) if job.images is not None else None
        control.report(pb.Stage_INPUT)
        images = forward.pixels(job.seed, shape)
        noise_shape = (job.batch_size, patches)
        if job.noise is None:
            noise = forward.noise_draw(job.noise_draw, noise_shape, control.check)
        elif job.noise.shape != noise_shape:
            raise JobFailure(
                "invalidInput", f"noise of shape {job.noise.shape} was given; the model takes {noise_shape}"
            )
        else:
            noise = torch.from_numpy(np.frombuffer(job.noise.data, "<f4").reshape(noise_shape).copy())
        return images if given is None else given, noise

    def _images(self, job, shape, control, findings):
        place = self._image_place(job, control)
        try:
            if place.finding:
                findings.append(place.finding)
            parts, number = [], 0
            last = job.images.first + job.batch_size
            for name in sorted(place.files, key=str.encode):
                control.report(pb.Stage_INPUT)
                try:
                    array = np.load(place.files[name], mmap_mode="r", allow_pickle=False)
                    if not isinstance(array, np.ndarray):
                        array.close()
                        raise ValueError("it is an archive of arrays (.npz)")
                except Exception as error:
                    # What NumPy raises depends on what it takes the file for: a header, an archive, a pickle.
                    raise JobFailure(
                        "malformedFile",
                        limits.clipped(f"{place.named}: {name} is no file of NumPy: {error}"),
                        "",
                        pb.Fault_NODE_AT_FAULT,
                    ) from error
                if array.dtype.kind != "f" or array.ndim not in (3, 4):
                    raise JobFailure(
                        "malformedFile",
                        f"{place.named}: {name} holds {array.dtype} of shape {array.shape}; images "
                        "are fractions, (C, H, W) or (B, C, H, W)",
                        "",
                        pb.Fault_NODE_AT_FAULT,
                    )
                if array.ndim == 3:
                    array = array[None]
                first, end = max(job.images.first, number), min(last, number + array.shape[0])
                if first < end:
                    parts.append(np.array(array[first - number : end - number], dtype=np.float32))
                number += array.shape[0]
            if sum(len(part) for part in parts) != job.batch_size:
                raise JobFailure(
                    "malformedFile",
                    f"{place.named}: has {number} images, and {job.batch_size} from number "
                    f"{job.images.first} on are wanted",
                    "",
                    pb.Fault_NODE_AT_FAULT,
                )
            if any(part.shape[1:] != shape[1:] for part in parts):
                raise JobFailure(
                    "invalidInput", f"{place.named}: images of {parts[0].shape[1:]}; the model takes {shape[1:]}"
                )
            changed = place.changed()
            if changed is not None:
                raise JobFailure(
                    "unreadableFile",
                    f"{changed}: was written to during a run",
                    "leave it alone",
                    pb.Fault_NODE_AT_FAULT,
                )
            images = np.concatenate(parts)
            count = int((~np.isfinite(images)).sum())
            if count:
                findings.append(
                    (
                        "non-finite-images",
                        loading.WARNING,
                        (
                            f"{place.named}: {count} of {images.size} pixel values of the {len(images)} images from"
                            f" number {job.images.first} on are NaN or infinite. Look for a division by zero in the"
                            " preprocessing that wrote them."
                        ),
                    )
                )
            return torch.from_numpy(images)
        except JobFailure:
            # Read again, the files may be right.
            self._forget_images()
            raise

    def _image_place(self, job, control):
        """Where the images are: jobs of a run name the same files one after the other, so the last place is kept."""
        key = (job.images.path, job.images.files)
        if self.images is not None and self.images[0] == key and self.images[1].changed() is None:
            return self.images[1]
        # What is held in the cache is let go before more is asked for.
        self._forget_images()
        self.images = (key, self.supply.place(*key, content.image_names, control))
        return self.images[1]

    def _forget_images(self):
        if self.images is not None:
            self.images[1].close()
            self.images = None

    def _model(self, job, control):
        key = (
            job.checkpoint,
            job.weights,
            job.method,
            job.configuration,
            job.checkpoint_files,
            job.configuration_files,
        )
        for index, (other, model, places) in enumerate(self.models):
            if other == key and all(place.changed() is None for place in places):
                self.models.append(self.models.pop(index))
                return model
        # Room is made first: two large models and a third would be too much for some machines.
        for _, _, places in self.models[: max(0, len(self.models) - _KEPT + 1)]:
            for place in places:
                place.close()
        self.models = self.models[max(0, len(self.models) - _KEPT + 1) :]
        if METHODS.get(job.method) == "full" and not self.allow_pickle:
            # Before anything is fetched: it would be for nothing.
            raise JobFailure(
                "refusedByPolicy",
                f"{job.checkpoint}: refused by policy: a pickled model executes code when torch.load reads it, and this"
                " witness was started without --allow-pickle",
                "start it with --allow-pickle if you trust the file, or compare the method state-dict",
            )
        places = []
        try:
            model = self._load(job, places, control)
            changed = next((path for path in (place.changed() for place in places) if path), None)
            if changed is not None:
                raise JobFailure(
                    "changedFile",
                    f"{changed}: was written to while it was loaded",
                    "leave it alone during a run",
                    pb.Fault_NODE_AT_FAULT,
                )
            control.report(pb.Stage_WEIGHTS)
            model.manifest = forward.manifest(model.weights, control.check)
            model.weights = {}
            model.findings += [place.finding for place in places if place.finding]
            model.vit.to(self.device)
        except BaseException:
            for place in places:
                place.close()
            raise
        self.models.append((key, model, places))
        return model

    def _load(self, job, places, control):
        def place(path, digest, names_at):
            places.append(self.supply.place(path, digest, names_at, control))
            return places[-1]

        checkpoint = place(job.checkpoint, job.checkpoint_files, content.checkpoint_names)
        settings = None
        if job.configuration is not None:
            settings = place(job.configuration, job.configuration_files, content.configuration_names)
        control.report(pb.Stage_LOADING)
        method, named = METHODS.get(job.method), job.checkpoint
        if method == "pretrained":
            return self._pretrained(checkpoint, settings)
        if checkpoint.is_directory:
            raise JobFailure(
                "wrongMethod",
                f"{named}: is a folder, which the method {method} does not read",
                "name the file, or use the method pretrained",
            )
        (path,) = checkpoint.files.values()
        if method == "full":
            return loading.full(path, named, job.weights, self.stated_attention, self.definitions)
        if method == "state-dict":
            values = None
            if settings is not None:
                (file,) = settings.files.values()
                values = configuration.read(file, settings.named)
            return loading.state_dict(path, named, job.weights, values, self.stated_attention, self.allow_pickle)
        raise JobFailure(
            "wrongMethod", f"the method {job.label} is none that a witness knows", "install the same release"
        )

    def _pretrained(self, checkpoint, settings):
        if not checkpoint.is_directory:
            raise JobFailure(
                "wrongMethod",
                f"{checkpoint.named}: is no folder, and from_pretrained reads one",
                "use the method state-dict or full",
            )
        views = [self.cache.view(checkpoint.files)]
        try:
            if settings is not None and "config.json" not in checkpoint.files:
                (file,) = settings.files.values()
                views.append(self.cache.view({"config.json": file}))
            return loading.pretrained(views[0], checkpoint.named, self.stated_attention, *views[1:])
        finally:
            for view in views:
                self.cache.discard(view)

    def _note_settings(self, model, findings):
        found = machine.tf32(self.device)
        if found:
            findings.append(
                (
                    "tf32",
                    loading.WARNING,
                    "PyTorch may round the inputs of "
                    + ", ".join(found)
                    + " to TF32 or "
                    'bfloat16: call torch.set_float32_matmul_precision("highest") and switch allow_tf32 off',
                )
            )
        if torch.is_autocast_enabled("cpu") or torch.is_autocast_enabled("cuda"):
            findings.append(("half-precision", loading.WARNING, "autocast is on: products are computed in fewer bits"))
        attention = getattr(model.vit.config, "_attn_implementation", None)
        if attention and attention != self.attention:
            findings.append(
                (
                    "attention",
                    loading.NOTE,
                    (
                        f"the model computes attention by {attention!r}, and the witness is in the "
                        f"class of {self.attention!r}"
                    ),
                )
            )

    def _completed(self, job, model, images, noise, result, ratio, ratio_origin, findings, seconds):
        completed = pb.Completed()
        completed.weights_sha256 = forward.digest_of_weights(model.manifest)
        if job.wants_manifest:
            for name, shape, sha256 in model.manifest[: limits.FINGERPRINTS]:
                completed.manifest.add(name=name.encode(), shape=shape, sha256=sha256)
        for name, text, origin, reason in configuration.fields(model.vit.config, model.origins, ratio, ratio_origin):
            field = completed.configuration.add(name=name.encode(), value=limits.clipped(text).encode(), origin=origin)
            if reason is not None:
                field.reason = limits.clipped(reason).encode()
        completed.mask_ratio, completed.mask_ratio_origin = ratio, ratio_origin
        for code, severity, text in findings[: limits.FINDINGS]:
            completed.findings.add(code=code.encode(), severity=severity, text=limits.clipped(text).encode())
        completed.input_sha256 = forward.digest(images)
        completed.noise_sha256 = forward.digest(noise)
        completed.mask_sha256, completed.order_sha256 = result.mask_digest, result.order_digest
        completed.layernorm_sha256 = forward.digest(result.canonical)
        completed.returned_layernorm_sha256 = forward.digest(result.returned)
        completed.pooled_sha256 = forward.digest(result.pooled)
        completed.layers_sha256 = b"".join(result.layers)
        completed.tokens, completed.hidden = result.canonical.shape[1:]
        completed.seconds.load, completed.seconds.input, completed.seconds.forward = seconds
        payloads = [wire.Payload(pb.TensorName_POOLED, result.pooled.shape, result.pooled.tobytes())]
        if job.wants_layernorm:
            payloads.append(wire.Payload(pb.TensorName_LAYERNORM, result.canonical.shape, result.canonical.tobytes()))
        if result.states:
            completed.examined.layer = job.examined_layer.encode()
            states = np.stack(result.states)
            payloads.append(wire.Payload(pb.TensorName_STATES, states.shape, states.tobytes()))
        return completed, payloads


def definitions_of(path):
    """The classes and functions of a file that a user names, executed as a module of its own: never as `__main__`."""
    if not os.path.isfile(path):
        raise OSError(f"{path}: there is no such file")
    import importlib.util

    spec = importlib.util.spec_from_file_location("mae_witness_import", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: value for name, value in vars(module).items() if callable(value) and not name.startswith("__")}
