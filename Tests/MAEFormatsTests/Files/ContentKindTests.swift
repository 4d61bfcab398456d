import MAEFormats
import Testing

@Suite("What a file holds, told by its first bytes")
struct ContentKindTests {
    /// A safetensors file without tensors, whose header is filled up with spaces.
    private func safetensors(headerSize: Int) -> ByteView {
        let header = Array("{}".utf8) + [UInt8](repeating: UInt8(ascii: " "), count: headerSize - 2)
        return ByteView(copying: withUnsafeBytes(of: UInt64(headerSize).littleEndian) { Array($0) } + header)
    }

    @Test("a safetensors file is one whatever marks its header's length begins with")
    func findsSafetensors() {
        // A pickle of protocol 2, 5 and 14, gzip, a Windows bitmap, zip, and every single byte.
        let sizes = [0x0280, 0x0580, 0x0E80, 0x8B1F, 0x4D42, 0x4B50] + Array(2...513)
        for size in sizes { #expect(ContentKind(of: safetensors(headerSize: size)) == .safetensors, "\(size)") }
    }

    @Test("pickles and archives are none")
    func findsOthers() {
        let framed: [UInt8] = [0x80, 5, 0x95, 0x7B, 0, 0, 0, 0, 0, 0, 0, 0x7B]
        #expect(ContentKind(of: ByteView(copying: framed)) == .pickle)
        #expect(ContentKind(of: ByteView(copying: [0x80, 2, 0x7D, 0x2E])) == .pickle)
        let zip: [UInt8] = [0x50, 0x4B, 3, 4, 0x14, 0, 0, 0, 0x7B, 0]
        #expect(ContentKind(of: ByteView(copying: zip)) == .zip)
    }
}
