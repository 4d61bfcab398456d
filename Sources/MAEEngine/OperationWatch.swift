import MAECompute
import MAEDomain
import MAEModel
import MAETensor
import Synchronization

/// Looks at one layer of a pass after each of its operations, over the parts of a batch.
///
/// Images lie one after the other in every matrix, so a digest over the parts is that over the whole.
final class OperationWatch: Sendable {
    /// What is looked at: the operations of the layer, by their places in the program.
    private let range: Range<Int>
    private let operations: [EncoderOperation]
    /// Images whose values are kept, ascending.
    private let images: [Int]
    /// Places in the program after which the tokens of the first of `images` are kept.
    private let stateEnds: Set<Int>
    private let seen: Mutex<Seen>

    private struct Seen {
        /// One for each operation.
        var outputs: [SeenOutput] = []
        /// Digests of the last operation, image by image.
        var images: [SHA256Digest] = []
        /// Tokens of one image.
        var states: [Tensor] = []
    }

    init(_ layer: LayerOperations, images: [Int], stateEnds: Set<Int> = []) {
        range = layer.range
        operations = layer.operations
        self.images = images
        self.stateEnds = stateEnds
        seen = Mutex(Seen())
    }

    /// Digest after each operation.
    var digests: [SHA256Digest] { seen.withLock { $0.outputs.map(\.digest) } }

    /// Digest of the layer's output for each image.
    var imageDigests: [SHA256Digest] { seen.withLock(\.images) }

    /// Tokens of one image, (states, tokens, hidden); nil where none were asked for.
    var states: Tensor? {
        seen.withLock { seen in
            seen.states.first.map { first in
                Tensor(joiningRowsOf: seen.states).reshaped(to: [seen.states.count] + first.shape)
            }
        }
    }

    /// What an operation gave for the images that are kept, (images, rows, columns).
    func values(of operation: Int) -> Tensor? {
        seen.withLock { seen in
            guard seen.outputs.indices.contains(operation) else { return nil }
            return seen.outputs[operation].values(operations[operation])
        }
    }

    /// Looks at what the operation at `place` of the program gave for the images from `first` on.
    func take(_ value: Tensor, after place: Int, images part: Range<Int>) {
        let kept = images.filter(part.contains).map { $0 - part.lowerBound }
        if stateEnds.contains(place), let first = images.first, part.contains(first) {
            let rows = value.shape[0] / part.count
            let state = value.rows((first - part.lowerBound) * rows..<(first - part.lowerBound + 1) * rows)
            seen.withLock { $0.states.append(state) }
        }
        guard range.contains(place) else { return }
        let index = place - range.lowerBound
        let rows = value.shape[0] / part.count
        seen.withLock { seen in
            if index == seen.outputs.count { seen.outputs.append(SeenOutput()) }
            seen.outputs[index].take(value, keeping: kept, rows: rows)
            if place == range.upperBound - 1 {
                for image in 0..<part.count where seen.images.count < ExaminationAnswer.imageDigestLimit {
                    seen.images.append(value.rows(image * rows..<(image + 1) * rows).digest())
                }
            }
        }
    }
}

/// What one operation gave so far.
private final class SeenOutput {
    private var hasher = SHA256Hasher()
    private var kept: [Tensor] = []

    var digest: SHA256Digest { hasher.digestSoFar() }

    func take(_ value: Tensor, keeping images: [Int], rows: Int) {
        value.update(&hasher)
        kept += images.map { value.rows($0 * rows..<($0 + 1) * rows) }
    }

    func values(_ operation: EncoderOperation) -> Tensor? {
        guard !kept.isEmpty else { return nil }
        return Tensor(joiningRowsOf: kept).reshaped(to: [kept.count, operation.rows, operation.columns])
    }
}
