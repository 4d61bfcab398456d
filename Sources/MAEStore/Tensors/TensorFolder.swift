import Foundation
import Glibc
import MAETensor

/// Whole tensors on disk: each file holds the elements as little-endian fp32, and its name is the SHA-256 of its bytes.
///
/// Equal tensors share a file, so what all nodes agree on is stored once.
struct TensorFolder: Sendable {
    let directory: String

    /// Writes a tensor, unless it is there, and returns its name; the file is durable then.
    func write(_ tensor: Tensor) throws -> SHA256Digest {
        let bytes = tensor.littleEndianBytes
        let name = SHA256Digest(of: bytes)
        let path = path(of: name)
        var status = stat()
        if stat(path, &status) == 0, Int(status.st_size) == bytes.count { return name }
        try Folders.make(directory)
        // A name of its own: a crash leaves at most this file behind, never half a tensor under the right name.
        let temporary = "\(path).\(getpid())"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Folders.failure(temporary, errno, "the tensor cannot be written") }
        defer { close(descriptor) }
        do {
            try bytes.withUnsafeBytes { try write($0, to: descriptor, temporary) }
            guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
                throw Folders.failure(temporary, errno, "the tensor cannot be written")
            }
        } catch {
            unlink(temporary)
            throw error
        }
        try Folders.synchronize(directory)
        return name
    }

    /// Reads a tensor back, checking that its bytes are those it was named after.
    func read(_ name: SHA256Digest, shape: [Int]) throws -> Tensor {
        let path = path(of: name)
        guard let file = fopen(path, "rb") else { throw Folders.failure(path, errno, "the tensor cannot be read") }
        defer { fclose(file) }
        guard let count = Tensor.checkedElementCount(of: shape), count <= Int.max / 4 else { throw damaged(path) }
        var bytes = [UInt8](repeating: 0, count: count * 4)
        let read = fread(&bytes, 1, bytes.count, file)
        guard read == bytes.count, getc(file) == EOF, SHA256Digest(of: bytes) == name,
            let tensor = Tensor(shape: shape, littleEndianBytes: bytes)
        else { throw damaged(path) }
        return tensor
    }

    /// Removes every file that is not among `names`, and what a crash left of others.
    func removeAll(but names: Set<String>) {
        let there = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in there where !names.contains(name) { unlink("\(directory)/\(name)") }
    }

    func path(of name: SHA256Digest) -> String { "\(directory)/\(name)" }

    private func damaged(_ path: String) -> StoreError {
        StoreError(.damaged, path: path, "the file does not hold the bytes it is named after: restore it from a backup")
    }

    private func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let written = Glibc.write(descriptor, part.baseAddress, part.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw Folders.failure(path, errno, "the tensor cannot be written")
            }
            rest = rest.dropFirst(written)
        }
    }
}

extension Tensor {
    /// The elements as little-endian fp32, bit for bit.
    var littleEndianBytes: [UInt8] {
        withUnsafeElements { elements in
            [UInt8](unsafeUninitializedCapacity: elements.count * 4) { buffer, count in
                for (index, element) in elements.enumerated() {
                    let pattern = element.bitPattern.littleEndian
                    UnsafeMutableRawBufferPointer(buffer).storeBytes(
                        of: pattern, toByteOffset: index * 4, as: UInt32.self)
                }
                count = elements.count * 4
            }
        }
    }

    /// Takes the elements from little-endian fp32; nil when the bytes do not fill the shape.
    init?(shape: [Int], littleEndianBytes bytes: [UInt8]) {
        guard let count = Tensor.checkedElementCount(of: shape), bytes.count % 4 == 0, bytes.count / 4 == count else {
            return nil
        }
        self.init(shape: shape) { elements in
            bytes.withUnsafeBytes { raw in
                for index in 0..<count {
                    let pattern = raw.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
                    elements.initializeElement(at: index, to: Float(bitPattern: UInt32(littleEndian: pattern)))
                }
            }
        }
    }
}
