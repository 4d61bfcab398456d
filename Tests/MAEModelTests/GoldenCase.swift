import Foundation
import MAEEngine
import MAETensor
import TestSupport
import Testing

/// A model with outputs that PyTorch computed for it: a folder under `Tests/Goldens/`.
struct GoldenCase: Sendable, CustomTestStringConvertible {
    /// The checkpoint to load.
    let model: String
    /// The folder of expected outputs.
    let expected: String
    /// Mask ratio the outputs were computed with, as it stands in their names.
    let ratio: String

    var testDescription: String { "\(model) at mask_ratio \(ratio)" }

    func tensor(_ name: String) throws -> Tensor { try Tensor(npy: Goldens.path("\(expected)/\(name)-\(ratio).npy")) }

    /// Outputs of a float64 run.
    func doubles(_ name: String) throws -> [Double] {
        try NpyArray<Double>(npy: Goldens.path("\(expected)/\(name)-\(ratio).npy")).elements
    }

    /// The attention implementations of transformers that there are outputs of.
    var attentions: [String] {
        ["eager", "sdpa"].filter {
            FileManager.default.fileExists(atPath: Goldens.path("\(expected)/layernorm-\($0)-\(ratio).npy"))
        }
    }

    func indices(_ name: String) throws -> [Int64] {
        try NpyArray<Int64>(npy: Goldens.path("\(expected)/\(name)-\(ratio).npy")).elements
    }

    /// Input tensors have no mask ratio in their names.
    func input(_ name: String) throws -> Tensor { try Tensor(npy: Goldens.path("\(expected)/\(name).npy")) }

    /// The batch the outputs were computed from: seed 42, as many images as in the golden, the first noise.
    func request() throws -> BatchRequest {
        BatchRequest(
            seed: 42, pixels: .seeded(images: try input("images").shape[0]), maskRatio: Double(ratio), decodes: true)
    }

    /// Every model of another architecture, and each ratio it has outputs for.
    static var models: [GoldenCase] {
        let folder = "models"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: Goldens.path(folder)))?.sorted() ?? []
        return names.flatMap { name in
            ratios(in: "\(folder)/\(name)/expected").map {
                GoldenCase(model: "\(folder)/\(name)", expected: "\(folder)/\(name)/expected", ratio: $0)
            }
        }
    }

    /// Ratios with outputs in a folder: `0.75` for `mask-0.75.npy`.
    static func ratios(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: Goldens.path(folder))) ?? []
        return names.filter { $0.hasPrefix("mask-") && $0.hasSuffix(".npy") }
            .map { String($0.dropFirst("mask-".count).dropLast(".npy".count)) }.sorted()
    }
}

/// How far a tensor is from other values.
struct Distance {
    let largest: Double
    /// Sum of squared differences.
    let squares: Double

    init(_ a: Tensor, _ b: Tensor) { self.init(a, b.elements.map(Double.init)) }

    init(_ a: Tensor, _ b: [Double]) {
        let differences = zip(a.elements, b).map { abs(Double($0) - $1) }
        largest = a.count == b.count ? differences.max() ?? 0 : .infinity
        squares = differences.map { $0 * $0 }.reduce(0, +)
    }
}
