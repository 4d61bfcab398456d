"""The worker's side of the protocol: the state machine, what a coordinator may send, key files, and the cache of
files."""

import hashlib
import os
import pathlib
import random
import shutil
import stat
import tempfile
import unittest

import numpy as np
import zmq

from mae_witness import cache, content, endpoint, forward, keys, limits, mae_pb2 as pb, session, wire
from mae_witness.jobs import JobFailure


def message(kind, **fields):
    """An envelope with a body of `kind`."""
    envelope = wire.envelope(5, 9)
    body = getattr(envelope, kind)
    body.SetInParent()
    for name, value in fields.items():
        setattr(body, name, value)
    return envelope


def job(number=1, epoch=1, **fields):
    """A job as a coordinator sends it."""
    envelope = message(
        "job",
        run=b"r",
        shard=0,
        method=pb.Method_PRETRAINED,
        label=b"pretrained",
        checkpoint=b"tiny",
        batch_index=0,
        seed=42,
        batch_size=2,
        noise_draw=0,
        **fields,
    )
    wire.set_lease(envelope.job.lease, (number, epoch))
    return envelope


def read(envelope, *frames):
    """What the witness reads of a message."""
    return wire.decode([envelope.SerializeToString(), *frames], limits.SMALL_HEADER_BYTES)


class SessionTests(unittest.TestCase):
    """WorkerStateMachine, told again."""

    def setUp(self):
        self.session = session.Session(0.0)
        self.session.tick(0.0)
        self.assertEqual(self.actions(), [("hello",)])

    def actions(self):
        return self.session.take_actions()

    def join(self, number=5, now=0.0):
        self.session.heard(now)
        self.session.welcome(number, 1.0, 10.0, now)
        self.session.tick(now)
        return self.actions()

    def test_hellos_grow_apart(self):
        moments = []
        for now in range(30):
            self.session.tick(float(now))
            moments += [now] * len(self.actions())
        self.assertEqual(moments, [1, 3, 7, 12, 17, 22, 27])

    def test_a_result_is_kept_until_it_is_accepted(self):
        self.join()
        first = read(job()).job
        self.session.job(first, 0.1)
        self.session.tick(0.1)
        self.assertEqual(self.actions(), [("start", first)])
        self.session.ended(first.lease, "result", 0.2)
        said = ("say", ("result", first.lease, "result"))
        self.assertEqual(self.actions(), [said])
        self.session.heard(5.3)
        self.session.tick(5.3)
        self.assertIn(said, self.actions())
        # A job that comes again is answered by its result.
        self.session.job(first, 5.4)
        self.session.tick(5.4)
        self.assertEqual(self.actions(), [said])
        self.session.acknowledge([first.lease])
        self.session.heard(20.0)
        self.session.tick(20.0)
        self.assertNotIn(said, self.actions())

    def test_a_heartbeat_tells_what_was_in_hand_when_it_fell_due(self):
        self.join()
        self.session.job(read(job()).job, 2.0)
        self.session.heard(2.0)
        self.session.tick(2.0)
        beat, start = self.actions()
        self.assertEqual(start[0], "start")
        # The job had not begun: whatever tells how far it is has nothing to tell.
        self.assertEqual(beat, ("say", ("heartbeat", 2, None, [wire.Lease(1, 1)], [])))

    def test_a_new_session_holds_nothing_and_an_old_one_goes_on(self):
        self.join()
        self.session.job(read(job()).job, 0.1)
        self.session.tick(0.1)
        self.actions()
        self.session.reject(pb.Reason_UNKNOWN_WORKER, None, 1.0, "", 0.2)
        self.session.tick(0.2)
        self.assertEqual(self.actions(), [("hello",)])
        self.join(5, 0.3)
        self.assertFalse(self.session.is_cancelled)
        self.session.reject(pb.Reason_UNKNOWN_WORKER, None, 1.0, "", 0.4)
        self.session.tick(0.4)
        self.actions()
        self.assertIn(("cancel", wire.Lease(1, 1)), self.join(6, 0.5))
        # Nothing is said of a job that was told to stop.
        self.session.ended(wire.Lease(1, 1), "result", 0.6)
        self.assertEqual(self.actions(), [])

    def test_jobs_of_an_old_epoch_and_revoked_ones_are_not_run(self):
        self.join()
        self.session.revoke(wire.Lease(1, 3))
        for epoch in (1, 3):
            self.session.job(read(job(epoch=epoch)).job, 0.1)
        self.assertEqual(self.session.waiting, [])
        self.session.job(read(job(epoch=4)).job, 0.1)
        self.assertEqual(len(self.session.waiting), 1)

    def test_silence_makes_it_greet_and_goodbye_frees_it(self):
        self.join()
        self.session.tick(10.0)
        self.assertEqual(self.actions(), [("hello",)])
        self.join(5, 10.1)
        self.session.goodbye(11.0)
        self.assertEqual(self.actions(), [("left",)])
        self.session.tick(12.0)
        self.assertEqual(self.actions(), [("hello",)])

    def test_leaving_says_goodbye_once(self):
        self.join()
        self.session.leave()
        self.assertEqual([action[0] for action in self.actions()], ["say", "left"])
        self.session.tick(100.0)
        self.assertEqual(self.actions(), [])


class WireTests(unittest.TestCase):
    """A coordinator may send anything."""

    def test_a_job_is_read_whole(self):
        envelope = job(mask_ratio=0.5, wants_layernorm=True, configuration=b"config.json", weights=b"ema")
        found = read(envelope).job
        self.assertEqual((found.lease, found.checkpoint, found.mask_ratio), (wire.Lease(1, 1), "tiny", 0.5))
        self.assertEqual((found.noise_draw, found.noise, found.weights), (0, None, "ema"))

    def test_a_job_that_is_wrong_is_refused_with_its_lease(self):
        cases = {
            "batch_size": lambda body: setattr(body, "batch_size", (1 << 16) + 1),
            "mask_ratio": lambda body: setattr(body, "mask_ratio", float("nan")),
            "noise": lambda body: body.ClearField("noise_draw"),
            "checkpoint": lambda body: setattr(body, "checkpoint", b"a\0b"),
            "label": lambda body: setattr(body, "label", b"\xff"),
            "run": lambda body: setattr(body, "run", b"x" * 257),
            "checkpoint_files": lambda body: setattr(body, "checkpoint_files", b"short"),
            "seed": lambda body: body.ClearField("seed"),
        }
        for name, spoil in cases.items():
            with self.subTest(name):
                envelope = job()
                spoil(envelope.job)
                with self.assertRaises(wire.WireError) as raised:
                    read(envelope)
                self.assertEqual(raised.exception.lease, wire.Lease(1, 1))
                self.assertIn(name, str(raised.exception))

    def test_noise_must_be_what_was_announced(self):
        noise = np.zeros((2, 16), "<f4").tobytes()
        sha256 = hashlib.sha256(noise).digest()

        def given(**changes):
            envelope = job()
            envelope.job.ClearField("noise_draw")
            envelope.payloads.add(
                **{**dict(name=pb.TensorName_NOISE, shape=[2, 16], length=len(noise), sha256=sha256), **changes}
            )
            return envelope

        self.assertEqual(read(given(), noise).job.noise.shape, (2, 16))
        for changes in (
            {"length": 4},
            {"shape": [3, 16]},
            {"shape": [1 << 40, 1 << 40]},
            {"sha256": b"\0" * 32},
            {"shape": [32]},
            {"shape": [1] * 9},
        ):
            with self.subTest(str(changes)), self.assertRaises(wire.WireError):
                read(given(**changes), noise)
        with self.assertRaises(wire.WireError):
            read(given())
        with self.assertRaises(wire.WireError):
            read(job(), noise)

    def test_other_versions_and_workers_messages_are_refused(self):
        envelope = job()
        envelope.version = 3
        with self.assertRaises(wire.OtherVersion):
            read(envelope)
        for kind in ("hello", "result", "manifest_request", "chunk_request"):
            with self.subTest(kind), self.assertRaises(wire.WireError):
                read(message(kind))

    def test_mutated_messages_never_do_more_than_be_refused(self):
        seed = int(os.environ.get("MAE_TEST_SEED", random.randrange(1 << 30)))
        generator = random.Random(seed)
        good = [
            job().SerializeToString(),
            message("welcome", heartbeat_milliseconds=1000, liveness_milliseconds=10_000).SerializeToString(),
        ]
        for _ in range(20_000):
            data = bytearray(generator.choice(good))
            for _ in range(generator.randrange(1, 6)):
                data[generator.randrange(len(data))] = generator.randrange(256)
            frames = [bytes(data[: generator.randrange(1, len(data) + 1)])] + [b"x"] * generator.randrange(3)
            try:
                wire.decode(frames, limits.SMALL_HEADER_BYTES)
            except wire.WireError:
                pass
            except Exception as error:
                self.fail(f"MAE_TEST_SEED={seed}: {error!r} of {frames}")


class ManifestTests(unittest.TestCase):
    """Lists of files, and the files."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="mae-witness-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def test_names_and_sizes_that_do_not_fit_are_refused(self):
        def listed(name=b"a", size=1, chunks=b"\0" * 32, **fields):
            body = pb.Manifest(**{"is_directory": True, **fields})
            body.files.add(name=name, size=size, chunks=chunks)
            return content.manifest_of(body)

        self.assertIsNotNone(listed())
        for changes in (
            {"name": b"../a"},
            {"name": b".."},
            {"name": b""},
            {"name": b"a\nb"},
            {"name": b"\xff"},
            {"name": b"x" * 256},
            {"size": 1 << 63},
            {"size": (1 << 20) + 1},
            {"chunks": b"\0" * 31},
            {"size": 0},
        ):
            with self.subTest(str(changes)):
                self.assertIsNone(listed(**changes))

    def test_digests_are_those_of_the_formats(self):
        data = os.urandom((1 << 20) + 5)
        (self.folder / "f").write_bytes(data)
        found = content.read(self.folder / "f", "f")
        chunks = [data[i : i + 2**20] for i in range(0, len(data), 2**20)]
        digest = hashlib.sha256(b"".join(hashlib.sha256(chunk).digest() for chunk in chunks)).hexdigest()
        self.assertEqual(found.digest.hex(), digest)
        text = f"directory\n{digest} {len(data)} f\n"
        self.assertEqual(content.Manifest(True, [found]).digest, hashlib.sha256(text.encode()).digest())

    def test_only_folders_that_were_allowed_are_looked_at(self):
        (self.folder / "in/model").mkdir(parents=True)
        (self.folder / "out").mkdir()
        (self.folder / "out/secret").write_text("x")
        folders = content.ModelFolders([str(self.folder / "in")])
        self.assertTrue(folders.admit(str(self.folder / "in/model")))
        for path in ("out", "out/secret", "in/../out/secret", "in2"):
            self.assertFalse(folders.admit(str(self.folder / path)), path)
        (self.folder / "in/model/link").symlink_to(self.folder / "out/secret")
        self.assertFalse(folders.admit(str(self.folder / "in/model")))
        (self.folder / "in/link").symlink_to(self.folder / "out")
        self.assertFalse(folders.admit(str(self.folder / "in/link/secret")))
        self.assertFalse(content.ModelFolders([]).admit(str(self.folder / "in")))

    def test_the_cache_keeps_what_is_right_for_one_user(self):
        data = os.urandom(1000)
        file = content.FileEntry("f", len(data), hashlib.sha256(data).digest())
        store = cache.Cache(str(self.folder / "cache"), 1500)
        store.open()
        check = lambda size: None
        self.assertIsNone(store.take(file, check))

        def fill(write):
            self.assertFalse(write(0, data[:-1] + b"?"))
            self.assertTrue(write(0, data))

        held = store.store(file, fill, check)
        self.assertEqual(pathlib.Path(held.path).read_bytes(), data)
        self.assertEqual(stat.S_IMODE(os.stat(held.path).st_mode), 0o400)
        self.assertEqual(stat.S_IMODE(os.stat(self.folder / "cache").st_mode), 0o700)
        other = content.FileEntry("g", 1000, hashlib.sha256(b"?" * 1000).digest())
        # What is in use stays, and the limit holds.
        with self.assertRaises(JobFailure):
            store.store(other, lambda write: write(0, b"?" * 1000), check)
        held.close()
        store.store(other, lambda write: write(0, b"?" * 1000), check).close()
        self.assertIsNone(store.take(file, check))
        # A file that was damaged is removed, and never used.
        path = self.folder / "cache/files" / other.digest.hex()
        path.chmod(0o600)
        path.write_bytes(b"!" * 1000)
        self.assertIsNone(cache.Cache(str(self.folder / "cache"), 1500).take(other, check))
        self.assertFalse(path.exists())

    def test_key_files_that_others_may_touch_or_are_wrong_are_refused(self):
        public, secret = (key.decode() for key in zmq.curve_keypair())
        text = f"mae-key 1 node\nname: n\npublic-key: {public}\nsecret-key: {secret}\ncoordinator-key: {public}\n"
        path = self.folder / "n.key"

        def written(text, mode=0o600):
            path.write_text(text)
            path.chmod(mode)
            return str(path)

        self.assertEqual(keys.read(written(text)).node, "n")
        self.assertNotIn(secret, repr(keys.read(written(text))))
        wrong = [
            text[:-1],
            text.replace("node\n", "coordinator\n"),
            text + "name: n\n",
            text.replace("name: n\n", ""),
            text.replace(public, public[:-1]),
            text.replace(f"public-key: {public}", "public-key: " + "~" * 40),
            text.replace("name: n", "name: \x01"),
            text + "x" * 5000,
            text.replace(f"secret-key: {secret}", f"secret-key: {zmq.curve_keypair()[1].decode()}"),
        ]
        for each in wrong:
            with self.subTest(each), self.assertRaises(keys.KeyProblem):
                keys.read(written(each))
        with self.assertRaises(keys.KeyProblem):
            keys.read(written(text, 0o640))
        (self.folder / "link").symlink_to(written(text))
        with self.assertRaises(keys.KeyProblem):
            keys.read(str(self.folder / "link"))

    def test_endpoints(self):
        self.assertIsNotNone(endpoint.check("tcp://127.0.0.1:5", False))
        self.assertIsNone(endpoint.check("tcp://example.org:5", True))
        self.assertIsNone(endpoint.check(f"ipc://{self.folder}/s", False))
        for wrong in (
            "tcp://example.org:5",
            "tcp://127.0.0.1:65536",
            "tcp://127.0.0.1:5x",
            "tcp://:5",
            "ipc://s",
            "x",
            "ipc:///tmp/s",
            "tcp://127.0.0.1.example.org:5",
        ):
            with self.subTest(wrong), self.assertRaises(endpoint.EndpointProblem):
                endpoint.check(wrong, False)


class DigestTests(unittest.TestCase):
    """Digests are taken as mae-coord takes them."""

    def test_every_nan_is_one(self):
        values = np.array([1, 2, 3], np.uint32).view(np.float32).copy()
        values.view(np.uint32)[1] = 0xFFC12345
        expected = hashlib.sha256(np.array([1, 0x7FC00000, 3], "<u4").tobytes()).digest()
        self.assertEqual(forward.digest(values), expected)
        self.assertEqual(values.view(np.uint32)[1], 0xFFC12345)


if __name__ == "__main__":
    unittest.main()
