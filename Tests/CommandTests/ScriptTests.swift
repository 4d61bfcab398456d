import Foundation
import Testing

/// With `set -o pipefail`, a writer whose reader went away before the end fails with 141 (SIGPIPE), but only when it had more to
/// say than the reader took: a script that passed for months then fails once its output has grown.
@Suite("Shell scripts")
struct ScriptTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Files that bash runs or sources, by their path in the repository.
    private static let scripts: [(path: String, text: String)] = {
        ["cluster", "docker", "docs", "Proto", "Sources/CMAEShaders", "Tests"].flatMap { folder in
            let paths = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
            return (paths?.compactMap { $0 as? String } ?? []).sorted().compactMap { path -> (String, String)? in
                let file = root.appendingPathComponent(folder).appendingPathComponent(path)
                guard ["", "sbatch", "sh"].contains(file.pathExtension),
                    let text = try? String(contentsOf: file, encoding: .utf8), text.hasPrefix("#")
                else { return nil }
                return ("\(folder)/\(path)", text)
            }
        }
    }()

    @Test("none reads only the beginning of what another program writes")
    func readsPipesToTheEnd() throws {
        let paths = Set(Self.scripts.map(\.path))
        #expect(paths.isSuperset(of: ["cluster/setup", "cluster/slurm/night.sbatch", "Tests/Device/parts/json.sh"]))
        // Each ends at the first line that it looks for.
        let early = /\|\s*(head\b|grep\s+(-\w*[qm]|--quiet|--max-count)|sed\s[^|]*\dq\b|awk\s[^|]*\bexit\b)/
        let found = Self.scripts.flatMap { script in
            script.text.split(separator: "\n").filter { $0.contains(early) && !$0.hasPrefix("#") }
                .map { "\(script.path): \($0)" }
        }
        #expect(found == [])
    }

    @Test("docs/screenshots says when there is no Chromium, and refuses what it does not know")
    func screenshots() async throws {
        let script = Self.root.appendingPathComponent("docs/screenshots").path
        func run(_ arguments: String..., chromium: String) async throws -> CommandResult {
            try await RunningCommand(
                program: "/bin/bash", arguments: [script] + arguments, directory: nil,
                environment: ["MAE_CHROMIUM": chromium]
            ).result()
        }
        let missing = try await run(chromium: "/nonexistent/chromium")
        #expect(missing.exitCode == 69 && missing.errors.contains("Chromium is missing"), "\(missing.errors)")
        #expect(try await run("--preset", "giant", chromium: "/bin/true").exitCode == 64)
    }
}
