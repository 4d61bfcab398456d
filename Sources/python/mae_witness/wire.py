"""Messages as values: encoding, and decoding with everything that a peer says checked before it is used.

What is checked is what Sources/MAEWire checks; docs/messages.md is the catalogue.
"""

import hashlib
import math
from dataclasses import dataclass, field
from typing import NamedTuple, Optional

from . import limits, mae_pb2 as pb


class WireError(Exception):
    """A message that cannot be read; `lease` is that of the job that it is, where that much can be read."""

    def __init__(self, place, what, lease=None):
        super().__init__(f"{place} {what}")
        self.lease = lease


class OtherVersion(WireError):
    """A message of another version of the protocol."""


class Lease(NamedTuple):
    """A grant: the coordinator's number for it, and how often it was given out."""

    id: int
    epoch: int


@dataclass
class Payload:
    """A tensor as it travels: its name, shape, and little-endian fp32 elements."""

    name: int
    shape: tuple
    data: bytes


@dataclass
class Images:
    """Images of files: the first one's number, through all files by name."""

    path: str
    files: bytes
    first: int


@dataclass
class Job:
    """One shard to compute; see Proto/mae.proto."""

    lease: Lease
    run: str
    shard: int
    method: int
    label: str
    checkpoint: str
    configuration: Optional[str]
    weights: Optional[str]
    checkpoint_files: Optional[bytes]
    configuration_files: Optional[bytes]
    batch_index: int
    seed: int
    batch_size: int
    images: Optional[Images]
    mask_ratio: Optional[float]
    noise_draw: Optional[int]
    noise: Optional[Payload]
    wants_layernorm: bool
    wants_manifest: bool
    examined_layer: Optional[str] = None
    # The image whose tokens are wanted after every layer.
    states_of: Optional[int] = None
    payload_bytes: int = 0


@dataclass
class Message:
    """A message that was read: which body it has, that body's message, and for a job the Job, for a chunk its bytes."""

    session: Optional[int]
    incarnation: Optional[int]
    kind: str
    body: object
    job: Optional[Job] = None
    chunk: bytes = b""
    leases: list = field(default_factory=list)


# What a message of each kind may take, as far as a coordinator sends it: bytes of the header, frames after it, bytes of
# one.
_KINDS = {
    "welcome": (1 << 10, 0, 0),
    "job": (32 << 10, 2, limits.JOB_PAYLOAD_BYTES),
    "heartbeat": (16 << 10, 0, 0),
    "cancel": (16 << 10, 0, 0),
    "accepted": (16 << 10, 0, 0),
    "reject": (32 << 10, 0, 0),
    "goodbye": (32 << 10, 0, 0),
    "manifest": (limits.HEADER_BYTES, 0, 0),
    "chunk": (1 << 10, 1, limits.CHUNK_BYTES),
}


def decode(frames, header_bytes=limits.HEADER_BYTES):
    """Reads what a coordinator sent; raises WireError for what is no whole message within the limits."""
    if not frames or len(frames) > limits.FRAMES:
        raise WireError("message", f"has {len(frames)} frames")
    header = bytes(frames[0])
    if len(header) > header_bytes:
        raise WireError("header", f"has {len(header)} bytes; at most {header_bytes} are taken")
    envelope = pb.Envelope()
    try:
        envelope.ParseFromString(header)
    except Exception as error:
        raise WireError("header", "is no message of this protocol") from error
    lease = None
    try:
        if envelope.WhichOneof("body") == "job":
            lease = _lease(envelope.job, "job.lease")
    except WireError:
        pass
    try:
        return _message(envelope, header, frames[1:])
    except WireError as error:
        error.lease = lease
        raise


def _message(envelope, header, frames):
    version = _required(envelope, "version", "version")
    if version != limits.VERSION:
        raise OtherVersion("version", f"is {version} and this witness speaks {limits.VERSION}")
    kind = envelope.WhichOneof("body")
    if kind not in _KINDS:
        raise WireError("body", "is missing, or of a kind that no coordinator sends")
    most, count, size = _KINDS[kind]
    if len(header) > most or len(frames) > count or any(len(frame) > size for frame in frames):
        raise WireError(kind, "is larger than a message of its kind may be")
    message = Message(
        envelope.session if envelope.HasField("session") else None,
        envelope.incarnation if envelope.HasField("incarnation") else None,
        kind,
        getattr(envelope, kind),
    )
    if kind == "chunk":
        _digest(message.body, "file", "chunk.file")
        _required(message.body, "index", "chunk.index")
        if len(frames) != 1:
            raise WireError("chunk", f"came with {len(frames)} frames after its header; it has one")
        message.chunk = bytes(frames[0])
        return message
    if len(envelope.payloads) != len(frames):
        raise WireError("payloads", f"announces {len(envelope.payloads)} frames, and {len(frames)} came")
    payloads = [_payload(announced, bytes(frame)) for announced, frame in zip(envelope.payloads, frames)]
    if kind == "job":
        message.job = _job(message.body, payloads)
    elif kind in ("cancel", "accepted"):
        if len(message.body.leases) > limits.LEASES:
            raise WireError(f"{kind}.leases", "are too many")
        message.leases = [_as_lease(each, f"{kind}.leases") for each in message.body.leases]
    elif kind == "welcome":
        for name in ("heartbeat_milliseconds", "liveness_milliseconds"):
            _count(message.body, name, 1, limits.INTERVAL_MILLISECONDS, f"welcome.{name}")
    elif kind == "reject":
        _required(message.body, "reason", "reject.reason")
        _text(message.body, "text", limits.TEXT_BYTES, "reject.text")
        if message.body.HasField("lease"):
            message.leases = [_lease(message.body, "reject.lease")]
        if message.body.HasField("retry_milliseconds"):
            _count(message.body, "retry_milliseconds", 1, limits.INTERVAL_MILLISECONDS, "reject.retry_milliseconds")
    elif kind == "goodbye":
        _text(message.body, "reason", limits.TEXT_BYTES, "goodbye.reason")
    return message


def _job(body, payloads):
    batch_size, images = None, None
    if body.HasField("images"):
        given = body.images
        batch_size = _count(given, "count", 1, limits.BATCH_SIZE, "job.images.count")
        images = Images(
            _text(given, "path", limits.PATH_BYTES, "job.images.path"),
            _digest(given, "files", "job.images.files"),
            _count(given, "first", 0, limits.IMAGES, "job.images.first"),
        )
    else:
        batch_size = _count(body, "batch_size", 1, limits.BATCH_SIZE, "job.batch_size")
    mask_ratio = None
    if body.HasField("mask_ratio"):
        mask_ratio = body.mask_ratio
        if not (0 <= mask_ratio <= 1):
            raise WireError("job.mask_ratio", f"is {mask_ratio}; 0 to 1 is allowed")
    rest = list(payloads)
    noise = rest.pop(0) if rest and rest[0].name == pb.TensorName_NOISE else None
    draw = _count(body, "noise_draw", 0, limits.NOISE_DRAW, "job.noise_draw") if body.HasField("noise_draw") else None
    if (draw is None) == (noise is None):
        raise WireError("job.noise", "is either a draw or a payload, and one of them must be there")
    if noise is not None and (len(noise.shape) != 2 or noise.shape[0] != batch_size):
        raise WireError("job.noise", f"came with the shape {noise.shape}")
    layer = states_of = None
    if body.HasField("examination"):
        layer = _text(body.examination, "layer", limits.NAME_BYTES, "examination.layer")
        if body.examination.wants_states and layer == "vit.embeddings" and body.examination.images:
            states_of = body.examination.images[0]
            if states_of >= batch_size:
                raise WireError("examination.images", f"has {states_of}, and the batch {batch_size} images")
        if rest and rest[0].name == pb.TensorName_STATES:
            rest.pop(0)
    if rest:
        raise WireError("job", "has further payloads")

    def optional(name, limit):
        return _text(body, name, limit, f"job.{name}") if body.HasField(name) else None

    def files(name):
        return _digest(body, name, f"job.{name}") if body.HasField(name) else None

    return Job(
        lease=_lease(body, "job.lease"),
        run=_text(body, "run", limits.NAME_BYTES, "job.run"),
        shard=_required(body, "shard", "job.shard"),
        method=_required(body, "method", "job.method"),
        label=_text(body, "label", limits.NAME_BYTES, "job.label"),
        checkpoint=_text(body, "checkpoint", limits.PATH_BYTES, "job.checkpoint"),
        configuration=optional("configuration", limits.PATH_BYTES),
        weights=optional("weights", limits.PATH_BYTES),
        checkpoint_files=files("checkpoint_files"),
        configuration_files=files("configuration_files"),
        batch_index=_required(body, "batch_index", "job.batch_index"),
        seed=_required(body, "seed", "job.seed"),
        batch_size=batch_size,
        images=images,
        mask_ratio=mask_ratio,
        noise_draw=draw,
        noise=noise,
        wants_layernorm=body.wants_layernorm,
        wants_manifest=body.wants_manifest,
        examined_layer=layer,
        states_of=states_of,
        payload_bytes=sum(len(each.data) for each in payloads),
    )


def _payload(announced, frame):
    name = _required(announced, "name", "payload.name")
    if len(announced.shape) > limits.DIMENSIONS or any(extent > limits.EXTENT for extent in announced.shape):
        raise WireError("payload.shape", f"is {list(announced.shape)[:limits.DIMENSIONS]}, which is too large")
    length = _required(announced, "length", "payload.length")
    if length != len(frame) or math.prod(announced.shape) * 4 != length:
        raise WireError("payload", f"announces {length} bytes for shape {list(announced.shape)}, {len(frame)} came")
    if hashlib.sha256(frame).digest() != _digest(announced, "sha256", "payload.sha256"):
        raise WireError("payload", "has other bytes than announced; something on the way changed them")
    return Payload(name, tuple(announced.shape), frame)


def _required(message, name, place):
    if not message.HasField(name):
        raise WireError(place, "is missing; the peer may run another version")
    return getattr(message, name)


def _count(message, name, least, most, place):
    value = _required(message, name, place)
    if not least <= value <= most:
        raise WireError(place, f"is {value}; {least} to {most} is allowed")
    return value


def _text(message, name, limit, place):
    data = _required(message, name, place)
    if len(data) > limit:
        raise WireError(place, f"has {len(data)} bytes; at most {limit} are taken")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise WireError(place, "is no UTF-8") from error
    if "\0" in text:
        raise WireError(place, "has a NUL")
    return text


def _digest(message, name, place):
    data = _required(message, name, place)
    if len(data) != 32:
        raise WireError(place, f"has {len(data)} bytes; a SHA-256 has 32")
    return data


def _lease(message, place):
    if not message.HasField("lease"):
        raise WireError(place, "is missing; the peer may run another version")
    return _as_lease(message.lease, place)


def _as_lease(message, place):
    lease = Lease(_required(message, "id", place + ".id"), _required(message, "epoch", place + ".epoch"))
    if lease.id >= 1 << 63:
        raise WireError(place + ".id", "is no lease that a coordinator grants")
    return lease


def envelope(session, incarnation):
    """An empty envelope of this version."""
    message = pb.Envelope(version=limits.VERSION)
    if session is not None:
        message.session = session
    if incarnation is not None:
        message.incarnation = incarnation
    return message


def encode(message, payloads=(), header_bytes=limits.SMALL_HEADER_BYTES):
    """The frames of an envelope with its payloads; raises WireError where it breaks a limit."""
    for payload in payloads:
        if len(payload.data) > limits.PAYLOAD_BYTES:
            raise WireError("payload", f"has {len(payload.data)} bytes; at most {limits.PAYLOAD_BYTES} are taken")
        message.payloads.add(
            name=payload.name,
            shape=payload.shape,
            length=len(payload.data),
            sha256=hashlib.sha256(payload.data).digest(),
        )
    header = message.SerializeToString()
    if len(header) > header_bytes:
        raise WireError("header", f"has {len(header)} bytes; at most {header_bytes} are taken")
    size = len(header) + sum(len(payload.data) for payload in payloads)
    if size > limits.MESSAGE_BYTES:
        raise WireError("message", f"has {size} bytes; at most {limits.MESSAGE_BYTES} are taken")
    return [header] + [payload.data for payload in payloads]


def set_lease(message, lease):
    """Writes a lease into its message."""
    message.id, message.epoch = lease
