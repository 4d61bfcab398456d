import Foundation
import Synchronization

/// The parser under test: the program is linked with libFuzzer, which brings main and calls these two.
private let target = Mutex<any FuzzTarget.Type>(WireTarget.self)

/// Takes the name of the parser off the arguments; with `--seeds DIR` it writes what to begin with, and ends.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    let words = (0..<Int(count.pointee)).map { index in
        arguments.pointee[index].map { String(cString: $0) } ?? ""
    }
    guard words.count > 1, let chosen = FuzzTargets.named[words[1]] else {
        end("usage: mae-fuzz \(FuzzTargets.named.keys.sorted().joined(separator: "|")) [--seeds DIR | …]", 64)
    }
    if words.count == 4, words[2] == "--seeds" {
        do {
            for (index, seed) in try chosen.seeds().enumerated() {
                try Data(seed).write(to: URL(fileURLWithPath: words[3]).appendingPathComponent("seed-\(index)"))
            }
            exit(0)
        } catch {
            end("mae-fuzz: \(error)", 70)
        }
    }
    target.withLock { $0 = chosen }
    for index in 2..<max(words.count, 2) { arguments.pointee[index - 1] = arguments.pointee[index] }
    count.pointee -= 1
    return 0
}

/// Gives one input to the parser.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    target.withLock(\.self).run(UnsafeRawBufferPointer(start: data, count: size))
    return 0
}

private func end(_ message: String, _ code: CInt) -> Never {
    FileHandle.standardError.write(Data((message + "\n").utf8))
    exit(code)
}

/// Why there are no seeds.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
