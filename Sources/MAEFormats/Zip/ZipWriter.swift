import MAEFiles

/// Writes a zip archive of stored records, each beginning at a multiple of 64 bytes as torch.save places them.
///
/// The same records give the same bytes: there are no times in it. Sizes beyond 32 bits are written as zip64.
package struct ZipWriter: ~Copyable {
    /// Alignment of the bytes of every record: what PyTorch writes, and what lets tensors be used where they lie.
    package static let alignment = 64

    private struct Written {
        let name: [UInt8]
        let size: Int
        let crc32: UInt32
        let headerOffset: Int
    }

    /// Midnight of 1 January 1980, the earliest date of the format.
    private static let date: UInt16 = 1 << 5 | 1
    /// Extra field that pads a header, under the id that PyTorch uses.
    private static let paddingExtraID: UInt16 = 0x4246
    /// The version that knows zip64.
    private static let formatVersion: UInt16 = 45

    private var records: [Written] = []

    package init() {}

    /// Appends a record whose bytes are all at hand.
    ///
    /// `name` must be new in this archive, relative, and at most 65535 bytes long.
    package mutating func append(
        _ name: String, _ content: UnsafeRawBufferPointer, to file: inout CheckpointOutput
    ) throws(CheckpointError) {
        let record = Written(
            name: Array(name.utf8), size: content.count, crc32: CRC32.of(content), headerOffset: file.count)
        records.append(record)
        try file.append(Self.localHeader(record))
        try file.append(content)
    }

    /// Appends the directory: the archive is whole then.
    package consuming func finish(_ file: inout CheckpointOutput) throws(CheckpointError) {
        let start = file.count
        for record in records { try file.append(Self.centralHeader(record)) }
        let size = file.count - start
        var end: [UInt8] = []
        let needsZip64 =
            records.count >= Int(ZipFormat.saturated16) || size >= Int(ZipFormat.saturated32)
            || start >= Int(ZipFormat.saturated32)
        if needsZip64 {
            end.append(little: ZipFormat.end64Signature)
            end.append(little: UInt64(ZipFormat.end64RecordSize - 12))
            end.append(little: Self.formatVersion)
            end.append(little: Self.formatVersion)
            end.append(little: UInt64(0))
            end.append(little: UInt64(records.count))
            end.append(little: UInt64(records.count))
            end.append(little: UInt64(size))
            end.append(little: UInt64(start))
            end.append(little: ZipFormat.locator64Signature)
            end.append(little: UInt32(0))
            end.append(little: UInt64(start + size))
            end.append(little: UInt32(1))
        }
        end.append(little: ZipFormat.endSignature)
        end.append(little: UInt32(0))
        end.append(little: UInt16(clamping: records.count))
        end.append(little: UInt16(clamping: records.count))
        end.append(little: UInt32(clamping: size))
        end.append(little: UInt32(clamping: start))
        end.append(little: UInt16(0))
        try file.append(end)
    }

    private static func localHeader(_ record: Written) -> [UInt8] {
        var extra = zip64Extra(record.size >= Int(ZipFormat.saturated32) ? [record.size, record.size] : [])
        let headerEnd = record.headerOffset + ZipFormat.localHeaderSize + record.name.count + extra.count + 4
        let padding = (alignment - headerEnd % alignment) % alignment
        extra.append(little: paddingExtraID)
        extra.append(little: UInt16(padding))
        extra += [UInt8](repeating: UInt8(ascii: "Z"), count: padding)
        var header: [UInt8] = []
        header.append(little: ZipFormat.localSignature)
        appendCommonFields(of: record, extraCount: extra.count, to: &header)
        return header + record.name + extra
    }

    private static func centralHeader(_ record: Written) -> [UInt8] {
        let extra = zip64Extra(
            (record.size >= Int(ZipFormat.saturated32) ? [record.size, record.size] : [])
                + (record.headerOffset >= Int(ZipFormat.saturated32) ? [record.headerOffset] : []))
        var header: [UInt8] = []
        header.append(little: ZipFormat.centralSignature)
        header.append(little: formatVersion)
        appendCommonFields(of: record, extraCount: extra.count, to: &header)
        header.append(little: UInt16(0))  // comment
        header.append(little: UInt16(0))  // disk
        header.append(little: UInt16(0))  // internal attributes
        header.append(little: UInt32(0))  // external attributes
        header.append(little: UInt32(clamping: record.headerOffset))
        return header + record.name + extra
    }

    /// The fields that both headers have, from the version to the length of the extra fields.
    private static func appendCommonFields(of record: Written, extraCount: Int, to header: inout [UInt8]) {
        header.append(little: formatVersion)
        header.append(little: ZipFormat.utf8Flag)
        header.append(little: ZipFormat.stored)
        header.append(little: UInt16(0))  // time
        header.append(little: date)
        header.append(little: record.crc32)
        header.append(little: UInt32(clamping: record.size))
        header.append(little: UInt32(clamping: record.size))
        header.append(little: UInt16(record.name.count))
        header.append(little: UInt16(extraCount))
    }

    private static func zip64Extra(_ values: [Int]) -> [UInt8] {
        guard !values.isEmpty else { return [] }
        var extra: [UInt8] = []
        extra.append(little: ZipFormat.zip64ExtraID)
        extra.append(little: UInt16(values.count * MemoryLayout<UInt64>.size))
        for value in values { extra.append(little: UInt64(value)) }
        return extra
    }
}

extension [UInt8] {
    /// Appends an integer, least byte first.
    package mutating func append(little value: some FixedWidthInteger) {
        var value = value.littleEndian
        Swift.withUnsafeBytes(of: &value) { append(contentsOf: $0) }
    }
}
