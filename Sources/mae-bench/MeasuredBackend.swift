import ArgumentParser
import MAECPU
import MAECommand
import MAECompute
import MAEEngine
import MAEVulkan

/// A backend that is measured, with the peak that its figures are held against.
struct MeasuredBackend {
    let backend: any ComputeBackend
    /// Measures the peak anew.
    let peak: () throws -> PeakRate

    /// A processor, as `arguments` describe it, or a Vulkan device.
    init(_ choice: EngineOptions.Backend, _ arguments: CPUArguments) throws {
        switch choice {
        case .cpu:
            let backend = try arguments.open()
            (self.backend, peak) = (backend, { try PeakRate(of: backend) })
        case .vulkan(let device):
            let backend = try VulkanBackend(device: device)
            (self.backend, peak) = (backend, { try PeakRate(of: backend) })
        case .reference:
            throw ValidationError("--backend reference: the specification is not measured; cpu, vulkan or vulkan:N is.")
        }
    }
}
