"""What the times of engines come to: ratios, shares of the peak, and what the peak allows."""

import dataclasses

# The encoder's share of the peak has a target at these settings of base, by (batch size, mask ratio).
ENCODER_TARGETS = {(8, 0.0): "encoder", (8, 0.75): "encoder-masked", (1, 0.75): "encoder-small"}


@dataclasses.dataclass(frozen=True)
class Peak:
    """The rate of fused multiply-adds in registers, and the operations of a pass that are held against it."""

    gflops: float
    operations: float

    @property
    def seconds(self):
        """What a pass takes at the peak."""
        return self.operations / self.gflops / 1e9

    def share(self, seconds):
        """What part of the peak a pass of `seconds` reaches."""
        return self.seconds / seconds


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Another engine's time set against ours, by the shortest of each."""

    theirs: float
    ours: float
    peak: Peak

    @property
    def ratio(self):
        """Their time in ours."""
        return self.theirs / self.ours

    @property
    def possible(self):
        """The ratio if ours took what the peak allows."""
        return self.theirs / self.peak.seconds


def share_target(targets, setting):
    """The target of our share of the peak; None where a setting has none."""
    if setting.preset != "base" or setting.decodes:
        return None
    name = ENCODER_TARGETS.get((setting.batch_size, setting.mask_ratio))
    return name and targets[name]
