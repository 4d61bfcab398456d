import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

/// Writes state dicts of the golden model, changed as a test likes, and opens them.
struct StateDictBench {
    /// Keys and what lies under them, in order.
    typealias Entries = [(key: String, value: PickleExpression)]

    let folder: TemporaryDirectory
    let golden: ModelCheckpoint

    init() throws {
        folder = try TemporaryDirectory()
        golden = try ModelCheckpoint.open(GoldenWeights.path("hub4"))
    }

    /// A tensor of the golden model by canonical name.
    func tensor(_ canonical: String) throws -> Tensor { try #require(golden.tensors[canonical]).tensor() }

    /// The golden model in a dialect; query, key and value are fused where it fuses them.
    func entries(_ dialect: ParameterDialect = .transformers4, parts: Set<ParameterLayout.Part>? = nil) throws
        -> Entries
    {
        var keys: [String] = []
        var tensors: [String: [Tensor]] = [:]
        for parameter in golden.layout.parameters where parts?.contains(parameter.part) ?? true {
            let key = dialect.key(of: parameter.name)
            if tensors[key] == nil { keys.append(key) }
            tensors[key, default: []].append(try tensor(parameter.name))
        }
        return keys.map { ($0, .tensor(PickledTensor(Self.joined(tensors[$0] ?? [])))) }
    }

    /// Tensors below each other.
    static func joined(_ tensors: [Tensor]) -> Tensor {
        guard tensors.count > 1, let first = tensors.first else {
            return tensors.first ?? Tensor(shape: [0], elements: [])
        }
        return Tensor(
            shape: [tensors.reduce(0) { $0 + $1.shape[0] }] + first.shape.dropFirst(),
            elements: tensors.flatMap(\.elements))
    }

    /// Some tensor, for a key whose value does not matter.
    static func filler(_ shape: [Int] = [2]) -> PickleExpression {
        .tensor(PickledTensor(Tensor(shape: shape, repeating: 0.5)))
    }

    /// A dictionary of the entries.
    static func dictionary(_ entries: Entries) -> PickleExpression {
        .dictionary(entries.map { (.string($0.key), $0.value) })
    }

    /// Writes `root` and opens it.
    func open(
        _ root: PickleExpression, method: LoadingChoice = .automatic,
        configuration: String? = GoldenWeights.path("hub4")
    ) throws -> ModelCheckpoint {
        let path = folder.file("model.pth")
        try TorchArchiveWriter.write(root, to: path)
        return try ModelCheckpoint.open(
            path, method: method, configuration: configuration, comparesNeighbors: false)
    }

    /// Why a state dict of these entries is refused.
    func refusal(
        of root: PickleExpression, method: LoadingChoice = .automatic,
        configuration: String? = GoldenWeights.path("hub4")
    ) -> CheckpointError? {
        #expect(throws: CheckpointError.self) { try open(root, method: method, configuration: configuration) }
    }
}
