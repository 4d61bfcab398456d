import Foundation
import MAEContent
import MAECoordinator
import MAEEngine
import MAETensor
import MAEText
import MAEVerify

/// The images of a run, found before it begins.
public struct RunImages: Sendable {
    let folder: ImageFolder

    /// Finds the images at a path.
    ///
    /// - Throws: `TensorError` for what is no images, or more files than workers can fetch.
    public init(path: String) throws(TensorError) {
        folder = try ImageFolder(path: path)
        guard folder.count > 0 else {
            throw TensorError(.malformedFile, path: path, "holds no image, since every file has 0 of them")
        }
        guard folder.listing.names.count <= Manifest.maximumFileCount else {
            throw TensorError(
                .malformedFile, path: path,
                "has \(folder.listing.names.count) .npy files; at most \(Manifest.maximumFileCount) are taken: join images "
                    + "with numpy.concatenate, as (B, C, H, W)")
        }
    }

    /// The images as the plan of a run names them.
    var planned: PlannedImages { PlannedImages(path: folder.path, count: folder.count) }

    /// How the images are split into batches of a plan's size, as many as they make unless `batches` says so.
    ///
    /// - Throws: `CoordinatorError` (a usage error) when there are fewer images than that, or when noise from a file does not
    ///   fit the last of them.
    func split(_ plan: RunPlan, batches: Int?) throws(CoordinatorError) -> (batches: Int, batchSize: Int) {
        let images = planned
        let size = min(plan.batchSize, images.count)
        let most = images.batches(of: size)
        let count = batches ?? most
        guard count <= most else {
            throw CoordinatorError(
                .badPlan,
                "--batches \(count): the \(NumberText.count(images.count, "image")) of \(images.path) make "
                    + "\(NumberText.count(most, "batch", "batches")) of \(size)")
        }
        let last = images.range(ofBatch: count - 1, size: size).count
        guard plan.noise != .file || last == size else {
            throw CoordinatorError(
                .badPlan,
                "--noise file: its noise is for batches of \(size), and \(last) of \(images.count) images are left for the "
                    + "last one; give a --batch-size that divides them, or --batches \(count - 1)")
        }
        return (count, size)
    }
}
