import Foundation
import TestSupport
import Testing

@Suite("Memory of mae-coord infer")
struct MemoryTests {
    /// What a process may hold beyond the weights: programs and libraries, buffers of a pass, inputs and outputs.
    private static let allowance = 250_000_000

    /// Weights of the base model's encoder, which are all that is kept without `--decoder`.
    private static let encoderWeights = 4 * 85_798_656

    @Test("the base model takes its weights once, the decoder's only where it runs, and the allowance, by every method")
    func base() async throws {
        let folder = try TemporaryDirectory()
        let hub = folder.file("hub")
        func make(_ arguments: String...) async throws {
            let result = try await Program.coordinator.run(arguments)
            #expect(result.exitCode == 0, "\(result.errors)")
        }
        try await make("checkpoint", "init", "--preset", "base", "--seed", "0", "--output", hub)
        let weights = try FileManager.default.attributesOfItem(atPath: hub + "/model.safetensors")[.size]
        let fileSize = try #require(weights as? Int)
        for form in ["hub", "full", "state-dict"] {
            let model = form == "hub" ? hub : folder.file(form + ".pth")
            if form != "hub" { try await make("checkpoint", "convert", hub, model, "--to", form) }
            var peaks: [Int] = []
            for (more, weights) in [([], Self.encoderWeights), (["--decoder"], fileSize)] {
                let arguments = [
                    "infer", "--model", model, "--batch-size", "8", "--mask-ratio", "0", "--threads", "2", "--output",
                    folder.file("out"),
                ]
                let peak = try Program.coordinator.peakMemory(arguments + more)
                #expect(peak.exitCode == 0)
                let bound = weights + Self.allowance
                #expect(peak.bytes > weights, "the weights themselves were not seen")
                #expect(peak.bytes <= bound, "\(form) \(more): \(peak.bytes) bytes, not at most \(bound)")
                peaks.append(peak.bytes)
            }
            // The decoder has 103 MB of weights.
            #expect(peaks[1] - peaks[0] > 60_000_000, "\(form): \(peaks), so the decoder is kept where it does not run")
            if form != "hub" { try FileManager.default.removeItem(atPath: model) }
        }
    }
}
