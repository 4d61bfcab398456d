import Glibc
import Testing

@testable import MAEKeys

@Suite("Who may touch a file with a key")
struct PrivateAccessTests {
    private func isRefused(
        owner: uid_t, _ mode: mode_t, user: uid_t, isOwn: Bool = false, saying words: String = ""
    ) -> Bool {
        do throws(KeyError) {
            try PrivateAccess(owner, mode, isOwn: isOwn, user: user).require("/k", "chmod 600")
            return false
        } catch { return error.code == .insecure && (words.isEmpty || error.message.contains(words)) }
    }

    @Test("a file of this user is closed to all others", arguments: [0, 1000] as [uid_t])
    func own(user: uid_t) {
        for mode in [0o600, 0o400] as [mode_t] { #expect(!isRefused(owner: user, mode, user: user)) }
        for mode in [0o640, 0o440, 0o604, 0o610, 0o601] as [mode_t] {
            #expect(isRefused(owner: user, mode, user: user, saying: "chmod 600 '/k'"), "\(String(mode, radix: 8))")
        }
    }

    @Test("a file of root may be read by a group, and no more: so systemd and Kubernetes hand out secrets")
    func root() {
        for mode in [0o640, 0o440, 0o600, 0o400] as [mode_t] { #expect(!isRefused(owner: 0, mode, user: 1000)) }
        for mode in [0o644, 0o660, 0o650, 0o642, 0o641] as [mode_t] {
            #expect(isRefused(owner: 0, mode, user: 1000, saying: "chmod 640 '/k'"), "\(String(mode, radix: 8))")
        }
    }

    @Test("a file of another user is refused, however closed it is; a folder of keys must be this user's own")
    func others() {
        #expect(isRefused(owner: 1001, 0o600, user: 1000, saying: "or to root with mode 640"))
        #expect(isRefused(owner: 1001, 0o600, user: 0))
        #expect(isRefused(owner: 0, 0o700, user: 1000, isOwn: true, saying: "belongs to user 0"))
        #expect(!isRefused(owner: 1000, 0o700, user: 1000, isOwn: true))
    }
}
