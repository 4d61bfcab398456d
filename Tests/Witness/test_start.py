"""What a witness says before it has anything to compute with."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "Sources/python"


class StartTests(unittest.TestCase):
    def test_it_says_that_it_imports_torch_before_it_does(self):
        with tempfile.TemporaryDirectory() as folder:
            # Importing this one ends the program, so what was said was said before.
            pathlib.Path(folder, "torch.py").write_text("raise ImportError('no torch in this test')\n")
            done = subprocess.run(
                [sys.executable, "-m", "mae_witness", "--connect", f"ipc://{folder}/socket"],
                env={**os.environ, "PYTHONPATH": f"{folder}:{SOURCES}"},
                capture_output=True,
                text=True,
                check=False,
            )
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("importing torch", done.stderr.splitlines()[0])
        self.assertIn("no torch in this test", done.stderr)


if __name__ == "__main__":
    unittest.main()
