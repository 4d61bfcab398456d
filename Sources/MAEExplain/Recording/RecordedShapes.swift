import MAERecording

/// Which shapes the images and the noise of a call can have, by what else it says of itself.
struct RecordedShapes {
    private let images: [Int]?
    private let channels: Int?
    private let patches: Int?

    init(_ call: Recording.Call, _ model: Recording.Model) {
        let values = model.configurations.min { $0.path.utf8.count < $1.path.utf8.count }?.values ?? []
        func number(_ key: String) -> Int? {
            values.first { $0.key == key }?.value.int.flatMap { (1...1 << 20).contains($0) ? $0 : nil }
        }
        channels = number("num_channels")
        // What the embeddings were given, which a model around them may have made of other images.
        let embeddings = call.modules.first { model.modules[$0.module].role == .embeddings } ?? call.modules.first
        images = embeddings?.inputs.first { $0.isFloatingPoint && $0.shape.count == 4 }?.shape
        // Images of another size than the configuration's have as many patches as fit into them.
        let size = images.map { [$0[2], $0[3]] } ?? number("image_size").map { [$0, $0] }
        if let size, let patch = number("patch_size"), size.allSatisfy({ (0...1 << 20).contains($0) }) {
            patches = (size[0] / patch) * (size[1] / patch)
        } else {
            patches = nil
        }
    }

    /// Whether images have the channels of the model.
    func canBeImages(_ shape: [Int]) -> Bool { shape.count == 4 && (channels == nil || shape[1] == channels) }

    /// Whether noise is one number a patch, for as many images as were given.
    func canBeNoise(_ shape: [Int]) -> Bool {
        shape.count == 2 && (images == nil || shape[0] == images?[0]) && (patches == nil || shape[1] == patches)
    }
}
