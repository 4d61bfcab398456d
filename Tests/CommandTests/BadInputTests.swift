import Foundation
import TestSupport
import Testing

@Suite("Files that are no checkpoint")
struct BadInputTests {
    /// A way to spoil a file, and the name of the file that comes of it.
    enum Damage: String, CaseIterable {
        case missing, empty, garbage, text, picture, halfArchive, halfSafetensors, halfLegacy, emptyDirectory
        case directoryWithoutWeights

        func make(in folder: TemporaryDirectory) throws -> String {
            let path = folder.file(rawValue)
            switch self {
            case .missing: break
            case .empty: _ = try folder.write(rawValue, [])
            case .garbage:
                var state: UInt32 = 1
                _ = try folder.write(
                    rawValue,
                    (0..<4096).map { _ in
                        state = state &* 1_664_525 &+ 1_013_904_223
                        return UInt8(truncatingIfNeeded: state >> 24)
                    })
            case .text: _ = try folder.write(rawValue, "Not a checkpoint.\n".utf8)
            case .picture: _ = try folder.write(rawValue, [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10])
            case .halfArchive: try half(of: "full5.pth", in: folder)
            case .halfSafetensors: try half(of: "state.safetensors", in: folder)
            case .halfLegacy: try half(of: "legacy-full.pth", in: folder)
            case .emptyDirectory:
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
            case .directoryWithoutWeights:
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
                try FileManager.default.copyItem(
                    atPath: GoldenForm.path("hub5/config.json"), toPath: path + "/config.json")
            }
            return path
        }

        private func half(of golden: String, in folder: TemporaryDirectory) throws {
            let bytes = try Goldens.bytes("checkpoints/\(golden)")
            _ = try folder.write(rawValue, bytes.prefix(bytes.count / 2))
        }
    }

    @Test("each is refused by name, with code 65 and one line", arguments: Damage.allCases)
    func refuses(damage: Damage) async throws {
        let folder = try TemporaryDirectory()
        let path = try damage.make(in: folder)
        let output = folder.file("output")
        let commands = [
            ["checkpoint", "inspect", path], ["checkpoint", "inspect", "--json", path],
            ["checkpoint", "diff", path, GoldenForm.path("hub5")],
            ["checkpoint", "diff", GoldenForm.path("hub5"), path],
            ["checkpoint", "convert", path, output, "--to", "hub"], ["infer", "--model", path, "--output", output],
        ]
        for command in commands {
            let result = try await Program.coordinator.run(command)
            #expect(result.exitCode == 65, "\(command)")
            #expect(result.output.isEmpty)
            #expect(result.complaints.count == 1, "\(result.errors)")
            #expect(result.complaints.first?.hasPrefix("mae-coord: \(path)") == true, "\(result.errors)")
            #expect(!FileManager.default.fileExists(atPath: output), "\(command)")
        }
    }

    @Test("a method that does not fit the content is refused, naming the one that does")
    func refusesMethod() async throws {
        for (name, method, right) in [
            ("full5.pth", "pretrained", "full"), ("hub5", "full", "pretrained"), ("state5.pth", "full", "state-dict"),
        ] {
            let result = try await Program.coordinator.run(
                "checkpoint", "inspect", GoldenForm.path(name), "--method", method)
            #expect(result.exitCode == 65)
            #expect(result.errors.contains(right), "\(result.errors)")
        }
    }

    @Test("a state dict whose heads cannot be guessed asks for --config")
    func asksForConfiguration() async throws {
        let result = try await Program.coordinator.run("checkpoint", "inspect", GoldenForm.path("state5.pth"))
        #expect(result.exitCode == 65)
        #expect(result.errors.contains("--config"))
    }
}
