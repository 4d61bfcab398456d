import Glibc
import MAETensor
import MAEThreads

/// The operations of a ``Program`` that compute, in double precision.
struct Float64Operations {
    typealias Matrix = ReferenceOperations.Values<Double>

    let threads: Int

    /// `residual + activation(input · weightᵀ + bias)`.
    func linear(
        _ input: Matrix, _ parameters: LinearParameters, _ activation: Activation?, residual: [Double]?
    ) throws -> [Double] {
        let (rows, width, outputs) = (input.shape.rows, parameters.inputWidth, parameters.outputWidth)
        var output = [Double](repeating: 0, count: rows * outputs)
        var first = 0
        for (weight, bias) in zip(parameters.weights, parameters.biases) {
            let count = width == 0 ? weight.shape[0] : weight.count / width
            var shift = [Double](repeating: 0, count: count)
            try bias?.read { shift = $0.elements.map(Double.init) }
            var products: [Double] = []
            try weight.read { products = self.products(input, $0, outputs: count) }
            for row in 0..<rows {
                for column in 0..<count {
                    var value = products[column * rows + row] + shift[column]
                    if let activation { value = Self.apply(activation, to: value) }
                    let place = row * outputs + first + column
                    output[place] = residual.map { $0[place] + value } ?? value
                }
            }
            first += count
        }
        return output
    }

    /// The products of all rows with each row of a weight: (outputs, rows).
    private func products(_ input: Matrix, _ weight: Tensor, outputs: Int) -> [Double] {
        let (rows, width) = (input.shape.rows, input.shape.columns)
        return weight.withUnsafeElements { weight in
            input.elements.withUnsafeBufferPointer { x in
                nonisolated(unsafe) let (weight, x) = (weight, x)
                return byRow(outputs, rows) { output, products in
                    // Widened once for all rows.
                    let factors = (0..<width).map { Double(weight[output * width + $0]) }
                    factors.withUnsafeBufferPointer { factors in
                        for row in 0..<rows {
                            let row = (row, UnsafeBufferPointer(rebasing: x[row * width..<(row + 1) * width]))
                            products[row.0] = Self.dotProduct(row.1, factors)
                        }
                    }
                }
            }
        }
    }

    func layerNorm(_ input: Matrix, scale: [Double], shift: [Double], epsilon: Float) -> [Double] {
        let width = input.shape.columns
        // The program has the configuration's double rounded: the shortest decimal that rounds so is what it states.
        let epsilon = Double("\(epsilon)") ?? Double(epsilon)
        return byRow(input.shape.rows, width) { row, output in
            let x = input.elements[row * width..<(row + 1) * width]
            let mean = x.reduce(0, +) / Double(width)
            let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
            let factor = 1 / (variance + epsilon).squareRoot()
            for column in 0..<width {
                output[column] = (x[x.startIndex + column] - mean) * factor * scale[column] + shift[column]
            }
        }
    }

    func attention(_ qkv: Matrix, images: Int, heads: Int, scale: Float) -> [Double] {
        let hidden = qkv.shape.columns / 3
        let (width, tokens) = (hidden / heads, qkv.shape.rows / images)
        let exact = 1 / Double(width).squareRoot()
        // The program has it rounded.
        let scale = Float(exact) == scale ? exact : Double(scale)
        return qkv.elements.withUnsafeBufferPointer { x in
            nonisolated(unsafe) let x = x
            /// Queries, keys or values of a token, by part 0 to 2.
            @Sendable func part(_ part: Int, _ token: Int, _ head: Int) -> UnsafeBufferPointer<Double> {
                let first = token * 3 * hidden + part * hidden + head * width
                return UnsafeBufferPointer(rebasing: x[first..<first + width])
            }
            return byRow(qkv.shape.rows, hidden) { query, output in
                let image = query / tokens * tokens
                for head in 0..<heads {
                    let scores = (0..<tokens).map {
                        Self.dotProduct(part(0, query, head), part(1, image + $0, head)) * scale
                    }
                    let largest = scores.reduce(-Double.infinity) { $1 > $0 ? $1 : $0 }
                    let powers = scores.map { exp($0 - largest) }
                    let sum = powers.reduce(0, +)
                    for key in 0..<tokens {
                        let (value, weight) = (part(2, image + key, head), powers[key] / sum)
                        for column in 0..<width { output[head * width + column] += weight * value[column] }
                    }
                }
            }
        }
    }

    static func meanOverTokens(_ tokens: Matrix, images: Int) -> [Double] {
        let (width, count) = (tokens.shape.columns, tokens.shape.rows / images)
        var output = [Double](repeating: 0, count: images * width)
        for row in 0..<tokens.shape.rows {
            for column in 0..<width { output[row / count * width + column] += tokens.elements[row * width + column] }
        }
        return output.map { $0 / Double(count) }
    }

    /// Fills rows of zeros, several at a time.
    private func byRow(
        _ rows: Int, _ columns: Int, _ fill: @Sendable (_ row: Int, UnsafeMutableBufferPointer<Double>) -> Void
    ) -> [Double] {
        var values = [Double](repeating: 0, count: rows * columns)
        values.withUnsafeMutableBufferPointer { values in
            // Each thread writes rows of its own.
            nonisolated(unsafe) let values = values
            ParallelLoop.run("mae-doubles", count: rows, threads: threads) { row in
                fill(row, UnsafeMutableBufferPointer(rebasing: values[row * columns..<(row + 1) * columns]))
            }
        }
        return values
    }

    /// The sum over the products: eight partial sums, which a processor adds side by side.
    private static func dotProduct(_ a: UnsafeBufferPointer<Double>, _ b: UnsafeBufferPointer<Double>) -> Double {
        var (s0, s1, s2, s3, s4, s5, s6, s7) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        var index = 0
        while index + 8 <= a.count {
            s0 += a[index] * b[index]
            s1 += a[index + 1] * b[index + 1]
            s2 += a[index + 2] * b[index + 2]
            s3 += a[index + 3] * b[index + 3]
            s4 += a[index + 4] * b[index + 4]
            s5 += a[index + 5] * b[index + 5]
            s6 += a[index + 6] * b[index + 6]
            s7 += a[index + 7] * b[index + 7]
            index += 8
        }
        while index < a.count {
            s0 += a[index] * b[index]
            index += 1
        }
        return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))
    }
}

extension Float64Operations {
    /// The activation's value at `x`, by the system's mathematical functions; constants are those of PyTorch.
    static func apply(_ activation: Activation, to x: Double) -> Double {
        switch activation {
        // Not 1 + erf, which loses the digits of the lower tail.
        case .gelu: 0.5 * x * erfc(-x / 2.0.squareRoot())
        case .geluTanh: 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case .quickGELU: x / (1 + exp(-1.702 * x))
        case .relu: x < 0 ? 0 : x
        case .silu: x / (1 + exp(-x))
        case .selu: 1.0507009873554804934193349852946 * (x > 0 ? x : 1.6732632423543772848170429916717 * expm1(x))
        }
    }
}
