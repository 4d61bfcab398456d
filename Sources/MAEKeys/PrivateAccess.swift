import Glibc

/// Who may touch a file that holds a secret: the rule of PostgreSQL for its keys.
///
/// A file of this user is closed to all others (0600 or stricter). One of root may be read by a group (0640 or stricter): so services
/// are handed secrets that they cannot change, by systemd and Kubernetes for example.
struct PrivateAccess: Equatable {
    private let owner: uid_t
    private let permissions: mode_t
    private let user: uid_t
    private let isOwn: Bool

    /// A file or folder of this owner and this mode, of which the last twelve bits count; one that must be of `user` itself `isOwn`.
    init(_ owner: uid_t, _ permissions: mode_t, isOwn: Bool = false, user: uid_t = geteuid()) {
        (self.owner, self.permissions, self.isOwn, self.user) = (owner, permissions, isOwn, user)
    }

    /// Throws ``KeyError/Code/insecure`` when others than this user and root may touch it; `remedy` closes it.
    func require(_ path: String, _ remedy: String) throws(KeyError) {
        let isOfRoot = owner == 0 && user != 0 && !isOwn
        guard owner == user || isOfRoot else {
            let root = isOwn ? "" : ", or to root with mode 640 and a group of that user"
            throw KeyError(
                .insecure, path,
                "belongs to user \(owner), and this program runs as user \(user); give it to that user\(root)")
        }
        let others: mode_t = isOfRoot ? 0o037 : 0o077
        guard permissions & others == 0 else {
            throw KeyError(
                .insecure, path,
                "is open to others (mode \(String(permissions, radix: 8))); close it with: "
                    + "\(isOfRoot ? "chmod 640" : remedy) '\(path)', and make new keys if others may have read it")
        }
    }
}
