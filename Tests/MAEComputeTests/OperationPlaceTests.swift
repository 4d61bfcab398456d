import MAETensor
import Testing

@testable import MAECompute

@Suite("Places of operations")
struct OperationPlaceTests {
    private static func program() -> Program {
        var parameters = ParameterSet()
        let linear = parameters.add(
            LinearParameters(weights: [Tensor(shape: [3, 3], repeating: 1)], biases: [nil as Tensor?]))
        let norm = parameters.add(
            LayerNormParameters(scale: Tensor(shape: [3], repeating: 1), shift: Tensor(shape: [3], repeating: 0)))
        var program = Program()
        let shape = MatrixShape(rows: 2, columns: 3)
        let input = program.input(shape)
        let (first, second) = (program.buffer(shape), program.buffer(shape))
        program.append(.layerNorm(input: input, parameters: norm, epsilon: 0, output: first))
        program.append(
            .linear(input: first, parameters: linear, activation: .relu, residual: input, output: second))
        program.tap("block.0", second)
        program.append(.layerNorm(input: second, parameters: norm, epsilon: 0, output: second))
        program.tap("block.1", second)
        program.append(.meanOverTokens(tokens: second, images: 2, output: first))
        return program
    }

    @Test("an operation belongs to the layer whose tap comes next")
    func places() {
        #expect(
            Self.program().places.map(\.description) == [
                "block.0, operation 1 of 2: layer norm",
                "block.0, operation 2 of 2: linear 3 → 3 with relu plus residual",
                "block.1, operation 1 of 1: layer norm", "the end, operation 1 of 1: mean over tokens",
            ])
    }

    @Test("every operation gets a tap on what it writes, and the memory that is needed stays")
    func taps() {
        let program = Self.program()
        let tapped = program.tappingEachOperation()
        #expect(tapped.taps.map(\.position) == [1, 2, 3, 4])
        #expect(tapped.taps.map(\.buffer) == program.operations.map(\.output))
        #expect(tapped.taps.map(\.name) == program.places.map(\.description))
        #expect(tapped.bufferLives == program.bufferLives)
    }
}
