import CMAEWire
import CProtobufC
import MAETensor

// Readers of single fields of unpacked C structs. A peer wrote these: each reader checks before it takes memory.

/// The value of a scalar field that must be there.
func required<Value>(
    _ has: protobuf_c_boolean, _ value: Value, _ field: @autoclosure () -> String
) throws(WireError) -> Value {
    guard has != 0 else { throw missing(field()) }
    return value
}

/// What a sub-message that must be there points to.
func required<Struct>(_ pointer: UnsafeMutablePointer<Struct>?, _ field: String) throws(WireError) -> Struct {
    guard let pointer else { throw missing(field) }
    return pointer.pointee
}

/// A count that must be there and lie in `range`.
func count(
    _ has: protobuf_c_boolean, _ value: some UnsignedInteger, _ range: ClosedRange<Int>, _ field: String
) throws(WireError) -> Int {
    guard let value = Int(exactly: try required(has, value, field)), range.contains(value) else {
        throw WireError(.limitExceeded, field, "is \(value); \(range.lowerBound) to \(range.upperBound) is allowed")
    }
    return value
}

/// A number that must be there, finite and within `range`.
func number(
    _ has: protobuf_c_boolean, _ value: Double, _ range: ClosedRange<Double>, _ field: String
) throws(WireError) -> Double {
    let value = try required(has, value, field)
    guard range.contains(value) else {
        throw WireError(.invalidField, field, "is \(value); \(range.lowerBound) to \(range.upperBound) is allowed")
    }
    return value
}

/// A duration in milliseconds, at least 1, that must be there.
func interval(_ has: protobuf_c_boolean, _ milliseconds: UInt64, _ field: String) throws(WireError) -> Duration {
    .milliseconds(try count(has, milliseconds, 1...Int(WireLimits.interval / .milliseconds(1)), field))
}

extension Duration {
    /// Whole milliseconds from 1 to ``WireLimits/interval``.
    var wireMilliseconds: UInt64 {
        UInt64(Swift.min(Swift.max(self, .milliseconds(1)), WireLimits.interval) / .milliseconds(1))
    }
}

/// An enumeration's value that must be there and known.
func known<Value: RawRepresentable>(
    _ has: protobuf_c_boolean, _ value: some RawRepresentable<UInt32>, _ field: String
) throws(WireError) -> Value where Value.RawValue == UInt32 {
    let number = try required(has, value, field).rawValue
    guard let value = Value(rawValue: number) else {
        throw WireError(.invalidField, field, "is \(number), which means nothing to this version")
    }
    return value
}

/// Text that must be there: UTF-8 without NUL.
func text(
    _ has: protobuf_c_boolean, _ data: ProtobufCBinaryData, limit: Int, _ field: String
) throws(WireError) -> String {
    try text(try required(has, data, field), limit: limit, field)
}

/// Text: UTF-8 without NUL.
func text(_ data: ProtobufCBinaryData, limit: Int, _ field: String) throws(WireError) -> String {
    try checkLimit(data.len, limit, field, "bytes")
    let bytes = UnsafeBufferPointer(start: data.data, count: data.len)
    guard !bytes.contains(0), let text = try? UTF8Span(validating: bytes.span) else {
        throw WireError(.invalidField, field, "is no UTF-8 text without NUL")
    }
    return String(copying: text)
}

/// A SHA-256 that must be there.
func digest(
    _ has: protobuf_c_boolean, _ data: ProtobufCBinaryData, _ field: String
) throws(WireError) -> SHA256Digest {
    let data = try required(has, data, field)
    guard let digest = SHA256Digest(bytes: UnsafeRawBufferPointer(start: data.data, count: data.len)) else {
        throw WireError(.invalidField, field, "has \(data.len) bytes; a SHA-256 has 32")
    }
    return digest
}

/// SHA-256 digests one after the other, as many as `range` allows.
func digests(
    _ data: ProtobufCBinaryData, _ range: ClosedRange<Int>, _ field: String
) throws(WireError) -> [SHA256Digest] {
    let size = SHA256Digest.byteCount
    guard data.len % size == 0, range.contains(data.len / size) else {
        throw WireError(
            .invalidField, field,
            "has \(data.len) bytes; \(range.lowerBound) to \(range.upperBound) digests of \(size) are allowed")
    }
    let bytes = UnsafeBufferPointer(start: data.data, count: data.len)
    return stride(from: 0, to: bytes.count, by: size).compactMap { SHA256Digest(bytes: bytes[$0..<$0 + size]) }
}

/// Numbers that count something from 0.
func indices(
    _ count: Int, _ values: UnsafeMutablePointer<UInt32>?, limit: Int, _ field: String
) throws(WireError) -> [Int] {
    try checkLimit(count, limit, field, "entries")
    return UnsafeBufferPointer(start: values, count: count).map(Int.init)
}

/// A shape whose element count fits an `Int`.
func shape(_ count: Int, _ extents: UnsafeMutablePointer<UInt64>?, _ field: String) throws(WireError) -> [Int] {
    try checkLimit(count, WireLimits.dimensions, field, "dimensions")
    var shape: [Int] = []
    shape.reserveCapacity(count)
    for extent in UnsafeBufferPointer(start: extents, count: count) {
        guard let extent = Int(exactly: extent), extent <= WireLimits.extent else {
            throw WireError(.limitExceeded, field, "has extent \(extent); at most \(WireLimits.extent) is allowed")
        }
        shape.append(extent)
    }
    guard Tensor.checkedElementCount(of: shape) != nil else {
        throw WireError(.limitExceeded, field, "\(shape) has more elements than can be counted")
    }
    return shape
}

/// A list of sub-messages.
func list<Struct, Value>(
    _ count: Int, _ pointers: UnsafeMutablePointer<UnsafeMutablePointer<Struct>?>?, limit: Int, _ field: String,
    _ convert: (Struct) throws(WireError) -> Value
) throws(WireError) -> [Value] {
    try checkLimit(count, limit, field, "entries")
    var values: [Value] = []
    values.reserveCapacity(count)
    for pointer in UnsafeBufferPointer(start: pointers, count: count) {
        values.append(try convert(try required(pointer, field)))
    }
    return values
}

private func missing(_ field: String) -> WireError {
    WireError(.missingField, field, "is missing; the peer may run another version")
}
