import Foundation
import TestSupport
import Testing

@Suite("Seeds on the command line")
struct SeedTests {
    @Test("a negative seed is that of torch.manual_seed, which counts it from 2^64 down")
    func negative() async throws {
        let folder = try TemporaryDirectory()
        for (name, seed) in [("negative", "-2"), ("largest", "18446744073709551614")] {
            let result = try await Program.coordinator.run(
                "checkpoint", "init", "--preset", "tiny", "--seed", seed, "--output", folder.file(name))
            #expect(result.exitCode == 0, "\(result.errors)")
        }
        func weights(_ name: String) throws -> Data {
            try Data(contentsOf: URL(fileURLWithPath: folder.file(name) + "/model.safetensors"))
        }
        #expect(try weights("negative") == weights("largest"))
    }

    @Test(
        "what is no seed is a usage error with the range, in every command",
        arguments: [
            ["verify", "--method", "full=x.pth"], ["infer", "x.pth"], ["explain", "x.pth"],
            ["checkpoint", "init", "--preset", "tiny", "--output", "x"],
        ])
    func refused(command: [String]) async throws {
        for seed in ["18446744073709551616", "-9223372036854775809", "1.5", "night"] {
            let result = try await Program.coordinator.run(command + ["--seed", seed])
            #expect(result.exitCode == 64)
            #expect(result.errors.contains("from -2^63 to 2^64 - 1"), "\(result.errors)")
        }
    }
}
