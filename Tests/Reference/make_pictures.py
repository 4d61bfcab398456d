"""Writes Tests/Goldens/pictures: pictures as Pillow saves them, and what Pillow makes of them.

Each picture is drawn by formula, so that running this again with the same Pillow writes the same files. Expected pixels are
bytes, one picture after the other, in `decoded.bin` and `resized.bin`; `expected.json` says what they are of, and has the SHA-256 of
what transformers' ViTImageProcessor makes of them with Pillow.
"""

import hashlib
import json
import pathlib
import struct
import zlib

import numpy as np
import PIL
import transformers
from PIL import Image
from transformers.models.vit.image_processing_pil_vit import ViTImageProcessorPil

FOLDER = pathlib.Path(__file__).parent.parent / "Goldens" / "pictures"
FILTERS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}


def drawn(width, height, channels, seed):
    """Gradients with a disk and some noise: edges, slopes and texture."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    noise = np.random.default_rng(seed).integers(0, 40, (height, width, channels))
    planes = [x * 200 / max(width - 1, 1), y * 200 / max(height - 1, 1), (x + y) * 200 / max(width + height - 2, 1), 200 - x % 7 * 20]
    image = np.stack(planes[:channels], -1)
    disk = (x - width / 3) ** 2 + (y - height / 2) ** 2 < (min(width, height) / 4) ** 2
    image[disk] = 255 - image[disk]
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(name, width, height, depth, color, rows, extra=b""):
    """A PNG file of a kind that Pillow does not write."""
    body = b"".join(b"\0" + row for row in rows)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0))
    (FOLDER / name).write_bytes(
        b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", zlib.compress(body, 9)) + chunk(b"IEND", b""))


def pictures():
    rgb = Image.fromarray(drawn(37, 23, 3, 1))
    rgb.save(FOLDER / "rgb.png")
    Image.fromarray(drawn(21, 30, 4, 2), "RGBA").save(FOLDER / "rgba.png")
    Image.fromarray(drawn(20, 17, 1, 3)[..., 0]).save(FOLDER / "gray.png")
    Image.fromarray(drawn(20, 17, 2, 4), "LA").save(FOLDER / "gray-alpha.png")
    rgb.quantize(13).save(FOLDER / "palette.png", bits=4)
    rgb.quantize(200).save(FOLDER / "palette-alpha.png", transparency=3)
    Image.fromarray(drawn(19, 5, 1, 5)[..., 0] > 100).save(FOLDER / "black-and-white.png")
    wide = np.random.default_rng(6).integers(0, 65536, (6, 9, 4), dtype=np.uint16)
    wide[0, :, :] //= 200
    big = wide.astype(">u2")
    png("gray-2.png", 10, 4, 2, 0, [bytes([27, 228, 57 + row & 0xF0]) for row in range(4)])
    png("gray-16.png", 9, 6, 16, 0, [big[row, :, :1].tobytes() for row in range(6)])
    png("gray-alpha-16.png", 9, 6, 16, 4, [big[row, :, :2].tobytes() for row in range(6)])
    png("rgb-16.png", 9, 6, 16, 2, [big[row, :, :3].tobytes() for row in range(6)])
    png("rgba-16.png", 9, 6, 16, 6, [big[row].tobytes() for row in range(6)])
    # A gamma, which nothing here makes use of, and a color that is transparent.
    body = [drawn(8, 8, 3, 7)[row].tobytes() for row in range(8)]
    png("gamma.png", 8, 8, 8, 2, body, chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"tRNS", struct.pack(">HHH", 0, 0, 0)))
    photo = Image.fromarray(drawn(61, 47, 3, 8))
    photo.save(FOLDER / "420.jpg", quality=85)
    photo.save(FOLDER / "422.jpg", quality=85, subsampling=1)
    photo.save(FOLDER / "444.jpg", quality=95, subsampling=0)
    photo.save(FOLDER / "progressive.jpg", quality=80, progressive=True)
    photo.convert("L").save(FOLDER / "gray.jpg", quality=85)
    photo.convert("CMYK").save(FOLDER / "cmyk.jpg", quality=90)
    exif = Image.Exif()
    exif[0x0112] = 6
    photo.save(FOLDER / "turned.jpg", quality=85, exif=exif)


IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}
SETTINGS = [
    # What the files of facebook/vit-mae-base say.
    {"do_normalize": True, "do_resize": True, "feature_extractor_type": "ViTFeatureExtractor", **IMAGENET, "resample": 2, "size": 224},
    {},
    {"size": {"height": 20, "width": 36}, "resample": 3, **IMAGENET},
    {"do_resize": False, **IMAGENET},
    {"do_resize": False, "do_normalize": False},
    {"size": {"shortest_edge": 30}, "resample": 3, "do_center_crop": True, "crop_size": {"height": 24, "width": 25}},
    {"do_resize": False, "do_center_crop": True, "crop_size": 40, "rescale_factor": 0.00784313725490196, "do_normalize": False},
    {"size": 32, "resample": 1, "do_rescale": False, "image_mean": 127.5, "image_std": 100.0},
]


def preprocessed():
    entries = []
    for settings in SETTINGS:
        processor = ViTImageProcessorPil.from_dict(dict(settings))
        for name in ("rgb.png", "rgba.png", "420.jpg"):
            image = Image.open(FOLDER / name).convert("RGB")
            tensor = np.asarray(processor(image, return_tensors="np")["pixel_values"]).astype("<f4")
            entries.append({
                "settings": json.dumps(settings), "name": name, "shape": list(tensor.shape),
                "sha256": hashlib.sha256(np.ascontiguousarray(tensor).tobytes()).hexdigest()})
    return entries


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    pictures()
    names = sorted(path.name for path in FOLDER.iterdir() if path.suffix in (".png", ".jpg"))
    decoded = [np.array(Image.open(FOLDER / name).convert("RGB")) for name in names]
    expected = [{"name": name, "width": image.shape[1], "height": image.shape[0]} for name, image in zip(names, decoded)]
    (FOLDER / "decoded.bin").write_bytes(b"".join(image.tobytes() for image in decoded))
    source = Image.open(FOLDER / "rgb.png")
    sizes = [(16, 16), (50, 40), (37, 9), (90, 23), (5, 31), (1, 1), (31, 8)]
    resized, sizing = [], []
    for filter_name, number in FILTERS.items():
        for width, height in sizes:
            # Pillow takes columns first where the height shrinks by more than twice what the width does: 31 × 8 and 37 × 9.
            image = np.array(source.resize((width, height), resample=number))
            sizing.append({"filter": number, "width": width, "height": height})
            resized.append(image.tobytes())
    (FOLDER / "resized.bin").write_bytes(b"".join(resized))
    expected = {
        "pillow": PIL.__version__, "transformers": transformers.__version__, "decoded": expected, "resized": sizing,
        "preprocessed": preprocessed()}
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
