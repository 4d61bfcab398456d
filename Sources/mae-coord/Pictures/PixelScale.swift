import MAECheckpoint
import MAEFormats
import MAEPictures

/// How an image processor brought pixels from 0…1 to what a model takes: less the mean, over the standard deviation.
struct PixelScale {
    /// By channel; the last value holds for channels that have none.
    let mean: [Double], deviation: [Double]
    /// Where the values are from, in words.
    let origin: String

    /// What facebook/vit-mae-base's image processor does, where no file says otherwise: the figures of ImageNet.
    static let imageNet = PixelScale(
        mean: Preprocessing.Normalization.imageNet.mean, deviation: Preprocessing.Normalization.imageNet.deviation,
        origin: "mean and deviation of ImageNet")

    /// The scale that a `preprocessor_config.json` in the first of `folders` names that has one, else ``imageNet``.
    ///
    /// - Throws: `CheckpointError` for a file that is no JSON, or has figures that no pixels can have been scaled by.
    static func find(in folders: [String]) throws(CheckpointError) -> PixelScale {
        guard let file = try PreprocessorFile.find(in: folders) else { return imageNet }
        guard try file.flag("do_normalize") != false else {
            return PixelScale(mean: [0], deviation: [1], origin: "do_normalize is false in \(file.path)")
        }
        return PixelScale(
            mean: try file.channelValues("image_mean", where: \.isFinite) ?? [Preprocessing.standardFigure],
            deviation: try file.channelValues("image_std") { $0.isFinite && $0 > 0 } ?? [Preprocessing.standardFigure],
            origin: file.path)
    }

    /// The color of a value that a model takes in this channel, from 0 to 255; what is no number is black.
    func sample(_ value: Double, channel: Int) -> UInt8 {
        let color = value * deviation[min(channel, deviation.count - 1)] + mean[min(channel, mean.count - 1)]
        guard !color.isNaN else { return 0 }
        return UInt8((min(max(color, 0), 1) * 255).rounded())
    }
}
