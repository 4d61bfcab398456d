import Foundation
import TestSupport
import Testing

@Suite("Alarms of Prometheus")
struct AlarmTests {
    private static let promtool = ["/usr/bin/promtool", "/usr/local/bin/promtool"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("cluster/prometheus").path

    @Test("rules hold on nights that are played against them", .enabled(if: promtool != nil, "promtool is not there"))
    func rules() throws {
        for arguments in [["check", "rules", "mae-rules.yml"], ["test", "rules", "mae-rules-test.yml"]] {
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: try #require(Self.promtool))
            process.arguments = arguments
            process.currentDirectoryURL = URL(fileURLWithPath: Self.folder)
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "\(text)")
        }
    }

    @Test("rules ask for figures that there are")
    func figures() throws {
        let rules = try String(contentsOfFile: Self.folder + "/mae-rules.yml", encoding: .utf8)
        let documented = try String(
            contentsOfFile: Self.folder + "/../../docs/operations.md", encoding: .utf8)
        let names = Set(
            rules.matches(of: /expr:.*/).flatMap { String($0.output).matches(of: /\bmae_[a-z_]+/) }.map {
                String($0.output)
            })
        #expect(names.count >= 4)
        for name in names { #expect(documented.contains("`\(name)"), "\(name)") }
    }
}
