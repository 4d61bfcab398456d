import Foundation
import MAECPU
import MAECompute
import MAETensor
import TestSupport
import Testing

@testable import mae_bench

@Suite("mae-bench compare and soak")
struct CompareTests {
    @Test("backends of one class agree in every output and operation")
    func agrees() async throws {
        let result = try await Program.bench.run(
            "compare", "--model", GoldenForm.path("hub5"), "--other-backend", "reference", "--batch-size", "2",
            "--mask-ratio", "0.5", "--json")
        #expect(result.exitCode == 0, "\(result.errors)")
        let report = try result.json
        #expect(report.bool("agrees") == true)
        #expect(report.keys.isDisjoint(with: ["first_difference", "reason"]))
        #expect(try report.objects("outputs").compactMap { $0["name"] } == ["layernorm", "pooled", "logits"])
        // Three before the encoder's blocks, 7 in each of the two, two after them; the decoder's two, 7 and three.
        #expect(report.number("operations") == 31)
        #expect(try report.object("other_side")["backend"] == "reference")
    }

    @Test("weights that differ give code 1 and the first operation that they reach")
    func names() async throws {
        let options = ["compare", "--model", GoldenForm.path("hub5"), "--other-backend", "cpu", "--batch-size", "2"]
        let result = try await Program.bench.run(options + ["--other-model", GoldenForm.path("hub-fp16"), "--json"])
        #expect(result.exitCode == 1)
        let first = try result.json.object("first_difference")
        #expect(first["layer"] == "vit.embeddings" && first.number("position") == 2 && first.number("count") == 3)
        #expect(first["operation"]?.hasPrefix("linear ") == true)
        let (differing, elements) = (first.number("differing") ?? 0, first.number("elements") ?? 0)
        #expect(differing > 0 && differing <= elements)
        #expect(first["bits"] != first["other_bits"])
        #expect(result.errors.contains("vit.embeddings, operation 2 of 3: linear"), "\(result.errors)")
    }

    @Test("models of other sizes are not compared")
    func refusesOtherSizes() async throws {
        let result = try await Program.bench.run(
            "compare", "--model", Goldens.path("models/quick_gelu-half-masked"), "--other-backend", "cpu",
            "--other-model", Goldens.path("models/gelu-deep-rounded-keep"))
        #expect(result.exitCode == 65)
        #expect(result.errors.contains("do not fit"), "\(result.errors)")
    }

    @Test("what differs only while nothing is looked at is said to")
    func unseen() {
        #expect(Comparison.reason(outputs: [], first: nil) == nil)
        #expect(Comparison.reason(outputs: ["logits"], first: nil)?.contains("runs without a stop") == true)
    }

    @Test("soak counts passes and askings")
    func soaks() async throws {
        let result = try await Program.bench.run(
            "soak", "--preset", "tiny", "--backend", "cpu", "--batch-size", "1", "--seconds", "0", "--json")
        #expect(result.exitCode == 0, "\(result.errors)")
        let report = try result.json
        #expect(report.bool("agrees") == true)
        #expect(report.number("passes") == 2 && report.number("answers_asked") == 2)
    }

    @Test("soak stops at the first pass with another bit, and says which output", arguments: [2, 5])
    func noticesFlip(at wrongPass: Int) throws {
        var pass = 0
        let soak = Soak(
            backend: try CPUBackend(threads: 1),
            pass: {
                pass += 1
                let pooled = Tensor(shape: [2], elements: [1, pass == wrongPass ? 1.0000001 : 1])
                return [("layernorm", Tensor(shape: [1], elements: [0])), ("pooled", pooled)]
            }, interval: 64)
        let findings = try soak.run { pass > 10 }
        #expect(findings.passes == wrongPass)
        #expect(findings.fault == "pooled of pass \(wrongPass) differ from the first pass")
    }
}
