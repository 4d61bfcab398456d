import Foundation
import GRDB
import MAEDomain
import MAEVerify
import TestSupport
import Testing

@testable import MAEStore
@testable import VerifyTestSupport

/// The documents are read by every later release, so their bytes are kept with the tests.
///
/// A test that fails here tells of databases that can no longer be read: give the document the next version instead.
@Suite("The bytes of documents in the store")
struct DocumentTests {
    private func compare(_ document: some StoredDocument, _ name: String) throws {
        let text = String(decoding: try document.encoded, as: UTF8.self) + "\n"
        let golden = try String(contentsOfFile: Goldens.path("store/\(name).json"), encoding: .utf8)
        #expect(text == golden)
    }

    @Test("a plan")
    func plan() throws {
        var plan = EventfulRun.plan
        plan.noiseFile = "noise.npy"
        try compare(StoredPlan(plan), "plan")
        #expect(try StoredPlan(encoded: StoredPlan(plan).encoded).plan(of: plan.run) == plan)
        plan.add(RotatingBatches(count: 3, seed: 20_260_131_000))
        #expect(try StoredPlan(encoded: StoredPlan(plan).encoded).plan(of: plan.run) == plan)
    }

    @Test("a context")
    func context() throws {
        var observation = EventfulRun.observations[2]
        observation.weights.others = [OtherModel(key: "ema", digest: .of("ema"))]
        try compare(StoredContext(observation), "context")
    }

    @Test("a list of parameters")
    func manifest() throws {
        try compare(StoredFingerprints(try #require(EventfulRun.observations[0].weights.fingerprints)), "manifest")
    }

    @Test("digests after each layer, as older versions wrote those of re-runs")
    func details() throws {
        func details(_ names: [String]) -> StoredDetails {
            StoredDetails(layers: names.map { .init(name: $0, digest: StoredDigest(.of($0))) })
        }
        try compare(
            StoredDetails(layers: [.init(name: "vit.layers.0", digest: StoredDigest(.of("layer")))]), "details")
        #expect(details(["vit.layers.0"]).layerDigests == nil)
        let names = ["vit.embeddings", "vit.encoder.layer.0", "vit.encoder.layer.1"]
        #expect(details(names + ["vit.layernorm"]).layerDigests == LayerDigests(names.map { .of($0) }))
    }

    @Test("a judgement")
    func judgement() throws {
        try compare(StoredJudgement(Judgement(EventfulRun.withFixedWords, details: EventfulRun.details)), "judgement")
    }

    @Test("each property of an observation has a place in the store")
    func complete() {
        let properties = Mirror(reflecting: Example.result().observation).children.compactMap(\.label)
        #expect(
            Set(properties) == [
                "node", "method", "batch", "attempt", "weights", "configuration", "maskRatio", "loadFindings", "noise",
                "digests", "pooled", "layernorm", "layers", "examination", "seconds",
            ])
    }
}
