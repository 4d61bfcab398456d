import CZeroMQ
import Glibc

extension ZeroMQError {
    /// The error for an `errno` value that `operation` left behind.
    init(number: CInt, operation: Operation, endpoint: String?) {
        let (code, remedy) = Self.explain(number, operation: operation)
        self.init(code, operation: operation, endpoint: endpoint, remedy)
    }

    private static func explain(_ number: CInt, operation: Operation) -> (Code, String) {
        let said = String(cString: zmq_strerror(number))
        switch number {
        case EINVAL where operation.takesEndpoint:
            return (.badEndpoint, "no valid endpoint; write it as tcp://HOST:PORT, ipc://PATH or inproc://NAME")
        case EPROTONOSUPPORT, ENOCOMPATPROTO:
            return (.badEndpoint, "transport not supported; use tcp://, ipc:// or inproc://")
        case ENOENT where operation == .unbind:
            return (.badEndpoint, "the socket is not attached to this endpoint")
        case EADDRINUSE:
            return (
                .addressInUse,
                "already in use; stop the other program or choose another port (a * lets the system choose)"
            )
        case EADDRNOTAVAIL, ENODEV:
            return (
                .addressUnavailable,
                "no interface of this machine has this address or this name; use an address that `ip address` shows, or * for all"
            )
        case EACCES, EPERM:
            return (.permissionDenied, "not permitted; use a port above 1023, or a folder that you may write to")
        case EMFILE, ENFILE, ENOMEM, ENOBUFS:
            return (
                .resourcesExhausted, "no sockets or descriptors left (\(said)); raise the limit that `ulimit -n` shows"
            )
        case ETERM:
            return (.contextTerminated, "the context was terminated")
        default:
            return (.systemFailure, said)
        }
    }
}
