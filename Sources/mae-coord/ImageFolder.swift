import Foundation
import MAETensor

/// Preprocessed images as NumPy files: one, or a folder of them.
struct ImageFolder {
    let path: String

    private static let pictureEndings: Set<String> = ["png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff"]

    /// What a person should know of files in the folder that were left alone; nil when there are none.
    var note: String? {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        let pictures = names.filter { Self.pictureEndings.contains(($0 as NSString).pathExtension.lowercased()) }
        guard !pictures.isEmpty else { return nil }
        return
            "note: \(path): \(pictures.count) pictures were left alone, since only .npy files of preprocessed images are read: "
            + "save what the image processor returns with numpy.save."
    }

    /// All images, (B, C, height, width), files by ascending name.
    ///
    /// - Throws: ``TensorError`` when there is no file, or when files do not fit each other.
    func tensor() throws -> Tensor {
        var isDirectory: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue {
            return try image(path)
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
        var parts: [Tensor] = []
        for name in names {
            let part = try image(path + "/" + name)
            guard parts.first.map({ $0.shape.dropFirst() == part.shape.dropFirst() }) ?? true else {
                throw TensorError(
                    .malformedFile, path: path + "/" + name,
                    "has images of \(Array(part.shape.dropFirst())), but \(names[0]) of \(Array(parts[0].shape.dropFirst())); "
                        + "give images of one size")
            }
            parts.append(part)
        }
        return Tensor(joiningRowsOf: parts)
    }

    private func image(_ file: String) throws -> Tensor {
        let image = try Tensor(npy: file)
        guard image.shape.count == 3 || image.shape.count == 4 else {
            throw TensorError(
                .malformedFile, path: file, "has shape \(image.shape); images are (C, H, W) or (B, C, H, W)")
        }
        return image.shape.count == 3 ? image.reshaped(to: [1] + image.shape) : image
    }
}
