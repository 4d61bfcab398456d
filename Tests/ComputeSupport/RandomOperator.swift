import MAECompute
import MAETensor
import TestSupport

/// An operation of random extents on random values, which can be carried out for some of its images alone.
package struct RandomOperator {
    /// The cases of ``MAECompute/Operation``.
    package enum Kind: String, CaseIterable, Sendable {
        case linear, layerNorm, attention, gatherPatches, assembleTokens, restoreTokens, meanOverTokens
        case dropLeadingTokens
    }

    /// The kind and all extents, for whoever has to find out why it fails.
    package let description: String
    package let images: Int
    /// The operation for some of the images.
    package let example: (Range<Int>) -> Case

    /// The operation of `kind` that `seed` names, always the same.
    package init(_ kind: Kind, seed: UInt64) {
        var random = SplitMix(seed: seed)
        let images = Int.random(in: 1...3, using: &random)
        self.images = images
        switch kind {
        case .linear: (description, example) = Self.linear(images, &random)
        case .layerNorm: (description, example) = Self.layerNorm(images, &random)
        case .attention: (description, example) = Self.attention(images, &random)
        case .gatherPatches: (description, example) = Self.gatherPatches(images, &random)
        case .assembleTokens: (description, example) = Self.assembleTokens(images, &random)
        case .restoreTokens: (description, example) = Self.restoreTokens(images, &random)
        case .meanOverTokens: (description, example) = Self.meanOverTokens(images, &random)
        case .dropLeadingTokens: (description, example) = Self.dropLeadingTokens(images, &random)
        }
    }

    private typealias Made = (String, (Range<Int>) -> Case)

    private static func linear(_ images: Int, _ random: inout SplitMix) -> Made {
        let (rows, depth, columns) = (random.extent(40), random.extent(300), random.extent(120))
        let activation = ([nil] + Activation.allCases).randomElement(using: &random) ?? nil
        let (hasBias, hasResidual) = (Bool.random(using: &random), Bool.random(using: &random))
        let parameters = LinearParameters(
            weights: [random.matrix(columns, depth)], biases: [hasBias ? random.vector(columns) : nil])
        let x = random.matrix(images * rows, depth)
        let before = random.matrix(images * rows, columns)
        let description =
            "linear \(images) × \(rows) × \(depth) × \(columns), \(activation?.rawValue ?? "no activation"), "
            + "\(hasBias ? "a" : "no") bias, \(hasResidual ? "a" : "no") residual"
        return (
            description,
            { range in
                var example = Case()
                let some = range.lowerBound * rows..<range.upperBound * rows
                let input = example.input(x.rows(some))
                let residual = hasResidual ? example.input(before.rows(some)) : nil
                let id = example.parameters.add(parameters)
                example.output(rows: some.count, columns: columns) {
                    .linear(input: input, parameters: id, activation: activation, residual: residual, output: $0)
                }
                return example
            }
        )
    }

    private static func layerNorm(_ images: Int, _ random: inout SplitMix) -> Made {
        let (rows, columns) = (random.extent(60), random.extent(400))
        let parameters = LayerNormParameters(scale: random.vector(columns), shift: random.vector(columns))
        let x = random.matrix(images * rows, columns)
        return (
            "layerNorm \(images) × \(rows) × \(columns)",
            { range in
                var example = Case()
                let some = range.lowerBound * rows..<range.upperBound * rows
                let input = example.input(x.rows(some))
                let id = example.parameters.add(parameters)
                example.output(rows: some.count, columns: columns) {
                    .layerNorm(input: input, parameters: id, epsilon: 1e-12, output: $0)
                }
                return example
            }
        )
    }

    private static func attention(_ images: Int, _ random: inout SplitMix) -> Made {
        let (tokens, heads, width) = (random.extent(140), Int.random(in: 1...4, using: &random), random.extent(40))
        let qkv = random.matrix(images * tokens, 3 * heads * width)
        let scale = Float.random(in: 0.05...1, using: &random)
        return (
            "attention \(images) × \(tokens), \(heads) heads of \(width), scale \(scale)",
            { range in
                var example = Case()
                let some = range.lowerBound * tokens..<range.upperBound * tokens
                let input = example.input(qkv.rows(some))
                example.output(rows: some.count, columns: heads * width) {
                    .attention(qkv: input, images: range.count, heads: heads, scale: scale, output: $0)
                }
                return example
            }
        )
    }

    private static func gatherPatches(_ images: Int, _ random: inout SplitMix) -> Made {
        let patch = (height: random.extent(9), width: random.extent(9))
        let grid = (height: random.extent(6), width: random.extent(6))
        let geometry = PatchGeometry(
            channels: Int.random(in: 1...4, using: &random), imageHeight: grid.height * patch.height,
            imageWidth: grid.width * patch.width, patchHeight: patch.height, patchWidth: patch.width)
        let selection = random.selection(images: images, patches: geometry.patchCount)
        let pixels = random.matrix(images, geometry.imagePixels)
        return (
            "gatherPatches \(images) × \(geometry), \(selection.count) kept",
            { range in
                var example = Case()
                let input = example.input(pixels.rows(range))
                let kept = example.table(selection.kept(range))
                example.output(rows: range.count * selection.count, columns: geometry.patchPixels) {
                    .gatherPatches(images: input, kept: kept, geometry: geometry, output: $0)
                }
                return example
            }
        )
    }

    private static func assembleTokens(_ images: Int, _ random: inout SplitMix) -> Made {
        let (patches, width) = (random.extent(50), random.extent(200))
        let selection = random.selection(images: images, patches: patches)
        let (token, positions) = (random.vector(width), random.matrix(patches + 1, width))
        let rows = random.matrix(images * selection.count, width)
        return (
            "assembleTokens \(images) × \(patches) × \(width), \(selection.count) kept",
            { range in
                var example = Case()
                let some = range.lowerBound * selection.count..<range.upperBound * selection.count
                let input = example.input(rows.rows(some))
                let kept = example.table(selection.kept(range))
                let (tokenID, positionsID) = (example.parameters.add(token), example.parameters.add(positions))
                example.output(rows: some.count + range.count, columns: width) {
                    .assembleTokens(
                        patches: input, kept: kept, token: tokenID, positions: positionsID, images: range.count,
                        output: $0)
                }
                return example
            }
        )
    }

    private static func restoreTokens(_ images: Int, _ random: inout SplitMix) -> Made {
        let (patches, width) = (random.extent(50), random.extent(200))
        let selection = random.selection(images: images, patches: patches)
        let (token, positions) = (random.vector(width), random.matrix(patches + 1, width))
        let rows = random.matrix(images * (selection.count + 1), width)
        return (
            "restoreTokens \(images) × \(patches) × \(width), \(selection.count) kept",
            { range in
                var example = Case()
                let rowsOfImage = selection.count + 1
                let input = example.input(rows.rows(range.lowerBound * rowsOfImage..<range.upperBound * rowsOfImage))
                let slots = example.table(selection.slots(range))
                let (tokenID, positionsID) = (example.parameters.add(token), example.parameters.add(positions))
                example.output(rows: range.count * (patches + 1), columns: width) {
                    .restoreTokens(
                        tokens: input, slots: slots, maskToken: tokenID, positions: positionsID, images: range.count,
                        output: $0)
                }
                return example
            }
        )
    }

    private static func meanOverTokens(_ images: Int, _ random: inout SplitMix) -> Made {
        let (tokens, width) = (random.extent(200), random.extent(150))
        let rows = random.matrix(images * tokens, width)
        return (
            "meanOverTokens \(images) × \(tokens) × \(width)",
            { range in
                var example = Case()
                let input = example.input(rows.rows(range.lowerBound * tokens..<range.upperBound * tokens))
                example.output(rows: range.count, columns: width) {
                    .meanOverTokens(tokens: input, images: range.count, output: $0)
                }
                return example
            }
        )
    }

    private static func dropLeadingTokens(_ images: Int, _ random: inout SplitMix) -> Made {
        let (tokens, width) = (random.extent(60), random.extent(150))
        let count = Int.random(in: 0...tokens, using: &random)
        let rows = random.matrix(images * tokens, width)
        return (
            "dropLeadingTokens \(images) × \(tokens) × \(width), \(count) dropped",
            { range in
                var example = Case()
                let input = example.input(rows.rows(range.lowerBound * tokens..<range.upperBound * tokens))
                example.output(rows: range.count * (tokens - count), columns: width) {
                    .dropLeadingTokens(tokens: input, count: count, images: range.count, output: $0)
                }
                return example
            }
        )
    }
}

/// Patches kept of each of some images, as many of each.
private struct RandomSelection {
    let patches: Int
    let count: Int
    let ofImages: [[Int32]]

    func kept(_ images: Range<Int>) -> [Int32] { ofImages[images].flatMap(\.self) }

    func slots(_ images: Range<Int>) -> [Int32] {
        ofImages[images].flatMap { kept in
            (0..<Int32(patches)).map { patch in Int32(kept.firstIndex(of: patch) ?? -1) }
        }
    }
}

extension SplitMix {
    /// An extent from 1 to `most`: small, round a multiple of a vector or block, or any.
    fileprivate mutating func extent(_ most: Int) -> Int {
        let any = Int.random(in: 1...most, using: &self)
        switch Int.random(in: 0..<3, using: &self) {
        case 0: return min(any, Int.random(in: 1...4, using: &self))
        case 1: return min(max(1, any / 16 * 16 + Int.random(in: -1...1, using: &self)), most)
        default: return any
        }
    }

    fileprivate mutating func selection(images: Int, patches: Int) -> RandomSelection {
        let count = Int.random(in: 0...patches, using: &self)
        return RandomSelection(
            patches: patches, count: count,
            ofImages: (0..<images).map { _ in
                (0..<Int32(patches)).shuffled(using: &self).prefix(count).sorted()
            })
    }
}
