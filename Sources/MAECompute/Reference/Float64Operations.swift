import CMAEDoubles
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
        precondition(weight.count == outputs * width && input.elements.count == rows * width, "shapes of a program fit")
        // Enough at once that a thread's turn is worth its while.
        let step = 16
        var products = [Double](repeating: 0, count: outputs * rows)
        products.withUnsafeMutableBufferPointer { products in
            weight.withUnsafeElements { weight in
                input.elements.withUnsafeBufferPointer { x in
                    // Each thread writes rows of its own; what all read outlives the loop.
                    nonisolated(unsafe) let (weight, x, products) = (weight, x, products)
                    guard rows > 0, width > 0 else { return }
                    ParallelLoop.run("mae-doubles", count: (outputs + step - 1) / step, threads: threads) { part in
                        let (first, count) = (part * step, min(step, outputs - part * step))
                        withUnsafeTemporaryAllocation(of: Double.self, capacity: 4 * width) { scratch in
                            mae_doubles_products(
                                weight.baseAddress.map { $0 + first * width }, count, width, x.baseAddress, rows,
                                scratch.baseAddress, products.baseAddress.map { $0 + first * rows })
                        }
                    }
                }
            }
        }
        return products
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
            return byRow(qkv.shape.rows, hidden) { query, output in
                guard let x = x.baseAddress, tokens > 0, hidden > 0 else { return }
                // Of a token, the queries come first, then the keys, then the values.
                let first = x + query / tokens * tokens * 3 * hidden
                withUnsafeTemporaryAllocation(of: Double.self, capacity: tokens) { scores in
                    mae_doubles_attention(
                        x + query * 3 * hidden, first + hidden, first + 2 * hidden, 3 * hidden, tokens, heads, width,
                        scale, scores.baseAddress, output.baseAddress)
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
