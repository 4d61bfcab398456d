import MAECheckpoint
import MAEDomain
import MAEFiles
import MAEFormats
import MAEVerify

/// A checkpoint that a person gave, opened.
public struct GivenModel: Sendable {
    /// What it is called in reports: as much of the end of its path as tells it from the others.
    public internal(set) var label: String
    /// The checkpoint.
    public internal(set) var checkpoint: ModelCheckpoint
    /// Index of its file among those given.
    let file: Int
    /// The mask ratio that was given with the file, which goes before the checkpoint's own.
    public let givenMaskRatio: Double?
    /// When the newest of its files was written, in seconds since 1970; nil when the file system does not say.
    public let modified: Double?
    /// Digests of its weights; nil until they are read.
    public internal(set) var fingerprints: WeightsFingerprints?
    /// Number of its weights and encoder settings: models of one number compute the same from the same patches.
    public internal(set) var group = 0

    init(_ checkpoint: ModelCheckpoint, _ file: GivenFile, at index: Int) {
        label = file.reference.description
        self.checkpoint = checkpoint
        self.file = index
        givenMaskRatio = file.maskRatio
        modified = checkpoint.files.compactMap { FileSystem.modificationTime($0.path) }.max()
    }

    /// The fraction of patches that it removes.
    public var maskRatio: MaskRatio {
        if let givenMaskRatio { return MaskRatio(givenMaskRatio, from: .flag) }
        return MaskRatio(
            checkpoint.configuration.values.maskRatio,
            from: checkpoint.configuration.origin(of: .maskRatio).kind)
    }

    /// Number of patches that it keeps, counted in the type that its ratio is stored in.
    var keptCount: Int { checkpoint.configuration.values.keptCount(maskRatio: givenMaskRatio) }

    /// A ratio that keeps as many when it is computed in double precision: the stated one wherever that does.
    var computedRatio: Double {
        let configuration = checkpoint.configuration.values
        guard configuration.keptCount(maskRatio: maskRatio.value) != keptCount else { return maskRatio.value }
        return configuration.shortestRatio(keeping: keptCount)
    }

    /// Number of patches that its ratio would keep of `count`; for its own images, what it keeps.
    func keptCount(ofPatches count: Int) -> Int {
        let patches = checkpoint.configuration.values.patchCount
        return count == patches ? keptCount : Int(Double(count) * (1 - computedRatio))
    }

    /// Its ratio as people read it.
    var ratioText: String { checkpoint.configuration.values.text(ofRatio: computedRatio) }

    /// What its encoder computes with, beyond the mask ratio.
    var encoder: Encoder? {
        guard let fingerprints else { return nil }
        let names = Set(checkpoint.layout.parameters.filter { $0.part != .decoder }.map(\.name))
        return Encoder(
            weights: fingerprints.entries.filter { names.contains($0.name) }, checkpoint.configuration.values)
    }

    /// The weights and settings of an encoder: equal ones compute equal outputs.
    struct Encoder: Hashable {
        let weights: [WeightsFingerprints.Entry]
        private let dimensions: TransformerDimensions
        private let activation: HiddenActivation
        private let epsilon: Double
        private let extents: [ImageExtent]
        private let channels: Int

        init(weights: [WeightsFingerprints.Entry], _ configuration: ViTMAEConfiguration) {
            self.weights = weights
            dimensions = configuration.encoder
            activation = configuration.hiddenActivation
            epsilon = configuration.layerNormEpsilon
            extents = [configuration.imageSize, configuration.patchSize]
            channels = configuration.channelCount
        }
    }
}
