import Foundation
import TestSupport
import Testing

/// `Tests/Device`: what runs where there is a GPU, tried on Mesa's processor driver so that it is right when it is needed.
@Suite("Proof for a device", .serialized, .enabled(if: DeviceKit.isWanted, "\(DeviceKit.obstacle)"))
struct DeviceTests {
    /// One golden model, tiny in place of base, few images: a minute.
    private static let small = [
        "--device", "0", "--model", "tiny", "--batch", "2", "--batches", "1", "--repeat", "1", "--seconds", "1",
        "--no-pytorch", "--limit", "3000",
    ]
    private static let golden = "gelu_pytorch_tanh-wide-mlp"

    @Test("a packed folder is small, and proves the device's bits in every step")
    func proves() async throws {
        let kit = try await DeviceKit.pack()
        #expect(try DeviceKit.byteCount(of: kit.path) < 61 << 20)
        let names = [
            "devices", "bits of \(Self.golden)", "bits of tiny", "products", "passes of batch 1", "verification",
            "repeated passes",
        ]
        let (result, report) = try await kit.run(Self.small + ["--golden", Self.golden], steps: names)
        #expect(result.exitCode == 0, "\(result.output)\(result.errors)\(kit.table)")
        #expect(report["verdict"] == "every bit agrees")
        let device = try report.object("device")
        #expect(device["backend"] == "vulkan:0" && device["class"] == "canonical-v1")
        #expect(device["name"]?.contains("llvmpipe") == true && device["driver"]?.contains("Mesa") == true)
        let steps = try report.objects("steps")
        #expect(steps.compactMap { $0["step"] } == names)
        for step in steps { #expect(step["status"] == "passed", "\(step["step"] ?? ""): \(step["note"] ?? "")") }
        // Both mask ratios of both models, with every output and operation.
        for step in steps[1...2] {
            let comparisons = try step.objects("result")
            #expect(comparisons.map { $0.number("mask_ratio") } == [0, 0.75])
            for comparison in comparisons {
                let outputs = try comparison.objects("outputs")
                #expect(outputs.compactMap { $0["name"] } == ["layernorm", "pooled", "logits"])
                #expect(outputs.allSatisfy { $0.bool("agrees") == true && $0["sha256"] == $0["other_sha256"] })
                #expect(comparison.number("operations") ?? 0 > 20)
            }
        }
        #expect(try steps[3].object("result").objects("products").count == 13)
        #expect(try steps[5].object("result").objects("cells").count == 6)
        #expect(try steps[6].object("result").number("answers_asked") ?? 0 >= 2)
        #expect(kit.table.contains("| repeated passes | passed |"), "\(kit.table)")
        #expect(kit.table.contains("tiny mlp in 34×64×128"), "\(kit.table)")
    }

    @Test("a planted bit gives code 1, and the layer and the operation in which it is first seen")
    func finds() async throws {
        let kit = try await DeviceKit.pack()
        let (result, report) = try await kit.run(
            Self.small + ["--golden", Self.golden, "--plant"],
            steps: ["devices", "bits of \(Self.golden)", "bits of tiny"])
        #expect(result.exitCode == 1, "\(result.output)\(result.errors)\(kit.table)")
        #expect(report["verdict"] == "bits differ")
        let step = try #require(report.objects("steps").first { $0["step"] == "bits of \(Self.golden)" })
        #expect(step["status"] == "differs")
        let comparison = try #require(step.objects("result").first)
        #expect(comparison.bool("agrees") == false)
        let first = try comparison.object("first_difference")
        #expect(first["layer"] == "vit.encoder.layer.0")
        #expect(first["operation"] == "linear 16 → 300 with geluTanh")
        #expect(first.number("position") == 6 && first.number("count") == 7)
        // The first weight has another sign: the first column of each row.
        #expect(first.number("row") == 0 && first.number("column") == 0)
        let note = try #require(step["note"])
        #expect(note.contains("vit.encoder.layer.0, operation 6 of 7: linear 16 → 300 with geluTanh"), "\(note)")
        #expect(kit.table.contains("vit.encoder.layer.0, operation 6 of 7"), "\(kit.table)")
    }
}
