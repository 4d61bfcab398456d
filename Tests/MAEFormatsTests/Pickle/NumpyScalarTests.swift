import MAETensor
import Testing

@testable import MAEFormats

/// A log of a training run has millions of these beside the weights, so they take no object of their own.
@Suite("Scalars of numpy in a pickle")
struct NumpyScalarTests {
    /// `numpy.dtype(name, False, True)` with its state `(3, order, …)`.
    private func type(_ pickle: PickleAssembler, _ name: String, order: String?) -> PickleAssembler {
        let call = pickle.global("numpy", "dtype").string(name).op(.newFalse, .newTrue, .tuple3, .reduce)
        return order.map { call.int(3).string($0).op(.tuple2, .build) } ?? call
    }

    private func encoded(_ pickle: PickleAssembler, _ text: String) -> PickleAssembler {
        pickle.global("_codecs", "encode").string(text).string("latin1").op(.tuple2, .reduce)
    }

    private func scalar(
        _ name: String, _ text: String, order: String? = "<", core: String = "numpy._core"
    ) throws -> PickleValue {
        let call = type(PickleAssembler().global("\(core).multiarray", "scalar"), name, order: order)
        return try encoded(call, text).op(.tuple2, .reduce).read()
    }

    @Test("they are numbers of their type, in either order of bytes")
    func values() throws {
        let half = try scalar("f8", "\0\0\0\0\0\0\u{E0}\u{3F}")
        #expect(half.number == .float(0.5) && half.numberType == .numpy(.float64))
        #expect(try scalar("f8", "\u{3F}\u{E0}\0\0\0\0\0\0", order: ">").number == .float(0.5))
        #expect(try scalar("i2", "\u{FF}\u{FE}", order: ">").number == .int(-2))
        #expect(try scalar("f4", "\0\0\u{80}\u{3F}", core: "numpy.core").numberType == .numpy(.float32))
        #expect(try scalar("u1", "\u{FF}", order: "|").number == .int(255))
        // As numpy: a type whose state never came has the order of the machine.
        #expect(try scalar("i4", "\u{1}\0\0\0", order: nil).number == .int(1))
        #expect(half.kind == "a scalar of numpy" && half.object == nil)
    }

    @Test("what is no number of ours stays an object")
    func others() throws {
        for (name, text) in [("f8", "\0"), ("c8", "\0\0\0\0\0\0\0\0"), ("U1", "a\0\0\0"), ("", ""), ("f0", "")] {
            let value = try scalar(name, text)
            #expect(value.number == nil && value.object != nil, "\(name)")
        }
        let noType = PickleAssembler().global("numpy._core.multiarray", "scalar").op(.none)
        #expect(try encoded(noType, "a").op(.tuple2, .reduce).read().object != nil)
    }

    @Test("bytes come out of Latin-1 as they went in, short and long, and other texts stay a call")
    func bytes() throws {
        func decoded(_ text: String) throws -> PickleValue { try encoded(PickleAssembler(), text).read() }
        func bytes(_ text: String) throws -> [UInt8]? {
            if case .bytes(let bytes) = try decoded(text) { bytes } else { nil }
        }
        let all = String(String.UnicodeScalarView((0...255).compactMap { Unicode.Scalar($0) }))
        #expect(try bytes(all) == Array(0...255))
        #expect(try bytes("a\u{80}\u{FF}") == [0x61, 0x80, 0xFF])
        for text in ["\u{100}", "a€", "🙂", String(repeating: "\u{100}", count: 100)] {
            #expect(try decoded(text).object != nil, "\(text.prefix(3))")
        }
    }

    @Test("each scalar and each byte of them is taken from the budget")
    func budget() throws {
        let one = "\0\0\0\0\0\0\u{E0}\u{3F}"
        var pickle = type(PickleAssembler(), "f8", order: "<").op(.binPut, [0]).op(.pop)
        pickle = encoded(pickle, one).op(.binPut, [1]).op(.pop)
        let many = pickle.op(.emptyList).repeating(100) {
            $0.global("numpy._core.multiarray", "scalar").op(.binGet, [0]).op(.binGet, [1])
                .op(.tuple2, .reduce, .append)
        }
        func read(_ change: (inout PickleBudget) -> Void) throws -> Int? {
            var budget = PickleBudget()
            change(&budget)
            return try many.read(budget: budget).sequence?.count
        }
        #expect(try read { _ in } == 100)
        #expect(throws: CheckpointError.self) { try read { $0.memory = 3000 } }
        #expect(throws: CheckpointError.self) { try read { $0.steps = 300 } }
    }
}
