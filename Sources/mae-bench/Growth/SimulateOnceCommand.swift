import ArgumentParser
import MAECPU
import MAECheckpoint
import MAECommand
import MAECompute

/// `mae-bench simulate-once`: what a pass would take on so many threads, for `mae-bench growth`; prints a ``ThreadSimulation``.
struct SimulateOnceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate-once", abstract: "The time of a pass on threads that there are no processors for.",
        shouldDisplay: false)

    @Option var preset: ViTMAEConfiguration.Preset
    @OptionGroup var batch: BatchArguments
    @Option var isa: String
    @Option var threads: Int
    @Option var `repeat`: Int

    func run() throws {
        let times = PieceTimes()
        let backend = try CPUBackend(
            instructionSet: InstructionSet(rawValue: isa), threads: threads, pins: false, alteration: times)
        try BackendCheck.pass(backend, maskRatio: batch.maskRatio)
        let passes = try ModelPasses(preset: preset, batch: batch, withDecoder: false, on: backend)
        // Interrupts are mostly the first one's.
        guard let processor = Processor.allowedNumbers.last else {
            throw ChildFailure(exitCode: 69, "the system does not tell its processors")
        }
        // The first pass takes memory.
        try passes.encoder(control: times.control(onlyOn: processor))
        var peak = try PeakRate(of: CPUBackend(instructionSet: InstructionSet(rawValue: isa), threads: 1))
        var simulated: [Double] = []
        for _ in 0..<`repeat` {
            let alone = try Timing.seconds { try passes.encoder(control: times.control(onlyOn: processor)) }
            let steps = times.pass
            // What belongs to no piece is done by the caller alone, whatever the threads.
            let rest = max(alone - steps.joined().reduce(0, +), 0)
            simulated.append(ListSchedule.seconds(steps, threads: threads) + rest)
        }
        try peak.measure()
        let seconds = Spread(simulated)
        try StandardOutput.writeLine(
            ThreadSimulation(
                encoder_seconds: seconds,
                encoder_share_of_peak: passes.work.encoder / seconds.min / 1e9 / (peak.gflops * Double(threads))
            ).json())
    }
}

/// What a pass would take on so many threads, each with a processor of its own.
struct ThreadSimulation: Codable {
    let encoder_seconds: Spread
    /// Of the rate of one thread, times their number.
    let encoder_share_of_peak: Double
}
