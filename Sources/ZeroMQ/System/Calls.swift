import CZeroMQ

/// The one place where results of libzmq are checked.
///
/// Tests make any call fail by giving a `forcedFailure`; a failing call is then not made at all.
struct Calls: Sendable {
    /// Says with which `errno` an operation shall fail, or nil to let it run.
    typealias ForcedFailure = @Sendable (Operation) -> CInt?

    let forcedFailure: ForcedFailure?

    /// The result of `body`, or the error that it left in `errno`; −1 is a failure and an interrupted call is repeated.
    func run(
        _ operation: Operation, endpoint: String? = nil, _ body: () -> CInt
    ) throws(ZeroMQError) -> CInt {
        switch attempt(operation, body) {
        case .value(let value): return value
        case .failed(let number): throw ZeroMQError(number: number, operation: operation, endpoint: endpoint)
        }
    }

    /// The pointer that `body` returns, or the error for a null one.
    func pointer(
        _ operation: Operation, _ body: () -> UnsafeMutableRawPointer?
    ) throws(ZeroMQError) -> UnsafeMutableRawPointer {
        var result: UnsafeMutableRawPointer?
        _ = try run(operation) {
            result = body()
            return result == nil ? -1 : 0
        }
        guard let result else { throw ZeroMQError(number: ENOMEM, operation: operation, endpoint: nil) }
        return result
    }

    /// What a call returned, or the `errno` that it left behind.
    enum Outcome {
        case value(CInt)
        case failed(CInt)
    }

    /// As ``run(_:endpoint:_:)``, for callers to whom some failures are ordinary.
    func attempt(_ operation: Operation, _ body: () -> CInt) -> Outcome {
        if let number = forcedFailure?(operation) { return .failed(number) }
        while true {
            let value = body()
            if value != -1 { return .value(value) }
            let number = zmq_errno()
            if number != EINTR { return .failed(number) }
        }
    }
}
