import CZlib

/// Bytes packed piece by piece as a gzip file (RFC 1952).
public final class GzipStream {
    /// The whole of zlib's state; it is never moved, since zlib keeps its address.
    private let stream: UnsafeMutablePointer<z_stream>
    private var room = [UInt8](repeating: 0, count: 1 << 16)

    /// A stream without bytes; nil when there is no memory for it.
    public init?() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 16 more window bits: a gzip header and trailer.
        let started = deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard started == Z_OK else { return nil }
    }

    deinit {
        deflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Packs more bytes, and hands over what is packed by now.
    public func append(_ bytes: [UInt8]) -> [UInt8] {
        var packed: [UInt8] = []
        // zlib counts in 32 bits.
        for start in stride(from: 0, to: bytes.count, by: 1 << 30) {
            packed += pack(bytes[start..<min(start + 1 << 30, bytes.count)], Z_NO_FLUSH)
        }
        return packed
    }

    /// Ends the stream, and hands over the rest of what is packed; nothing is appended afterwards.
    public func finish() -> [UInt8] { pack([], Z_FINISH) }

    private func pack(_ bytes: ArraySlice<UInt8>, _ flush: Int32) -> [UInt8] {
        var packed: [UInt8] = []
        bytes.withUnsafeBufferPointer { input in
            // zlib never writes through next_in.
            stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.pointee.avail_in = UInt32(input.count)
            while true {
                let (result, made) = room.withUnsafeMutableBufferPointer { output in
                    stream.pointee.next_out = output.baseAddress
                    stream.pointee.avail_out = UInt32(output.count)
                    let result = deflate(stream, flush)
                    return (result, output.count - Int(stream.pointee.avail_out))
                }
                packed += room[..<made]
                // Room that was not filled: all input is taken.
                guard result == Z_OK, made == room.count else { break }
            }
        }
        return packed
    }
}
