import Testing

@testable import MAEFormats

@Suite("Positions of keys")
struct PickleIndexTests {
    @Test("every entry is found at its position, and no other", arguments: [1, 24, 25, 1000, 20_000])
    func findsAll(count: Int) {
        var index = PickleIndex()
        for position in 0..<count { index.append(position) { ($0 * 7).hashValue } }
        for position in 0..<count {
            #expect(index.position(hash: (position * 7).hashValue) { $0 == position } == position)
        }
        #expect(index.position(hash: (-1).hashValue) { _ in false } == nil)
    }

    @Test("keys with one hash are told apart, and an index made late holds what came before")
    func collisions() {
        var index = PickleIndex()
        index.append(40) { _ in 12345 }
        for position in 0...40 {
            #expect(index.position(hash: 12345) { $0 == position } == position)
        }
        #expect(index.position(hash: 12346 << 40) { _ in true } == nil)
    }
}
