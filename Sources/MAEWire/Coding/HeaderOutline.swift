/// What a header holds, found without unpacking it: by this a message is judged before memory is taken for it.
///
/// Unpacking takes up to 32 bytes for one of the header, so what a Hello may cost must not be what a result may.
struct HeaderOutline {
    /// The kind of the message; nil where there is none, or one that this version does not know.
    private(set) var kind: MessageKind?
    private var bodies = 0

    /// The number of the first field that is a body in `Envelope`.
    private static let firstBody: UInt64 = 16

    /// Goes through the fields of a header, by the encoding of protocol buffers; nil when they do not end where it does.
    init?(_ header: [UInt8]) {
        var offset = 0
        while offset < header.count {
            guard let key = Self.varint(header, &offset), Self.skip(type: key & 7, header, &offset) else { return nil }
            let field = key >> 3
            guard field >= Self.firstBody else { continue }
            bodies += 1
            kind = MessageKind(rawValue: field)
        }
    }

    /// Throws for a message of so many bytes and frames, the largest of `payloadBytes`, when one of its kind has no more.
    func check(headerBytes: Int, payloads: Int, payloadBytes: Int) throws(WireError) {
        guard bodies <= 1 else { throw WireError(.malformed, "header", "has \(bodies) messages; send one at a time") }
        guard let kind else {
            // Of another version, perhaps: what is wrong is seen when it is unpacked.
            return try checkLimit(headerBytes, MessageKind.hello.headerBytes, "header", "bytes")
        }
        // Naming the kind takes longer than all that is asked here.
        if headerBytes > kind.headerBytes { try checkLimit(headerBytes, kind.headerBytes, "\(kind)", "bytes") }
        guard payloads <= kind.payloads else {
            throw WireError(
                .payloadMismatch, "payloads",
                "comes as \(payloads) frames; a message of the kind \(kind) has at most \(kind.payloads)")
        }
        if payloadBytes > kind.payloadBytes {
            try checkLimit(payloadBytes, kind.payloadBytes, "payload of a \(kind)", "bytes")
        }
    }

    /// Goes past the value of a field; false when the header ends before it, or the type is none of today's.
    private static func skip(type: UInt64, _ header: [UInt8], _ offset: inout Int) -> Bool {
        let length: UInt64?
        switch type {
        case 0: return varint(header, &offset) != nil
        case 1: length = 8
        case 2: length = varint(header, &offset)
        case 5: length = 4
        default: length = nil
        }
        guard let length, length <= UInt64(header.count - offset) else { return false }
        offset += Int(length)
        return true
    }

    private static func varint(_ header: [UInt8], _ offset: inout Int) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard offset < header.count else { return nil }
            let byte = header[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}
