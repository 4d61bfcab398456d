import MAETensor

/// The operations of a ``Program`` in plain Swift: the definition of class `canonical-v1`.
enum ReferenceOperations {
    /// A matrix; rows are moved alike in any precision.
    typealias Values<Number> = (shape: MatrixShape, elements: [Number])
    typealias Matrix = Values<Float>

    static func gatherPatches<Number>(
        _ images: Values<Number>, kept: [Int32], _ geometry: PatchGeometry
    ) -> [Number] {
        let keptCount = images.shape.rows == 0 ? 0 : kept.count / images.shape.rows
        var output: [Number] = []
        output.reserveCapacity(kept.count * geometry.patchPixels)
        for (row, patch) in kept.enumerated() {
            let image = row / keptCount * geometry.imagePixels
            let top = Int(patch) / geometry.gridWidth * geometry.patchHeight
            let left = Int(patch) % geometry.gridWidth * geometry.patchWidth
            for channel in 0..<geometry.channels {
                for y in 0..<geometry.patchHeight {
                    let line = image + (channel * geometry.imageHeight + top + y) * geometry.imageWidth + left
                    output += images.elements[line..<line + geometry.patchWidth]
                }
            }
        }
        return output
    }

    /// `residual + activation(product + bias)`: the sum over all blocks first, then bias, activation, residual.
    static func linear(
        _ input: Matrix, _ parameters: ReferenceWeights.Linear, _ activation: Activation?, residual: [Float]?
    ) -> [Float] {
        let width = parameters.inputWidth
        let outputs = parameters.outputWidth
        let weights = parameters.weights
        let bias = parameters.bias
        var output = [Float](repeating: 0, count: input.shape.rows * outputs)
        input.elements.withUnsafeBufferPointer { x in
            weights.withUnsafeBufferPointer { w in
                for row in 0..<input.shape.rows {
                    for column in 0..<outputs {
                        var value = CanonicalOrder.dotProduct(count: width) { k in
                            (x[row * width + k], w[column * width + k])
                        }
                        if let bias { value += bias[column] }
                        if let activation { value = CanonicalMath.apply(activation, to: value) }
                        if let residual { value = residual[row * outputs + column] + value }
                        output[row * outputs + column] = value
                    }
                }
            }
        }
        return output
    }

    /// Mean first, then the mean squared difference; one square root and one division give the factor of the row.
    static func layerNorm(_ input: Matrix, _ parameters: ReferenceWeights.LayerNorm, epsilon: Float) -> [Float] {
        let width = input.shape.columns
        let scale = parameters.scale
        let shift = parameters.shift
        var output = [Float](repeating: 0, count: input.shape.count)
        for row in 0..<input.shape.rows {
            let x = input.elements[row * width..<(row + 1) * width]
            let first = x.startIndex
            let mean = CanonicalOrder.sum(count: width) { $1 + x[first + $0] } / Float(width)
            let squares = CanonicalOrder.sum(count: width) { index, lane in
                let difference = x[first + index] - mean
                return CanonicalMath.fma(difference, difference, lane)
            }
            let variance = squares / Float(width)
            let factor = 1 / (variance + epsilon).squareRoot()
            for column in 0..<width {
                let normalized = (x[first + column] - mean) * factor
                output[row * width + column] = CanonicalMath.fma(normalized, scale[column], shift[column])
            }
        }
        return output
    }

    static func attention(_ qkv: Matrix, images: Int, heads: Int, scale: Float) -> [Float] {
        let hidden = qkv.shape.columns / 3
        let width = hidden / heads
        let tokens = qkv.shape.rows / images
        let x = qkv.elements
        var output = [Float](repeating: 0, count: qkv.shape.rows * hidden)
        for image in 0..<images {
            for head in 0..<heads {
                for query in 0..<tokens {
                    let q = (image * tokens + query) * 3 * hidden + head * width
                    let scores = (0..<tokens).map { key in
                        let k = (image * tokens + key) * 3 * hidden + hidden + head * width
                        return CanonicalOrder.dotProduct(count: width) { (x[q + $0], x[k + $0]) } * scale
                    }
                    let weights = softmax(scores)
                    for column in 0..<width {
                        let value = CanonicalOrder.dotProduct(count: tokens) { key in
                            let v = (image * tokens + key) * 3 * hidden + 2 * hidden + head * width
                            return (weights[key], x[v + column])
                        }
                        output[(image * tokens + query) * hidden + head * width + column] = value
                    }
                }
            }
        }
        return output
    }

    /// Exponentials of the differences to the row's maximum, times one reciprocal of their sum.
    ///
    /// A NaN among the scores makes the whole row NaN, as PyTorch's softmax does.
    static func softmax(_ scores: [Float]) -> [Float] {
        let maximum = scores.reduce(-Float.infinity) { $1 > $0 ? $1 : $0 }
        let exponentials = scores.map { CanonicalMath.exp($0 - maximum) }
        let sum = CanonicalOrder.sum(count: exponentials.count) { $1 + exponentials[$0] }
        let reciprocal = 1 / sum
        return exponentials.map { $0 * reciprocal }
    }

    static func assembleTokens<Number: FloatingPoint>(
        _ patches: Values<Number>, kept: [Int32], token: [Number], positions: [Number], images: Int
    ) -> [Number] {
        let width = patches.shape.columns
        let keptCount = kept.count / images
        var output: [Number] = []
        output.reserveCapacity((kept.count + images) * width)
        for image in 0..<images {
            for column in 0..<width { output.append(token[column] + positions[column]) }
            for slot in image * keptCount..<(image + 1) * keptCount {
                let position = (1 + Int(kept[slot])) * width
                for column in 0..<width {
                    output.append(patches.elements[slot * width + column] + positions[position + column])
                }
            }
        }
        return output
    }

    static func restoreTokens<Number: FloatingPoint>(
        _ tokens: Values<Number>, slots: [Int32], maskToken: [Number], positions: [Number], images: Int
    ) -> [Number] {
        let width = tokens.shape.columns
        let tokenCount = tokens.shape.rows / images
        let patches = slots.count / images
        var output: [Number] = []
        output.reserveCapacity((slots.count + images) * width)
        for image in 0..<images {
            let first = image * tokenCount * width
            for column in 0..<width { output.append(tokens.elements[first + column] + positions[column]) }
            for patch in 0..<patches {
                let slot = Int(slots[image * patches + patch])
                for column in 0..<width {
                    let value = slot < 0 ? maskToken[column] : tokens.elements[first + (1 + slot) * width + column]
                    output.append(value + positions[(1 + patch) * width + column])
                }
            }
        }
        return output
    }

    static func meanOverTokens(_ tokens: Matrix, images: Int) -> [Float] {
        let width = tokens.shape.columns
        let tokenCount = tokens.shape.rows / images
        var output: [Float] = []
        for image in 0..<images {
            for column in 0..<width {
                let sum = CanonicalOrder.sum(count: tokenCount) { token, lane in
                    lane + tokens.elements[(image * tokenCount + token) * width + column]
                }
                output.append(sum / Float(tokenCount))
            }
        }
        return output
    }

    static func dropLeadingTokens<Number>(_ tokens: Values<Number>, count: Int, images: Int) -> [Number] {
        let width = tokens.shape.columns
        let tokenCount = tokens.shape.rows / images
        return (0..<images).flatMap { image in
            tokens.elements[(image * tokenCount + count) * width..<(image + 1) * tokenCount * width]
        }
    }
}
