import CMAEKernels
import MAECompute

/// All kernels of one build for one instruction set.
package struct KernelSet: @unchecked Sendable {
    // Sendable: what the pointers lead to is constant data of the C module.

    /// The instruction set the kernels are written for.
    package let instructionSet: InstructionSet
    /// Register tiles to choose from: the one for most products first, then one for wide layers where that is better.
    package let matrixKernels: [MatrixKernels]
    let vector: mae_vector_kernels

    /// Sets of this build that run here, fastest first; a scalar one is always the last.
    package static let supported: [KernelSet] = {
        var count = 0
        let sets = mae_kernel_sets(&count)
        return (0..<count).compactMap { index in
            let set = sets[index].pointee
            guard let instructionSet = InstructionSet(rawValue: String(cString: set.isa)), set.is_supported() else {
                return nil
            }
            return KernelSet(
                instructionSet: instructionSet,
                matrixKernels: (0..<set.matrix_count).map { MatrixKernels(set.matrix[$0].pointee) },
                vector: set.vector.pointee)
        }
    }()

    /// The tile for most products, attention among them.
    package var usual: MatrixKernels { matrixKernels[0] }

    /// The tile for a linear layer of `inputs` to `outputs` elements a row: a wider one reads the rows less often, which
    /// pays where many panels read them and few elements of the output are written for it.
    package func pick(inputs: Int, outputs: Int) -> MatrixKernels {
        outputs > inputs ? matrixKernels[matrixKernels.count - 1] : usual
    }

    /// The same set with one of its register tiles only.
    package func restricted(to tile: MatrixKernels) -> KernelSet {
        KernelSet(instructionSet: instructionSet, matrixKernels: [tile], vector: vector)
    }
}

/// The matrix kernels of one register tile.
package struct MatrixKernels: @unchecked Sendable {
    // Sendable: function pointers and a constant string of the C module.

    let functions: mae_matrix_kernels

    init(_ functions: mae_matrix_kernels) {
        self.functions = functions
    }

    /// Instruction set and tile, such as `avx512-12x32`.
    package var name: String { String(cString: functions.name) }
    /// Rows that are computed together.
    package var tileRows: Int { functions.tile_rows }
    /// Columns that are computed together: the width of a panel of packed weights.
    package var tileColumns: Int { functions.tile_columns }
}

extension Activation {
    /// The kernels' name for it.
    var kernelValue: mae_activation {
        switch self {
        case .gelu: MAE_GELU
        case .geluTanh: MAE_GELU_TANH
        case .quickGELU: MAE_QUICK_GELU
        case .relu: MAE_RELU
        case .silu: MAE_SILU
        case .selu: MAE_SELU
        }
    }
}

extension Int {
    func dividedRoundingUp(by divisor: Int) -> Int { (self + divisor - 1) / divisor }
    func roundedUp(toMultipleOf step: Int) -> Int { dividedRoundingUp(by: step) * step }
}
