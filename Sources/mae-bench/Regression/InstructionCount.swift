import Foundation

/// Instructions that a program carries out, as Valgrind counts them: the same each time, whatever else the machine does.
struct InstructionCount {
    private static let valgrind = "/usr/bin/valgrind"
    /// One thread, since threads wait in loops of their own, and an instruction set that Valgrind knows.
    private static let options = ["model", "--turns", "--preset", "tiny", "--threads", "1", "--isa", "avx2"]
    /// Runs what follows the first word with that on its standard input.
    private static let script = #"printf "$0" | "$@""#

    /// Instructions of one pass of encoder and decoder of the tiny model: what two more passes take more.
    ///
    /// - Throws: ``ChildFailure`` when Valgrind is missing, or the program fails.
    static func ofPass(_ program: String, folder: String) throws -> Double {
        guard FileManager.default.isExecutableFile(atPath: valgrind) else {
            throw ChildFailure(exitCode: 69, "--instructions needs Valgrind: apt-get install valgrind binutils")
        }
        // Valgrind gives up on the newest form of debugging data.
        let bare = folder + "/mae-bench"
        _ = try ChildProcess("/usr/bin/strip", ["-o", bare, program], folder: folder)
        return (try count(bare, passes: 3, folder) - count(bare, passes: 1, folder)) / 2
    }

    private static func count(_ program: String, passes: Int, _ folder: String) throws -> Double {
        let log = folder + "/valgrind.log"
        let requests = String(repeating: #"full\n"#, count: passes)
        let counting = [valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-file=" + log, program]
        _ = try ChildProcess("/bin/sh", ["-c", script, requests] + counting + options, folder: folder)
        let text = try String(contentsOfFile: log, encoding: .utf8)
        guard let total = text.firstMatch(of: #/Collected : (\d+)/#).flatMap({ Double($0.1) }) else {
            throw ChildFailure(exitCode: 70, "Valgrind told no count of instructions")
        }
        return total
    }
}
