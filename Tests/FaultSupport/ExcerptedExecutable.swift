import MAECompute
import MAETensor

/// A program carried out in excerpts, each of which ends with an operation that a fault is in.
///
/// So faults can be planted in any backend, whose own kernels do all the rest.
final class ExcerptedExecutable: Executable {
    private struct Part {
        let excerpt: ProgramExcerpt
        let executable: any Executable
        /// Faults in what the last operation of the excerpt writes.
        let faults: [PlantedFault]
        let output: BufferID
        let matrix: FaultedMatrix
        /// Taps on what is left after the faults.
        let taps: [Tap]
    }

    private let program: Program
    private let plan: FaultPlan
    private let parts: [Part]

    init(_ program: Program, _ loaded: any LoadedParameters, _ plan: FaultPlan, backend: String) throws {
        self.program = program
        self.plan = plan
        let places = program.places
        let faults = places.map { plan.faults(of: $0, backend: backend, instructionSet: nil) }
        let ends = faults.indices.filter { !faults[$0].isEmpty || $0 == faults.count - 1 }.map { $0 + 1 }
        parts = try zip([0] + ends, ends).map { start, end in
            let excerpt = program.excerpt(start..<end)
            // What is looked at after the last operation is looked at after its faults.
            let early = excerpt.program.taps.filter { $0.position < end - start }
            return Part(
                excerpt: excerpt, executable: try loaded.compile(excerpt.program.replacingTaps(early)),
                faults: faults[end - 1], output: program.operations[end - 1].output,
                matrix: FaultedMatrix(of: end - 1, in: program),
                taps: program.taps.filter { $0.position == end })
        }
    }

    func run(inputs: [Tensor], indexTables: [[Int32]], control: RunControl) throws -> [Tensor] {
        try program.check(inputs: inputs, indexTables: indexTables)
        var values: [BufferID: Tensor] = [:]
        for (buffer, tensor) in zip(program.inputs, inputs) { values[buffer] = tensor }
        for part in parts {
            let outputs = try part.executable.run(
                inputs: part.excerpt.inputs.compactMap { values[$0] },
                indexTables: part.excerpt.tables(of: indexTables),
                control: control.part(part.excerpt.range, of: program))
            for (buffer, tensor) in zip(part.excerpt.outputs, outputs) { values[buffer] = tensor }
            for fault in part.faults where plan.isActive(fault) {
                values[part.output] = values[part.output].map { $0.changed(by: fault, part.matrix) }
            }
            for tap in part.taps {
                if let value = values[tap.buffer] { control.observer?(tap, value) }
            }
        }
        return zip(program.outputs, program.outputShapes).compactMap { buffer, shape in
            values[buffer]?.reshaped(to: shape)
        }
    }
}

extension Tensor {
    fileprivate func changed(by fault: PlantedFault, _ matrix: FaultedMatrix) -> Tensor {
        var elements = elements
        matrix.forEachElement(of: 0..<matrix.shape.rows, 0..<matrix.shape.columns, in: fault) { row, column in
            let place = row * matrix.shape.columns + column
            elements[place] = fault.changed(elements[place])
        }
        return Tensor(shape: shape, elements: elements)
    }
}

extension RunControl {
    /// The control of an excerpt, whose steps count as those of the whole program.
    fileprivate func part(_ range: Range<Int>, of program: Program) -> RunControl {
        var control = self
        if let progress {
            control.progress = { part in
                progress(
                    RunProgress(
                        done: range.lowerBound + part.done, total: program.operations.count, layer: part.layer))
            }
        }
        if let observer {
            control.observer = { tap, value in observer(tap.moved(by: range.lowerBound), value) }
        }
        return control
    }
}
