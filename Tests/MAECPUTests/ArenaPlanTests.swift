import MAECompute
import MAETensor
import Testing

@testable import MAECPU

@Suite("Arena plan")
struct ArenaPlanTests {
    @Test("buffers that are alive together lie apart, others share places")
    func sharing() {
        var program = Program()
        let shape = MatrixShape(rows: 10, columns: 10)
        var last = program.input(shape)
        var parameters = ParameterSet()
        let ones = Tensor(shape: [10], repeating: 1)
        let norm = parameters.add(LayerNormParameters(scale: ones, shift: ones))
        for _ in 0..<20 {
            let next = program.buffer(shape)
            program.append(.layerNorm(input: last, parameters: norm, epsilon: 0, output: next))
            last = next
        }
        program.output(last)
        let plan = ArenaPlan(program)
        for index in 1..<21 {
            let distance = abs(plan.offsets[index] - plan.offsets[index - 1])
            #expect(distance >= 100)
        }
        #expect(plan.count == 2 * 112)
        #expect(plan.offsets.allSatisfy { $0 % 16 == 0 })
    }

    @Test("a buffer that is tapped or returned later keeps its place until then")
    func lastUse() {
        var program = Program()
        let shape = MatrixShape(rows: 4, columns: 4)
        let input = program.input(shape)
        let (first, second, third) = (program.buffer(shape), program.buffer(shape), program.buffer(shape))
        for (from, to) in [(input, first), (input, second), (second, third)] {
            program.append(.dropLeadingTokens(tokens: from, count: 0, images: 1, output: to))
        }
        program.output(first)
        program.output(third)
        let plan = ArenaPlan(program)
        let offsets = [first, second, third].map { plan.offsets[$0.index] }
        #expect(Set(offsets).count == 3)
    }
}
