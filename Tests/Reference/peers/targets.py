"""What is aimed at. mae-bench has the only list of targets: each number is in one place."""

import dataclasses
import json
import operator
import subprocess

BOUNDS = {"at least": operator.ge, "at most": operator.le, "above": operator.gt}


@dataclasses.dataclass(frozen=True)
class Target:
    """What a figure is to come to, as `mae-bench targets --json` tells it."""

    name: str
    what: str
    bound: str
    limit: float
    unit: str
    program: str
    text: str

    def is_met(self, value):
        """Whether a figure is on the right side of the limit; one that is no number is not."""
        return BOUNDS[self.bound](value, self.limit)

    def text_of(self, value):
        """A figure in the unit of the target."""
        if self.unit.startswith("share"):
            return percent(value)
        return f"{value:.2f} ×" if self.unit == "times" else f"{value:.0f} {self.unit}"

    def row(self, value, circumstances=""):
        """Cells of a table: what, target, measured, verdict."""
        what = f"{self.what}, {circumstances}" if circumstances else self.what
        return [what, self.text, self.text_of(value), verdict(self.is_met(value))]


def read_targets(bench):
    """All targets by name."""
    output = subprocess.run([bench, "targets", "--json"], check=True, capture_output=True, text=True).stdout
    return {entry["name"]: Target(**entry) for entry in json.loads(output)["targets"]}


def verdict(met):
    """The last cell of a line with a target."""
    return "met" if met else "**missed**"


def percent(share):
    return f"{share * 100:.1f} %"
