import MAETensor

/// A safetensors file: named tensors over the mapped bytes of a file.
///
/// The format is an 8-byte little-endian length, a JSON header of that length, and the bytes of the tensors, which cover
/// the rest of the file without holes or overlaps.
package struct SafetensorsFile {
    /// One tensor and its name.
    package struct Entry {
        package let name: String
        package let tensor: CheckpointTensor
    }

    /// A tensor of an element type that is not read.
    package struct Unread {
        package let name: String
        /// The type as the header names it, such as `C64`.
        package let dtype: String
    }

    /// Longest header that is read, as in the reference implementation.
    static let maximumHeaderSize = 100_000_000

    let path: String
    /// The tensors, in the order of the header.
    package let entries: [Entry]
    /// The tensors of element types that are not read.
    package let unread: [Unread]
    /// The strings of `__metadata__`, such as `format`: `pt`.
    package let metadata: [String: String]

    /// Opens and checks the file at `path`; the tensors stay in it until they are asked for.
    static func open(_ path: String) throws(CheckpointError) -> SafetensorsFile {
        try SafetensorsFile(MappedFile(path: path))
    }

    /// Reads the header of a mapped file.
    package init(_ file: MappedFile) throws(CheckpointError) {
        path = file.path
        let header = try Self.header(of: file)
        let dataStart = 8 + header.size
        var metadata: [String: String] = [:]
        var entries: [Entry] = []
        var unread: [Unread] = []
        var extents: [SafetensorsExtent] = []
        for member in header.members {
            if member.key == "__metadata__" {
                metadata = try Self.metadata(member.value, path: path)
                continue
            }
            let description = try SafetensorsTensorDescription(
                member, path: path, dataSize: file.size - dataStart)
            extents.append(description.extent)
            guard let dtype = description.dtype else {
                unread.append(Unread(name: member.key, dtype: description.dtypeName))
                continue
            }
            entries.append(
                Entry(
                    name: member.key,
                    tensor: try CheckpointTensor(
                        dtype: dtype, shape: description.shape, storage: file.storage,
                        byteOffset: dataStart + description.extent.start, location: description.location)))
        }
        try SafetensorsExtent.requireGapless(extents, total: file.size - dataStart, path: path)
        self.entries = entries
        self.unread = unread
        self.metadata = metadata
    }

    private static func header(of file: MappedFile) throws(CheckpointError) -> (members: [JSONMember], size: Int) {
        guard file.size >= 8 else {
            throw CheckpointError(
                .malformedFile, path: file.path,
                "has \(file.size) bytes, too few for a safetensors file. It is cut off; fetch it again.")
        }
        let length = file.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
        guard length <= maximumHeaderSize else {
            throw CheckpointError(
                .overBudget, path: file.path, place: "byte 0",
                "announces a header of \(length) bytes; at most \(maximumHeaderSize) are read. "
                    + "The file is damaged or no safetensors file.")
        }
        let size = Int(length)
        guard size <= file.size - 8 else {
            throw CheckpointError(
                .malformedFile, path: file.path, place: "byte 0",
                "announces a header of \(size) bytes in a file of \(file.size). It is cut off; fetch it again.")
        }
        do {
            let header = try file.withUnsafeBytes { bytes throws(JSONReader.Problem) in
                try JSONReader.read(UnsafeRawBufferPointer(rebasing: bytes[8..<8 + size]))
            }
            guard let members = header.members else {
                throw CheckpointError(
                    .malformedFile, path: file.path, place: "byte 8",
                    "the header is no JSON object. The file is damaged or no safetensors file.")
            }
            return (members, size)
        } catch let problem as JSONReader.Problem {
            throw CheckpointError(
                .malformedFile, path: file.path, place: "byte \(8 + problem.offset)",
                "the header is no JSON: \(problem.message). The file is damaged or no safetensors file.")
        } catch let error as CheckpointError {
            throw error
        } catch {
            throw CheckpointError(.malformedFile, path: file.path, "\(error)")
        }
    }

    private static func metadata(_ value: JSONValue, path: String) throws(CheckpointError) -> [String: String] {
        var metadata: [String: String] = [:]
        guard let members = value.members else {
            throw CheckpointError(
                .malformedFile, path: path, place: "__metadata__", "is no JSON object. The file is damaged.")
        }
        for member in members {
            guard let text = member.value.string else {
                throw CheckpointError(
                    .malformedFile, path: path, place: "__metadata__", "'\(member.key)' is no string.")
            }
            metadata[member.key] = text
        }
        return metadata
    }
}
