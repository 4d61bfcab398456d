import ComputeTestSupport
import MAECompute
import MAETensor
import TestSupport
import Testing

@testable import MAECPU

@Suite("Linear layers have the reference's bits")
struct LinearTests {
    /// Extents at the edges of a tile of `step`.
    ///
    /// Two rows less than twice as many, and two more than four times, are cut into lower tiles.
    private static func extents(_ step: Int) -> [Int] {
        [0, 1, step - 1, step, step + 1, 2 * step - 2, 4 * step + 2, 13 * step]
    }

    @Test("at every size round every tile", arguments: [1, 127, 128, 129, 300, 768])
    func sizes(depth: Int) throws {
        var random = SplitMix(seed: UInt64(depth))
        let mostRows = KernelVariant.all.map { 13 * $0.tile.tileRows }.max() ?? 0
        let mostColumns = KernelVariant.all.map { 2 * $0.tile.tileColumns + 1 }.max() ?? 0
        let x = random.matrix(mostRows, depth)
        let weight = random.matrix(mostColumns, depth)
        let bias = random.vector(mostColumns)
        let whole = try layer(x, weight, bias).run(on: ReferenceBackend())[0].elements

        for variant in KernelVariant.all {
            let columns = variant.tile.tileColumns
            for rows in variant.isEmulated ? [1, 3] : Self.extents(variant.tile.tileRows) {
                for columns in [1, columns - 1, columns, columns + 1, 2 * columns + 1] {
                    let some = layer(x.rows(0..<rows), weight.rows(0..<columns), bias.rows(0..<columns))
                    let output = try some.run(on: variant.backend(threads: 1 + (rows + columns) % 3))[0]
                    let expected = Tensor(
                        shape: [rows, columns],
                        elements: (0..<rows).flatMap { whole[$0 * mostColumns..<$0 * mostColumns + columns] })
                    #expect(output.hasSameBits(as: expected), "\(variant.tile.name) \(rows) × \(columns) × \(depth)")
                }
            }
        }
    }

    @Test("where the depth is taken in several chunks, for several tiles of rows", arguments: [769, 900, 1537])
    func chunks(depth: Int) throws {
        for rows in [22, 29, 50] {
            var random = SplitMix(seed: UInt64(depth + rows))
            // Panels of every width, and some columns more.
            let (x, weight) = (random.matrix(rows, depth), random.matrix(101, depth))
            #expect(
                try layer(x, weight, random.vector(101)).disagreeing(threads: [1, 2]).isEmpty, "\(rows) × \(depth)")
        }
    }

    private func layer(_ x: Tensor, _ weight: Tensor, _ bias: Tensor) -> Case {
        var example = Case()
        let input = example.input(x)
        let id = example.parameters.add(LinearParameters(weights: [weight], biases: [bias]))
        example.output(rows: x.shape[0], columns: weight.shape[0]) {
            .linear(input: input, parameters: id, activation: nil, residual: nil, output: $0)
        }
        return example
    }

    @Test("with each activation, bias or none, residual or none", arguments: [nil] + Activation.allCases)
    func finishing(activation: Activation?) throws {
        var random = SplitMix(seed: 3)
        var example = Case()
        let input = example.input(random.matrix(29, 140))
        let before = example.input(random.matrix(29, 51))
        for hasBias in [false, true] {
            for residual in [nil, before] {
                let id = example.parameters.add(
                    LinearParameters(
                        weights: [random.matrix(51, 140)], biases: [hasBias ? random.vector(51) : nil]))
                example.output(rows: 29, columns: 51) {
                    .linear(input: input, parameters: id, activation: activation, residual: residual, output: $0)
                }
            }
        }
        #expect(try example.disagreeing().isEmpty)
    }

    @Test("with weights stacked from matrices that end inside a panel, some without a bias")
    func stacking() throws {
        var random = SplitMix(seed: 4)
        var example = Case()
        let input = example.input(random.matrix(17, 130))
        let id = example.parameters.add(
            LinearParameters(
                weights: [random.matrix(20, 130), random.matrix(7, 130), random.matrix(90, 130)],
                biases: [random.vector(20), nil, random.vector(90)]))
        example.output(rows: 17, columns: 117) {
            .linear(input: input, parameters: id, activation: nil, residual: nil, output: $0)
        }
        #expect(try example.disagreeing().isEmpty)
    }

    @Test("when the residual is the output itself, and with blocks for many threads")
    func inPlace() throws {
        var random = SplitMix(seed: 5)
        var example = Case()
        let input = example.input(random.matrix(400, 60))
        let stream = example.input(random.matrix(400, 500))
        let id = example.parameters.add(LinearParameters(weights: [random.matrix(500, 60)], biases: [nil]))
        example.program.append(
            .linear(input: input, parameters: id, activation: .gelu, residual: stream, output: stream))
        example.program.output(stream)
        #expect(try example.disagreeing(threads: [1, 2, 3, 7]).isEmpty)
    }

    @Test("on NaN, infinities, zeros of both signs, subnormals and results that overflow or underflow")
    func specialValues() throws {
        let special: [Float] = [
            .nan, .infinity, -.infinity, 0, -0.0, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
            .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, 1, -1, 1e-20, 1e20,
        ]
        var random = SplitMix(seed: 6)
        var example = Case()
        for density in [2, 40, 1000] {
            func matrix(_ rows: Int, _ columns: Int) -> Tensor {
                let plain = random.matrix(rows, columns).elements
                return Tensor(
                    shape: [rows, columns],
                    elements: plain.map { value in
                        Int.random(in: 0..<density, using: &random) == 0
                            ? special[Int.random(in: 0..<special.count, using: &random)] : value
                    })
            }
            let input = example.input(matrix(31, 150))
            let residual = example.input(matrix(31, 40))
            for activation in Activation.allCases {
                let id = example.parameters.add(
                    LinearParameters(weights: [matrix(40, 150)], biases: [matrix(1, 40).reshaped(to: [40])]))
                example.output(rows: 31, columns: 40) {
                    .linear(input: input, parameters: id, activation: activation, residual: residual, output: $0)
                }
            }
        }
        #expect(try example.disagreeing().isEmpty)
    }

    @Test("on random bit patterns, where rounding is most delicate", arguments: 1...8)
    func randomBits(depth: Int) throws {
        var random = SplitMix(seed: 7)
        var example = Case()
        // Exponents close to each other, so that sums cancel and round; the largest ones reach into subnormals.
        func matrix(_ rows: Int, exponents: ClosedRange<UInt32>) -> Tensor {
            Tensor(
                shape: [rows, depth],
                elements: (0..<rows * depth).map { _ in
                    let sign = UInt32.random(in: 0...1, using: &random) << 31
                    let zeros = UInt32.random(in: 0...20, using: &random)
                    let mantissa = UInt32.random(in: 0..<1 << 23, using: &random) & (.max << zeros)
                    return Float(bitPattern: sign | UInt32.random(in: exponents, using: &random) << 23 | mantissa)
                })
        }
        for exponents: ClosedRange<UInt32> in [120...130, 60...70, 40...64, 0...255] {
            let input = example.input(matrix(60, exponents: exponents))
            let weight = matrix(90, exponents: exponents)
            let id = example.parameters.add(LinearParameters(weights: [weight], biases: [nil]))
            example.output(rows: 60, columns: 90) {
                .linear(input: input, parameters: id, activation: nil, residual: nil, output: $0)
            }
        }
        #expect(try example.disagreeing(threads: [1]).isEmpty)
    }
}
