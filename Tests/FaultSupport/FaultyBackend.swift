import MAECompute
import MAETensor

/// A backend with planted faults.
///
/// It changes weights, programs and batches on their way in. Values between operations are changed by the CPU backend
/// itself, in the thread that computed them; for any other, the program is run in excerpts that end where a fault is.
package struct FaultyBackend: ComputeBackend {
    private let base: any ComputeBackend
    private let plan: FaultPlan

    /// `base` with the faults of `plan`, which a CPU backend was opened with too.
    package init(_ base: any ComputeBackend, _ plan: FaultPlan) {
        (self.base, self.plan) = (base, plan)
    }

    package var description: BackendDescription { base.description }

    package var variant: String { base.variant }

    package func load(_ parameters: ParameterSet) throws -> any LoadedParameters {
        FaultyParameters(
            base: try base.load(plan.isArmed ? plan.faulty(parameters) : parameters), plan: plan,
            backend: base.description.backend)
    }
}

private final class FaultyParameters: LoadedParameters {
    private let base: any LoadedParameters
    private let plan: FaultPlan
    private let backend: String

    init(base: any LoadedParameters, plan: FaultPlan, backend: String) {
        (self.base, self.plan, self.backend) = (base, plan, backend)
    }

    var bindsRuns: Bool { base.bindsRuns }

    func memoryNeed(of program: Program) -> Int { base.memoryNeed(of: program) }

    func compile(_ program: Program) throws -> any Executable {
        let program = plan.isArmed ? plan.faulty(program) : program
        let isCut =
            backend != "cpu"
            && program.places.contains { !plan.faults(of: $0, backend: backend, instructionSet: nil).isEmpty }
        let executable: any Executable =
            try isCut ? ExcerptedExecutable(program, base, plan, backend: backend) : base.compile(program)
        return FaultyExecutable(base: executable, program: program, plan: plan)
    }
}

/// Counts passes, and turns batches round where a fault does.
private final class FaultyExecutable: Executable {
    private let base: any Executable
    private let plan: FaultPlan
    /// Whether the program begins with the images of a batch.
    private let hasBatch: Bool

    init(base: any Executable, program: Program, plan: FaultPlan) {
        (self.base, self.plan) = (base, plan)
        if case .gatherPatches = program.operations.first { hasBatch = true } else { hasBatch = false }
    }

    func run(inputs: [Tensor], indexTables: [[Int32]], control: RunControl) throws -> [Tensor] {
        plan.beginPass()
        let turns = plan.faults.contains { $0.effect == .reversedBatch && plan.isActive($0) }
        guard turns, hasBatch else { return try base.run(inputs: inputs, indexTables: indexTables, control: control) }
        let images = inputs[0].shape[0]
        return try base.run(
            inputs: [inputs[0].withRowsReversed] + inputs.dropFirst(),
            indexTables: indexTables.map { $0.withPartsReversed(images) }, control: control)
    }
}

extension FaultPlan {
    /// The weights with those bits flipped that a fault flips.
    fileprivate func faulty(_ parameters: ParameterSet) -> ParameterSet {
        var faulty = ParameterSet()
        for (index, linear) in parameters.linears.enumerated() {
            var weights = linear.weights
            for case .weightBit(index, let element, let bit) in faults.map(\.effect) {
                weights[0] = weights[0].flipping(bit, of: element)
            }
            _ = faulty.add(LinearParameters(weights: weights, biases: linear.biases))
        }
        for norm in parameters.layerNorms { _ = faulty.add(norm) }
        for vector in parameters.vectors { _ = faulty.add(vector) }
        return faulty
    }

    /// The program with another epsilon and activation where a fault says so.
    fileprivate func faulty(_ program: Program) -> Program {
        let places = program.places
        return program.replacingOperations { index, operation in
            faults.filter { $0.concerns(places[index]) }.reduce(operation) { $0.with($1.effect) }
        }
    }
}

extension Operation {
    /// The operation as it is under a fault of this kind.
    fileprivate func with(_ effect: PlantedFault.Effect) -> Operation {
        switch (self, effect) {
        case (.layerNorm(let input, let parameters, _, let output), .epsilon(let epsilon)):
            .layerNorm(input: input, parameters: parameters, epsilon: epsilon, output: output)
        case (.linear(let input, let parameters, .some, let residual, let output), .activation(let activation)):
            .linear(
                input: input, parameters: parameters, activation: activation, residual: residual, output: output)
        default: self
        }
    }
}

extension Weight {
    /// The weight, one bit of which is another when a backend reads it: its provider sees what it provides.
    fileprivate func flipping(_ bit: Int, of element: Int) -> Weight {
        Weight(shape: shape) { body in
            try self.read { tensor in
                var elements = tensor.elements
                if elements.indices.contains(element) {
                    elements[element] = PlantedFault(.flippedBit(bit)).changed(elements[element])
                }
                try body(Tensor(shape: tensor.shape, elements: elements))
            }
        }
    }
}

extension Tensor {
    fileprivate var withRowsReversed: Tensor {
        shape[0] == 0 ? self : Tensor(joiningRowsOf: (0..<shape[0]).reversed().map { rows($0..<$0 + 1) })
    }
}

extension [Int32] {
    /// The same numbers, those of the last of so many equal parts first.
    fileprivate func withPartsReversed(_ parts: Int) -> [Int32] {
        let size = parts == 0 ? 0 : count / parts
        return (0..<parts).reversed().flatMap { self[$0 * size..<($0 + 1) * size] }
    }
}
