/// Bytes that tensors look at: memory of our own, or a region that another object keeps alive (a mapped file).
///
/// The bytes are written inside the initializer, and after it only while a single tensor looks at them.
public final class TensorStorage: @unchecked Sendable {
    // Sendable: `bytes` is written before `init` returns, and later only by the holder of the one reference there is.

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

    /// Lets `body` write all bytes; false, without a call, when they are not this storage's own or of another number.
    ///
    /// The caller holds the only reference.
    func overwrite(byteCount: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) -> Bool {
        guard owner == nil, bytes.count == byteCount else { return false }
        body(UnsafeMutableRawBufferPointer(mutating: bytes))
        return true
    }

    /// Says that `range` of the bytes is not needed for now.
    ///
    /// A mapped file gives the memory back to the system and reads the bytes again when they are looked at, so this never
    /// changes what a reader sees. Memory of the storage's own stays as it is.
    public func relinquish(_ range: Range<Int>) {
        (owner as? any RereadableBytes)?.relinquish(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }

    /// Copies `range` of the bytes to the start of `buffer`, which is as long or longer.
    ///
    /// A mapped file reads them into `buffer` and does not take their pages into memory for it.
    public func copy(_ range: Range<Int>, to buffer: UnsafeMutableRawBufferPointer) {
        copy(UnsafeRawBufferPointer(rebasing: bytes[range]), to: buffer)
    }
}

/// What keeps bytes alive and can read them again, so that they need not stay in memory.
public protocol RereadableBytes: AnyObject, Sendable {
    /// Gives back the memory of `part`, whose bytes are the same whenever they are looked at.
    func relinquish(_ part: UnsafeRawBufferPointer)

    /// Copies `part`, one of the bytes that are kept alive, to the start of `buffer`, without taking memory for `part`.
    ///
    /// What cannot be read is copied as zeros, as it is seen where `part` is looked at.
    func copy(_ part: UnsafeRawBufferPointer, to buffer: UnsafeMutableRawBufferPointer)
}

extension TensorStorage: RereadableBytes {
    /// Passes on what a storage says that borrows from this one.
    public func relinquish(_ part: UnsafeRawBufferPointer) {
        (owner as? any RereadableBytes)?.relinquish(part)
    }

    /// Copies bytes of a storage, or passes on what a storage asks for that borrows from this one.
    public func copy(_ part: UnsafeRawBufferPointer, to buffer: UnsafeMutableRawBufferPointer) {
        if let owner = owner as? any RereadableBytes {
            owner.copy(part, to: buffer)
        } else {
            buffer.copyMemory(from: part)
        }
    }
}
