import CZeroMQ

/// The libzmq that this process runs with.
public enum LibraryVersion {
    /// Its release, such as `4.3.4` (`zmq_version`).
    public static var text: String {
        var major: Int32 = 0
        var minor: Int32 = 0
        var patch: Int32 = 0
        zmq_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }
}
