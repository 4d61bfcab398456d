import Testing

@testable import MAEWire

@Suite("Memory of a message")
struct ArenaTests {
    @Test("what is allocated is aligned for any C struct, and stays as it was written while more is allocated")
    func allocations() {
        let arena = Arena()
        // Of no bytes, past the end of a block, exactly a block, and more than one.
        let sizes = [0, 1, 15, 16, 17, 4000, 200, 4096, 5000, 1 << 20, 3]
        let places = sizes.enumerated().map { index, size in
            let place = UnsafeMutableRawBufferPointer(start: arena.allocate(size), count: size)
            for offset in place.indices { place[offset] = UInt8(index) }
            return place
        }
        for (index, place) in places.enumerated() {
            #expect(UInt(bitPattern: place.baseAddress) % 16 == 0)
            #expect(place.allSatisfy { $0 == index }, "\(place.count) bytes")
        }
        withExtendedLifetime(arena) {}
    }
}
