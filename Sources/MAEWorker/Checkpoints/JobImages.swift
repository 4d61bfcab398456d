import MAEContent
import MAEDomain
import MAEEngine
import MAETensor
import MAEWire
import Synchronization

/// The pixels of jobs that take them from files.
///
/// Jobs of a run name the same files one after the other, so where they were found last is kept.
final class JobImages: Sendable {
    private struct Place {
        let path: String
        let files: SHA256Digest
        let location: CheckpointPlace.Location
        let folder: ImageFolder
        let findings: [LoadFinding]
    }

    private let last = Mutex<Place?>(nil)
    private let supply: CheckpointSupply?

    /// Images from `supply`; when it is nil, those at the path that a job names, whatever they are.
    init(_ supply: CheckpointSupply?) { self.supply = supply }

    /// The pixels of `job`, (B, C, height, width), and what there is to say of how they were found; nil when it draws them.
    ///
    /// Throws `JobFailure` when the files cannot be had, and `CancellationError` when the job was cancelled.
    func pixels(of job: JobRequest, _ control: ShardControl) throws -> (pixels: Tensor, findings: [LoadFinding])? {
        guard let images = job.images else { return nil }
        let place = try place(images, job, control)
        control.report(ShardPlace(.input))
        do throws(TensorError) {
            guard images.first + job.batchSize <= place.folder.count else {
                throw TensorError(
                    .malformedFile, path: images.path,
                    "has \(place.folder.count) images, and \(job.batchSize) from number \(images.first) on are wanted")
            }
            let pixels = try place.folder.tensor(images.first..<images.first + job.batchSize)
            try requireUnchanged(place)
            return (pixels, place.findings + notFinite(pixels, of: images))
        } catch {
            throw failure(error, place.location)
        }
    }

    /// Says that pixels are NaN or infinite: what is computed from them is not finite either.
    private func notFinite(_ pixels: Tensor, of images: JobRequest.Images) -> [LoadFinding] {
        let count = pixels.withUnsafeElements { $0.count { !$0.isFinite } }
        guard count > 0 else { return [] }
        let text =
            "\(images.path): \(count) of \(pixels.count) pixel values of the \(pixels.shape[0]) images from number "
            + "\(images.first) on are NaN or infinite. Look for a division by zero in the preprocessing that wrote them."
        return [
            LoadFinding(
                code: LoadFinding.nonFiniteImages, severity: .warning, text: text.clipped(to: WireLimits.textBytes))
        ]
    }

    private func place(_ images: JobRequest.Images, _ job: JobRequest, _ control: ShardControl) throws -> Place {
        let known = last.withLock { $0 }
        if let known, known.path == images.path, known.files == images.files, known.location.changedFile == nil {
            return known
        }
        // What is held in the cache is let go before more is asked for.
        last.withLock { $0 = nil }
        var findings: [LoadFinding] = []
        let location =
            try supply?.images(images, of: job, control, &findings)
            ?? CheckpointPlace.Location(path: images.path, named: images.path)
        do throws(TensorError) {
            let place = Place(
                path: images.path, files: images.files, location: location,
                folder: try ImageFolder(path: location.path), findings: findings)
            try requireUnchanged(place)
            last.withLock { $0 = place }
            return place
        } catch {
            throw failure(error, location)
        }
    }

    /// Throws when the files are others than those whose content was found to be right.
    private func requireUnchanged(_ place: Place) throws(TensorError) {
        let identities = place.location.identities
        let isOtherList = !identities.isEmpty && Set(identities.keys) != Set(place.folder.listing.paths)
        guard let changed = place.location.changedFile ?? (isOtherList ? place.path : nil) else { return }
        throw TensorError(.unreadableFile, path: changed, "was written to during a run; leave it alone")
    }

    private func failure(_ error: TensorError, _ location: CheckpointPlace.Location) -> JobFailure {
        last.withLock { $0 = nil }
        return JobFailure(
            code: error.code.rawValue,
            message: error.description.replacing(location.path, with: location.named),
            // Read again, the files may be right.
            fault: .node)
    }
}
