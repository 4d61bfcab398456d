import MAECompute
import MAETensor
import Synchronization

/// Takes the digest of each layer over the parts of a batch, one after the other.
///
/// Images lie one after the other in every matrix that is tapped, so the digest over the parts is that over the whole.
final class LayerDigests: Sendable {
    private final class Layer {
        let name: String
        private var hasher = SHA256Hasher()

        init(name: String) { self.name = name }

        func append(_ value: Tensor) { value.update(&hasher) }

        var digest: BatchResult.LayerDigest { BatchResult.LayerDigest(name: name, digest: hasher.digestSoFar()) }
    }

    private let layers = Mutex<[Layer]>([])

    /// The digests so far, in the order of the layers.
    var digests: [BatchResult.LayerDigest] {
        layers.withLock { $0.map(\.digest) }
    }

    /// `control`, with an observer for one part of the batch; parts are to run in order.
    func observing(_ control: RunControl) -> RunControl {
        let next = Mutex(0)
        var control = control
        control.observer = { tap, value in
            let place = next.withLock { next in
                defer { next += 1 }
                return next
            }
            self.layers.withLock { layers in
                if place == layers.count { layers.append(Layer(name: tap.name)) }
                layers[place].append(value)
            }
        }
        return control
    }
}
