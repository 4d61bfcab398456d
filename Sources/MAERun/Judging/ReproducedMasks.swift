import Foundation
import MAECheckpoint
import MAEDomain
import MAEModel
import MAETensor
import MAEText
import MAEVerify

/// The patches that results of a run kept of the first image, found again on this machine.
///
/// Nodes send the digest of what they kept, not the patches. So the batch is masked here as the plan says, and the mask counts
/// only where its digest is the one that the node sent.
enum ReproducedMasks {
    /// A larger batch is not drawn again, since the noise comes after its pixels.
    private static let mostElements = 1 << 26

    /// A grid for each different mask in the first batch whose results kept different patches; empty where none did, or where
    /// the masks cannot be found again.
    ///
    /// `noise` is that of the run where it came from a file, (B, patches).
    static func grids(_ comparison: Comparison, noise: Tensor?) -> [PatchGrid] {
        let masks = Dictionary(grouping: comparison.cells, by: \.batch.index).mapValues { Set($0.map(\.digests.mask)) }
        guard let batch = masks.filter({ $0.value.count > 1 }).keys.min() else { return [] }
        var groups: [(digest: SHA256Digest, cells: [Observation])] = []
        for cell in comparison.cells where cell.batch.index == batch {
            if let index = groups.firstIndex(where: { $0.digest == cell.digests.mask }) {
                groups[index].cells.append(cell)
            } else {
                groups.append((cell.digests.mask, [cell]))
            }
        }
        return groups.compactMap { group in
            guard let cell = group.cells.first, let shape = ImageShape(cell.configuration),
                let selection = selection(of: cell, shape, given: noise),
                selection.keptPatchesDigest == group.digest
            else { return nil }
            return PatchGrid(
                caption: caption(group.cells), columns: shape.configuration.patchGrid.width,
                isKept: selection.slots.prefix(selection.patches).map { $0 >= 0 })
        }
    }

    private static func selection(of cell: Observation, _ shape: ImageShape, given: Tensor?) -> PatchSelection? {
        let configuration = shape.configuration
        let (ratio, images) = (cell.maskRatio.value, cell.batch.size)
        guard (0...1).contains(ratio), images > 0, images <= mostElements / shape.pixels else { return nil }
        let noise =
            switch cell.noise.policy {
            case .file: given
            case .shared, .sequential:
                BatchInput.seeded(cell.batch.seed, images: images, noiseDraw: cell.noise.draw, for: configuration).noise
            }
        guard let noise, noise.shape == [images, configuration.patchCount] else { return nil }
        return PatchSelection(noise: noise, keeping: configuration.keptCount(maskRatio: ratio))
    }

    /// `full on n1 and n2: draw 0, mask_ratio 0.75`.
    private static func caption(_ cells: [Observation]) -> String {
        func distinct(_ names: [String]) -> String {
            var seen: Set<String> = []
            return NumberText.list(names.filter { seen.insert($0).inserted })
        }
        let (methods, nodes) = (distinct(cells.map(\.method.label)), distinct(cells.map(\.node.name)))
        let ratios = distinct(cells.map { NumberText.short($0.maskRatio.value) })
        return "\(methods) on \(nodes): draw \(cells[0].noise.draw), mask_ratio \(ratios)"
    }
}

/// The shape of images and patches, as a node's configuration states it.
private struct ImageShape {
    let configuration: ViTMAEConfiguration

    /// Elements of one image.
    var pixels: Int {
        configuration.channelCount * configuration.imageSize.height * configuration.imageSize.width
    }

    /// Nil for what no image has: a peer wrote the values.
    init?(_ fields: [ConfigurationField]) {
        func value<Value: Decodable>(_ field: ConfigurationKey, _ type: Value.Type) -> Value? {
            fields.first { $0.name == field.rawValue }.flatMap {
                try? JSONDecoder().decode(type, from: Data($0.value.utf8))
            }
        }
        func extent(_ field: ConfigurationKey) -> ImageExtent? {
            let sides = value(field, Int.self).map { [$0, $0] } ?? value(field, [Int].self) ?? []
            guard sides.count == 2, sides.allSatisfy((1...1 << 14).contains) else { return nil }
            return ImageExtent(height: sides[0], width: sides[1])
        }
        guard let image = extent(.imageSize), let patch = extent(.patchSize),
            let channels = value(.channelCount, Int.self), (1...64).contains(channels),
            image.height % patch.height == 0, image.width % patch.width == 0
        else { return nil }
        var configuration = ViTMAEConfiguration()
        configuration.imageSize = image
        configuration.patchSize = patch
        configuration.channelCount = channels
        self.configuration = configuration
    }
}
