/// The C functions that this module calls, by name.
public enum Operation: String, Sendable, CaseIterable {
    case contextNew = "zmq_ctx_new"
    case contextSet = "zmq_ctx_set"
    case socket = "zmq_socket"
    case setOption = "zmq_setsockopt"
    case getOption = "zmq_getsockopt"
    case bind = "zmq_bind"
    case unbind = "zmq_unbind"
    case connect = "zmq_connect"
    case send = "zmq_send"
    case messageInit = "zmq_msg_init_data"
    case receive = "zmq_msg_recv"
    case poll = "zmq_poll"
    case monitor = "zmq_socket_monitor"
    case curveKeypair = "zmq_curve_keypair"
    case curvePublic = "zmq_curve_public"
    case eventDescriptor = "eventfd"
    case signalDescriptor = "signalfd"
    case threadCreate = "pthread_create"

    /// Whether the function is given an endpoint, which it may refuse.
    var takesEndpoint: Bool {
        switch self {
        case .bind, .unbind, .connect: true
        default: false
        }
    }
}
