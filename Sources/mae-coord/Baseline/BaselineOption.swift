import ArgumentParser
import MAENight
import MAERun

/// `--baseline FILE` of a run.
struct BaselineOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Hold the results to pinned batches to the bits in this file, which mae-coord baseline pin wrote: others are a "
                + "disagreement, whatever the nodes agree on.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var baseline: String?

    /// The baseline; nil where none is given.
    ///
    /// - Throws: `BaselineError`
    func pinned() throws -> PinnedBaseline? {
        try baseline.map { PinnedBaseline(try BaselineFile.read($0), file: $0) }
    }
}
