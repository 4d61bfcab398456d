import CZlib

/// Raw deflate data, decompressed by zlib into memory of a fixed size.
enum Inflater {
    /// Inflates `input` into `output` and returns the bytes written.
    ///
    /// Nil when `input` is no deflate stream that ends with its last byte, or when `output` is too small.
    static func inflate(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int? {
        var stream = z_stream()
        // Negative window bits: no zlib header, as in zip.
        let started = inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard started == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        // zlib counts in 32 bits: larger buffers go through in pieces. It never writes through next_in.
        let piece = 1 << 30
        var consumed = 0
        var produced = 0
        // zlib takes no null pointer for an empty output.
        var nothing: UInt8 = 0
        return withUnsafeMutablePointer(to: &nothing) { nothing in
            while true {
                let available = min(piece, input.count - consumed)
                let room = min(piece, output.count - produced)
                stream.next_in = input.baseAddress.map {
                    UnsafeMutablePointer(mutating: ($0 + consumed).assumingMemoryBound(to: UInt8.self))
                }
                stream.avail_in = UInt32(available)
                stream.next_out =
                    output.baseAddress.map { ($0 + produced).assumingMemoryBound(to: UInt8.self) } ?? nothing
                stream.avail_out = UInt32(room)
                let result = CZlib.inflate(&stream, Z_NO_FLUSH)
                let taken = available - Int(stream.avail_in)
                let made = room - Int(stream.avail_out)
                consumed += taken
                produced += made
                if result == Z_STREAM_END { return consumed == input.count ? produced : nil }
                guard result == Z_OK, taken + made > 0 else { return nil }
            }
        }
    }
}
