import MAETensor
import TestSupport
import Testing

@Suite("Digests")
struct DigestTests {
    @Test("SHA-256 of known messages")
    func knownAnswers() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(SHA256Digest(of: []).description == empty)
        #expect(SHA256Digest(of: Array("abc".utf8)).description == abc)
        var hasher = SHA256Hasher()
        hasher.update("a")
        hasher.update([])
        hasher.update(Array("bc".utf8))
        let soFar = hasher.digestSoFar()
        #expect(soFar.description == abc)
        hasher.update(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(hasher.finalize() == soFar)
    }

    @Test("hexadecimal goes both ways and nothing else is read")
    func hexadecimal() throws {
        let text = "00ff" + String(repeating: "5a", count: 30)
        let digest = try #require(SHA256Digest(hex: text))
        #expect(digest.bytes.prefix(3) == [0, 255, 0x5A])
        #expect(digest.description == text)
        #expect(SHA256Digest(hex: text.uppercased()) == digest)
        #expect(SHA256Digest(bytes: digest.bytes) == digest)
        for wrong in ["", "00", text + "00", "0x" + text.dropFirst(2), "é" + text.dropFirst(2), " " + text.dropFirst()]
        {
            #expect(SHA256Digest(hex: wrong) == nil, "\(wrong)")
        }
        #expect(SHA256Digest(bytes: [1, 2, 3]) == nil)
    }

    @Test("a digest is its 32 bytes and nothing else, wherever they come from")
    func layout() throws {
        let bytes = (0..<32).map { UInt8($0 * 7) }
        let digest = try #require(SHA256Digest(bytes: bytes))
        #expect(MemoryLayout<SHA256Digest>.size == 32 && MemoryLayout<SHA256Digest>.stride == 32)
        #expect(digest.bytes == bytes)
        #expect(digest.withUnsafeBytes { Array($0) } == bytes)
        #expect(bytes.withUnsafeBytes { SHA256Digest(bytes: $0) } == digest)
        #expect(SHA256Digest(bytes: ([9] + bytes + [9])[1...32]) == digest)
        #expect(bytes.withUnsafeBytes { SHA256Digest(bytes: UnsafeRawBufferPointer(rebasing: $0.dropLast())) } == nil)
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 1
            #expect(SHA256Digest(bytes: other) != digest)
        }
    }

    @Test("a tensor's digest is that of its little-endian fp32 bytes, whatever its shape")
    func tensorDigest() throws {
        let file = try Goldens.bytes("npy/float32-2x3x4.npy")
        let tensor = try Tensor(npy: Goldens.path("npy/float32-2x3x4.npy"))
        #expect(tensor.digest() == SHA256Digest(of: file[128...]))
        #expect(tensor.reshaped(to: [24]).digest() == tensor.digest())
    }

    @Test("every NaN counts as the one canonical NaN", arguments: [0, 65_535, 65_536, 70_000])
    func canonicalNaN(position: Int) {
        func tensor(_ nan: UInt32) -> Tensor {
            Tensor(shape: [70_001], elements: (0...70_000).map { $0 == position ? Float(bitPattern: nan) : Float($0) })
        }
        let canonical = tensor(0x7FC0_0000)
        for pattern: UInt32 in [0xFFC0_0000, 0x7FC0_1234, 0x7F80_0001, 0xFFFF_FFFF] {
            #expect(tensor(pattern).digest() == canonical.digest())
            #expect(tensor(pattern).hasSameBits(as: canonical))
        }
        #expect(tensor(0x7F80_0000).digest() != canonical.digest())
        #expect(!tensor(0x7F80_0000).hasSameBits(as: canonical))
        let bytes = canonical.withUnsafeElements { SHA256Digest(of: UnsafeRawBufferPointer($0)) }
        #expect(canonical.digest() == bytes)
    }

    @Test("one flipped bit, a signed zero or another shape is a difference")
    func differences() {
        let tensor = Tensor(shape: [2, 2], elements: [0, 1, 2, 3])
        #expect(tensor.hasSameBits(as: Tensor(shape: [2, 2], elements: [0, 1, 2, 3])))
        #expect(!tensor.hasSameBits(as: Tensor(shape: [2, 2], elements: [-0.0, 1, 2, 3])))
        #expect(!tensor.hasSameBits(as: Tensor(shape: [2, 2], elements: [0, 1, 2, Float(3).nextUp])))
        #expect(!tensor.hasSameBits(as: tensor.reshaped(to: [4])))
        #expect(tensor.digest() != Tensor(shape: [2, 2], elements: [-0.0, 1, 2, 3]).digest())
    }
}
