import Foundation
import TestSupport
import Testing

@testable import MAEText

@Suite("What is typed wrongly is named, with what was meant")
struct UsageTests {
    private static let verify = ["verify", "--method", "full=m"]

    /// What is typed, and what is said of it.
    private static let mistakes: [(arguments: [String], message: String)] = [
        (["verify", "--metod", "full=m"], "Unknown option '--metod' of mae-coord verify. Did you mean '--method'?"),
        (["verify", "--pixels", "d"], "Unknown option '--pixels' of mae-coord verify"),
        (["verfy"], "mae-coord has no command 'verfy'. Did you mean 'verify'?"),
        (["checkpoint", "insepct", "m"], "mae-coord checkpoint has no command 'insepct'. Did you mean 'inspect'?"),
        (["keys", "lst"], "mae-coord keys has no command 'lst'. Did you mean 'list'?"),
        (["runs", "--jsn"], "Unknown option '--jsn' of mae-coord runs. Did you mean '--json'?"),
        (["contrast", "a", "b"], "mae-coord has no command 'contrast'."),
        (verify + ["--batch-size", "-1"], "--batch-size -1: from 1 to 65536."),
        (verify + ["--batches", "-3"], "--batches -3: from 1 to 1000000."),
        (verify + ["--workers", "-1"], "--workers -1: from 1 to 1024."),
        (verify + ["--timeout", "-4"], "--timeout -4: above 0 seconds"),
        (verify + ["--mask-ratio", "-0.5"], "--mask-ratio -0.5: from 0 to below 1."),
        (verify + ["--atol", "-1"], "--atol -1"),
        (["prune", "--keep", "-1"], "--keep -1: from 0 on."),
        (["runs", "--limit", "-2"], "--limit -2: from 1 on."),
        (verify + ["--run", ""], "--run: a run has a name"),
        (verify + ["--resume", ""], "--resume: name a run"),
        (verify + ["--bind", "tcp://127.0.0.1:80000"], "--bind tcp://127.0.0.1:80000: port 80000: from 1 to 65535"),
        (verify + ["--bind", "127.0.0.1:5658"], "write tcp://127.0.0.1:5658"),
        (verify + ["--bind", "tcp://127.0.0.1"], "names no port"),
        (verify + ["--bind", "inproc://x"], "write it as tcp://HOST:PORT or ipc://PATH"),
        (
            verify + ["--bind", "tcp://127.0.0.1:5555/x"],
            "--bind tcp://127.0.0.1:5555/x: \"5555/x\" is no port: from 1 to 65535"
        ),
        (verify + ["--bind", "tcp://:5555"], "names no host"),
        (verify + ["--bind", "tcp://[::1:5555"], "lacks the ] of an IPv6 address"),
        (verify + ["--bind", "ipc://"], "names no file"),
        (verify + ["--bind", "ipc:///" + String(repeating: "x", count: 120)], "the path has 121 bytes"),
    ]

    @Test("mae-coord", arguments: mistakes)
    func coordinator(arguments: [String], message: String) async throws {
        let result = try await Program.coordinator.run(arguments)
        #expect(result.exitCode == 64)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains(message), "\(result.errors)")
    }

    @Test(
        "help is given whatever else was typed, and of commands that only have others",
        arguments: [
            (Program.coordinator, ["verify", "--seed", "1", "--help"]),
            (Program.coordinator, ["runs", "--json", "-h"]),
            (Program.coordinator, ["nightly", "--batches", "5", "--help"]),
            (Program.coordinator, ["help", "verify"]),
            (Program.coordinator, ["keys"]),
            (Program.coordinator, ["checkpoint"]),
            (Program.worker, ["--name", "a", "--help"]),
            (Program.bench, ["model", "--threads", "1", "--help"]),
        ])
    func help(program: Program, arguments: [String]) async throws {
        let result = try await program.run(arguments)
        #expect(result.exitCode == 0)
        #expect(result.errors.isEmpty, "\(result.errors)")
        #expect(result.output.contains("USAGE: "))
    }

    @Test(
        "mae-worker",
        arguments: [
            (["--conect", "tcp://127.0.0.1:9"], "Unknown option '--conect' of mae-worker. Did you mean '--connect'?"),
            (["--connect", "tcp://127.0.0.1:9", "--threads", "-2"], "--threads -2: from 1 to 1024."),
            (["--connect", "tcp://127.0.0.1:70000"], "port 70000: from 1 to 65535"),
            (["--connect", "127.0.0.1:5658"], "write tcp://127.0.0.1:5658"),
            (
                ["--connect", "tcp://127.0.0.1:5658 x"],
                "--connect tcp://127.0.0.1:5658 x: \"5658 x\" is no port: from 1 to 65535;"
            ),
            (["--connect", "tcp://127.0.0.1:*"], "\"*\" is no port: from 1 to 65535; write it as tcp://HOST:PORT"),
            (["--connect", "tcp://*:5658"], "* is an address to listen at"),
            (["--connect", "tcp://::1:5658"], "write it as tcp://[ADDRESS]:PORT"),
            (["--connect", "ipc:///" + String(repeating: "x", count: 120)], "the path has 121 bytes"),
        ])
    func worker(arguments: [String], message: String) async throws {
        let result = try await Program.worker.run(arguments)
        #expect(result.exitCode == 64 && result.errors.contains(message), "\(result.errors)")
    }

    /// What is given twice, and what is said of it.
    private static let repetitions: [(program: Program, arguments: [String], option: String, usage: String)] = [
        (.coordinator, verify + ["--seed", "1", "--seed", "2"], "--seed", "mae-coord verify"),
        (
            .coordinator, ["verify", "--images", "a", "--method", "full=m", "--images=b"], "--images",
            "mae-coord verify"
        ),
        // A number that is negative is a value, and what cannot be parsed does not hide the repetition.
        (.coordinator, verify + ["--seed", "-1", "--seed", "x"], "--seed", "mae-coord verify"),
        (.coordinator, ["baseline", "pin", "-o", "a", "--output", "b"], "--output", "mae-coord baseline pin"),
        (.coordinator, ["nodes", "--watch", "--store", "a", "--store", "b"], "--store", "mae-coord nodes"),
        (.coordinator, ["nightly", "--plan", "a", "--plan", "b"], "--plan", "mae-coord nightly"),
        (.worker, ["--name", "a", "--name", "b"], "--name", "mae-worker"),
        (.bench, ["model", "--threads", "1", "--threads", "2"], "--threads", "mae-bench model"),
    ]

    @Test(
        "an option that takes one value and is given twice is refused, whatever the values are", arguments: repetitions)
    func repetition(program: Program, arguments: [String], option: String, usage: String) async throws {
        let result = try await program.run(arguments)
        #expect(result.exitCode == 64 && result.output.isEmpty, "\(result.errors)")
        #expect(
            result.errors.hasPrefix("Error: \(option) is given more than once, and takes one value"), "\(result.errors)"
        )
        #expect(result.errors.contains("Usage: \(usage) "), "\(result.errors)")
    }

    @Test("a flag and its opposite contradict each other; options that may be repeated are no repetition")
    func opposites() async throws {
        let opposite = try await Program.coordinator.run(Self.verify + ["--referee", "--no-referee"])
        #expect(opposite.exitCode == 64 && opposite.errors.contains("--referee and --no-referee: give one of them."))
        let folder = try TemporaryDirectory()
        // What is wrong is that neither is there: the command line is right.
        let methods = try await Program.coordinator.run([
            "verify", "--method", "full=\(folder.file("a"))", "--method", "full=\(folder.file("b"))", "--quiet",
            "--quiet",
            "--local", "1", "--store", folder.file("store"),
        ])
        #expect(methods.exitCode == 65, "\(methods.errors)")
    }

    @Test(
        "the usage that is shown is that of the command, also where it finds the mistake while it runs",
        arguments: [
            (["verify", "--batchs", "3"], "Usage: mae-coord verify "),
            (["checkpoint", "insepct", "m"], "Usage: mae-coord checkpoint <subcommand>"),
            (["nightly"], "Usage: mae-coord nightly "), (["verfy"], "Usage: mae-coord <subcommand>"),
        ])
    func usage(arguments: [String], usage: String) async throws {
        let result = try await Program.coordinator.run(arguments)
        let command = usage.dropFirst("Usage: ".count).prefix { $0 != "<" }.trimmingCharacters(in: .whitespaces)
        #expect(result.exitCode == 64 && result.errors.contains(usage), "\(result.errors)")
        #expect(result.errors.contains("See '\(command) --help' for more information."), "\(result.errors)")
    }

    @Test("a coordinator at the name localhost is one at the loopback address")
    func localhost() async throws {
        let site = try await VerifySite(VerifySite.goldenMethods + ["--bind", "tcp://localhost:*"], workers: 1)
        #expect(site.endpoint.hasPrefix("tcp://127.0.0.1:"))
        let worker = try site.worker("one")
        #expect(try await site.coordinator.result().exitCode == 0)
        try await VerifySite.dismiss([worker])
    }

    @Test("a relative path of a socket file is shown whole, and both commands meet at it")
    func relativePath() async throws {
        let folder = try TemporaryDirectory()
        let coordinator = try Program.coordinator.start(
            ["verify", "--workers", "1", "--bind", "ipc://socket"] + VerifySite.goldenMethods, in: folder.path)
        try await coordinator.waitFor("at ipc://\(folder.file("socket"))")
        let worker = try Program.worker.start(
            ["--connect", "ipc://./socket", "--name", "one", "--threads", "1", "--models", "/"], in: folder.path)
        let result = try await coordinator.result()
        #expect(result.exitCode == 0, "\(result.errors)")
        try await VerifySite.dismiss([worker])
    }

    @Test("a socket file in a folder that is not there names the folder")
    func missingFolder() async throws {
        let folder = try TemporaryDirectory()
        let result = try await Program.coordinator.run(
            ["verify", "--store", folder.file("store"), "--bind", "ipc:///nope/x"] + VerifySite.goldenMethods)
        #expect(result.exitCode == 69)
        #expect(result.errors.contains("there is no folder /nope"), "\(result.errors)")
        #expect(!result.errors.contains("zmq_bind"))
    }

    @Test(
        "commands that look at a store say what makes one where there is none", arguments: ["runs", "nodes", "history"])
    func noStore(command: String) async throws {
        let folder = try TemporaryDirectory()
        let result = try await Program.coordinator.run(command, "--store", folder.file("store"))
        #expect(result.exitCode == 69)
        #expect(result.errors.contains("there is no store here: mae-coord verify --store DIR makes one"))
    }

    @Test(
        "the distance between two words counts letters put in, left out, changed or swapped",
        arguments: [("verfy", "verify", 1), ("insepct", "inspect", 1), ("", "abc", 3), ("kitten", "sitting", 3)])
    func distance(one: String, other: String, distance: Int) {
        #expect(NearestWord.distance(one, other) == distance)
        #expect(NearestWord.distance(other, one) == distance)
    }
}
