"""mae-coord, Prometheus and Alertmanager together: what a person is told of nights."""

import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

from monitoring import EXAMPLES, Monitoring, wait_for

PROGRAMS = pathlib.Path(os.environ["MAE_PROGRAMS"])
DISAGREEMENT = ["--noise", "sequential", "--mask-ratio", "0.5"]


class Examples(unittest.TestCase):
    def test_the_example_configurations_are_valid(self):
        for command in (["amtool", "check-config", "alertmanager.yml"], ["promtool", "check", "config", "prometheus.yml"]):
            result = subprocess.run(command, cwd=EXAMPLES, capture_output=True, text=True)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)


class Site(unittest.TestCase):
    """A coordinator whose figures Prometheus reads."""

    # How long an alarm goes on without its figures: shorter than the rules say where its end is waited for.
    keep = "10s"

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.monitoring = Monitoring(folder.name, self.keep)
        self.addCleanup(self.monitoring.stop)
        self.coordinate("checkpoint", "init", "--preset", "tiny", "--seed", "1", "--output", "tiny")
        self.coordinate("checkpoint", "convert", "tiny", "model.pth", "--to", "full")

    def coordinate(self, *arguments, expected=0):
        result = subprocess.run(
            [PROGRAMS / "mae-coord", *arguments], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(result.returncode, expected, result.stdout + result.stderr)

    def night_options(self, day):
        return [
            "verify", "--local", "2", "--threads", "2", "--no-referee", "--quiet", "--run", f"night-2026-01-0{day}",
            "--method", "pretrained=tiny", "--method", "full=model.pth",
            "--metrics", str(self.monitoring.collector / "mae.prom")]

    def night(self, day, *options, expected=0):
        """A night, whose figures have reached Prometheus at the end."""
        self.coordinate(*self.night_options(day), *options, expected=expected)
        expression = f'scalar(mae_run_info{{run="night-2026-01-0{day}"}}) * mae_run_exit_code + 1'
        wait_for(f"the figures of night {day} arrive", lambda: self.monitoring.number(expression) == expected + 1)


class Nights(Site):
    def test_a_disagreement_arrives_once_and_so_does_its_end(self):
        monitoring, receiver = self.monitoring, self.monitoring.receiver
        self.night(1)
        monitoring.evaluated_again()
        self.assertEqual(receiver.of("MaeDisagreement"), [])

        self.night(2, *DISAGREEMENT, expected=1)
        wait_for("the disagreement arrives", lambda: receiver.of("MaeDisagreement"))
        # The next night has the same verdict, and while it runs the file holds that of the last.
        self.night(3, *DISAGREEMENT, expected=1)
        monitoring.evaluated_again()
        self.assertEqual(receiver.of("MaeDisagreement"), [("/pager", "firing")])

        self.night(4)
        wait_for("the recovery arrives", lambda: len(receiver.of("MaeDisagreement")) > 1)
        monitoring.evaluated_again()
        self.assertEqual(receiver.of("MaeDisagreement"), [("/pager", "firing"), ("/pager", "resolved")])
        # Another mask ratio, and back again: other bits for one seed.
        wait_for("the other bits arrive", lambda: ("/night", "firing") in receiver.of("MaeDigestChanged"))

    def test_a_night_that_lacks_a_node_arrives_and_a_killed_coordinator_does_not_silence_it(self):
        receiver = self.monitoring.receiver
        self.night(1, "--workers", "3", "--timeout", "30", "--bind", "tcp://127.0.0.1:*", expected=2)
        wait_for("the missing node arrives", lambda: receiver.of("MaeIncomplete"))
        self.assertEqual(receiver.of("MaeIncomplete"), [("/night", "firing")])

        options = self.night_options(2) + ["--workers", "3", "--bind", "tcp://127.0.0.1:*"]
        coordinator = subprocess.Popen(
            [PROGRAMS / "mae-coord", *options], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("its figures arrive", lambda: self.monitoring.number('mae_run_info{run="night-2026-01-02"}') == 1)
        coordinator.send_signal(signal.SIGKILL)
        coordinator.wait()
        self.monitoring.evaluated_again()
        self.assertEqual(receiver.of("MaeIncomplete"), [("/night", "firing")], "the alarm goes on, and is not told again")
        wait_for("its figures stay", lambda: self.monitoring.number("mae_run_active") == 1)


class RestartedExporter(Site):
    # As the rules have it: nothing is to end in that time.
    keep = None

    def test_an_exporter_that_is_started_again_ends_no_alarm(self):
        monitoring, receiver = self.monitoring, self.monitoring.receiver
        self.night(1, *DISAGREEMENT, expected=1)
        wait_for("the disagreement arrives", lambda: receiver.of("MaeDisagreement"))
        monitoring.restart_exporter(monitoring.evaluated_again)
        monitoring.evaluated_again()
        self.assertEqual(receiver.of("MaeDisagreement"), [("/pager", "firing")])
