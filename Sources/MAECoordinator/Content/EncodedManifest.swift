import MAEContent
import MAEWire
import ZeroMQ

/// A manifest as it is sent: once in memory, however many workers ask for it.
final class EncodedManifest: SharedBytes {
    // The memory is this object's alone and never written after `init`.
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    /// Throws ``WireError`` when the list is too long for a message.
    init(_ manifest: Manifest) throws(WireError) {
        let frame = try Envelope(session: nil, incarnation: nil, .manifest(manifest)).header()
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: frame.count, alignment: 1)
        memory.copyBytes(from: frame)
        bytes = UnsafeRawBufferPointer(memory)
    }

    deinit { bytes.deallocate() }
}
