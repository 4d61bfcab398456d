import CMAEDigests

/// SHA-256 of several contents at once, each in a lane of its own.
///
/// Where the processor has AVX-512, sixteen contents take less than half the time that they take one after the other. The
/// digests are those of ``SHA256Hasher``.
public struct SHA256Lanes: ~Copyable {
    /// Number of lanes that are worth it on this processor; 1 where contents are best hashed one after the other.
    public static let best = mae_sha256_lanes_supported() ? laneCount : 1

    /// Bytes of a block: all content of a lane but its end comes in whole blocks.
    public static let blockSize = Int(MAE_SHA256_BLOCK)

    private static let laneCount = Int(MAE_SHA256_LANES)
    private static let wordCount = Int(MAE_SHA256_WORDS)

    /// FIPS 180-4, 5.3.3.
    private static let start: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]

    /// Number of lanes.
    public let count: Int
    /// Word w of lane l is at w · ``laneCount`` + l.
    private var states: [UInt32]
    /// Bytes that a lane has taken.
    private var byteCounts: [Int]
    /// What hashes the one lane, where there are no more.
    private var single: SHA256Hasher?

    /// Lanes at rest: ``best`` many, or only one.
    public init(count: Int = best) {
        precondition(count == 1 || count == Self.best, "this processor has \(Self.best) lanes")
        self.count = count
        states = [UInt32](repeating: 0, count: count == 1 ? 0 : Self.wordCount * Self.laneCount)
        byteCounts = [Int](repeating: 0, count: count)
    }

    /// Starts a lane with no content; what it held is forgotten.
    public mutating func start(_ lane: Int) {
        guard count > 1 else {
            single = SHA256Hasher()
            return
        }
        for (word, value) in Self.start.enumerated() { states[word * Self.laneCount + lane] = value }
        byteCounts[lane] = 0
    }

    /// Appends `blockCount` blocks to each lane that has content: `contents` has an address for each lane, and nil for lanes at
    /// rest.
    public mutating func update(_ contents: [UnsafeRawPointer?], blockCount: Int) {
        // What a lane at rest takes is of no interest, but has to be there.
        guard blockCount > 0, let any = contents.lazy.compactMap(\.self).first else { return }
        precondition(contents.count == count, "there is an address, or nil, for each lane")
        guard count > 1 else {
            single?.update(UnsafeRawBufferPointer(start: any, count: blockCount * Self.blockSize))
            return
        }
        let blocks = contents.map { ($0 ?? any).assumingMemoryBound(to: UInt8.self) }
        mae_sha256_lanes(&states, blocks, blockCount)
        for lane in contents.indices where contents[lane] != nil {
            byteCounts[lane] += blockCount * Self.blockSize
        }
    }

    /// The digest of what a lane has taken, followed by `end`, which is shorter than a block; the lane is at rest from then on.
    public mutating func finish(_ lane: Int, end: UnsafeRawBufferPointer) -> SHA256Digest {
        precondition(end.count < Self.blockSize, "only whole blocks come before the end")
        guard count > 1 else {
            guard var hasher = single.take() else { preconditionFailure("a lane is started before it is finished") }
            hasher.update(end)
            return hasher.finalize()
        }
        // One bit, zeros up to a whole number of blocks, and the number of bits: FIPS 180-4, 5.1.1.
        let blockCount = end.count + 9 > Self.blockSize ? 2 : 1
        var padded = Array(end) + [0x80]
        padded += [UInt8](repeating: 0, count: blockCount * Self.blockSize - 8 - padded.count)
        let bits = UInt64(byteCounts[lane] + end.count) * 8
        padded += withUnsafeBytes(of: bits.bigEndian) { Array($0) }
        var ended = states
        padded.withUnsafeBytes { bytes in
            guard let address = bytes.baseAddress else { return }
            let content = address.assumingMemoryBound(to: UInt8.self)
            mae_sha256_lanes(&ended, [UnsafePointer<UInt8>](repeating: content, count: Self.laneCount), blockCount)
        }
        return SHA256Digest { bytes in
            for word in 0..<Self.wordCount {
                let value = ended[word * Self.laneCount + lane].bigEndian
                bytes.storeBytes(of: value, toByteOffset: word * MemoryLayout<UInt32>.size, as: UInt32.self)
            }
        }
    }
}
