import MAETensor

/// A range of bytes of a file, read with bounds checks: nothing outside the range can be reached.
package struct ByteView: Sendable {
    /// The storage that keeps the bytes alive.
    package let storage: TensorStorage
    /// Where the range starts in ``storage``.
    package let start: Int
    /// Number of bytes.
    package let count: Int

    /// All bytes of `storage`.
    package init(_ storage: TensorStorage) {
        self.storage = storage
        start = 0
        count = storage.bytes.count
    }

    /// A copy of `bytes`.
    package init(copying bytes: some Collection<UInt8>) {
        self.init(TensorStorage(byteCount: bytes.count) { $0.copyBytes(from: bytes) })
    }

    private init(_ storage: TensorStorage, start: Int, count: Int) {
        self.storage = storage
        self.start = start
        self.count = count
    }

    /// `count` bytes from `offset`, or nil when they are not all inside.
    package func slice(at offset: Int, count: Int) -> ByteView? {
        guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else { return nil }
        return ByteView(storage, start: start + offset, count: count)
    }

    /// A little-endian integer at `offset`, or nil when it is not all inside.
    package func load<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Number.Type) -> Number? {
        guard offset >= 0, offset <= count, MemoryLayout<Number>.size <= count - offset else { return nil }
        return withExtendedLifetime(storage) {
            Number(littleEndian: storage.bytes.loadUnaligned(fromByteOffset: start + offset, as: type))
        }
    }

    /// The bytes, copied.
    package var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

    /// Calls `body` with the bytes; the pointer is valid only inside the call.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeRawBufferPointer(rebasing: storage.bytes[start..<start + count]))
    }

    /// Says that the bytes are not needed for now: see ``TensorStorage/relinquish(_:)``.
    package func relinquish() { storage.relinquish(start..<start + count) }

    /// Whether the bytes from `offset` on begin with `prefix`.
    package func has(_ prefix: [UInt8], at offset: Int = 0) -> Bool {
        slice(at: offset, count: prefix.count)?.withUnsafeBytes { $0.elementsEqual(prefix) } ?? false
    }

    /// Offset of the first `byte` at or after `offset`, or nil.
    package func firstIndex(of byte: UInt8, from offset: Int) -> Int? {
        slice(at: offset, count: count - offset)?.withUnsafeBytes { $0.firstIndex(of: byte) }.map { offset + $0 }
    }

    /// A storage of exactly these bytes, which looks at them where they lie.
    package var tensorStorage: TensorStorage {
        withUnsafeBytes { TensorStorage(borrowing: $0, from: storage) }
    }
}
