import Testing

@testable import MAEHistory

@Suite("steps of a level")
struct RobustStepTests {
    @Test("a step is found where it is, once, in noise and over nights without a value")
    func step() {
        let values = (0..<40).map { night -> Double? in
            let level = night < 22 ? 1 : 1.3
            let noise = Double(night * 13 % 5) / 100
            return night % 7 == 3 ? nil : level + noise
        }
        let steps: [RobustStep] = RobustStep.all(values)
        #expect(steps.map(\.index) == [22])
        #expect(steps.allSatisfy { $0.from < 1.1 && $0.to > 1.25 })
    }

    @Test("one slow night, a slow drift and a level of few nights are none")
    func none() {
        #expect(RobustStep.all((0..<30).map { $0 == 12 ? 9 : 1 }).isEmpty)
        #expect(RobustStep.all((0..<60).map { 1 + Double($0) / 200 }).isEmpty)
        #expect(RobustStep.all([1, 1, 1, 1, 2, 2, 2, 2, 2]).isEmpty)
        #expect(RobustStep.all([]).isEmpty && RobustStep.all([nil, .nan, 0]).isEmpty)
    }

    @Test("up and down again are two")
    func two() {
        let values = (0..<60).map { (20..<40).contains($0) ? 2.0 : 1.0 }
        #expect(RobustStep.all(values).map(\.index) == [20, 40])
    }
}
