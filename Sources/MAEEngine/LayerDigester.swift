import MAECompute
import MAEDomain
import MAETensor
import MAEThreads

/// Takes the digest of the tokens after each layer of the encoder, on a thread of its own while the pass goes on.
///
/// A batch may be computed in parts, one after the other: images lie one after the other in the matrices, so the digest over the
/// parts is that over the whole.
package final class LayerDigester: Sendable {
    /// Matrices that may wait.
    ///
    /// The pass waits for room beyond that: each is as large as the tokens of a part.
    private static let mostWaiting = 2

    private struct Queue: Sendable {
        /// Numbers of layers, and the tokens after them.
        var waiting: [(layer: Int, tokens: Tensor)] = []
        var isClosed = false
        /// The digests, once all has been taken in after ``isClosed``.
        var digests: [SHA256Digest]?
    }

    private let queue: Monitor<Queue>
    private let thread: NamedThread

    /// Starts the thread; ``end()`` or ``digests()`` is to be called.
    package init() throws(ThreadError) {
        let queue = Monitor(Queue())
        self.queue = queue
        thread = try NamedThread("layer digests") { Self.serve(queue) }
    }

    private static func serve(_ queue: Monitor<Queue>) {
        var layers: [LayerState] = []
        while true {
            // Everything that is there, or nil at the end.
            let taken: [(layer: Int, tokens: Tensor)]? = queue.wait { queue in
                queue.waiting.isEmpty ? (queue.isClosed ? .some(nil) : nil) : .some(queue.waiting)
            }
            guard let taken else { break }
            for (layer, tokens) in taken {
                if layer == layers.count { layers.append(LayerState()) }
                layers[layer].append(tokens)
                // What is being worked on counts as waiting, so that no more is held than was said.
                queue.change { _ = $0.waiting.removeFirst() }
            }
        }
        let digests = layers.map(\.digest)
        queue.change { $0.digests = digests }
    }

    /// `control`, with an observer for one part of the batch; parts are to run in order.
    package func observing(_ control: RunControl) -> RunControl {
        var control = control
        control.observer = { [queue] tap, tokens in
            let layer: Int
            switch EncoderLayer(name: tap.name) {
            case .embeddings: layer = 0
            case .block(let index): layer = index + 1
            // Its digest is one of every result; the decoder's layers are not of the encoder.
            case .finalNorm, nil: return
            }
            queue.wait { $0.waiting.count < Self.mostWaiting ? () : nil }
            queue.change { $0.waiting.append((layer, tokens)) }
        }
        return control
    }

    /// Waits until everything has been taken in.
    package func digests() -> LayerDigests {
        end()
        return LayerDigests(queue.wait(\.digests))
    }

    /// Ends the thread once it has taken everything in.
    package func end() {
        queue.change { $0.isClosed = true }
    }
}

/// The digest of one layer over the parts of a batch.
private final class LayerState {
    private var hasher = SHA256Hasher()

    func append(_ tokens: Tensor) { tokens.update(&hasher) }

    var digest: SHA256Digest { hasher.digestSoFar() }
}
