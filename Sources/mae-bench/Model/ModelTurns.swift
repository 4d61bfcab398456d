import ArgumentParser
import Foundation

/// Passes on request, so that another program can let engines take turns run by run, without a start of ours in between.
///
/// Each line of standard input asks for one thing, and is answered by one line of JSON on standard output: `encoder` and
/// `full` by `{"seconds": S}` of one pass, `peak` by `{"gflops": R}`. The first line of all, written when everything is warm,
/// says what runs: `{"isa", "threads", "device"}`, and the operations of a pass as the products count them, `encoder_operations` and
/// `full_operations`. The end of the input ends the program.
struct ModelTurns {
    let passes: ModelPasses
    let measured: MeasuredBackend

    private struct Ready: Encodable {
        let isa: String
        let threads: Int
        let device: String
        let encoder_operations: Double
        let full_operations: Double
    }
    private struct Pass: Encodable { let seconds: Double }
    private struct Peak: Encodable { let gflops: Double }

    /// Answers until the input ends; a line that asks for anything else is a usage error.
    func serve() throws {
        try passes.encoder()
        if passes.hasDecoder { try passes.full() }
        let description = measured.backend.description
        try answer(
            Ready(
                isa: description.instructionSet, threads: description.threads, device: description.device,
                encoder_operations: passes.work.encoder,
                full_operations: passes.work.encoder + passes.work.decoder))
        while let request = readLine() {
            switch request {
            case "encoder": try answer(Pass(seconds: try Timing.seconds { try passes.encoder() }))
            case "full" where passes.hasDecoder: try answer(Pass(seconds: try Timing.seconds(passes.full)))
            case "peak": try answer(Peak(gflops: measured.peak().gflops))
            default: throw ValidationError("a turn is encoder, full (unless --encoder-only) or peak, not '\(request)'")
            }
        }
    }

    private func answer(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Written at once: print() would keep it in a buffer while the other program waits.
        try FileHandle.standardOutput.write(contentsOf: try encoder.encode(value) + Data("\n".utf8))
    }
}
