"""Writes Tests/Goldens/npy/: small arrays as NumPy saves them. See README.md."""

import os

import numpy as np

OUTPUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Goldens/npy")


def main():
    os.makedirs(OUTPUT, exist_ok=True)
    # k / 8 - 1 for k = 0, 1, ...: exact in every floating type.
    values = np.arange(24) / 8 - 1

    def save(name, array):
        np.save(f"{OUTPUT}/{name}.npy", array, allow_pickle=False)

    save("float32-2x3x4", values.reshape(2, 3, 4).astype("<f4"))
    save("float64-2x3x4", values.reshape(2, 3, 4).astype("<f8"))
    save("float16-2x3x4", values.reshape(2, 3, 4).astype("<f2"))
    save("bigendian-2x3x4", values.reshape(2, 3, 4).astype(">f4"))
    save("fortran-4x6", np.asfortranarray(values.reshape(4, 6).astype("<f4")))
    save("float32-scalar", np.float32(0.375))
    save("float32-5", values[:5].astype("<f4"))
    save("float32-0x3", np.zeros((0, 3), "<f4"))
    save("float32-64-dimensions", np.zeros((1,) * 31 + (2,) + (1,) * 32, "<f4"))
    save("int64-2x3", np.array([[0, -1, 2], [2**62, -(2**63), 5]]))
    save("bool-3", np.array([True, False, True]))
    save("structured", np.zeros(2, [("a", "<f4"), ("b", "<i8")]))
    for version in ((1, 0), (2, 0), (3, 0)):
        with open(f"{OUTPUT}/version-{version[0]}.npy", "wb") as file:
            np.lib.format.write_array(file, values.reshape(2, 12).astype("<f4"), version=version)


if __name__ == "__main__":
    main()
