import CMAEWire
import CProtobufC
import MAETensor

/// Memory for the C structs of one message: alive until the arena goes, which frees all of it.
struct EncodingArena {
    private let memory = Arena()

    /// A copy of `value`, a C struct, that other C structs may point to.
    func place<Struct>(_ value: Struct) -> UnsafeMutablePointer<Struct> {
        let pointer = uninitialized(Struct.self, 1)
        pointer.initialize(to: value)
        return pointer
    }

    /// A C array of `values`, which are plain data.
    func array<Value>(_ values: [Value]) -> UnsafeMutablePointer<Value> {
        let pointer = uninitialized(Value.self, values.count)
        pointer.initialize(from: values, count: values.count)
        return pointer
    }

    /// A list of sub-messages as protobuf-c wants it: an array of pointers.
    func list<Value, Struct>(
        _ values: [Value], limit: Int, _ field: String, _ convert: (Value) throws(WireError) -> Struct
    ) throws(WireError) -> (Int, UnsafeMutablePointer<UnsafeMutablePointer<Struct>?>) {
        try checkLimit(values.count, limit, field, "entries")
        let pointers = uninitialized(UnsafeMutablePointer<Struct>?.self, values.count)
        for (index, value) in values.enumerated() { (pointers + index).initialize(to: place(try convert(value))) }
        return (values.count, pointers)
    }

    /// Numbers that count something from 0.
    func indices(
        _ values: [Int], limit: Int, _ field: String
    ) throws(WireError) -> (Int, UnsafeMutablePointer<UInt32>) {
        try checkLimit(values.count, limit, field, "entries")
        return (values.count, array(values.map(UInt32.init(clamping:))))
    }

    /// Text as bytes.
    func text(_ text: String, limit: Int, _ field: String) throws(WireError) -> ProtobufCBinaryData {
        try checkLimit(text.utf8.count, limit, field, "bytes")
        if text.utf8.contains(0) { throw WireError(.invalidField, field, "holds a NUL character; remove it") }
        var text = text
        return text.withUTF8 { copy(UnsafeRawBufferPointer($0)) }
    }

    /// A digest as bytes.
    func digest(_ digest: SHA256Digest) -> ProtobufCBinaryData { digest.withUnsafeBytes(copy) }

    /// Digests as bytes, one after the other.
    func digests(_ digests: [SHA256Digest]) -> ProtobufCBinaryData { digests.withUnsafeBytes(copy) }

    /// A copy of `bytes`.
    func bytes(_ bytes: [UInt8]) -> ProtobufCBinaryData { bytes.withUnsafeBytes(copy) }

    private func copy(_ bytes: UnsafeRawBufferPointer) -> ProtobufCBinaryData {
        let pointer = uninitialized(UInt8.self, bytes.count)
        UnsafeMutableRawBufferPointer(start: pointer, count: bytes.count).copyMemory(from: bytes)
        return ProtobufCBinaryData(len: bytes.count, data: pointer)
    }

    /// Room for values that are plain data: nothing is undone when the memory goes.
    private func uninitialized<Value>(_ type: Value.Type, _ count: Int) -> UnsafeMutablePointer<Value> {
        memory.allocate(count * MemoryLayout<Value>.stride).bindMemory(to: type, capacity: count)
    }
}

/// Refuses more than `limit` of something.
func checkLimit(
    _ count: Int, _ limit: Int, _ field: @autoclosure () -> String, _ unit: String
) throws(WireError) {
    guard count > limit else { return }
    throw WireError(.limitExceeded, field(), "has \(count) \(unit); at most \(limit) are allowed")
}
