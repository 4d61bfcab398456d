import CMAEDigests

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
                let count = Self.nonFiniteCount(part)
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

    /// Makes `elements` what ``digest()`` is taken over, each NaN ``canonicalNaN``, and returns how many were NaN or infinite.
    public static func canonicalize(_ elements: UnsafeMutableBufferPointer<Float>) -> Int {
        let count = nonFiniteCount(UnsafeBufferPointer(elements))
        if count > 0 { for index in elements.indices where elements[index].isNaN { elements[index] = canonicalNaN } }
        return count
    }

    /// Number of elements that are NaN or infinite.
    private static func nonFiniteCount(_ elements: UnsafeBufferPointer<Float>) -> Int {
        elements.baseAddress.map { mae_count_non_finite($0, elements.count) } ?? 0
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
