import Foundation
import Glibc
import MAEFiles
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
        do throws(FileError) {
            try Folder.make(directory)
            try AtomicFile.write(bytes, to: path, AtomicFileOptions(durability: .contentAndName))
        } catch { throw StoreError(error, "the tensor cannot be written") }
        return name
    }

    /// Reads a tensor back, checking that its bytes are those it was named after.
    func read(_ name: SHA256Digest, shape: [Int]) throws -> Tensor {
        let path = path(of: name)
        guard let count = Tensor.checkedElementCount(of: shape), count <= Int.max / 4 else { throw damaged(path) }
        let bytes: [UInt8]
        do throws(FileError) {
            let file = try RegularFile(path)
            guard file.size == count * 4 else { throw FileError(path, .truncated) }
            bytes = try file.bytes(limit: count * 4)
        } catch {
            throw error.problem == .truncated ? damaged(path) : StoreError(error, "the tensor cannot be read")
        }
        guard SHA256Digest(of: bytes) == name, let tensor = Tensor(shape: shape, littleEndianBytes: bytes) else {
            throw damaged(path)
        }
        return tensor
    }

    /// Removes every file that is not among `names`, and what a crash left of others.
    func removeAll(but names: Set<String>) {
        // Named after a digest, or that and more while it was being written: nothing else is ours.
        Folder.removeFiles(in: directory) { name in
            !names.contains(name) && name.split(separator: ".").first.flatMap { SHA256Digest(hex: String($0)) } != nil
        }
    }

    func path(of name: SHA256Digest) -> String { "\(directory)/\(name)" }

    private func damaged(_ path: String) -> StoreError {
        StoreError(.damaged, path: path, "the file does not hold the bytes it is named after: restore it from a backup")
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
