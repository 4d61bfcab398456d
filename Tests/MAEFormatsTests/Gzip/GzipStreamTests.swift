import Testing

@testable import MAEFormats

@Suite("Streams of gzip")
struct GzipStreamTests {
    @Test("what is appended in pieces comes out whole", arguments: [0, 1, 70_000, 3_000_000])
    func pieces(count: Int) throws {
        var state: UInt32 = 1
        let content = (0..<count).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        let stream = try #require(GzipStream())
        var packed: [UInt8] = []
        for start in stride(from: 0, to: count, by: 999_999) {
            packed += stream.append(Array(content[start..<min(start + 999_999, count)]))
        }
        packed += stream.finish()
        // A header of 10 bytes, and behind the data its checksum and length (RFC 1952).
        #expect(Array(packed.prefix(3)) == [0x1F, 0x8B, 8])
        var room = [UInt8](repeating: 0, count: count)
        let done = packed.withUnsafeBytes { packed in
            room.withUnsafeMutableBytes {
                Inflater.inflate(UnsafeRawBufferPointer(rebasing: packed.dropFirst(10).dropLast(8)), into: $0)
            }
        }
        #expect(done == count && room == content)
        let trailer = packed.suffix(8).withUnsafeBytes { bytes in
            [0, 4].map { UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self)) }
        }
        #expect(trailer == [content.withUnsafeBytes { CRC32.of($0) }, UInt32(count)])
    }
}
