import Glibc
import MAEFiles
import MAEText
import Synchronization
import ZeroMQ

/// Where a worker finds its coordinator: an endpoint, or a file that names one, which may come later and may change.
///
/// `mae-coord verify --endpoint-file` writes such a file: a coordinator that is started again, on another machine perhaps, is found
/// by the workers that are there.
public final class CoordinatorAddress: Sendable, CustomStringConvertible {
    /// What a look at the file showed.
    enum Change: Equatable {
        case none
        /// The file names another endpoint than before.
        case endpoint(String)
        /// What the file says now is of no use, in words.
        case fault(String)
    }

    private static let mostBytes = 4096

    private struct State {
        var endpoint: String?
        /// The fault that was told last, which is told once.
        var fault: String?
    }

    /// The file that names the endpoint; nil where that is known.
    let file: String?
    private let state: Mutex<State>

    /// A coordinator at a known endpoint.
    public init(endpoint: String) {
        file = nil
        state = Mutex(State(endpoint: endpoint))
    }

    /// A coordinator at the endpoint that `file` names, once it is there.
    public init(file: String) {
        self.file = file
        state = Mutex(State())
    }

    /// The endpoint; nil as long as the file has not named one.
    public var endpoint: String? { state.withLock(\.endpoint) }

    /// The endpoint, or the file in its place.
    public var description: String { endpoint ?? "the endpoint that \(SafeText.terminal(file ?? "")) is to name" }

    /// Reads the file again.
    ///
    /// One that is not there, not yet or not any more, changes nothing.
    ///
    /// - Parameter refusal: why an endpoint is not to be connected to, in words; nil where it may.
    func look(refusing refusal: (_ endpoint: String) -> String?) -> Change {
        guard let file else { return .none }
        do throws(AddressFault) {
            guard let endpoint = try Self.endpoint(in: file) else { return .none }
            if let reason = refusal(endpoint) { throw AddressFault(description: "is not followed: \(reason)") }
            return state.withLock { state in
                state.fault = nil
                guard state.endpoint != endpoint else { return .none }
                state.endpoint = endpoint
                return .endpoint(endpoint)
            }
        } catch {
            let fault = "\(SafeText.terminal(file)) \(error.description)"
            return state.withLock { state in
                guard state.fault != fault else { return .none }
                state.fault = fault
                return .fault(fault)
            }
        }
    }

    /// The endpoint that a file names; nil while it is not there, or empty.
    private static func endpoint(in file: String) throws(AddressFault) -> String? {
        let bytes: [UInt8]
        do { bytes = try RegularFile(file).bytes(limit: mostBytes) } catch {
            guard error.problem != .system(ENOENT) else { return nil }
            throw AddressFault(description: "cannot be read: \(error.reason)")
        }
        guard let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first else { return nil }
        let endpoint: String
        do { endpoint = try Endpoint(betweenProcesses: String(line), for: .connecting).description } catch {
            throw AddressFault(description: "names no endpoint: \(SafeText.terminal(error.description))")
        }
        guard Endpoint.reachable(endpoint) == endpoint else {
            throw AddressFault(
                description:
                    "names every address of the coordinator's machine, and not the machine: start mae-coord verify with "
                    + "--advertise HOST")
        }
        return endpoint
    }
}

/// Why a file is of no use, in words.
private struct AddressFault: Error {
    let description: String
}
