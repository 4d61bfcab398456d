import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Pickled models and weights alone in one file")
struct SeveralKindTests {
    private static let file = Goldens.path("stored/several-kinds.pth")

    private func open(_ method: LoadingChoice = .automatic, weights: String? = nil) throws -> ModelCheckpoint {
        try ModelCheckpoint.open(Self.file, weights: weights, method: method)
    }

    @Test("all are listed with their kind, whichever method takes which")
    func listsBothKinds() throws {
        for (method, taken) in [
            (LoadingChoice.automatic, "model"), (.full, "model"), (.stateDict, "state_dict"),
        ] {
            let checkpoint = try open(method)
            #expect(checkpoint.key == taken && checkpoint.method == (taken == "model" ? .full : .stateDict))
            #expect(Set(checkpoint.models.map(\.key)) == ["model", "state_dict", "ema", "half"])
            #expect(checkpoint.models.first?.key == taken)
            let kinds = checkpoint.models.filter { $0.method == .full }.map(\.key)
            #expect(kinds == ["model"])
            #expect(checkpoint.models.allSatisfy { $0.sha256 != nil && $0.tensorCount == 62 })
            let finding = try #require(checkpoint.findings.first { $0.code == .severalModels })
            #expect(finding.message.contains("`model` (a pickled model, 62 tensors"), "\(finding.message)")
            #expect(finding.message.contains("`state_dict` (weights alone, 62 tensors"), "\(finding.message)")
            #expect(finding.message.contains("the same weights"), "\(finding.message)")
            #expect(finding.message.contains("by the method full for a pickled model and state-dict for weights alone"))
        }
        #expect(try open().findings.contains { $0.message.contains("since a pickled model says how it computes") })
        #expect(
            try open(.full).findings.contains { $0.message.contains("since it is the only one that the method full") })
    }

    @Test("each can be chosen by the method that reads it, and by no method at all")
    func choosesEach() throws {
        let digests = Dictionary(uniqueKeysWithValues: try open().models.map { ($0.key, $0.sha256) })
        for (key, method) in [
            ("model", LoadingChoice.full), ("state_dict", .stateDict), ("ema", .stateDict), ("half", .stateDict),
        ] {
            for asked in [method, .automatic] {
                let checkpoint = try open(asked, weights: key)
                #expect(checkpoint.key == key && checkpoint.method == method)
                #expect(try checkpoint.fingerprints().sha256 == digests[key])
                #expect(
                    checkpoint.findings.contains { $0.code == .severalModels && $0.message.contains("it was named") })
            }
            let other = method == .full ? LoadingChoice.stateDict : .full
            let error = #expect(throws: CheckpointError.self) { try open(other, weights: key) }
            #expect(error?.code == .unsupportedFormat && error?.place == key)
            #expect(error?.message.contains("Load it by the method \(method.rawValue).") == true)
        }
    }

    @Test("weights have the configuration of the pickled model that they are stored with")
    func sharesTheConfiguration() throws {
        let weights = try open(.stateDict)
        #expect(weights.carriesConfiguration)
        #expect(weights.configuration.values == (try open(.full)).configuration.values)
        #expect(!weights.findings.contains { $0.code == .contradictoryConfiguration })
    }

    @Test("weights come before a pickled model that is called as a copy")
    func copiesComeLast() throws {
        let modules = try ModuleBench()
        let weights = StateDictBench.dictionary(try modules.states.entries(.transformers5Memory))
        let root = PickleExpression.dictionary([
            (.string("model_ema"), try modules.tree()), (.string("state_dict"), weights),
        ])
        let automatic = try modules.states.open(root)
        #expect(automatic.key == "state_dict" && automatic.method == .stateDict)
        #expect(try modules.states.open(root, method: .full).key == "model_ema")
    }

    @Test("what a module keeps and does not register is listed and taken last")
    func listsWhatAModuleKeeps() throws {
        let modules = try ModuleBench()
        let weights = StateDictBench.dictionary(try modules.states.entries(.transformers5Memory))
        let tree = try modules.tree()
        let root = try modules.tree { place, node in
            guard place.isEmpty else { return }
            node.attributes.append(("shadow", weights))
            node.attributes.append(("aside", .list([tree])))
        }
        let path = modules.states.folder.file("keeping.pth")
        try TorchArchiveWriter.write(root, to: path)
        let checkpoint = try ModelCheckpoint.open(path)
        #expect(checkpoint.key.isEmpty && checkpoint.method == .full)
        #expect(Set(checkpoint.models.map(\.key)) == ["", "shadow", "aside.0"])
        #expect(try ModelCheckpoint.open(path, weights: "shadow").method == .stateDict)
        #expect(try ModelCheckpoint.open(path, weights: "aside.0").method == .full)
    }

    @Test("the tensors of a module's own tables are no weights alone")
    func leavesTablesOfModules() throws {
        let checkpoint = try ModelCheckpoint.open(Goldens.path("checkpoints/full5.pth"))
        #expect(checkpoint.models.isEmpty)
        let error = #expect(throws: CheckpointError.self) {
            try ModelCheckpoint.open(Goldens.path("checkpoints/full5.pth"), method: .stateDict)
        }
        #expect(error?.message.contains("Load it by the method full") == true)
    }
}
