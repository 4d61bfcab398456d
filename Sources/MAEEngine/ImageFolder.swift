import Foundation
import MAEContent
import MAETensor

/// Preprocessed images as NumPy files: one, or a folder of them.
///
/// Their headers are read first and their pixels when they are asked for, so that part of a large folder costs no more than
/// that part.
public struct ImageFolder: Sendable {
    /// Images of one file.
    private struct Part {
        let path: String
        let shape: [Int]

        /// A file of shape (C, height, width) is one image.
        var isSingle: Bool { shape.count == 3 }
        var count: Int { isSingle ? 1 : shape[0] }
        var imageShape: [Int] { isSingle ? shape : Array(shape.dropFirst()) }

        func rows(_ range: Range<Int>) throws(TensorError) -> Tensor {
            let tensor = isSingle ? try Tensor(npy: path) : try Tensor(npy: path, rows: range)
            guard tensor.shape == (isSingle ? shape : [range.count] + imageShape) else {
                throw TensorError(.malformedFile, path: path, "was written to while it was in use: leave it alone")
            }
            return isSingle ? tensor.reshaped(to: [1] + shape) : tensor
        }
    }

    /// The file, or the folder of files.
    public let path: String
    /// Number of images in all files.
    public let count: Int
    /// Channels, height and width of every image.
    public let imageShape: [Int]
    /// The files that are read, by ascending name: what a list of their content is made of.
    public let listing: FileListing
    private let parts: [Part]

    /// Finds the images at `path` and reads the headers of their files.
    ///
    /// - Throws: ``TensorError`` when there is no file, or when files do not fit each other.
    public init(path: String) throws(TensorError) {
        let listing = try Self.listing(path)
        let parts = try listing.paths.map { file throws(TensorError) in
            let shape = try Tensor.shape(ofNpy: file)
            guard shape.count == 3 || shape.count == 4 else {
                throw TensorError(
                    .malformedFile, path: file, "has shape \(shape); images are (C, H, W) or (B, C, H, W)")
            }
            return Part(path: file, shape: shape)
        }
        let imageShape = parts[0].imageShape
        if let odd = parts.first(where: { $0.imageShape != imageShape }) {
            throw TensorError(
                .malformedFile, path: odd.path,
                "has images of \(odd.imageShape), but \(listing.names[0]) of \(imageShape); give images of one size")
        }
        self.path = path
        self.listing = listing
        self.parts = parts
        self.imageShape = imageShape
        count = parts.map(\.count).reduce(0, +)
    }

    /// All images, (B, C, height, width), files by ascending name.
    ///
    /// - Throws: ``TensorError`` when a file cannot be read, or is another one by now.
    public func tensor() throws(TensorError) -> Tensor { try tensor(0..<count) }

    /// Some of the images, (B, C, height, width), counted through all files; `range` lies within ``count``.
    ///
    /// - Throws: ``TensorError`` when a file cannot be read, or is another one by now.
    public func tensor(_ range: Range<Int>) throws(TensorError) -> Tensor {
        guard !range.isEmpty else { return Tensor(shape: [0] + imageShape, elements: []) }
        var tensors: [Tensor] = []
        var first = 0
        for part in parts {
            let own = range.clamped(to: first..<first + part.count)
            if !own.isEmpty { tensors.append(try part.rows(own.lowerBound - first..<own.upperBound - first)) }
            first += part.count
        }
        return Tensor(joiningRowsOf: tensors)
    }

    /// What to call some of the images: by their file, and by their number in it where it has several.
    public func names(_ range: Range<Int>) -> [String] {
        var names: [String] = []
        var first = 0
        for (file, part) in zip(listing.names, parts) {
            for image in range.clamped(to: first..<first + part.count) {
                names.append(part.count == 1 ? file : "\(file), image \(image - first) of it")
            }
            first += part.count
        }
        return names
    }

    private static func listing(_ path: String) throws(TensorError) -> FileListing {
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            return FileListing(path: path, isDirectory: false, names: [name])
        }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".npy") }.sorted()
        } catch {
            throw TensorError(
                .unreadableFile, path: path, "cannot be listed; name a .npy file, or a readable folder of them")
        }
        guard !names.isEmpty else {
            throw TensorError(
                .unreadableFile, path: path,
                "holds no .npy file; save preprocessed images with numpy.save, fp32, (C, H, W) or (B, C, H, W)")
        }
        return FileListing(path: path, isDirectory: true, names: names)
    }
}
