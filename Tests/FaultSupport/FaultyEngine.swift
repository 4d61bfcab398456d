import MAECPU
import MAECompute
import MAEEngine
import MAEVulkan

extension Engine {
    /// An engine that has the faults as soon as it is open.
    ///
    /// - Parameter wrapping: puts the faulty backend into another one.
    package static func open(
        _ options: EngineOptions, with faults: [PlantedFault],
        wrapping: (any ComputeBackend) -> any ComputeBackend = { $0 }
    ) throws -> Engine {
        let plan = FaultPlan(faults)
        let backend: any ComputeBackend =
            switch options.backend {
            case .cpu:
                try CPUBackend(
                    instructionSet: options.instructionSet, threads: options.threads, pins: options.pinsThreads,
                    alteration: plan)
            case .vulkan(let device): try VulkanBackend(device: device)
            case .reference: ReferenceBackend()
            }
        let engine = try Engine(wrapping(FaultyBackend(backend, plan)))
        plan.arm()
        return engine
    }
}
