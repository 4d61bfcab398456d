import Foundation
import TestSupport
import Testing

@Suite("What shells complete")
struct CompletionTests {
    /// What stands for a value in help and can't be listed: numbers, addresses, commands, new names.
    static let free: Set<String> = [
        "n", "k", "r", "x", "seconds", "size", "endpoint", "host", "address", "url", "command", "z85", "key", "cell",
        "name",
        "flags", "subcommands",
        // Of mae-bench, after the option.
        "threads", "batch-size", "mask-ratio", "repeat", "limit", "kernel", "seed", "workers",
    ]
    /// What has a name like others that can be listed, but is new.
    static let made: Set<String> = ["mae-coord keys add <node>"]

    @Test(
        "every option and argument says what a shell can offer for it, or takes what can't be listed",
        arguments: [Program.coordinator, .worker, .bench])
    func kinds(program: Program) async throws {
        let dump = try await program.run("--experimental-dump-help").json
        let silent = try Self.silent(in: dump.object("command"), path: "")
        #expect(silent.subtracting(Self.made) == [], "give these a completion:, or their value a name of Self.free")
    }

    /// The options and arguments of a command and its subcommands that have no kind of completion.
    private static func silent(in command: JSONObject, path: String) throws -> Set<String> {
        let path = path + (command["commandName"] ?? "")
        var silent: Set<String> = []
        for argument in command.keys.contains("arguments") ? try command.objects("arguments") : [] {
            guard argument["kind"] != "flag", !argument.keys.contains("completionKind") else { continue }
            let value = argument["valueName"] ?? ""
            let name =
                try argument.keys.contains("names")
                ? "--" + (argument.objects("names").first?["name"] ?? "") : "<\(value)>"
            if !free.contains(value) { silent.insert("\(path) \(name)") }
        }
        for subcommand in command.keys.contains("subcommands") ? try command.objects("subcommands") : [] {
            guard subcommand.bool("shouldDisplay") != false else { continue }
            silent.formUnion(try Self.silent(in: subcommand, path: path + " "))
        }
        return silent
    }

    @Test("names are offered from the store and the keys that the command line names, and none where there are none")
    func names() async throws {
        let folder = try TemporaryDirectory()
        let keys = folder.file("site keys")
        #expect(try await Program.coordinator.run("keys", "init", "--keys", keys).exitCode == 0)
        #expect(
            try await Program.coordinator.run([
                "keys", "add", "n-{1..2}", "--keys", keys, "--output", folder.file("nodes"),
            ])
            .exitCode == 0)
        func offered(_ words: String...) async throws -> String {
            try await Program.coordinator.run(
                [
                    "---completion", "keys", "revoke", "--", "positional@0", "\(words.count)", "0", "mae-coord", "keys",
                    "revoke",
                ]
                    + words + [""]
            ).output
        }
        // As a shell hands it over: what was typed.
        #expect(try await offered("--keys", keys.replacing(" ", with: "\\ ")) == "n-1\nn-2\n")
        #expect(try await offered("--keys='\(keys)'") == "n-1\nn-2\n")
        #expect(try await offered("--keys", folder.file("none")).trimmingCharacters(in: .newlines) == "")
    }
}
