import MAECheckpoint
import MAEFiles
import MAEFormats

/// How an image processor brought pixels from 0…1 to what a model takes: less the mean, over the standard deviation.
struct PixelScale {
    /// By channel; the last value holds for channels that have none.
    let mean: [Double], deviation: [Double]
    /// Where the values are from, in words.
    let origin: String

    /// What transformers' image processor of ViT-MAE does when nothing else is said: the figures of ImageNet.
    static let imageNet = PixelScale(
        mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225], origin: "mean and deviation of ImageNet")

    private static let fileName = "preprocessor_config.json"
    private static let maximumSize = 1 << 20

    /// The scale that a `preprocessor_config.json` in the first of `folders` names that has one, else ``imageNet``.
    ///
    /// - Throws: `CheckpointError` for a file that is no JSON, or has figures that no pixels can have been scaled by.
    static func find(in folders: [String]) throws -> PixelScale {
        let files = folders.map { $0 + "/" + fileName }
        guard let file = files.first(where: FileSystem.isFile) else { return imageNet }
        let content = try JSONFile.read(file, maximumSize: maximumSize)
        guard content["do_normalize"]?.bool != false else {
            return PixelScale(mean: [0], deviation: [1], origin: "do_normalize is false in \(file)")
        }
        return PixelScale(
            mean: try values("image_mean", of: content, file, allows: \.isFinite) ?? imageNet.mean,
            deviation: try values("image_std", of: content, file) { $0.isFinite && $0 > 0 } ?? imageNet.deviation,
            origin: file)
    }

    private static func values(
        _ key: String, of content: JSONValue, _ file: String, allows: (Double) -> Bool
    ) throws -> [Double]? {
        guard let value = content[key], value != .null else { return nil }
        let values = value.array.map { $0.map(\.double) } ?? [value.double]
        guard !values.isEmpty, values.count <= 16, values.allSatisfy({ $0.map(allows) == true }) else {
            throw CheckpointError(
                .malformedFile, path: file, place: key,
                "is no number for each channel that pixels can have been scaled by. Correct it, or leave --pictures out."
            )
        }
        return values.compactMap(\.self)
    }

    /// The color of a value that a model takes in this channel, from 0 to 255; what is no number is black.
    func sample(_ value: Double, channel: Int) -> UInt8 {
        let color = value * deviation[min(channel, deviation.count - 1)] + mean[min(channel, mean.count - 1)]
        guard !color.isNaN else { return 0 }
        return UInt8((min(max(color, 0), 1) * 255).rounded())
    }
}
