import Foundation
import MAEFormats
import MAETensor
import MAEText

/// What is done to a picture before a model takes it: resized, cut, scaled, normalized, in this order.
///
/// It is what the image processors of transformers do that work with Pillow, and gives the same bits from the same pixels.
public struct Preprocessing: Sendable, Hashable {
    /// Height and width in pixels.
    public struct Extent: Sendable, Hashable {
        public var height: Int, width: Int

        /// A size.
        public init(height: Int, width: Int) { (self.height, self.width) = (height, width) }

        /// 224 × 224: what is taken where nothing says otherwise.
        public static let standard = Extent(height: 224, width: 224)

        var words: String { "\(width) × \(height)" }
    }

    /// The size that a picture is brought to.
    public enum Size: Sendable, Hashable {
        /// This one, whatever shape the picture has.
        case exact(Extent)
        /// The shorter edge is so long, and the other one in proportion.
        case shortestEdge(Int)
    }

    /// The size to resize to; nil leaves it.
    public var size: Size?
    /// The filter for that.
    public var filter: ResamplingFilter
    /// The part in the middle that is kept; nil keeps all.
    public var crop: Extent?
    /// What each value from 0 to 255 is multiplied by; nil leaves it.
    public var factor: Double?
    /// What is subtracted, and what is divided by then, for red, green and blue; nil leaves values as they are.
    public var normalization: Normalization?
    /// Where this is from, in words.
    public var origin: String

    /// Mean and standard deviation by channel.
    public struct Normalization: Sendable, Hashable {
        public var mean: [Double], deviation: [Double]

        /// Figures for red, green and blue.
        public init(mean: [Double], deviation: [Double]) { (self.mean, self.deviation) = (mean, deviation) }

        /// Figures of ImageNet, with which ViT-MAE was trained.
        public static let imageNet = Normalization(mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225])
    }

    /// Sides of pictures that a model takes are no longer than this.
    static let longestSide = 4096
    private static let byteFactor = 1.0 / 255

    /// What the processor of facebook/vit-mae-base does, to the size that a model takes.
    public static func viTMAE(_ extent: Extent) -> Preprocessing {
        Preprocessing(
            size: .exact(extent), filter: .bilinear, crop: nil, factor: byteFactor,
            normalization: .imageNet, origin: "ViT-MAE's own, as there is no preprocessor_config.json")
    }

    /// What is done, in words: `resized to 224 × 224 (bilinear), values × 1/255, mean … and deviation … (FILE)`.
    public var words: String {
        var steps: [String] = []
        switch size {
        case .exact(let extent): steps.append("resized to \(extent.words) (\(filter.name))")
        case .shortestEdge(let edge): steps.append("shorter edge resized to \(edge) (\(filter.name))")
        case nil: steps.append("not resized")
        }
        if let crop { steps.append("the \(crop.words) in the middle kept") }
        if let factor { steps.append("values × \(factor == Self.byteFactor ? "1/255" : "\(factor)")") }
        if let normalization {
            steps.append(
                "less the mean \(Self.list(normalization.mean)), over the deviation \(Self.list(normalization.deviation))"
            )
        }
        return steps.joined(separator: ", ") + " (\(origin))"
    }

    private static func list(_ values: [Double]) -> String { values.map { "\($0)" }.joined(separator: " ") }

    /// Height and width of what is made of every picture; nil where that depends on the picture.
    package var fixedExtent: Extent? {
        if let crop { return crop }
        if case .exact(let extent) = size { return extent }
        return nil
    }

    /// Height and width of what is made of a picture.
    func extent(ofWidth width: Int, height: Int) -> Extent {
        fixedExtent ?? resizedExtent(width, height)
    }

    private func resizedExtent(_ width: Int, _ height: Int) -> Extent {
        switch size {
        case .exact(let extent): return extent
        case .shortestEdge(let edge):
            let (short, long) = (min(width, height), max(width, height))
            let other = Int(Double(edge * long) / Double(short))
            return width <= height ? Extent(height: other, width: edge) : Extent(height: edge, width: other)
        case nil: return Extent(height: height, width: width)
        }
    }

    /// What a model takes, (1, 3, height, width).
    func tensor(of picture: Picture) throws(PictureProblem) -> Tensor {
        let target = resizedExtent(picture.width, picture.height)
        var picture = try picture.resized(width: target.width, height: target.height, filter)
        if let crop { picture = try picture.cropped(width: crop.width, height: crop.height) }
        let planes = (0..<Picture.channels).map(values(ofChannel:))
        let size = picture.width * picture.height
        return Tensor(shape: [1, Picture.channels, picture.height, picture.width]) { output in
            for (channel, values) in planes.enumerated() {
                for pixel in 0..<size {
                    output.initializeElement(
                        at: channel * size + pixel,
                        to: values[Int(picture.samples[pixel * Picture.channels + channel])])
                }
            }
        }
    }

    /// What becomes of each of the 256 values of a channel: scaled in double precision and rounded to fp32, normalized in fp32, as
    /// NumPy does it for transformers.
    private func values(ofChannel channel: Int) -> [Float] {
        (0..<256).map { sample in
            let scaled = factor.map { Float(Double(sample) * $0) } ?? Float(sample)
            guard let normalization else { return scaled }
            return (scaled - Float(normalization.mean[channel])) / Float(normalization.deviation[channel])
        }
    }
}
