import MAETensor
import Testing

@testable import MAEVerify

@Suite("Elements that differ")
struct ElementDifferencesTests {
    static let images = 4, rows = 50, columns = 96, heads = 3
    private let reference = Tensor(
        shape: [images, rows, columns], elements: (0..<images * rows * columns).map { Float($0 % 977) / 7 + 1 })

    /// The reference with a bit flipped wherever `isWrong` says so.
    private func differences(
        flipping bit: Int = 20, in indices: [Int] = [0, 1, 2, 3],
        where isWrong: (_ image: Int, _ row: Int, _ column: Int) -> Bool
    ) throws -> ElementDifferences {
        let elements = reference.elements.enumerated().map { index, value in
            let row = index / Self.columns
            let isOff = isWrong(row / Self.rows, row % Self.rows, index % Self.columns)
            return isOff ? Float(bitPattern: value.bitPattern ^ 1 << bit) : value
        }
        return try #require(
            ElementDifferences(
                Tensor(shape: reference.shape, elements: elements), reference, images: indices, of: 4, heads: Self.heads
            ))
    }

    @Test("one flipped bit: the place in its batch, the bit, and the distance")
    func element() throws {
        let found = try differences(flipping: 3, in: [2, 5, 6, 9]) { ($0, $1, $2) == (3, 17, 40) }
        #expect(found.differing == 1 && found.compared == reference.count)
        #expect(found.pattern == .element)
        #expect((found.anyBits, found.allBits) == (8, 8))
        #expect(found.largestDistance == 8)
        let first = try #require(found.first.first)
        #expect((first.image, first.row, first.column) == (9, 17, 40))
        #expect(first.suspected ^ first.reference == 8)
    }

    @Test(
        "what the places have in common",
        arguments: [
            (FaultPattern.row(image: 1, row: 7), { @Sendable in $0 == 1 && $1 == 7 && $2 % 5 < 3 }),
            (.column(11), { @Sendable in $2 == 11 && $1 != 3 || $0 < 0 }),
            (.lane(5, of: 16), { @Sendable in $2 % 16 == 5 || $0 + $1 < 0 }),
            (.lane(5, of: 8), { @Sendable in $2 % 8 == 5 || $0 + $1 < 0 }),
            (.head(2), { @Sendable in $2 / 32 == 2 || $0 + $1 < 0 }),
            (.head(1), { @Sendable in $0 == 0 && $1 < 40 && $2 / 32 == 1 }),
            (
                .tile(from: .init(image: 0, row: 12), to: .init(image: 0, row: 23), columns: 32...47),
                { @Sendable in (12...23).contains($0 * 50 + $1) && (32...47).contains($2) }
            ),
            (
                .tile(from: .init(image: 0, row: 44), to: .init(image: 1, row: 5), columns: 70...90),
                { @Sendable in (44...55).contains($0 * 50 + $1) && (70...90).contains($2) }
            ),
            (.image(3), { @Sendable in $0 == 3 || $1 + $2 < 0 }),
            (.position(9), { @Sendable in $0 != 1 && $1 == 9 && $2 % 3 == 0 && $2 > 10 }),
            (.everything, { @Sendable in $0 + $1 + $2 >= 0 && $2 != 4 }),
            (.scattered, { @Sendable in ($0 * 31 + $1 * 17 + $2 * 13) % 101 == 0 }),
        ] as [(FaultPattern, @Sendable (Int, Int, Int) -> Bool)])
    func patterns(expected: FaultPattern, isWrong: @Sendable (Int, Int, Int) -> Bool) throws {
        let found = try differences(where: isWrong)
        #expect(found.pattern == expected)
        #expect(FaultPattern(name: expected.name, numbers: expected.numbers) == expected)
    }

    @Test("values are compared as bits: NaN equals itself, 0 differs from -0, and NaN has no distance")
    func bits() throws {
        let nan = Float(bitPattern: 0x7FC0_0001)
        func compare(_ left: [Float], _ right: [Float]) -> ElementDifferences? {
            ElementDifferences(
                Tensor(shape: [1, 1, left.count], elements: left), Tensor(shape: [1, 1, right.count], elements: right),
                images: [0], of: 1, heads: 1)
        }
        #expect(compare([nan, 1], [nan, 1]) == nil)
        #expect(compare([0, 1], [-0.0, 1])?.anyBits == 1 << 31)
        #expect(compare([0, 1], [-0.0, 1])?.largestDistance == 0)
        #expect(compare([nan, 1], [1, 1])?.largestDistance == .some(nil))
        let both = try #require(compare([-1, 1], [1, 1]))
        #expect(both.largestDistance == 2 * UInt64(Float(1).bitPattern))
    }

    @Test("other shapes are not compared")
    func shapes() {
        #expect(
            ElementDifferences(
                reference, reference.reshaped(to: [Self.images, Self.columns, Self.rows]), images: [0, 1, 2, 3], of: 4,
                heads: 1) == nil)
    }
}
