import MAECluster
import MAEContent
import MAEWire
import ZeroMQ

/// Memory of one chunk, used again and again.
final class ChunkMemory: @unchecked Sendable {
    // Sendable: one owner at a time uses `buffer`. The server fills it before it hands it to a `ChunkBuffer`, and gets it
    // back through a mailbox when that is gone.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: FileContent.chunkSize, alignment: 4096)

    deinit { buffer.deallocate() }
}

/// A chunk on its way to a worker; its memory goes back to the server when it has left.
final class ChunkBuffer: SharedBytes {
    /// What comes back to the server.
    typealias Returned = (request: ChunkRequest, peer: Peer, memory: ChunkMemory)

    private let count: Int
    private let returned: Returned
    private let mailbox: Mailbox<Returned>

    /// The first `count` bytes of `memory`, which are what `peer` requested.
    init(
        _ memory: ChunkMemory, count: Int, for request: ChunkRequest, of peer: Peer,
        returningTo mailbox: Mailbox<Returned>
    ) {
        self.count = count
        self.mailbox = mailbox
        returned = (request, peer, memory)
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: returned.memory.buffer[..<count]) }

    deinit { mailbox.post(returned) }
}
