extension Tensor {
    /// The one quiet NaN that stands for every NaN in a digest: hardware differs in the payloads it produces.
    public static let canonicalNaN = Float(bitPattern: 0x7FC0_0000)

    /// SHA-256 over the elements as little-endian fp32, each NaN made ``canonicalNaN`` first.
    public func digest() -> SHA256Digest {
        var hasher = SHA256Hasher()
        update(&hasher)
        return hasher.finalize()
    }

    /// Appends the bytes that ``digest()`` is taken over, and returns how many elements are NaN or infinite.
    @discardableResult
    public func update(_ hasher: inout SHA256Hasher) -> Int {
        var nonFiniteCount = 0
        withUnsafeElements { elements in
            // NaNs are rare: whole runs without one go to the hash as they lie in memory, while they are in a near cache.
            let run = 1 << 16
            var start = 0
            while start < elements.count {
                let end = min(start + run, elements.count)
                let part = UnsafeBufferPointer(rebasing: elements[start..<end])
                let count = part.nonFiniteCount
                nonFiniteCount += count
                if count > 0 {
                    part.map { $0.isNaN ? Self.canonicalNaN : $0 }.withUnsafeBytes { hasher.update($0) }
                } else {
                    hasher.update(UnsafeRawBufferPointer(part))
                }
                start = end
            }
        }
        return nonFiniteCount
    }

    /// Whether all elements equal those of `other` bit for bit, every NaN being equal to every NaN.
    public func hasSameBits(as other: Tensor) -> Bool {
        guard shape == other.shape else { return false }
        return withUnsafeElements { mine in
            other.withUnsafeElements { theirs in
                zip(mine, theirs).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
            }
        }
    }
}

extension UnsafeBufferPointer<Float> {
    /// Number of elements that are NaN or infinite; for runs whose count fits 32 bits, so that the loop is vectorized.
    fileprivate var nonFiniteCount: Int {
        var count: UInt32 = 0
        for element in self {
            count &+= (element.bitPattern & 0x7F80_0000) == 0x7F80_0000 ? 1 : 0
        }
        return Int(count)
    }
}
