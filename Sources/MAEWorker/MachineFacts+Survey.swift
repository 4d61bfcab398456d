import MAECPU
import MAEDomain
import MAEEngine

extension MachineFacts {
    /// What this process can tell of its machine, and of what computes there.
    ///
    /// - Parameter environment: the variables of the process; only those that ``MachineFacts/tells(_:)`` are looked at.
    init(of survey: MachineSurvey = MachineSurvey(), engine: Engine, environment: [String: String]) {
        func mebibytes(_ bytes: Int) -> String { "\(bytes >> 20) MiB" }
        let facts: [Fact?] = [
            Fact(.processor, survey.processor),
            survey.model.map { Fact(.model, $0) },
            survey.microcode.map { Fact(.microcode, $0) },
            survey.extensions.isEmpty ? nil : Fact(.extensions, survey.extensions.joined(separator: " ")),
            survey.isVirtual.map { Fact(.virtual, $0 ? "yes" : "no") },
            survey.kernel.map { Fact(.kernel, $0) },
            survey.libc.map { Fact(.libc, $0) },
            Fact(.usableProcessors, "\(Processor.usableCount)"),
            Fact(.onlineProcessors, "\(survey.onlineProcessors)"),
            survey.hasSMT.map { Fact(.smt, $0 ? "on" : "off") },
            survey.governor.map { Fact(.governor, $0) },
            Fact(.memory, mebibytes(survey.memory)),
            survey.processorLimit.map { Fact(.processorLimit, "\($0)") },
            survey.memoryLimit.map { Fact(.memoryLimit, mebibytes($0)) },
            Self.vulkanDriver(of: engine).map { Fact(.vulkanDriver, $0) },
        ]
        let variables = environment.sorted { $0.key < $1.key }.compactMap { Fact(variable: $0.key, $0.value) }
        self.init(facts.compactMap(\.self) + variables)
    }

    /// The driver of the device that an engine computes on; nil for another backend.
    private static func vulkanDriver(of engine: Engine) -> String? {
        guard engine.description.backend == "vulkan" else { return nil }
        return (try? DeviceReport.listings())?.first { $0.name == engine.description.device }?.driver
    }
}
