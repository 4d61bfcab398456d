"""Prometheus, Alertmanager and node_exporter of Debian on free ports, with a receiver of alarms."""

import http.server
import json
import pathlib
import re
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

sys.path.append(str(pathlib.Path(__file__).parents[1] / "Ports"))
from free_ports import free_port  # noqa: E402

EXAMPLES = pathlib.Path(__file__).parents[2] / "cluster" / "prometheus"
# Only ends what waits in vain: far longer than anything takes.
PATIENCE = 300


def wait_for(what, condition):
    """Waits until `condition` gives something true, and returns that."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            found = condition()
        except OSError:
            found = None
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited in vain: {what}")


class Receiver:
    """Takes what Alertmanager sends: for each message its path, its state, and names and instances of its alarms."""

    def __init__(self):
        self.messages = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                for alarm in message["alerts"]:
                    receiver.messages.append((self.path, alarm["status"], alarm["labels"]["alertname"]))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def of(self, name):
        """What arrived of one alarm: paths and states, in order."""
        return [(path, state) for path, state, alarm in self.messages if alarm == name]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Monitoring:
    """The three programs, set up as the examples say, with intervals of a second; metric files go into `collector`.

    `keep` is how long an alarm goes on without its figures, in place of what the rules say."""

    def __init__(self, folder, keep=None):
        self.folder = folder = pathlib.Path(folder)
        self.collector = folder / "collector"
        self.collector.mkdir()
        self.receiver = Receiver()
        self.processes = []
        self.exporter_port, alertmanager, self.port = free_port(), free_port(), free_port()
        rules = (EXAMPLES / "mae-rules.yml").read_text()
        if keep is not None:
            rules = re.sub(r"keep_firing_for: .*", f"keep_firing_for: {keep}", rules)
        (folder / "mae-rules.yml").write_text(rules)
        (folder / "prometheus.yml").write_text(
            self.with_short_times((EXAMPLES / "prometheus.yml").read_text())
            .replace("127.0.0.1:9100", f"127.0.0.1:{self.exporter_port}")
            .replace("127.0.0.1:9093", f"127.0.0.1:{alertmanager}"))
        (folder / "alertmanager.yml").write_text(
            self.with_short_times((EXAMPLES / "alertmanager.yml").read_text())
            .replace("127.0.0.1:9099", f"127.0.0.1:{self.receiver.port}"))
        self.exporter = self.start_exporter()
        self.start(
            folder, "prometheus-alertmanager", f"--config.file={folder}/alertmanager.yml",
            f"--storage.path={folder}/alertmanager", f"--web.listen-address=127.0.0.1:{alertmanager}",
            "--cluster.listen-address=")
        self.start(
            folder, "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/prometheus",
            f"--web.listen-address=127.0.0.1:{self.port}")
        wait_for("Prometheus has begun", lambda: self.number("vector(1)"))

    @staticmethod
    def with_short_times(text):
        # How long an alarm that goes on is silent stays as it is: it must not be told twice in a night.
        # A scrape that takes longer than its interval is none, and an alarm would seem to be over.
        text = re.sub(r"scrape_interval: .*", "scrape_interval: 4s", text)
        return re.sub(r"((?:evaluation|group)_(?:interval|wait)): .*", r"\1: 1s", text)

    def start(self, folder, program, *options):
        log = open(folder / f"{program}.log", "w")
        with log:
            process = subprocess.Popen([program, *options], stdout=log, stderr=log, cwd=folder)
        self.processes.append(process)
        return process

    def start_exporter(self):
        return self.start(
            self.folder, "prometheus-node-exporter", f"--web.listen-address=127.0.0.1:{self.exporter_port}",
            "--collector.disable-defaults", "--collector.textfile", f"--collector.textfile.directory={self.collector}")

    def restart_exporter(self, when_gone):
        """Ends node_exporter, does something while there are no figures, and starts it again."""
        self.exporter.terminate()
        self.exporter.wait()
        wait_for("the figures are gone", lambda: self.number("mae_last_judged_timestamp_seconds") is None)
        when_gone()
        self.exporter = self.start_exporter()
        wait_for("the figures are back", lambda: self.number("mae_last_judged_timestamp_seconds"))

    def query(self, path, **values):
        address = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(values)}"
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return json.load(answer)["data"]

    def number(self, expression):
        """The value of an expression; None where there is none."""
        found = self.query("query", query=expression)["result"]
        return float(found[0]["value"][1]) if found else None

    def evaluated_again(self, times=3):
        """Waits until the rules have been evaluated so many times more."""
        def evaluation():
            return self.query("rules")["groups"][0]["lastEvaluation"]
        for _ in range(times):
            last = wait_for("the rules are evaluated", evaluation)
            wait_for("the rules are evaluated again", lambda: evaluation() != last)

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()
        self.receiver.stop()
