import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint

@Suite("Differences between two checkpoints")
struct ModelDifferenceTests {
    private let folder: TemporaryDirectory
    private let golden: ModelCheckpoint

    init() throws {
        folder = try TemporaryDirectory()
        golden = try ModelCheckpoint.open(GoldenWeights.path("hub4"))
    }

    /// The golden model with other elements in some parameters, or without its decoder.
    private func written(
        changing changes: [String: ([Float]) -> [Float]] = [:], parts: Set<ParameterLayout.Part> = [.encoder, .decoder]
    ) throws -> ModelCheckpoint {
        let layout = ParameterLayout(golden.configuration.values, parts: parts)
        var tensors: [String: Tensor] = [:]
        for parameter in layout.parameters {
            let tensor = try #require(golden.tensors[parameter.name]).tensor()
            let change = changes[parameter.name] ?? { $0 }
            tensors[parameter.name] = Tensor(
                shape: tensor.shape, elements: tensor.withUnsafeElements { change(Array($0)) })
        }
        let model = ModelWeights(configuration: golden.configuration.values, layout: layout, tensors: tensors)
        try CheckpointWriter.write(model, as: .hub, to: folder.file("model"))
        return try ModelCheckpoint.open(folder.file("model"))
    }

    private static func replacing(_ index: Int, with value: Float) -> ([Float]) -> [Float] {
        { elements in
            var elements = elements
            elements[index] = value
            return elements
        }
    }

    @Test("a written copy is equal")
    func findsCopyEqual() throws {
        let difference = try ModelDifference(golden, try written())
        #expect(difference.isEmpty)
        #expect(difference.sharedCount == golden.layout.parameters.count)
    }

    @Test("the sign of a zero differs in bits and not in value")
    func tellsSignsOfZero() throws {
        let name = "vit.layernorm.bias"
        let plus = try written(changing: [name: Self.replacing(4, with: 0)])
        // The first model is read into memory before the second is written in its place.
        let one = try #require(plus.tensors[name])
        let minus = try written(changing: [name: Self.replacing(4, with: -0.0)])
        let other = try #require(minus.tensors[name])
        let difference = try #require(try TensorDifference.between(one, other, name: name))
        #expect(difference.differingBitsCount == 1)
        #expect(difference.differingCount == 0)
        #expect(difference.largest == 0)
        #expect(difference.index == [4])
    }

    @Test("a weight that is not finite is infinitely far off")
    func findsNotANumber() throws {
        let name = "vit.layernorm.weight"
        let difference = try ModelDifference(
            golden, try written(changing: [name: Self.replacing(7, with: .nan)]))
        #expect(difference.tensors.map(\.name) == [name])
        #expect(difference.tensors.first?.largest == .infinity)
        #expect(difference.tensors.first?.index == [7])
    }

    @Test("of several differing elements the largest is shown and all are counted")
    func findsLargest() throws {
        let name = "vit.layernorm.weight"
        let difference = try ModelDifference(
            golden, try written(changing: [name: { $0.enumerated().map { $1 + ($0 == 11 ? 2 : 1) } }]))
        #expect(difference.tensors.first?.differingCount == 20)
        #expect(difference.tensors.first?.index == [11])
        #expect(difference.tensors.first.flatMap(\.largest).map { abs($0 - 2) < 1e-6 } == true)
    }

    @Test("parameters that only one side has are named by side")
    func namesParametersOfOneSide() throws {
        let encoder = try written(parts: [.encoder])
        let difference = try ModelDifference(golden, encoder)
        #expect(!difference.hasEqualWeights)
        #expect(difference.onlyInFirst.allSatisfy { $0.hasPrefix("decoder.") })
        #expect(difference.onlyInFirst.count == golden.tensors.count - encoder.tensors.count)
        #expect(difference.onlyInSecond.isEmpty)
        #expect(try ModelDifference(encoder, golden).onlyInSecond == difference.onlyInFirst)
    }

    @Test("another stored type is told apart from other values")
    func tellsStoredTypes() throws {
        let double = try ModelCheckpoint.open(
            GoldenWeights.path("state-fp64.pth"), configuration: GoldenWeights.path("hub4"))
        let difference = try ModelDifference(golden, double)
        #expect(difference.hasEqualWeights)
        #expect(difference.storedTypes.count == golden.tensors.count)
        #expect(difference.storedTypes.allSatisfy { $0.types == [.float32, .float64] })
    }

    @Test("a configuration value that differs carries both origins")
    func tracesConfiguration() throws {
        let pickled = try ModelCheckpoint.open(GoldenWeights.path("full4-ratio0.pth"))
        let field = try #require(try ModelDifference(golden, pickled).fields.first)
        #expect(field.field == .maskRatio)
        #expect(field.values == [.number(0.75), .number(0)])
        #expect(
            field.origins == [
                .configFile(path: GoldenWeights.path("hub4") + "/config.json"),
                .pickledObject(path: GoldenWeights.path("full4-ratio0.pth")),
            ])
        #expect(golden.carriesConfiguration && pickled.carriesConfiguration)
    }
}
