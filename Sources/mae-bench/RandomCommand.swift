import ArgumentParser
import MAECommand
import TorchRandom

/// `mae-bench random`: the generator of pixels.
struct RandomCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "random", abstract: "Times a million normals from PyTorch's generator.")

    @Option(help: "Number of timed runs.")
    var `repeat` = 7

    func validate() throws {
        guard (1...10_000).contains(`repeat`) else { throw ValidationError("--repeat takes a number from 1 to 10000") }
    }

    func run() throws {
        let seconds = Timing.spread(repeats: `repeat`) {
            var generator = TorchGenerator(seed: 42)
            _ = generator.randn([1_000_000])
        }
        try StandardOutput.writeLine("1,000,000 normals: \(seconds.milliseconds) ms (min, median, max)")
    }
}
