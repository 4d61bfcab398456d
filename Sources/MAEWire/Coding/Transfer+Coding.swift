import CMAEWire
import CProtobufC
import MAEContent
import MAETensor

extension ManifestRequest {
    init(_ message: Mae__ManifestRequest) throws(WireError) {
        digest = try MAEWire.digest(message.has_sha256, message.sha256, "manifest_request.sha256")
    }

    func message(_ arena: EncodingArena) -> Mae__ManifestRequest {
        var message = Mae__ManifestRequest()
        mae__manifest_request__init(&message)
        (message.has_sha256, message.sha256) = (1, arena.digest(digest))
        return message
    }
}

extension Manifest {
    init(_ message: Mae__Manifest) throws(WireError) {
        let isDirectory = try required(message.has_is_directory, message.is_directory, "manifest.is_directory") != 0
        let files = try list(message.n_files, message.files, limit: WireLimits.contentFiles, "manifest.files") {
            file throws(WireError) in try File(file)
        }
        do {
            try self.init(isDirectory: isDirectory, files: files)
        } catch {
            throw WireError(.invalidField, "manifest", "is refused: \(error)")
        }
    }

    func message(_ arena: EncodingArena) throws(WireError) -> Mae__Manifest {
        var message = Mae__Manifest()
        mae__manifest__init(&message)
        (message.has_is_directory, message.is_directory) = (1, isDirectory ? 1 : 0)
        (message.n_files, message.files) = try arena.list(files, limit: WireLimits.contentFiles, "manifest.files") {
            file throws(WireError) in try file.message(arena)
        }
        return message
    }
}

extension Manifest.File {
    fileprivate init(_ message: Mae__ManifestFile) throws(WireError) {
        let name = try text(message.has_name, message.name, limit: WireLimits.nameBytes, "manifest.name")
        let size = try count(message.has_size, message.size, 0...WireLimits.fileBytes, "manifest.size")
        let chunks = try required(message.has_chunks, message.chunks, "manifest.chunks")
        // Compared before anything is allocated by either.
        let expected = FileContent.chunkCount(size: size)
        let digests = try MAEWire.digests(chunks, expected...expected, "manifest.chunks")
        guard let content = FileContent(size: size, chunks: digests) else {
            throw WireError(.invalidField, "manifest.chunks", "do not fit the size")
        }
        self.init(name: name, content: content)
    }

    fileprivate func message(_ arena: EncodingArena) throws(WireError) -> Mae__ManifestFile {
        var message = Mae__ManifestFile()
        mae__manifest_file__init(&message)
        (message.has_name, message.name) = (1, try arena.text(name, limit: WireLimits.nameBytes, "manifest.name"))
        (message.has_size, message.size) = (1, UInt64(content.size))
        (message.has_chunks, message.chunks) = (1, arena.digests(content.chunks))
        return message
    }
}

extension ChunkRequest {
    init(_ message: Mae__ChunkRequest) throws(WireError) {
        file = try digest(message.has_file, message.file, "chunk_request.file")
        index = try count(message.has_index, message.index, 0...WireLimits.contentChunks - 1, "chunk_request.index")
    }

    func message(_ arena: EncodingArena) -> Mae__ChunkRequest {
        var message = Mae__ChunkRequest()
        mae__chunk_request__init(&message)
        (message.has_file, message.file) = (1, arena.digest(file))
        (message.has_index, message.index) = (1, UInt64(index))
        return message
    }
}

extension Chunk {
    init(_ message: Mae__Chunk, frames: ArraySlice<[UInt8]>) throws(WireError) {
        file = try digest(message.has_file, message.file, "chunk.file")
        index = try count(message.has_index, message.index, 0...WireLimits.contentChunks - 1, "chunk.index")
        guard let frame = frames.first, frames.count == 1 else {
            throw WireError(.payloadMismatch, "chunk", "came with \(frames.count) frames after its header; it has one")
        }
        try checkLimit(frame.count, WireLimits.chunkBytes, "chunk", "bytes")
        bytes = frame
    }

    func message(_ arena: EncodingArena) -> Mae__Chunk {
        var message = Mae__Chunk()
        mae__chunk__init(&message)
        (message.has_file, message.file) = (1, arena.digest(file))
        (message.has_index, message.index) = (1, UInt64(index))
        return message
    }
}
