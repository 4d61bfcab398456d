import Foundation
import TestSupport
import Testing

@Suite("Kernels have the same bits on every architecture")
struct ArchitectureTests {
    @Test("all sets of this machine give equal digests for each operator")
    func native() throws {
        #expect(try KernelDigests.disagreements(in: KernelDigests.native.get()) == [])
    }

    @Test(
        "NEON and scalar kernels for 64-bit ARM, run by an emulator, give the digests of this machine",
        .enabled(
            if: KernelDigests.canEmulateARM,
            "the ARM kernels were not run: this needs Debian's packages qemu-user and libc6-dev-arm64-cross"))
    func emulatedARM() throws {
        let native = try KernelDigests.native.get()
        let emulated = try KernelDigests.lines(for: "aarch64")
        #expect(Set(emulated.map { $0.set.prefix { $0 != "-" } }) == ["aarch64:neon", "aarch64:scalar"])
        #expect(Set(emulated.map(\.name)) == Set(native.map(\.name)))
        #expect(KernelDigests.disagreements(in: native + emulated) == [])
    }
}

/// The program `Tests/KernelDigests`, which runs every kernel of the C module on many cases.
private enum KernelDigests {
    /// What one kernel wrote for one case.
    struct Line {
        /// Architecture and kernel set, such as `aarch64:neon-6x16`.
        let set: String
        let name: Substring
        let digest: Substring
    }

    /// The program failed or printed something else than digests.
    struct Failure: Error {
        let message: String
    }

    private static let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("KernelDigests/run")

    /// What the program prints when it is compiled for this machine.
    static let native = Result { try lines(for: "native") }

    static var canEmulateARM: Bool { (try? run("can-aarch64")) != nil }

    /// What the program prints when it is compiled for `architecture`.
    static func lines(for architecture: String) throws -> [Line] {
        let lines = try run(architecture).split(separator: "\n").map { line in
            let fields = line.split(separator: " ")
            guard fields.count == 3 else { throw Failure(message: "unexpected line: \(line)") }
            return Line(set: "\(architecture):\(fields[0])", name: fields[1], digest: fields[2])
        }
        guard !lines.isEmpty else { throw Failure(message: "no kernel was run") }
        return lines
    }

    /// The first few cases to which not all lines give the same digest, and who gives which.
    static func disagreements(in lines: [Line]) -> [String] {
        let digests = Dictionary(grouping: lines, by: \.name).mapValues { Dictionary(grouping: $0, by: \.digest) }
        return digests.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.prefix(4).map { name, groups in
            let sides = groups.map { digest, lines in
                "\(digest.prefix(8)) by " + lines.map(\.set).joined(separator: ", ")
            }
            return "\(name): " + sides.sorted().joined(separator: "; ")
        }
    }

    private static func run(_ task: String) throws -> String {
        // A file, not a pipe: the program must not wait for the test to read.
        let directory = try TemporaryDirectory()
        let path = try directory.write("output", [])
        let process = Process()
        process.executableURL = script
        process.arguments = [task]
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try process.run()
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw Failure(message: "\(script.path) \(task) exited with \(process.terminationStatus)")
        }
        return try String(contentsOfFile: path, encoding: .utf8)
    }
}
