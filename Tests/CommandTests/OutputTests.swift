import Foundation
import ProcessTestSupport
import TestSupport
import Testing

@Suite("Output that nobody takes, and what may stand in it")
struct OutputTests {
    let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory() }

    /// Runs mae-coord with its streams where `redirection` says.
    private func run(_ arguments: [String], _ redirection: String) async throws -> CommandResult {
        try await RunningCommand(
            program: "/bin/sh",
            arguments: ["-c", "exec \"$0\" \"$@\" \(redirection)", try Program.coordinator.path] + arguments,
            directory: folder.path
        ).result()
    }

    /// A run that nobody takes part in, which is over after a second.
    private var lonelyRun: [String] {
        ["verify", "--bind", "tcp://127.0.0.1:*", "--timeout", "1", "--store", folder.file("store")]
            + VerifySite.goldenMethods
    }

    private static let printing = [
        ["infer", "--model", Goldens.path("checkpoints/hub5"), "--output", "out"],
        ["checkpoint", "inspect", Goldens.path("checkpoints/hub5")],
        ["checkpoint", "inspect", "--json", Goldens.path("checkpoints/hub5")],
        ["checkpoint", "diff", Goldens.path("checkpoints/hub5"), Goldens.path("checkpoints/hub5")],
        ["checkpoint", "convert", Goldens.path("checkpoints/hub5"), "converted", "--to", "hub"],
        ["checkpoint", "init", "--preset", "tiny", "--seed", "1", "--output", "model"],
        ["keys", "init", "--keys", "keys"],
    ]

    @Test("an answer that cannot be written is an error, not a success", arguments: printing)
    func fullOutput(arguments: [String]) async throws {
        let result = try await run(arguments, ">/dev/full")
        #expect(result.exitCode == 69)
        #expect(result.errors.contains("standard output: cannot be written: No space left"), "\(result.errors)")
    }

    @Test("a run goes on and keeps its verdict when its log or its report cannot be written")
    func fullLog() async throws {
        for redirection in ["2>/dev/full", "2>&-", ">/dev/full", ">&-", "| true"] {
            let reports = ["--json", "r.json", "--junit", "r.xml", "--html", "r.html"]
            for name in ["r.json", "r.xml", "r.html"] { unlink(folder.file(name)) }
            let command = redirection.hasPrefix("|") ? "; echo $? >code; } 2>log \(redirection)" : redirection
            var result: CommandResult
            if redirection.hasPrefix("|") {
                result = try await RunningCommand(
                    program: "/bin/sh",
                    arguments: ["-c", "{ \"$0\" \"$@\" \(command)", try Program.coordinator.path] + lonelyRun + reports,
                    directory: folder.path
                ).result()
                let code = try String(contentsOfFile: folder.file("code"), encoding: .utf8)
                #expect(code == "3\n", "\(redirection)")
            } else {
                result = try await run(lonelyRun + reports, redirection)
                #expect(result.exitCode == 3, "\(redirection): \(result.errors)")
            }
            for name in ["r.json", "r.xml", "r.html"] {
                #expect(FileManager.default.fileExists(atPath: folder.file(name)), "\(redirection): \(name)")
            }
        }
    }

    @Test(
        "a report that cannot be written is noticed before the run",
        arguments: ["--json", "--junit", "--html", "--metrics"])
    func unwritableReport(option: String) async throws {
        let result = try await run(lonelyRun + [option, "nowhere/report"], "")
        #expect(result.exitCode == 69 && result.errors.contains("nowhere/report: cannot be written"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("store/mae.sqlite")))
    }

    @Test("a report goes to where a link leads, and a refused start leaves last night's file as it is")
    func replacedFile() async throws {
        let target = try folder.write("target.json", "old".utf8)
        try FileManager.default.createSymbolicLink(atPath: folder.file("link.json"), withDestinationPath: target)
        // There are no keys.
        let first = try await run(lonelyRun + ["--secure", "--metrics", target], "")
        #expect(first.exitCode == 65)
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "old")
        let second = try await run(lonelyRun + ["--json", "link.json"], "")
        #expect(second.exitCode == 3)
        #expect(try String(contentsOfFile: target, encoding: .utf8).contains("nothing-compared"))
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: folder.file("link.json")).hasSuffix("target.json")
        )
        let there = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(Set(there) == ["target.json", "link.json", "store"])
    }

    @Test(
        "a report is not written through a link of another user",
        .enabled(if: geteuid() == 0, "only root gives links away"))
    func foreignLink() async throws {
        let target = try folder.write("target.json", "precious".utf8)
        for name in ["link.json", "again.json"] {
            try FileManager.default.createSymbolicLink(
                atPath: folder.file(name), withDestinationPath: name == "link.json" ? target : folder.file("link.json"))
        }
        #expect(lchown(folder.file("link.json"), 1, 1) == 0)
        for name in ["link.json", "again.json"] {
            let result = try await run(lonelyRun + ["--json", name], "")
            #expect(result.exitCode == 69 && result.errors.contains("belongs to another user"), "\(result.errors)")
        }
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "precious")
    }

    @Test("control characters of a checkpoint do not reach the terminal")
    func hostileCheckpoint() async throws {
        let header = #"{"evil\u001b[31m\nname":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
        var bytes = try Goldens.bytes("checkpoints/state.safetensors")
        let length = Int(bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        let text = String(decoding: bytes[8..<8 + length], as: UTF8.self).trimmingCharacters(in: .whitespaces)
        let end = bytes.count - 8 - length
        let entry = header.dropFirst().dropLast().replacingOccurrences(of: "[0,4]", with: "[\(end),\(end + 4)]")
        let merged = String(text.dropLast()) + "," + entry + "}"
        let count = merged.utf8.count
        bytes =
            (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + Array(merged.utf8) + bytes[(8 + length)...]
            + [0, 0, 0, 0]
        let path = try folder.write("evil.safetensors", bytes)
        let config = Goldens.path("checkpoints/hub5")
        for arguments in [
            ["checkpoint", "inspect", path, "--config", config],
            ["infer", "--model", path, "--config", config, "--output", "out"],
        ] {
            let result = try await run(arguments, "")
            let written = result.output + result.errors
            #expect(written.contains(#"evil\u{1b}[31m"#), "\(written)")
            #expect(!written.contains("\u{1B}"))
        }
    }

    @Test("a signal ends the reading of a large checkpoint")
    func interruptedReading() async throws {
        // A model with a tensor of 2^37 bytes that is no parameter.
        var bytes = try Goldens.bytes("checkpoints/state.safetensors")
        let length = Int(bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        let end = bytes.count - 8 - length
        let text = String(decoding: bytes[8..<8 + length], as: UTF8.self).trimmingCharacters(in: .whitespaces)
        let header =
            text.dropLast()
            + #","padding":{"dtype":"F32","shape":[\#(1 << 35)],"data_offsets":[\#(end),\#(end + (1 << 37))]}}"#
        bytes =
            (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) } + Array(header.utf8)
            + bytes[(8 + length)...]
        let path = try folder.write("large.safetensors", bytes)
        try #require(truncate(path, 8 + header.utf8.count + end + (1 << 37)) == 0)
        let command = try Program.coordinator.start(
            [
                "verify", "--bind", "tcp://127.0.0.1:*", "--store", folder.file("store"),
                "--method", "state-dict=\(path)", "--config", Goldens.path("checkpoints/hub5"),
            ])
        try await command.waitFor("reading")
        command.send(signal: SIGTERM)
        // One that is not ended reads everything, and waits for workers.
        let result = try await command.result()
        #expect(result.exitCode == 2 && result.errors.contains("no run was begun"), "\(result.errors)")
    }
}
