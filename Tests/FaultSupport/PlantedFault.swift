import MAECPU
import MAECompute

/// A fault of a machine or of its engine, planted on purpose: what happens, where, and when.
package struct PlantedFault: Sendable, Hashable {
    /// What becomes of a value, or of what is computed with.
    package enum Effect: Sendable, Hashable {
        /// A bit of the value is flipped; 0 is the lowest of the mantissa, 31 the sign.
        case flippedBit(Int)
        /// The value is no number.
        case notANumber
        /// The value is rounded to 16 bits.
        case roundedToHalf
        /// Layer norms have another epsilon.
        case epsilon(Float)
        /// Linear layers with an activation have another one.
        case activation(Activation)
        /// The images of the batch come in reverse order.
        case reversedBatch
        /// A bit of an element of the first matrix of a linear layer is flipped after its digest was taken.
        case weightBit(linear: Int, element: Int, bit: Int)
    }

    /// What happens.
    package var effect: Effect
    /// Name of the layer, as taps have it, to which the operation belongs; nil for all layers.
    package var layer: String?
    /// Place of the operation among those of its layer, from 1; nil for all operations.
    package var operation: Int?
    /// Rows and columns of the operation's output.
    package var rows: ClosedRange<Int>?, columns: ClosedRange<Int>?
    /// Of columns in groups of so many, the one with this number.
    package var lane: Lane?
    /// The image whose rows are concerned.
    package var image: Int?
    /// The head of an attention whose columns are concerned.
    package var head: Int?
    /// The fault is there in each so-manieth pass.
    package var every = 1
    /// Number of the processor that errs.
    package var processor: Int?
    /// The instruction set whose kernels err.
    package var instructionSet: InstructionSet?
    /// Name of the backend that errs.
    package var backend: String?

    /// Lanes of a vector.
    package struct Lane: Sendable, Hashable {
        package var index: Int, count: Int
    }

    /// A fault in every value of every operation.
    package init(_ effect: Effect) {
        self.effect = effect
    }

    /// Whether the fault changes values after they were computed.
    var changesValues: Bool {
        switch effect {
        case .flippedBit, .notANumber, .roundedToHalf: true
        case .epsilon, .activation, .reversedBatch, .weightBit: false
        }
    }

    /// Whether the fault is in an operation that stands there.
    func concerns(_ place: OperationPlace) -> Bool {
        (layer ?? place.layer) == place.layer && (operation ?? place.position) == place.position
    }
}
