/// Bytes that tensors look at: memory of our own, or a region that somebody else keeps alive (a mapped file).
///
/// The bytes are written only inside the initialiser and never after it.
public final class TensorStorage: @unchecked Sendable {
    // Sendable: `bytes` is written before `init` returns and is read-only from then on.

    /// All bytes of the storage.
    public let bytes: UnsafeRawBufferPointer
    private let owner: AnyObject?

    /// Alignment, in bytes, of memory that the storage allocates itself: one cache line, one AVX-512 register.
    public static let alignment = 64

    /// Allocates `byteCount` bytes, aligned to ``alignment``, and lets `body` fill them.
    ///
    /// The memory is not cleared first: `body` must write every byte that will be read.
    public init(byteCount: Int, initializingWith body: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
        precondition(byteCount >= 0, "a storage has no negative size")
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: Self.alignment)
        do {
            try body(memory)
        } catch {
            memory.deallocate()
            throw error
        }
        bytes = UnsafeRawBufferPointer(memory)
        owner = nil
    }

    /// Borrows `bytes`, which stay valid and unchanged for as long as `owner` lives.
    public init(borrowing bytes: UnsafeRawBufferPointer, from owner: AnyObject & Sendable) {
        self.bytes = bytes
        self.owner = owner
    }

    deinit {
        if owner == nil { bytes.deallocate() }
    }
}
