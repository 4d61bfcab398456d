import MAEHTTP
import MAEText
import ZeroMQ

/// The pages of a run, served until the program is done with them.
struct PageService {
    let pages = RunPages()
    private let server: HTTPServer
    private let linger: Duration

    /// Serves pages at the address of the options; nil where they name none.
    ///
    /// - Throws: `HTTPError` where nothing can listen there, and `ThreadError`.
    init?(_ options: PageOptions, _ line: ProgressLine) throws {
        guard let address = try options.address() else { return nil }
        linger = options.linger
        let pages = pages
        server = try HTTPServer(at: address) { pages.current.answer($0, now: .now) }
        if !address.isLoopback {
            line.warn(
                "--listen \(address): everyone who reaches this address can read the figures and the report of the run; "
                    + "127.0.0.1 is for this machine alone")
        }
        line.note("pages of the run at \(server.address.url)")
    }

    /// Goes on to serve for as long as the options say, until a signal comes; not at all where one has ended the run.
    func linger(until signals: SignalWatch, _ line: ProgressLine) {
        guard linger > .zero else { return }
        // From here on a signal is waited for; one that came while alarms were told was meant for the pages too.
        signals.hold()
        guard !signals.hasCome, !signals.hasComeLate else { return }
        let end = ContinuousClock.now + linger
        let seconds = NumberText.short(linger / .seconds(1))
        line.note("its pages stay at \(server.address.url) for \(seconds) s, or until a signal")
        while ContinuousClock.now < end {
            // A signal may have come to another thread.
            if signals.hasComeLate { return }
            pages.renew()
            if signals.take(within: min(.seconds(1), end - .now)) != nil { return }
        }
    }
}
