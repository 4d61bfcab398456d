/// An operation of a program, for people who look for the first one that went wrong.
package struct OperationPlace: Sendable, Hashable, CustomStringConvertible {
    /// The layer that the operation belongs to, such as `vit.encoder.layer.3`.
    package let layer: String
    /// Place among the operations of its layer, from 1.
    package let position: Int
    /// Operations of the layer.
    package let count: Int
    /// What it computes, such as `linear 768 → 3072 with gelu`.
    package let operation: String

    /// All of it in a few words.
    package var description: String { "\(layer), operation \(position) of \(count): \(operation)" }
}

extension Program {
    /// For each operation, where it stands.
    ///
    /// An operation belongs to the layer whose output is the next to be looked at. In an excerpt it has the place that it
    /// has in the whole program.
    package var places: [OperationPlace] {
        if let placesOfWhole { return placesOfWhole }
        var places: [OperationPlace] = []
        for tap in taps {
            let start = places.count
            let count = tap.position - start
            for position in 0..<max(count, 0) {
                places.append(
                    OperationPlace(
                        layer: tap.name, position: position + 1, count: count,
                        operation: words(for: operations[start + position])))
            }
        }
        let rest = operations[places.count...]
        for (position, operation) in rest.enumerated() {
            places.append(
                OperationPlace(
                    layer: "the end", position: position + 1, count: rest.count, operation: words(for: operation)))
        }
        return places
    }

    /// The same operations with a tap after each of them, instead of the taps that are there.
    package func tappingEachOperation() -> Program {
        replacingTaps(
            zip(operations.indices, places).map { index, place in
                Tap(name: place.description, buffer: operations[index].output, position: index + 1)
            })
    }

    /// What an operation computes, in words.
    package func words(for operation: Operation) -> String {
        switch operation {
        case .gatherPatches: "patches cut out of images"
        case .linear(let input, _, let activation, let residual, let output):
            "linear \(self[input].columns) → \(self[output].columns)"
                + (activation.map { " with \($0.rawValue)" } ?? "") + (residual == nil ? "" : " plus residual")
        case .layerNorm: "layer norm"
        case .attention(_, _, let heads, _, _): "attention of \(heads) head\(heads == 1 ? "" : "s")"
        case .assembleTokens: "CLS before patches, plus positions"
        case .restoreTokens: "mask tokens put in, plus positions"
        case .meanOverTokens: "mean over tokens"
        case .dropLeadingTokens: "CLS left out"
        }
    }
}

extension Operation {
    /// The buffer that the operation writes.
    package var output: BufferID {
        switch self {
        case .gatherPatches(_, _, _, let output), .linear(_, _, _, _, let output), .layerNorm(_, _, _, let output),
            .attention(_, _, _, _, let output), .assembleTokens(_, _, _, _, _, let output),
            .restoreTokens(_, _, _, _, _, let output), .meanOverTokens(_, _, let output),
            .dropLeadingTokens(_, _, _, let output):
            output
        }
    }

    /// The buffers that the operation reads; its output is among them where it adds to it or works in place.
    package var inputs: [BufferID] {
        switch self {
        case .gatherPatches(let images, _, _, _): [images]
        case .linear(let input, _, _, let residual, _): [input] + [residual].compactMap(\.self)
        case .layerNorm(let input, _, _, _): [input]
        case .attention(let qkv, _, _, _, _): [qkv]
        case .assembleTokens(let patches, _, _, _, _, _): [patches]
        case .restoreTokens(let tokens, _, _, _, _, _): [tokens]
        case .meanOverTokens(let tokens, _, _): [tokens]
        case .dropLeadingTokens(let tokens, _, _, _): [tokens]
        }
    }
}
