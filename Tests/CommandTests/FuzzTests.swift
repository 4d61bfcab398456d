import Foundation
import TestSupport
import Testing

@Suite("Fuzzed parsers", .serialized)
struct FuzzTests {
    private static let seconds = ProcessInfo.processInfo.environment["MAE_TEST_FUZZ"]

    @Test(
        "no input stops a parser, makes it take long, or makes it take much memory",
        .enabled(if: seconds != nil, "not asked for: MAE_TEST_FUZZ=SECONDS fuzzes each parser for so long"))
    func fuzz() throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fuzz/run")
        // A file, not a pipe: the program must not wait for the test to read.
        let directory = try TemporaryDirectory()
        let output = try directory.write("output", [])
        let process = Process()
        process.executableURL = script
        process.arguments = [Self.seconds ?? ""]
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        try process.run()
        process.waitUntilExit()
        let lines = try String(contentsOfFile: output, encoding: .utf8)
        #expect(process.terminationStatus == 0, "\(lines)")
        for parser in ["wire", "torch", "pickle", "recording", "safetensors", "configuration", "npy", "picture"] {
            let inputs = lines.firstMatch(of: try Regex("\(parser): ([0-9]+) inputs", as: (Substring, Substring).self))
            #expect(inputs.flatMap { Int($0.output.1) } ?? 0 > 100, "\(parser): \(lines)")
        }
    }
}
