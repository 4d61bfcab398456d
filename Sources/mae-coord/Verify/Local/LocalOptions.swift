import ArgumentParser
import MAECPU

/// Which workers `verify` starts itself.
struct LocalOptions: ParsableArguments {
    static let most = 64

    @Option(
        help: ArgumentHelp(
            "Start so many workers on this machine, and end them with the run. They are all that is expected, and "
                + "no other worker can connect, unless --workers or --bind say so.", valueName: "n"))
    var local: Int?

    @Option(
        help: ArgumentHelp(
            "Threads of the workers of --local, all together; when left out, one for each processor that this process may "
                + "use.", valueName: "n"))
    var threads: Int?

    @Option(
        name: .customLong("local-other"),
        help: ArgumentHelp(
            "What the last worker of --local computes with, when there are several: auto (a GPU with a Vulkan driver, else as "
                + "cpu), cpu (another instruction set than the others), an instruction set, vulkan:N, or same.",
            valueName: "what"))
    var otherKind = LocalWorkerKind.automatic

    func validate() throws {
        if let local, !(1...Self.most).contains(local) {
            throw ValidationError("--local \(local): from 1 to \(Self.most).")
        }
        guard local != nil || threads == nil else {
            throw ValidationError("--threads: for the workers that --local starts; others have their own --threads.")
        }
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads \(threads): from 1 to 1024.")
        }
    }

    /// What each worker is to be told of its threads and of what it computes with; nil where none are asked for.
    var workers: [[String]]? {
        guard let count = local else { return nil }
        let threads = threads ?? Processor.usableCount
        return (0..<count).map { index in
            let share = threads / count + (index < threads % count ? 1 : 0)
            let kind = index == count - 1 && index > 0 ? otherKind.options : []
            return ["--threads", "\(max(share, 1))"] + kind
        }
    }
}
