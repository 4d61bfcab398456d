/// The extra fields of a header.
struct ZipExtra {
    private let bytes: ByteView

    init(_ bytes: ByteView) { self.bytes = bytes }

    /// Puts the values of the zip64 field in the place of those `fields` that are saturated.
    ///
    /// `fields` are in the order of the zip64 field: size, compressed size, offset of the local header; all have 32 bits
    /// in the header. False when a saturated field has no value, when there are two zip64 fields, or when the field
    /// lists all values and contradicts one that is not saturated.
    func fill(_ fields: inout [UInt64]) -> Bool {
        var contents: [ByteView] = []
        var offset = 0
        // What follows the last whole field is padding of alignment tools, which is legal.
        while let id = bytes.load(at: offset, as: UInt16.self),
            let length = bytes.load(at: offset + 2, as: UInt16.self),
            let content = bytes.slice(at: offset + 4, count: Int(length))
        {
            if id == ZipFormat.zip64ExtraID { contents.append(content) }
            offset += 4 + Int(length)
        }
        let saturated = fields.indices.filter { fields[$0] == ZipFormat.saturated32 }
        guard let content = contents.first else { return saturated.isEmpty }
        guard contents.count == 1 else { return false }
        let width = MemoryLayout<UInt64>.size
        let listed = content.count >= fields.count * width ? Array(fields.indices) : saturated
        for (position, index) in listed.enumerated() {
            guard let value = content.load(at: position * width, as: UInt64.self) else { return false }
            guard saturated.contains(index) || fields[index] == value else { return false }
            fields[index] = value
        }
        return true
    }
}
