import CZlib

/// The checksum of zip archives.
package enum CRC32 {
    /// The CRC-32 of `bytes`, or of what `previous` is the CRC of followed by `bytes`.
    package static func of(_ bytes: UnsafeRawBufferPointer, continuing previous: UInt32 = 0) -> UInt32 {
        // zlib takes a null pointer as a question for the initial value.
        guard let address = bytes.baseAddress, !bytes.isEmpty else { return previous }
        return UInt32(crc32_z(UInt(previous), address.assumingMemoryBound(to: UInt8.self), bytes.count))
    }
}
