/// Memory for many small things of one message, freed all at once when the arena goes.
///
/// Most messages fit into the first block: for each of their fields a call of `malloc` would cost more than the field.
final class Arena {
    /// The alignment of everything in it: that of `malloc`, so any C struct may be placed there.
    private static let alignment = 16
    private static let blockBytes = 4096

    private var blocks: [UnsafeMutableRawPointer]
    /// What is left of the latest block.
    private var next: UnsafeMutableRawPointer
    private var room: Int

    init() {
        next = Self.block(Self.blockBytes)
        room = Self.blockBytes
        blocks = [next]
    }

    deinit { blocks.forEach { $0.deallocate() } }

    /// Uninitialized memory of at least `byteCount` bytes, alive until the arena goes.
    func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer {
        // Rounded up to the alignment, so that what comes next is aligned too.
        let size = (byteCount + Self.alignment - 1) & ~(Self.alignment - 1)
        if size > room {
            room = max(size, Self.blockBytes)
            next = Self.block(room)
            blocks.append(next)
        }
        defer {
            next += size
            room -= size
        }
        return next
    }

    private static func block(_ byteCount: Int) -> UnsafeMutableRawPointer {
        .allocate(byteCount: byteCount, alignment: alignment)
    }
}
