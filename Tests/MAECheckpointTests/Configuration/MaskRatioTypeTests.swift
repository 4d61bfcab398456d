import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("The type of a mask ratio decides how many patches stay")
struct MaskRatioTypeTests {
    @Test("as many stay as PyTorch keeps, for each type of Python, numpy and PyTorch")
    func keepsWhatPyTorchKeeps() throws {
        let path = Goldens.path("stored/mask-ratios.pth")
        let rows = try #require(try TorchFile.read(MappedFile(path: path).contents, path: path).root.sequence)
        var otherThanDouble = 0
        var arithmetics: Set<MaskRatioArithmetic> = []
        for row in rows {
            let row = try #require(row.sequence)
            let ratio = try #require(row[0].number).double
            let (patches, kept) = (try #require(row[1].int), try #require(row[2].int))
            let arithmetic = MaskRatioArithmetic(row[0])
            #expect(arithmetic.keptCount(of: patches, ratio: ratio) == kept, "\(arithmetic) \(ratio) of \(patches)")
            if MaskRatioArithmetic.double.keptCount(of: patches, ratio: ratio) != kept { otherThanDouble += 1 }
            arithmetics.insert(arithmetic)
        }
        #expect(arithmetics == [.double, .single, .half, .bfloat16, .numpyHalf])
        #expect(otherThanDouble > 100)
    }

    @Test(
        "a numpy.float32 among the settings of a file keeps what PyTorch keeps, is told, and is written so that it stays"
    )
    func statedRatio() throws {
        // int(9 * (1 - ratio)) is 5 for numpy.float32(4 / 9), and 4 for the same value as a Python float.
        let path = Goldens.path("stored/mask-ratio-float32.pth")
        let checkpoint = try ModelCheckpoint.open(path)
        let values = checkpoint.configuration.values
        #expect(values.maskRatio == Double(Float(4.0 / 9)) && values.keptCount() == 5)
        #expect(values.keptCount(maskRatio: values.maskRatio) == 4)
        let finding = checkpoint.findings.first { $0.code == .maskRatioType }
        #expect(finding?.message.contains("float32, in which PyTorch keeps 5 of 9 patches") == true)
        let folder = try TemporaryDirectory()
        try CheckpointWriter.write(ModelWeights(checkpoint), as: .hub, to: folder.file("hub"))
        let written = try ModelCheckpoint.open(folder.file("hub"))
        #expect(written.configuration.values.keptCount() == 5)
        #expect(!written.findings.contains { $0.code == .maskRatioType })
    }

    @Test("a ratio in the configuration of a pickled model is computed with in its own type, and --config in double")
    func pickledRatio() throws {
        let bench = try ModuleBench()
        let ratio = PickleExpression.tensor(PickledTensor(Tensor(shape: [], elements: [Float(4.0 / 9)])))
        let fields = ConfigurationKey.allCases.map { field in
            (
                key: PickleExpression.string(field.rawValue),
                value: field == .maskRatio ? ratio : PickleExpression(bench.states.golden.configuration.values[field])
            )
        }
        let configuration = PickleExpression.object(
            PickleGlobal(module: "transformers.models.vit_mae.configuration_vit_mae", name: "ViTMAEConfig"),
            state: .dictionary(fields))
        let root = try bench.tree { _, node in
            if node.attributes.contains(where: { $0.0 == "config" }) { node.set("config", configuration) }
        }
        #expect(try bench.states.open(root, configuration: nil).configuration.values.keptCount() == 5)
        let overruled = try bench.states.open(root)
        #expect(overruled.configuration.values.maskRatioArithmetic == .double)
        #expect(overruled.configuration.values.keptCount() == 2)
    }

    @Test("counts that a type cannot hold keep nothing, which is refused")
    func overflow() {
        #expect(MaskRatioArithmetic.half.keptCount(of: 1 << 18, ratio: 0) == 0)
        #expect(MaskRatioArithmetic.double.keptCount(of: 1 << 18, ratio: 0) == 1 << 18)
        var configuration = ViTMAEConfiguration()
        (configuration.maskRatio, configuration.maskRatioArithmetic) = (1e-9, .single)
        #expect(configuration.keptCount() == 196 && configuration.inDoublePrecision.keptCount() == 196)
    }
}
