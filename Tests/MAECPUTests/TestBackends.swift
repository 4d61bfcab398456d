import MAECompute
import MAETensor
import TestSupport
import Testing

@testable import MAECPU

/// One register tile of one kernel set.
struct KernelVariant: Sendable, CustomTestStringConvertible {
    let kernels: KernelSet
    let tile: MatrixKernels

    /// Every variant that runs on this machine.
    static let all = KernelSet.supported.flatMap { set in
        set.matrixKernels.map { KernelVariant(kernels: set.restricted(to: $0), tile: $0) }
    }

    /// Whether fused multiply-adds are emulated: exact, but slow.
    var isEmulated: Bool { tile.name == "scalar-2x16" }

    var testDescription: String { tile.name }

    func backend(threads: Int) -> CPUBackend { CPUBackend(kernels: kernels, threads: threads) }
}

extension SplitMix {
    mutating func matrix(_ rows: Int, _ columns: Int) -> Tensor {
        Tensor(
            shape: [rows, columns], elements: (0..<rows * columns).map { _ in Float.random(in: -2...2, using: &self) })
    }

    mutating func vector(_ count: Int) -> Tensor { matrix(1, count).reshaped(to: [count]) }
}

/// A program with the weights and values it is run on.
struct Case {
    var program = Program()
    var parameters = ParameterSet()
    var inputs: [Tensor] = []
    var tables: [[Int32]] = []

    mutating func input(_ tensor: Tensor) -> BufferID {
        inputs.append(tensor)
        return program.input(MatrixShape(rows: tensor.shape[0], columns: tensor.shape[1]))
    }

    mutating func table(_ entries: [Int32]) -> IndexTableID {
        tables.append(entries)
        return program.indexTable(count: entries.count)
    }

    mutating func output(rows: Int, columns: Int, _ operation: (BufferID) -> MAECompute.Operation) {
        let buffer = program.buffer(MatrixShape(rows: rows, columns: columns))
        program.append(operation(buffer))
        program.output(buffer)
    }

    func run(on backend: some ComputeBackend, control: RunControl = RunControl()) throws -> [Tensor] {
        try backend.load(parameters).compile(program).run(inputs: inputs, indexTables: tables, control: control)
    }

    /// Names of the variants and thread counts whose outputs differ in any bit from the reference's.
    func disagreeing(threads: [Int] = [1, 2, 3], emulated: Bool = true) throws -> [String] {
        let expected = try run(on: ReferenceBackend())
        return try KernelVariant.all.filter { emulated || !$0.isEmulated }.flatMap { variant in
            try threads.compactMap { threads in
                let outputs = try run(on: variant.backend(threads: threads))
                let agrees = zip(outputs, expected).allSatisfy { $0.hasSameBits(as: $1) }
                return agrees && outputs.count == expected.count ? nil : "\(variant.tile.name) on \(threads) threads"
            }
        }
    }
}
