import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("What a file states beside its weights")
struct StatedValueTests {
    private let bench: StateDictBench

    init() throws { bench = try StateDictBench() }

    private static func strings(_ values: [(String, PickleExpression)]) -> PickleExpression {
        .dictionary(values.map { (.string($0.0), $0.1) })
    }

    /// The ways in which scripts keep their settings.
    private static func containers(_ values: [(String, PickleExpression)]) -> [(path: String, PickleExpression)] {
        let nodes = values.map { name, value in
            (
                name,
                PickleExpression.object(
                    PickleGlobal(module: "omegaconf.nodes", name: "AnyNode"), state: strings([("_val", value)]))
            )
        }
        let config = PickleExpression.object(
            PickleGlobal(module: "omegaconf.dictconfig", name: "DictConfig"),
            state: strings([("_metadata", .none), ("_content", strings(nodes))]))
        return [
            ("args", .object(PickleGlobal(module: "argparse", name: "Namespace"), state: strings(values))),
            ("hyper_parameters", strings(values)), ("cfg", config),
            ("config", strings([("model", strings(values)), ("lr", .float(0.1))])),
        ]
    }

    private func open(
        _ values: [(String, PickleExpression)], configuration: String? = nil,
        _ body: (String, ModelCheckpoint) throws -> Void
    ) throws {
        for (key, container) in Self.containers(values) {
            let weights = StateDictBench.dictionary(try bench.entries(.original))
            let root = Self.strings([("model", weights), ("epoch", .int(3)), (key, container)])
            try body(key, bench.open(root, configuration: configuration))
        }
    }

    private static let heads: [(String, PickleExpression)] = [("num_heads", .int(4)), ("decoder_num_heads", .int(4))]

    @Test("stated values are used where nothing else says them, and their place is told")
    func usesStatedValues() throws {
        let values =
            [("mask_ratio", .float(0.5)), ("norm_pix_loss", .bool(true)), ("layer_norm_eps", .float(1e-6))] + Self.heads
        try open(values) { key, checkpoint in
            let configuration = checkpoint.configuration
            #expect(configuration.values.maskRatio == 0.5, "\(key)")
            #expect(configuration.values.normalizesPixelLoss)
            #expect(configuration.values.layerNormEpsilon == 1e-6)
            #expect(configuration.values.encoder.headCount == 4)
            guard case .stated(_, let place) = configuration.origin(of: .maskRatio) else {
                Issue.record("\(configuration.origin(of: .maskRatio))")
                return
            }
            #expect(place.hasPrefix(key) && place.hasSuffix("mask_ratio"), "\(place)")
            #expect(!configuration.origin(of: .maskRatio).isUncertain)
            let guessed = checkpoint.findings.first { $0.code == .guessedConfiguration }
            #expect(guessed?.message.contains("mask_ratio") == false, "\(String(describing: guessed))")
        }
    }

    @Test("what a configuration or the shapes say goes first, and both are told")
    func reportsContradictions() throws {
        try open([("mask_ratio", .float(0.5))], configuration: GoldenWeights.path("hub4")) { key, checkpoint in
            #expect(checkpoint.configuration.values.maskRatio == 0.75)
            let finding = checkpoint.findings.first { $0.code == .contradictoryConfiguration }
            #expect(finding?.message.contains("mask_ratio is 0.5") == true, "\(key): \(checkpoint.findings)")
            #expect(finding?.message.contains("mask_ratio 0.75 was taken") == true)
        }
        try open([("depth", .int(12)), ("input_size", .int(224))] + Self.heads) { key, checkpoint in
            #expect(checkpoint.configuration.values.encoder.layerCount == 2)
            #expect(checkpoint.configuration.values.imageSize == ImageExtent(square: 15))
            let finding = checkpoint.findings.first { $0.code == .contradictoryConfiguration }
            #expect(finding?.message.contains("depth is 12") == true, "\(key): \(checkpoint.findings)")
            #expect(finding?.message.contains("input_size is 224") == true)
        }
    }

    @Test("a value that cannot be is told and not taken, and one of another kind means something else")
    func leavesImpossibleValues() throws {
        try open([("mask_ratio", .float(1.5))] + Self.heads) { _, checkpoint in
            #expect(checkpoint.configuration.values.maskRatio == 0.75)
            #expect(checkpoint.findings.contains { $0.message.contains("mask_ratio is 1.5") })
        }
        try open([("mask_ratio", .string("half")), ("depth", .list([]))] + Self.heads) { _, checkpoint in
            #expect(checkpoint.configuration.values.maskRatio == 0.75)
            #expect(!checkpoint.findings.contains { $0.code == .contradictoryConfiguration })
        }
    }

    @Test("a field of that name in another place is none")
    func leavesOtherPlaces() throws {
        let other = Self.strings([("statistics", Self.strings([("mask_ratio", .float(0.5))]))])
        let root = Self.strings([("model", StateDictBench.dictionary(try bench.entries(.original))), ("log", other)])
        #expect(try bench.open(root).configuration.values.maskRatio == 0.75)
        #expect(try !bench.open(root).findings.contains { $0.code == .contradictoryConfiguration })
    }

    @Test("tens of thousands of dictionaries next to the weights are not searched through")
    func endsWithinItsBudget() throws {
        let many = PickleExpression.list(Array(repeating: .dictionary([]), count: 70_000))
        var objects = NoPersistentObjects()
        let root = try PickleReader.read(
            ByteView(copying: PickleWriter(many).bytes), of: CheckpointLocation(path: "x"), objects: &objects
        ).root
        #expect(StatedValues(in: root).statements.isEmpty)
    }
}
