"""A witness in real runs of `mae-coord verify`, together with a mae-worker."""

import re
import signal
import unittest

import numpy as np

from cluster_support import PROGRAMS, ClusterCase


class VerifyTests(ClusterCase):
    """What a witness sees is what a worker sees, and its outputs lie within the tolerance."""

    def test_each_way_of_loading_agrees_with_a_worker(self):
        self.convert("full.pth", "full")
        self.convert("state.pth", "state-dict")
        self.worker()
        torch = self.witness("--allow-pickle")
        methods = [
            "--method",
            "pretrained=tiny",
            "--method",
            "full=full.pth",
            "--method",
            "state-dict=state.pth",
            "--config",
            "tiny",
        ]
        report = self.report(self.begin(*methods))
        self.assert_same_work(report, "pretrained", "full", "state-dict")
        cells = self.cells(report, "torch")
        self.assertEqual({cell["layernorm_sha256"] for cell in cells.values()}, {cells["full"]["layernorm_sha256"]})
        (node,) = [node for node in report["nodes"] if node["name"] == "torch"]
        self.assertRegex(node["numeric_class"], r"^torch-[0-9.]+/(sdpa|eager)/[a-z0-9-]+$")
        self.assertIn("fetching model.safetensors", torch.errors)

        # The same processes, one run after the other, with other noise and another share of patches.
        np.save(self.folder / "noise.npy", np.random.default_rng(3).random((5, 16), dtype=np.float32))
        runs = [
            ["--batches", "2", "--seed", "7"],
            ["--noise", "file=noise.npy", "--batch-size", "5"],
            ["--mask-ratio", "0"],
        ]
        for number, words in enumerate(runs):
            with self.subTest(" ".join(words)):
                report = self.report(self.begin(*methods, *words, log=f"run{number}"), log=f"run{number}")
                self.assert_same_work(report, "pretrained", "full", "state-dict")
        # Each method by a draw of its own: the methods differ, and the nodes do not.
        report = self.report(self.begin(*methods, "--noise", "sequential", log="drawn"), log="drawn")
        self.assert_same_stages(report, "pretrained", "full", "state-dict")
        self.assertEqual(len({cell["noise_sha256"] for cell in self.cells(report, "torch").values()}), 3)
        self.assertEqual(torch.end(), 0)
        self.assertIn("parted from the coordinator", torch.errors)

    def test_images_come_from_files_of_the_coordinator_or_of_its_own(self):
        images = self.folder / "images"
        images.mkdir()
        random = np.random.default_rng(1)
        np.save(images / "a.npy", random.standard_normal((3, 3, 32, 32)).astype(np.float16))
        np.save(images / "b.npy", random.standard_normal((3, 32, 32)))
        np.save(images / "c.npy", random.standard_normal((4, 3, 32, 32)).astype(np.float32))
        self.worker()
        torch = self.witness("--models", self.folder, "--once")
        report = self.report(self.begin("--method", "pretrained=tiny", "--images", "images", "--batch-size", "5"))
        self.assert_same_work(report, "pretrained")
        self.assertEqual(torch.wait(), 0)

    def test_files_in_a_folder_of_models_are_used_where_they_are_and_others_never(self):
        self.worker()
        torch = self.witness("--models", self.folder / "tiny", "--once", "--no-fetch")
        report = self.report(self.begin("--method", f"pretrained={self.folder}/tiny", "--no-referee"))
        self.assert_same_work(report, "pretrained")
        self.assertNotIn("fetching", torch.errors)
        torch.wait()
        self.coord("checkpoint", "init", "--preset", "tiny", "--seed", "9", "--output", "other")
        torch = self.witness("--models", self.folder / "tiny", "--once", "--no-fetch")
        report = self.report(self.begin("--method", f"pretrained={self.folder}/other", log="second"), log="second")
        self.assertNotEqual(report["exit_code"], 0)
        self.assertIn("in no folder of --models", str(report["failures"]) + str(report["findings"]))

    def test_pickles_are_refused_unless_they_are_allowed(self):
        self.convert("full.pth", "full")
        self.worker()
        torch = self.witness()
        report = self.report(self.begin("--method", "full=full.pth", "--method", "pretrained=tiny"))
        self.assertEqual(report["exit_code"], 2)
        self.assertIn("refused by policy", str(report["findings"]))
        self.assertNotIn("fetching full.pth", torch.errors)
        self.assertIn("pretrained", self.cells(report, "torch"))

    def test_a_state_dict_without_a_configuration_is_read_off_its_shapes(self):
        self.convert("state.pth", "state-dict")
        self.worker()
        self.witness()
        report = self.report(self.begin("--method", "state-dict=state.pth"))
        self.assert_same_work(report, "state-dict")
        self.assertIn("guessed-configuration", self.codes(report))

    def test_one_that_lies_is_named(self):
        self.worker()
        self.worker(name="third")
        self.liar("lie")
        report = self.report(self.begin("--method", "pretrained=tiny", workers=3))
        self.assertEqual(report["verdict"], "disagree", report["sentence"])
        self.assertEqual(report["suspect_nodes"], ["torch"])


class MembershipTests(ClusterCase):
    """A witness comes, goes, is killed, and is told to stop."""

    def test_one_that_was_killed_goes_on_under_its_name(self):
        first = self.liar("endless")
        run = self.begin("--method", "pretrained=tiny", workers=1)
        first.says("waiting to be cancelled")
        first.end(signal.SIGKILL)
        second = self.witness(log="second")
        report = self.report(run)
        self.assertEqual(set(self.cells(report, "torch")), {"pretrained"}, report["sentence"])
        self.assertEqual(second.end(), 0)

    def test_one_outlives_a_coordinator_that_is_killed_and_carried_on(self):
        torch = self.liar("endless")
        run = self.begin("--method", "pretrained=tiny", "--run", "night", workers=1)
        torch.says("waiting to be cancelled")
        run.end(signal.SIGKILL)
        again = self.begin("--resume", "night", log="again", workers=1)
        torch.says("stopping: no longer wanted")
        report = self.report(again, log="again")
        self.assertEqual(set(self.cells(report, "torch")), {"pretrained"}, report["sentence"])
        torch.says("joined the cluster", 2)

    def test_a_job_that_is_not_wanted_any_more_stops_and_the_next_run_is_served(self):
        torch = self.liar("endless")
        run = self.begin("--method", "pretrained=tiny", workers=1)
        torch.says("waiting to be cancelled")
        run.end(signal.SIGINT)
        torch.says("stopping: no longer wanted")
        report = self.report(self.begin("--method", "pretrained=tiny", log="next", workers=1), log="next")
        self.assertEqual(set(self.cells(report, "torch")), {"pretrained"}, report["sentence"])
        self.assertEqual(torch.end(signal.SIGINT), 0)

    def test_one_of_another_version_is_refused_and_says_so(self):
        torch = self.liar("other-version")
        run = self.begin("--method", "pretrained=tiny", workers=1)
        self.assertEqual(torch.wait(), 69)
        self.assertIn("install the same release", torch.errors)
        self.assertNotIn("Traceback", torch.errors)
        run.end(signal.SIGINT)

    def test_keys_prove_who_a_witness_is(self):
        # The store's keys lie next to it.
        self.coord("keys", "init", "--keys", "mae-keys")
        self.coord("keys", "add", "torch", "--keys", "mae-keys", "--output", "torch.key")
        run = self.begin(
            "--method", "pretrained=tiny", "--secure", "--keys", "mae-keys", bind="tcp://127.0.0.1:*", workers=1
        )
        run.says("tcp://127.0.0.1:")
        self.endpoint = re.search(r"tcp://127\.0\.0\.1:[0-9]+", run.errors)[0]
        stranger = self.witness(name="stranger", log="stranger")
        stranger.says("wants keys")
        torch = self.witness("--key", "torch.key", "--once", name=None)
        torch.says("joined the cluster")
        report = self.report(run)
        self.assertEqual(set(self.cells(report, "torch")), {"pretrained"}, report["sentence"])
        self.assertEqual(torch.wait(), 0)
        self.assertNotIn("joined", stranger.errors)
        (self.folder / "torch.key").chmod(0o644)
        open_key = self.witness("--key", "torch.key", name=None, log="open")
        self.assertEqual(open_key.wait(), 65)
        self.assertIn("open to others", open_key.errors)


class ArgumentTests(ClusterCase):
    """Wrong arguments end with what is wrong and an exit code of sysexits."""

    def test_wrong_arguments(self):
        cases = [
            (64, "--cache-limit", ("--cache-limit", "much")),
            (64, "takes --allow-pickle", ("--import", "x.py")),
            (64, "1 to 64 bytes", ("--name", "a\nb")),
            (65, "cannot be opened", ("--key", "none.key")),
        ]
        for code, words, arguments in cases:
            with self.subTest(words):
                torch = self.witness(*arguments, name=None)
                self.assertEqual(torch.wait(), code)
                self.assertIn(words, torch.errors)
        for endpoint, words in (
            ("tcp://example.org:5555", "with keys only"),
            ("tcp://127.0.0.1:70000", "port from 1"),
            ("http://x", "is no endpoint"),
            ("ipc:///tmp/x", "may write to /tmp"),
        ):
            with self.subTest(endpoint):
                self.endpoint = endpoint
                torch = self.witness()
                self.assertEqual(torch.wait(), 69)
                self.assertIn(words, torch.errors)
        self.assertTrue((PROGRAMS / "mae-coord").exists())


if __name__ == "__main__":
    unittest.main()
