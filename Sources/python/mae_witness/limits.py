"""What bounds the messages between a worker and a coordinator: WireLimits and MessageKind of Sources/MAEWire."""

VERSION = 2
HEADER_BYTES = 2 << 20
# Of every message but a result and a manifest.
SMALL_HEADER_BYTES = 32 << 10
PAYLOAD_BYTES = 256 << 20
JOB_PAYLOAD_BYTES = 16 << 20
MESSAGE_BYTES = 288 << 20
# The header and the payloads.
FRAMES = 5

NAME_BYTES = 256
NODE_NAME_BYTES = 64
TENSOR_NAME_BYTES = 512
PATH_BYTES = 4096
TEXT_BYTES = 4096

LEASES = 256
FINGERPRINTS = 8192
FINDINGS = 512
LAYERS = 8192
DIMENSIONS = 8
EXTENT = 1 << 40
BATCH_SIZE = 1 << 16
IMAGES = 1 << 32
NOISE_DRAW = 1 << 16
TOKENS = 1 << 24
WIDTH = 1 << 17
INTERVAL_MILLISECONDS = 86_400_000

CONTENT_FILES = (1 << 12) + 8
CONTENT_CHUNKS = 1 << 15
CHUNK_BYTES = 1 << 20
FILE_NAME_BYTES = 255

MACHINE_FACTS = 48
FACT_NAME_BYTES = 96
FACT_VALUE_BYTES = 256
EXAMINED_IMAGES = 64
EXAMINED_OPERATIONS = 64
REPETITIONS = 100
STATE_BYTES = 12 << 20


def clipped(text, limit=TEXT_BYTES):
    """`text` without NUL, cut to at most `limit` bytes of UTF-8, with an ellipsis where something is cut off."""
    data = text.replace("\0", "").encode("utf-8", "replace")
    if len(data) <= limit:
        return data.decode()
    return data[: limit - 3].decode("utf-8", "ignore") + "..."


def listed(names, shown=6):
    """Names for a sentence: the first few, and how many more there are."""
    names = list(names)
    rest = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {rest} more" if rest > 0 else "")
