import CMAEWire
import CProtobufC

/// Memory for the C structs of one message: alive until the arena goes, which frees all of it.
final class EncodingArena {
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit { blocks.forEach { $0.deallocate() } }

    /// A copy of `value`, a C struct, that other C structs may point to.
    func place<Struct>(_ value: Struct) -> UnsafeMutablePointer<Struct> {
        let pointer = UnsafeMutablePointer<Struct>.allocate(capacity: 1)
        pointer.initialize(to: value)
        blocks.append(UnsafeMutableRawPointer(pointer))
        return pointer
    }

    /// A C array of `values`, which are plain data.
    func array<Value>(_ values: [Value]) -> UnsafeMutablePointer<Value> {
        let pointer = UnsafeMutablePointer<Value>.allocate(capacity: max(values.count, 1))
        pointer.initialize(from: values, count: values.count)
        blocks.append(UnsafeMutableRawPointer(pointer))
        return pointer
    }

    /// A list of sub-messages as protobuf-c wants it: an array of pointers.
    func list<Value, Struct>(
        _ values: [Value], limit: Int, _ field: String, _ convert: (Value) throws(WireError) -> Struct
    ) throws(WireError) -> (Int, UnsafeMutablePointer<UnsafeMutablePointer<Struct>?>) {
        try checkLimit(values.count, limit, field, "entries")
        var pointers: [UnsafeMutablePointer<Struct>?] = []
        pointers.reserveCapacity(values.count)
        for value in values { pointers.append(place(try convert(value))) }
        return (pointers.count, array(pointers))
    }

    /// Text as bytes.
    func text(_ text: String, limit: Int, _ field: String) throws(WireError) -> ProtobufCBinaryData {
        try checkLimit(text.utf8.count, limit, field, "bytes")
        if text.utf8.contains(0) { throw WireError(.invalidField, field, "holds a NUL character; remove it") }
        return bytes(Array(text.utf8))
    }

    /// A copy of `bytes`.
    func bytes(_ bytes: [UInt8]) -> ProtobufCBinaryData {
        ProtobufCBinaryData(len: bytes.count, data: array(bytes))
    }
}

/// Refuses more than `limit` of something.
func checkLimit(_ count: Int, _ limit: Int, _ field: String, _ unit: String) throws(WireError) {
    guard count > limit else { return }
    throw WireError(.limitExceeded, field, "has \(count) \(unit); at most \(limit) are allowed")
}
