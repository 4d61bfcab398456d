import MAETensor
import Testing

@Suite("Tensors")
struct TensorTests {
    @Test(
        "element counts are checked",
        arguments: [
            ([], 1), ([5], 5), ([2, 3, 4], 24), ([0, 7], 0), ([-1], nil), ([-2, -3], nil), ([.max, 2], nil),
            ([1 << 32, 1 << 32], nil), ([.max, 1], Int.max),
        ] as [([Int], Int?)])
    func elementCounts(shape: [Int], count: Int?) {
        #expect(Tensor.checkedElementCount(of: shape) == count)
    }

    @Test("elements come back in row-major order and memory is aligned to a cache line")
    func elements() {
        let tensor = Tensor(shape: [2, 3], elements: [1, 2, 3, 4, 5, 6])
        #expect(tensor.count == 6)
        #expect(tensor.elements == [1, 2, 3, 4, 5, 6])
        tensor.withUnsafeElements {
            #expect(Int(bitPattern: $0.baseAddress) % TensorStorage.alignment == 0)
        }
        #expect(Tensor(shape: [3], repeating: 2.5).elements == [2.5, 2.5, 2.5])
        #expect(Tensor(shape: [], repeating: 7).elements == [7])
        #expect(Tensor(shape: [0, 4], elements: []).elements.isEmpty)
    }

    @Test("an error in the initializer passes through")
    func failingInitializer() {
        #expect(throws: CancellationError.self) { try Tensor(shape: [1 << 20]) { _ in throw CancellationError() } }
    }

    @Test("views share the storage and stay inside it")
    func views() throws {
        let storage = TensorStorage(byteCount: 32) { raw in
            _ = raw.bindMemory(to: Float.self).initialize(from: (0..<8).map(Float.init))
        }
        #expect(try #require(Tensor(shape: [2, 4], viewing: storage, byteOffset: 0)).elements.last == 7)
        #expect(try #require(Tensor(shape: [2], viewing: storage, byteOffset: 24)).elements == [6, 7])
        #expect(try #require(Tensor(shape: [0], viewing: storage, byteOffset: 32)).elements.isEmpty)
    }

    @Test(
        "views outside the storage, unaligned, or of an impossible shape are nil",
        arguments: [
            ([9], 0), ([2], 28), ([1], 32), ([1], -4), ([1], 2), ([1], .max), ([.max], 0), ([1 << 62], 0), ([-1], 0),
            ([0], 33), ([1 << 32, 1 << 32], 0),
        ] as [([Int], Int)])
    func impossibleViews(shape: [Int], byteOffset: Int) {
        let storage = TensorStorage(byteCount: 32) { $0.initializeMemory(as: UInt8.self, repeating: 0) }
        #expect(Tensor(shape: shape, viewing: storage, byteOffset: byteOffset) == nil)
    }

    @Test("reshaping keeps the elements")
    func reshaping() {
        let tensor = Tensor(shape: [2, 6], elements: (0..<12).map(Float.init)).reshaped(to: [3, 2, 2])
        #expect(tensor.shape == [3, 2, 2])
        #expect(tensor.elements == (0..<12).map(Float.init))
    }

    @Test("rows are views along the first dimension, also of rows")
    func rows() {
        let tensor = Tensor(shape: [4, 2, 2], elements: (0..<16).map(Float.init))
        let middle = tensor.rows(1..<4)
        #expect(middle.shape == [3, 2, 2])
        #expect(middle.rows(1..<2).elements == [8, 9, 10, 11])
        #expect(tensor.rows(2..<2).shape == [0, 2, 2])
        #expect(tensor.rows(2..<2).elements.isEmpty)
        #expect(Tensor(shape: [0, 5], elements: []).rows(0..<0).count == 0)
    }

    @Test("a borrowed storage keeps its owner alive and leaves its memory alone")
    func borrowing() throws {
        final class Owner: @unchecked Sendable {
            // Sendable: the memory is written in the initializer only.
            let memory = UnsafeMutableBufferPointer<Float>.allocate(capacity: 3)
            init() { _ = memory.initialize(from: [1, 2, 3]) }
            deinit { memory.deallocate() }
        }
        weak var seen: Owner?
        var tensor: Tensor?
        do {
            let owner = Owner()
            seen = owner
            let storage = TensorStorage(borrowing: UnsafeRawBufferPointer(owner.memory), from: owner)
            tensor = Tensor(shape: [3], viewing: storage, byteOffset: 0)
        }
        #expect(seen != nil)
        #expect(tensor?.elements == [1, 2, 3])
        tensor = nil
        #expect(seen == nil)
    }

    @Test("element types know their width")
    func dtypes() {
        #expect(DType.allCases.map(\.byteWidth) == [4, 8, 2, 2, 1, 2, 4, 8, 1, 1, 1, 1, 1, 1])
        #expect(
            DType.allCases.filter(\.isFloatingPoint) == [
                .float32, .float64, .float16, .bfloat16, .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ,
            ])
    }
}
