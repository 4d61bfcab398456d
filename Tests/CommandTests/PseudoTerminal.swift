import Glibc
import Testing

/// A terminal of so many columns that a test reads what is written to.
final class PseudoTerminal {
    private let descriptor: CInt
    /// The device that programs write to.
    let path: String

    init(columns: Int) throws {
        // What posix_openpt and its like do, which Swift's Glibc does not have: TIOCSPTLCK and TIOCGPTN of Linux.
        descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var (locked, number): (CInt, CInt) = (0, 0)
        try #require(descriptor >= 0)
        try #require(ioctl(descriptor, 0x4004_5431, &locked) == 0 && ioctl(descriptor, 0x8004_5430, &number) == 0)
        path = "/dev/pts/\(number)"
        try resize(to: columns)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    /// Gives it another width.
    func resize(to columns: Int) throws {
        var size = winsize(ws_row: 24, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        try #require(ioctl(descriptor, UInt(TIOCSWINSZ), &size) == 0)
    }

    deinit { close(descriptor) }

    /// The beginning of a character whose rest was not there yet.
    private var unfinished: [UInt8] = []

    /// What was written since it was asked last, in whole characters.
    func read() -> String {
        var bytes = unfinished
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            bytes += buffer.prefix(count)
        }
        unfinished = []
        // A character of more bytes begins with one from 0xC0 on, within the last three.
        if let start = bytes.indices.suffix(3).last(where: { bytes[$0] >= 0xC0 }) {
            let length = bytes[start] >= 0xF0 ? 4 : bytes[start] >= 0xE0 ? 3 : 2
            if bytes.count - start < length {
                unfinished = Array(bytes[start...])
                bytes.removeSubrange(start...)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
