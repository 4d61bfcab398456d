import MAEText

/// Tells a monitoring service that a run begins and how it ended; that service raises the alarm when nothing is told.
public struct Ping: Sendable {
    /// What can be told.
    public enum Signal: Sendable, Equatable {
        /// A run begins.
        case start
        /// A run has ended with this exit code: 0 is success.
        case end(exitCode: Int32)

        var part: String {
            switch self {
            case .start: "start"
            case .end(let exitCode): "\(exitCode)"
            }
        }
    }

    /// How often a ping that fails is sent, and how long each may take.
    public struct Limits: Sendable {
        /// How often it is sent at most.
        public var tries = 3
        /// How long each time.
        public var time = Duration.seconds(10)
        /// How long to wait before it is sent again, and twice as long before the third time.
        public var pause = Duration.seconds(2)

        /// The limits of mae-coord.
        public init() {}
    }

    private let address: PingAddress
    private let curl: Curl
    private let limits: Limits

    /// Pings to an address; nothing is sent yet.
    ///
    /// - Throws: ``AlarmError`` when libcurl is not there.
    public init(_ address: PingAddress, limits: Limits = Limits()) throws(AlarmError) {
        self.address = address
        self.limits = limits
        curl = try Curl()
    }

    /// Sends a signal with a text; returns why it was not taken, in a sentence, and nil when it was.
    ///
    /// - Parameter isHasty: whether it is too late for another try, asked before each.
    public func send(_ signal: Signal, _ text: String = "", isHasty: () -> Bool = { false }) -> String? {
        var pause = limits.pause
        var reason = ""
        var tries = 0
        while tries < max(limits.tries, 1) {
            if tries > 0 {
                guard Pause.take(pause, unless: isHasty) else { break }
                pause *= 2
            }
            tries += 1
            do throws(AlarmError) {
                let status = try curl.post(text, to: address.address(signal.part), limit: limits.time)
                if 200..<300 ~= status { return nil }
                reason = Self.words(status)
            } catch { reason = error.description }
        }
        return "the ping to \(address) was not taken, in \(NumberText.count(tries, "try", "tries")): \(reason)"
    }

    private static func words(_ status: Int) -> String {
        switch status {
        case 300..<400:
            "the server answers \(status), and redirections are not followed; give the address that it leads to"
        case 404, 410: "the server answers \(status): it knows no such check"
        default: "the server answers \(status)"
        }
    }
}
