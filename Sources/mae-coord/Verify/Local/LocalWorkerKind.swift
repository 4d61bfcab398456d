import ArgumentParser
import MAECPU
import MAEEngine

/// What one of the workers of `verify --local` computes with, so that two ways of computing are compared and not one with
/// itself.
enum LocalWorkerKind: ExpressibleByArgument, Equatable {
    /// A Vulkan device that is no processor, where there is one; else as ``otherInstructionSet``.
    case automatic
    /// The next narrower instruction set, or the scalar kernels where there is no other.
    case otherInstructionSet
    /// This instruction set.
    case instructionSet(InstructionSet)
    /// This Vulkan device.
    case vulkan(Int)
    /// What the other workers compute with.
    case same

    init?(argument: String) {
        switch argument {
        case "auto": self = .automatic
        case "cpu": self = .otherInstructionSet
        case "same": self = .same
        default:
            if let set = InstructionSet(rawValue: argument) {
                self = .instructionSet(set)
            } else if case .vulkan(let device) = EngineOptions.Backend(argument) {
                self = .vulkan(device)
            } else {
                return nil
            }
        }
    }

    static var defaultCompletionKind: CompletionKind {
        .list(["auto", "cpu", "same", "vulkan"] + InstructionSet.allCases.map(\.rawValue))
    }

    var defaultValueDescription: String {
        switch self {
        case .automatic: "auto"
        case .otherInstructionSet: "cpu"
        case .instructionSet(let set): set.rawValue
        case .vulkan(let device): "vulkan:\(device)"
        case .same: "same"
        }
    }

    /// What mae-worker is told, on this machine.
    var options: [String] {
        switch self {
        case .automatic: (Self.graphicsProcessor.map { .vulkan($0) } ?? Self.otherInstructionSet).options
        // The fastest is what the other workers take.
        case .otherInstructionSet: InstructionSet.available.dropFirst().first.map { ["--isa", $0.rawValue] } ?? []
        case .instructionSet(let set): ["--isa", set.rawValue]
        case .vulkan(let device): ["--backend", "vulkan:\(device)"]
        case .same: []
        }
    }

    /// The first Vulkan device that is no processor; it is not opened here.
    private static var graphicsProcessor: Int? {
        (try? DeviceReport.listings())?.first { $0.kind != "cpu" && $0.obstacle == nil }?.index
    }
}
