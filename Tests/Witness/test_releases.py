"""transformers 4 as a witness: what it leaves out of folders that transformers 5 saved is named."""

import os
import unittest

from cluster_support import GOLDENS, ClusterCase

PYTHON_4 = os.environ.get("MAE_PYTHON_4")


@unittest.skipUnless(PYTHON_4, "MAE_PYTHON_4 names no Python with transformers 4")
class ReleaseTests(ClusterCase):
    """The folder hub5 was saved by transformers 5.23, hub4 by 4.57."""

    def test_keys_that_transformers_4_draws_are_named(self):
        self.worker()
        self.witness("--once", python=PYTHON_4)
        report = self.report(self.begin("--method", f"pretrained={GOLDENS}/hub5"))
        self.assertEqual(report["exit_code"], 1)
        finding = self.codes(report)["drawn-weights"]
        self.assertIn("decoder.decoder_layers.0.attention.attention.key.bias", str(finding))
        self.assertIn("16 parameters", str(finding))

    def test_its_own_folder_agrees(self):
        self.worker()
        self.witness("--once", python=PYTHON_4)
        self.assert_same_work(self.report(self.begin("--method", f"pretrained={GOLDENS}/hub4")), "pretrained")
