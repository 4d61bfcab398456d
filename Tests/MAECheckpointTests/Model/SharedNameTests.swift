import Foundation
import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("One model under several names")
struct SharedNameTests {
    private let bench: StateDictBench

    init() throws { bench = try StateDictBench() }

    private static func strings(_ values: [(String, PickleExpression)]) -> PickleExpression {
        .dictionary(values.map { (.string($0.0), $0.1) })
    }

    private func write(_ root: PickleExpression, _ name: String = "shared.pth") throws -> String {
        let path = bench.folder.file(name)
        try TorchArchiveWriter.write(root, to: path)
        return path
    }

    private func open(_ path: String, weights: String? = nil) throws -> ModelCheckpoint {
        try ModelCheckpoint.open(path, weights: weights, configuration: GoldenWeights.path("hub4"))
    }

    @Test("all names are listed, one that is no copy's first, and each is a key")
    func listsNames() throws {
        let weights = PickleExpression.shared(
            PickleSharedObject(StateDictBench.dictionary(try bench.entries(.transformers5Memory))))
        let modules = try ModuleBench()
        let module = PickleExpression.shared(PickleSharedObject(try modules.tree()))
        for (object, method) in [(weights, LoadingChoice.stateDict), (module, .full)] {
            let path = try write(Self.strings([("ema", object), ("model", object), ("epoch", .int(3))]))
            let checkpoint = try open(path)
            #expect(checkpoint.key == "model" && checkpoint.method == method)
            #expect(checkpoint.models.map(\.key) == ["model"])
            #expect(checkpoint.models.first?.otherKeys == ["ema"])
            let finding = try #require(checkpoint.findings.first { $0.code == .severalModels })
            #expect(finding.severity == .note)
            #expect(finding.message.contains("one model under 2 names") && finding.message.contains("`model`, `ema`"))
            let named = try open(path, weights: "ema")
            #expect(named.key == "ema" && named.models.first?.otherKeys == ["model"])
            #expect(try named.fingerprints().sha256 == checkpoint.fingerprints().sha256)
            let error = #expect(throws: CheckpointError.self) { try open(path, weights: "teacher") }
            #expect(error?.message.contains("model, ema") == true)
        }
    }

    @Test("a name behind a prefix, and one of several models, is a key too")
    func listsNamesOfParts() throws {
        let entries = try bench.entries(.transformers5Memory)
        let both = StateDictBench.dictionary(
            ["student.", "teacher."].flatMap { prefix in entries.map { (prefix + $0.key, $0.value) } })
        let shared = PickleExpression.shared(PickleSharedObject(both))
        let path = try write(Self.strings([("last", Self.strings([("sd", shared)])), ("best", shared)]))
        let checkpoint = try open(path)
        #expect(checkpoint.models.map(\.key) == ["last.sd.student", "last.sd.teacher"])
        #expect(checkpoint.models.map(\.otherKeys) == [["best.student"], ["best.teacher"]])
        let message = checkpoint.findings.first { $0.code == .severalModels }?.message
        #expect(message?.contains("`last.sd.teacher` (also named `best.teacher`, 62 tensors") == true)
        for key in ["best.student", "best.teacher", "last.sd.teacher"] {
            #expect(try open(path, weights: key).key == key)
        }
    }

    @Test("containers of PyTorch that hold themselves end, and every way that ends is a name")
    func circularContainers() throws {
        // {"last": inner, "ema": weights, "best": inner, "self": …}, where inner is {"state_dict": weights, "parent": …}.
        let path = Goldens.path("stored/shared-names.pth")
        let checkpoint = try open(path)
        #expect(try checkpoint.fingerprints().sha256 == bench.golden.fingerprints().sha256)
        #expect(checkpoint.models.count == 1)
        let keys = [checkpoint.key] + (checkpoint.models.first?.otherKeys ?? [])
        #expect(Set(keys) == ["last.state_dict", "ema", "best.state_dict"])
        #expect(keys.first == "last.state_dict")
        for key in keys { #expect(try open(path, weights: key).key == key) }
        #expect(checkpoint.contents?.nodes.isEmpty == false)
    }

    @Test("the remedy for a hub directory with circular containers names weights that load")
    func circularHubDirectory() throws {
        let folder = bench.folder.file("hub")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: GoldenWeights.path("hub4") + "/config.json", toPath: folder + "/config.json")
        let file = folder + "/pytorch_model.bin"
        try FileManager.default.copyItem(atPath: Goldens.path("stored/shared-names.pth"), toPath: file)
        let error = try #require(#expect(throws: CheckpointError.self) { try ModelCheckpoint.open(folder) })
        let advised = try #require(error.message.split(separator: " ").first { $0.hasPrefix(file + "#") })
        let reference = CheckpointReference(String(advised.dropLast(advised.hasSuffix(",") ? 1 : 0)))
        let checkpoint = try ModelCheckpoint.open(
            reference.path, weights: reference.weights, method: .stateDict, configuration: folder)
        #expect(try checkpoint.fingerprints().sha256 == bench.golden.fingerprints().sha256)
    }

    @Test("names that double with each container end at a limit")
    func endsWithinItsBudget() throws {
        var object = PickleExpression.shared(
            PickleSharedObject(StateDictBench.dictionary(try bench.entries(.transformers5Memory))))
        for _ in 0..<40 {
            object = .shared(PickleSharedObject(Self.strings([("a", object), ("b", object)])))
        }
        let checkpoint = try open(try write(object))
        #expect(checkpoint.models.count == 1 && checkpoint.models.first?.otherKeys.count == 7)
    }
}
