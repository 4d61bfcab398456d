import Glibc
import MAETensor

extension Engine {
    /// Names the code that computes: the release, and the digest of the program it runs in, so that two builds of one
    /// release have different names.
    public static let build: String = {
        let release = "mae-cluster 0.1"
        guard let digest = digestOfProgram else { return release }
        return "\(release)+\(digest.description.prefix(12))"
    }()

    /// SHA-256 of the running program; nil where the system does not show it.
    private static var digestOfProgram: SHA256Digest? {
        guard let file = fopen("/proc/self/exe", "re") else { return nil }
        defer { fclose(file) }
        var hasher = SHA256Hasher()
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { piece.deallocate() }
        while case let count = fread(piece.baseAddress, 1, piece.count, file), count > 0 {
            hasher.update(UnsafeRawBufferPointer(rebasing: piece[..<count]))
        }
        return ferror(file) == 0 ? hasher.finalize() : nil
    }
}
