"""Tests of what is judged of engines' times, with the targets of a real mae-bench; run by Tests/Reference/run."""

import os
import unittest

from peers.judging import Comparison, Peak, share_target
from peers.tables import table
from peers.targets import read_targets

BENCH = os.path.join(os.environ["MAE_PROGRAMS"], "mae-bench")


class Setting:
    """What the judging reads of peers.workload.Setting, whose module needs PyTorch."""

    def __init__(self, preset, batch_size, mask_ratio, decodes=False):
        self.preset, self.batch_size, self.mask_ratio, self.decodes = preset, batch_size, mask_ratio, decodes


class JudgingTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.targets = read_targets(BENCH)

    def test_share_of_the_peak(self):
        peak = Peak(gflops=500, operations=250e9)
        self.assertEqual(peak.seconds, 0.5)
        self.assertEqual(peak.share(0.625), 0.8)

    def test_ratio_that_the_peak_would_give(self):
        comparison = Comparison(theirs=0.75, ours=0.625, peak=Peak(gflops=500, operations=250e9))
        self.assertAlmostEqual(comparison.ratio, 1.2)
        self.assertAlmostEqual(comparison.possible, 1.5)

    def test_as_fast_as_another_engine_is_not_ahead(self):
        ahead = self.targets["ahead"]
        self.assertEqual([ahead.is_met(ratio) for ratio in (0.99, 1.0, 1.001)], [False, False, True])
        self.assertEqual(ahead.row(1.0)[1:], ["> 1 ×", "1.00 ×", "**missed**"])

    def test_settings_with_a_target_of_their_own(self):
        shares = {
            (batch, ratio): share_target(self.targets, Setting("base", batch, ratio)).limit
            for batch, ratio in ((8, 0.0), (8, 0.75), (1, 0.75))
        }
        self.assertEqual(shares, {(8, 0.0): 0.88, (8, 0.75): 0.85, (1, 0.75): 0.75})
        for setting in (Setting("base", 1, 0.0), Setting("base", 8, 0.75, decodes=True), Setting("large", 8, 0.0)):
            self.assertIsNone(share_target(self.targets, setting))

    def test_a_share_is_judged_at_its_limit(self):
        target = self.targets["encoder"]
        self.assertEqual([target.is_met(share) for share in (0.8799, 0.88)], [False, True])
        self.assertFalse(target.is_met(float("nan")))
        self.assertEqual(target.row(0.831, "avx2")[1:], ["≥ 88 % of the peak", "83.1 %", "**missed**"])

    def test_memory_is_to_stay_below(self):
        target = self.targets["worker"]
        self.assertEqual([target.is_met(bytes) for bytes in (45_000, 45_001)], [True, False])

    def test_tables_are_markdown(self):
        self.assertEqual(table(["what", "ms"], [["ours", "1.0"]]), ["| what | ms |", "| --- | ---: |", "| ours | 1.0 |"])


if __name__ == "__main__":
    unittest.main()
