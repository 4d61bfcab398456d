import ArgumentParser
import MAEHTTP
import MAEText

/// Where the run can be looked at over HTTP, and for how long.
struct PageOptions: ParsableArguments {
    @Option(
        name: .customLong("listen"),
        help: ArgumentHelp(
            "Serve pages of the run over HTTP at ADDRESS:PORT (* is a free port): /metrics, /healthz, /readyz and /report. They "
                + "are for everyone who reaches the address; 127.0.0.1 is reached by this machine alone.",
            valueName: "address"))
    var givenAddress: String?

    @Option(
        name: .customLong("linger"),
        help: ArgumentHelp(
            "Go on to serve the pages for so long after the verdict, or until a signal; the exit code stays that of the "
                + "verdict. (default: 0)", valueName: "seconds"))
    var givenLinger: Double?

    /// How long the pages are served after the verdict.
    var linger: Duration { .seconds(givenLinger ?? 0) }

    func validate() throws {
        _ = try address()
        guard let givenLinger else { return }
        guard givenLinger >= 0, givenLinger <= 1e7 else {
            throw ValidationError("--linger \(NumberText.short(givenLinger)): from 0 to 1e7 seconds.")
        }
        guard givenAddress != nil else {
            throw ValidationError("--linger: there are pages to serve only with --listen ADDRESS:PORT.")
        }
    }

    /// The address of `--listen`; nil where it was left out.
    ///
    /// Throws a `ValidationError`.
    func address() throws -> HTTPAddress? {
        try givenAddress.map { text in
            do {
                return try HTTPAddress(text)
            } catch {
                throw ValidationError("--listen \(text): \(error)")
            }
        }
    }
}
