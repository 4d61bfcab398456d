import MAETensor
import TestSupport
import Testing

@testable import MAECheckpoint
@testable import MAEFormats

@Suite("Numbers of numpy and PyTorch in a pickle")
struct PickleNumberTests {
    /// What `pickle.dumps(numpy.float64(…))` writes at protocol 2, for any type.
    private static func scalar(_ type: String, core: String = "_core", _ bytes: [UInt8]) -> PickleExpression {
        let dtype = PickleExpression.call(
            PickleGlobal(module: "numpy", name: "dtype"), [.string(type), .bool(false), .bool(true)])
        let text = String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        return .call(
            PickleGlobal(module: "numpy.\(core).multiarray", name: "scalar"),
            [dtype, .call(PickleGlobal(module: "_codecs", name: "encode"), [.string(text), .string("latin1")])])
    }

    private static func bytes<Value>(_ value: Value) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

    private func ratio(_ value: PickleExpression) throws -> Double {
        let bench = try ModuleBench()
        let model = try ModelWeights(bench.states.golden)
        let configuration = PickleExpression.dictionary(
            [("model_type", .string("vit_mae")), ("mask_ratio", value)]
                .map { (.string($0.0), $0.1) }
                + ConfigurationKey.allCases.filter { $0 != .maskRatio }.map {
                    (.string($0.rawValue), PickleExpression(model.configuration[$0]))
                })
        let root = PickleExpression.dictionary([
            (.string("state_dict"), StateDictBench.dictionary(try bench.states.entries())),
            (.string("hyper_parameters"), .dictionary([(.string("config"), configuration)])),
        ])
        return try bench.states.open(root, configuration: nil).configuration.values.maskRatio
    }

    @Test("scalars of numpy are numbers, of either name of its core")
    func readsScalars() throws {
        for core in ["core", "_core"] {
            #expect(try ratio(Self.scalar("f8", core: core, Self.bytes(0.5))) == 0.5)
            #expect(try ratio(Self.scalar("f4", core: core, Self.bytes(Float(0.25)))) == 0.25)
            #expect(try ratio(Self.scalar("f2", core: core, Self.bytes(Float16(0.125)))) == 0.125)
            #expect(try ratio(Self.scalar("i8", core: core, Self.bytes(Int64(0)))) == 0)
        }
    }

    @Test("a tensor of one element is a number")
    func readsTensors() throws {
        #expect(try ratio(.tensor(PickledTensor(Tensor(shape: [], elements: [0.5])))) == 0.5)
        #expect(try ratio(.tensor(PickledTensor(Tensor(shape: [1], elements: [0.25])))) == 0.25)
    }

    @Test("scalars that are no numbers, or whose bytes do not fit their type, are refused as before")
    func refusesOthers() throws {
        for value in [
            Self.scalar("f8", [0, 0]), Self.scalar("U1", [65, 0, 0, 0]), Self.scalar("", []),
            .tensor(PickledTensor(Tensor(shape: [2], elements: [0.5, 0.5]))),
        ] {
            let error = #expect(throws: CheckpointError.self) { try ratio(value) }
            #expect(error?.place == "mask_ratio", "\(String(describing: error))")
        }
    }

    @Test("integers keep their sign and width")
    func readsIntegers() throws {
        func number(_ expression: PickleExpression) throws -> PickleNumber? {
            let writer = PickleWriter(expression)
            var objects = NoPersistentObjects()
            return try PickleReader.read(
                ByteView(copying: writer.bytes), of: CheckpointLocation(path: "x"), objects: &objects,
                budget: PickleBudget()
            ).root.number
        }
        #expect(try number(Self.scalar("i4", Self.bytes(Int32(-7)))) == .int(-7))
        #expect(try number(Self.scalar("u2", Self.bytes(UInt16(65535)))) == .int(65535))
        #expect(try number(Self.scalar("i1", Self.bytes(Int8(-1)))) == .int(-1))
        #expect(try number(Self.scalar("u8", Self.bytes(UInt64.max))) == nil)
        #expect(try number(Self.scalar("b1", [1])) == .bool(true))
    }
}
