import Foundation
import MAETensor

/// A folder of preprocessed images as NumPy files.
struct ImageFolder {
    let path: String

    /// All images, (B, C, height, width), files by ascending name.
    ///
    /// - Throws: ``TensorError`` when there is no file, or when files do not fit each other.
    func tensor() throws -> Tensor {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".npy") }.sorted()
        } catch {
            throw TensorError(.unreadableFile, path: path, "cannot be listed; name a readable folder of .npy files")
        }
        guard !names.isEmpty else {
            throw TensorError(
                .unreadableFile, path: path,
                "holds no .npy file; save preprocessed images with numpy.save, fp32, (C, H, W) or (B, C, H, W)")
        }
        var parts: [Tensor] = []
        for name in names {
            let file = path + "/" + name
            let image = try Tensor(npy: file)
            guard image.shape.count == 3 || image.shape.count == 4 else {
                throw TensorError(
                    .malformedFile, path: file, "has shape \(image.shape); images are (C, H, W) or (B, C, H, W)")
            }
            parts.append(image.shape.count == 3 ? image.reshaped(to: [1] + image.shape) : image)
            guard parts[0].shape.dropFirst() == parts[parts.count - 1].shape.dropFirst() else {
                throw TensorError(
                    .malformedFile, path: file,
                    "has shape \(image.shape), but \(names[0]) has \(parts[0].shape); give images of one size")
            }
        }
        return Tensor(joiningRowsOf: parts)
    }
}
