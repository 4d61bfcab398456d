/// Either side: your message was not accepted.
public struct Reject: Sendable, Equatable {
    /// Why a message was not accepted.
    public enum Reason: UInt32, Sendable, CaseIterable {
        /// I do not know you, or no longer: say ``Hello`` again.
        case unknownWorker = 1
        /// We speak different versions of the protocol.
        case unsupportedVersion = 2
        /// The message cannot be read.
        case malformed = 3
        /// Another live worker has this name.
        case nameTaken = 4
        /// The run has as many nodes as it can have.
        case clusterFull = 5
        /// Too many Hellos came.
        case tooManyHellos = 6
        /// No such lease was ever given.
        case leaseNeverGranted = 7
        /// The lease was revoked, and perhaps given out again.
        case leaseOldEpoch = 8
        /// Another node holds the lease.
        case leaseOtherHolder = 9
        /// The tensor asked for is not held any more, or never was.
        case tensorNotHeld = 10
        /// The files or chunk asked for are not held, or are no longer as they were.
        case contentNotHeld = 11
        /// The name belongs to another key than the sender has.
        case nameNotOfKey = 12
    }

    /// The reason, for programs.
    public var reason: Reason
    /// The reason with its remedy, for people.
    public var text: String
    /// The lease that it is about, if any.
    public var lease: LeaseReference?
    /// How long to wait before trying again, where that helps.
    public var retryAfter: Duration?

    /// A rejection.
    public init(reason: Reason, text: String, lease: LeaseReference? = nil, retryAfter: Duration? = nil) {
        self.reason = reason
        self.text = text
        self.lease = lease
        self.retryAfter = retryAfter
    }
}

/// Either side: I am leaving.
///
/// A worker answers the coordinator's with its own, which nobody answers.
public struct Goodbye: Sendable, Equatable {
    /// Why, for people.
    public var reason: String

    /// A farewell.
    public init(reason: String) { self.reason = reason }
}
