import MAECompute
import MAETensor
import TestSupport

extension SplitMix {
    package mutating func matrix(_ rows: Int, _ columns: Int) -> Tensor {
        Tensor(
            shape: [rows, columns], elements: (0..<rows * columns).map { _ in Float.random(in: -2...2, using: &self) })
    }

    package mutating func vector(_ count: Int) -> Tensor { matrix(1, count).reshaped(to: [count]) }
}

/// A program with the weights and values it is run on.
package struct Case: Sendable {
    package var program = Program()
    package var parameters = ParameterSet()
    package var inputs: [Tensor] = []
    package var tables: [[Int32]] = []

    /// An empty program.
    package init() {}

    package mutating func input(_ tensor: Tensor) -> BufferID {
        inputs.append(tensor)
        return program.input(MatrixShape(rows: tensor.shape[0], columns: tensor.shape[1]))
    }

    package mutating func table(_ entries: [Int32]) -> IndexTableID {
        tables.append(entries)
        return program.indexTable(count: entries.count)
    }

    package mutating func output(rows: Int, columns: Int, _ operation: (BufferID) -> MAECompute.Operation) {
        let buffer = program.buffer(MatrixShape(rows: rows, columns: columns))
        program.append(operation(buffer))
        program.output(buffer)
    }

    package func run(on backend: some ComputeBackend, control: RunControl = RunControl()) throws -> [Tensor] {
        try backend.load(parameters).compile(program).run(inputs: inputs, indexTables: tables, control: control)
    }
}
