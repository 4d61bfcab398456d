import MAECheckpoint
import MAECompute
import MAEModel
import MAETensor

/// Values that only have to be harmless: small, spread, the same each time.
enum RandomWeights {
    /// Elements uniform in −`range` ..< `range`.
    static func tensor(_ shape: [Int], range: Float, seed: UInt64) -> Tensor {
        Tensor(shape: shape) { elements in
            var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
            for index in elements.indices {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                elements[index] = Float(Int32(truncatingIfNeeded: state >> 32)) * (range / 2_147_483_648)
            }
        }
    }
}

extension ViTMAEModel {
    /// A model of harmless weights.
    convenience init(
        randomly configuration: ViTMAEConfiguration, withDecoder: Bool = true, on backend: some ComputeBackend
    ) throws {
        let layout = ParameterLayout(configuration)
        let shapes = Dictionary(uniqueKeysWithValues: layout.parameters.map { ($0.name, $0.shape) })
        try self.init(configuration, withDecoder: withDecoder, on: backend) { name in
            let shape = shapes[name] ?? []
            return Weight(shape: shape) { body in
                try body(RandomWeights.tensor(shape, range: 0.05, seed: UInt64(name.utf8.count)))
            }
        }
    }
}
