import Foundation
import MAEContent
import MAECoordinator
import MAEExplain
import MAEPictures
import MAETensor
import MAEText
import MAEVerify

/// The images of a run, found before it begins.
public struct RunImages: Sendable {
    let source: ImageSource

    /// Finds the images at a path.
    ///
    /// - Parameter preprocessing: what is to be done to pictures, asked for only where there are some.
    /// - Throws: `TensorError` for what is no images, or more files than workers can fetch; and what `preprocessing` throws.
    public init(path: String, preprocessing: () throws -> Preprocessing) throws {
        try self.init(ImageSource(path: path, preprocessing: preprocessing))
    }

    /// The images of a run of the store, prepared as they were for it.
    ///
    /// - Throws: `TensorError` for what is no images any more.
    init(recorded images: PlannedImages) throws { try self.init(images.source()) }

    private init(_ source: ImageSource) throws {
        self.source = source
        let path = source.path
        guard source.count > 0 else {
            throw TensorError(.malformedFile, path: path, "holds no image, since every file has 0 of them")
        }
        guard source.listing.names.count <= Manifest.maximumFileCount else {
            let remedy =
                source.preprocessing == nil
                ? "join images with numpy.concatenate, as (B, C, H, W)" : "verify them in several runs"
            throw TensorError(
                .malformedFile, path: path,
                "has \(source.listing.names.count) files; at most \(Manifest.maximumFileCount) are taken: \(remedy)")
        }
    }

    /// The images as the plan of a run names them.
    var planned: PlannedImages {
        PlannedImages(
            path: source.path, count: source.count,
            preparation: source.preprocessing.map { .init(settings: $0.settings, words: source.words ?? "") })
    }

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
