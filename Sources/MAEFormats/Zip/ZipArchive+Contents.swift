import CZlib
import MAETensor

extension ZipArchive {
    /// Most bytes that the records of this archive are inflated to, all that are asked for together.
    ///
    /// Ten times the size of the file, or 64 MiB if that is more, up to 4 GiB: weights are hardly smaller compressed.
    package var inflatedByteBudget: Int {
        FileBudget.tenfold(bytes.count, least: 64 << 20, most: 4 << 30)
    }

    /// Most bytes that one byte of deflate data can stand for.
    private static let maximumExpansion = 1032

    /// The content of a record: a stored one where it lies in the file, a deflated one inflated into new memory.
    ///
    /// The CRC of a stored record is not verified here: see ``verify(_:)``. Inflating verifies it on the way.
    package func contents(of entry: ZipEntry) throws(CheckpointError) -> ByteView {
        let raw = raw(entry)
        guard !entry.isStored else { return raw }
        guard entry.size / Self.maximumExpansion <= entry.compressedSize else {
            throw CheckpointError(
                .malformedFile, at: location(of: entry),
                "\(entry.compressedSize) deflated bytes cannot hold the announced \(entry.size). The file is damaged.")
        }
        guard entry.size <= inflatedByteBudget else {
            throw CheckpointError(
                .overBudget, at: location(of: entry),
                "inflates to \(entry.size) bytes, where at most \(inflatedByteBudget) are read of a compressed archive of "
                    + "this size; pack the archive without compression.")
        }
        var produced = -1
        let storage = TensorStorage(byteCount: entry.size) { output in
            produced = raw.withUnsafeBytes { Inflater.inflate($0, into: output) } ?? -1
        }
        guard produced == entry.size else {
            throw CheckpointError(
                .malformedFile, at: location(of: entry),
                "does not inflate to the announced \(entry.size) bytes. The file is damaged; fetch or save it again.")
        }
        let content = ByteView(storage)
        try verify(content, of: entry)
        return content
    }

    /// The content of a record, its CRC verified.
    package func verifiedContents(of entry: ZipEntry) throws(CheckpointError) -> ByteView {
        let content = try contents(of: entry)
        if entry.isStored { try verify(content, of: entry) }
        return content
    }

    /// Verifies the CRC of a stored record by reading all of it; does nothing in an archive without checksums.
    ///
    /// That of a deflated one is verified whenever it is inflated: one that nothing asks for is not inflated for this.
    func verify(_ entry: ZipEntry) throws(CheckpointError) {
        if entry.isStored { try verify(raw(entry), of: entry) }
    }

    private func verify(_ content: ByteView, of entry: ZipEntry) throws(CheckpointError) {
        if hasChecksums { try verify(content.withUnsafeBytes { CRC32.of($0) }, of: entry) }
    }

    /// Throws unless `actual` is the CRC of the entry.
    func verify(_ actual: UInt32, of entry: ZipEntry) throws(CheckpointError) {
        guard hasChecksums, actual != entry.crc32 else { return }
        throw CheckpointError(
            .malformedFile, at: location(of: entry),
            "its bytes have CRC-32 \(String(actual, radix: 16)), not the stated \(String(entry.crc32, radix: 16)). "
                + "The file is damaged; fetch or save it again.")
    }
}
