import Foundation
import Glibc
import Synchronization

/// A process with files for its standard streams, in a process group of its own, with no other descriptor of the tests.
///
/// Foundation's `Process` reads past the end of the list of open descriptors when a test process has more than a thousand.
final class SpawnedProcess: Sendable {
    let id: pid_t
    private let ending = Mutex<Int32?>(nil)

    init(
        _ program: String, _ arguments: [String], directory: String?, environment: [String: String],
        files: (input: String, output: String, errors: String)
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, files.input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, files.output, O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, files.errors, O_WRONLY, 0)
        try Self.closeAll(&actions, from: STDERR_FILENO + 1)
        if let directory { try Self.changeDirectory(&actions, to: directory) }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        // Tests that a shell runs in the background inherit that SIGINT is ignored, and a signal that comes early would be lost.
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
        var process = pid_t()
        let failure = Self.withCStrings([program] + arguments) { arguments in
            Self.withCStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawn(&process, program, &actions, &attributes, arguments, environment)
            }
        }
        guard failure == 0 else {
            throw NSError(domain: NSPOSIXErrorDomain, code: Int(failure), userInfo: [NSFilePathErrorKey: program])
        }
        id = process
    }

    /// The exit code, or minus the number of the signal that ended it; nil while it runs.
    var status: Int32? {
        ending.withLock { ending in
            if let ending { return ending }
            var status: CInt = 0
            guard waitpid(id, &status, WNOHANG) == id else { return nil }
            let signal = status & 0x7F
            ending = signal == 0 ? (status >> 8) & 0xFF : -signal
            return ending
        }
    }

    /// Sends a signal, unless the process has ended: its number may be another's then.
    func send(signal: Int32) { if status == nil { kill(id, signal) } }

    // Extensions of glibc, which Swift's importer leaves out.
    private typealias Actions = UnsafeMutablePointer<posix_spawn_file_actions_t>

    private static func closeAll(_ actions: Actions, from first: CInt) throws {
        typealias Function = @convention(c) (Actions, CInt) -> CInt
        let function: Function = try function("posix_spawn_file_actions_addclosefrom_np")
        _ = function(actions, first)
    }

    private static func changeDirectory(_ actions: Actions, to path: String) throws {
        typealias Function = @convention(c) (Actions, UnsafePointer<CChar>) -> CInt
        let function: Function = try function("posix_spawn_file_actions_addchdir_np")
        _ = function(actions, path)
    }

    private static func function<Function>(_ name: String) throws -> Function {
        guard let address = dlsym(nil, name) else { throw POSIXError(.ENOSYS) }
        return unsafeBitCast(address, to: Function.self)
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
