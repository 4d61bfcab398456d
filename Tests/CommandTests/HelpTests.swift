import Foundation
import Testing

@Suite("Help and usage")
struct HelpTests {
    static let commands = [
        ["infer"], ["checkpoint"], ["checkpoint", "inspect"], ["checkpoint", "diff"], ["checkpoint", "convert"],
        ["checkpoint", "init"], ["keys"], ["keys", "init"], ["keys", "add"], ["keys", "revoke"], ["keys", "list"],
        ["nodes"], ["runs"], ["history"], ["report"], ["replay"], ["prune"], ["drain"], ["undrain"], ["health"],
        ["nightly"], ["baseline"], ["baseline", "pin"],
    ]

    @Test("every command explains itself with an example", arguments: commands)
    func helps(command: [String]) async throws {
        let result = try await Program.coordinator.run(command + ["--help"])
        #expect(result.exitCode == 0)
        #expect(result.errors.isEmpty)
        #expect(result.output.contains("Example: mae-coord \(command.joined(separator: " "))"))
        #expect(result.output.contains("USAGE: mae-coord \(command.joined(separator: " "))"))
    }

    @Test("the program lists its commands and exit codes")
    func listsCommands() async throws {
        let result = try await Program.coordinator.run("--help")
        #expect(result.exitCode == 0)
        for word in ["infer", "checkpoint", "65 bad input file"] { #expect(result.output.contains(word)) }
    }

    /// Commands with all that they must be given.
    static let complete = [
        ["infer", "--model", "m", "--output", "o"], ["checkpoint"], ["checkpoint", "inspect", "m"],
        ["checkpoint", "diff", "a", "b"], ["checkpoint", "convert", "a", "b", "--to", "hub"],
        ["checkpoint", "init", "--preset", "tiny", "--seed", "1", "--output", "o"], ["keys"], ["keys", "init"],
        ["keys", "add", "n"], ["keys", "revoke", "n"], ["keys", "list"], ["nodes"], ["runs"], ["report"],
        ["replay", "--cell", "n/m/0"], ["prune", "--keep", "1"], ["drain", "n"],
        ["undrain", "n"],
        ["health", "f"], ["verify", "--method", "full=m"], ["baseline", "pin", "--output", "o"],
    ]

    @Test("a flag that does not exist is a usage error that names it", arguments: complete)
    func refusesUnknownFlag(command: [String]) async throws {
        let result = try await Program.coordinator.run(command + ["--no-such-flag"])
        #expect(result.exitCode == 64)
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("--no-such-flag"), "\(result.errors)")
    }

    @Test(
        "a value that does not fit its option is a usage error that names the option",
        arguments: [
            ["infer", "--model", "m", "--output", "o", "--mask-ratio", "1"],
            ["infer", "--model", "m", "--output", "o", "--mask-ratio", "nan"],
            ["infer", "--model", "m", "--output", "o", "--batch-size", "0"],
            ["infer", "--model", "m", "--output", "o", "--threads", "0"],
            ["infer", "--pin", "--model", "m", "--output", "o", "--threads", "1024"],
            ["infer", "--model", "m", "--output", "o", "--isa", "mmx"],
            ["infer", "--model", "m", "--output", "o", "--backend", "vulkan", "--isa", "scalar"],
            ["infer", "--model", "m", "--output", "o", "--seed", "1.5"],
            ["checkpoint", "init", "--output", "o", "--preset", "gigantic"],
            ["checkpoint", "convert", "a", "b", "--to", "onnx"],
            ["checkpoint", "inspect", "m", "--method", "guess"],
            ["verify", "--method", "full=m", "--log-level", "loud"],
            ["verify", "--method", "full=m", "--atol", "inf"],
            ["runs", "--limit", "0"],
            ["prune", "--keep", "-1"],
        ])
    func refusesValue(arguments: [String]) async throws {
        let result = try await Program.coordinator.run(arguments)
        #expect(result.exitCode == 64)
        let option = arguments[arguments.count - 2]
        #expect(result.errors.contains(option), "\(result.errors)")
    }

    @Test("the worker explains itself with an example")
    func workerHelps() async throws {
        let result = try await Program.worker.run("--help")
        #expect(result.output.contains("Example: mae-worker --connect tcp://"))
    }

    @Test(
        "an endpoint that no coordinator can have is a usage error that shows how to write one",
        arguments: ["inproc://here", "coordinator:5555", "tcp://nowhere"])
    func refusesEndpoint(endpoint: String) async throws {
        let result = try await Program.worker.run("--connect", endpoint)
        #expect(result.exitCode == 64)
        #expect(result.errors.contains("tcp://HOST:PORT"), "\(result.errors)")
    }

    @Test("the other programs explain themselves too", arguments: [Program.worker, .bench])
    func othersHelp(program: Program) async throws {
        let result = try await program.run("--help")
        #expect(result.exitCode == 0)
        #expect(result.output.contains("USAGE: \(program.rawValue)"))
        #expect(try await program.run("--no-such-flag").exitCode == 64)
    }

    @Test("--version names the release and every number by which programs can fail to understand each other")
    func versions() async throws {
        let contracts = ["engine digest", "wire protocol", "numeric class", "libzmq"]
        var digests: Set<String> = []
        for (program, names) in [
            (Program.coordinator, contracts + ["store schema"]), (.bench, contracts + ["store schema"]),
            (.worker, contracts),
        ] {
            let result = try await program.run("--version")
            #expect(result.exitCode == 0)
            let lines = result.output.split(separator: "\n")
            #expect(lines.first?.wholeMatch(of: try Regex("\(program.rawValue) \\d+\\.\\d+\\.\\d+")) != nil, "\(lines)")
            let values = Dictionary(
                uniqueKeysWithValues: lines.dropFirst().map { line in
                    let words = line.split(separator: "  ").map { $0.trimmingCharacters(in: .whitespaces) }
                    return (words.first ?? "", words.last ?? "")
                })
            #expect(Set(values.keys) == Set(names))
            #expect(values["numeric class"] == "canonical-v1")
            #expect(values["libzmq"]?.wholeMatch(of: #/4\.\d+\.\d+/#) != nil)
            digests.insert(values["engine digest"] ?? "")
        }
        #expect(digests.count == 1 && digests.first?.count == 12, "\(digests)")
    }
}
