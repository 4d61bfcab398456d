import Foundation
import TestSupport
import Testing

@testable import MAEFiles

@Suite("Who else decides what is in a folder")
struct FolderTrustTests {
    let folder: TemporaryDirectory
    private static let stranger: uid_t = 12345

    init() throws { folder = try TemporaryDirectory() }

    private func make(_ name: String, mode: mode_t, owner: uid_t? = nil) throws -> String {
        let path = folder.file(name)
        try #require(mkdir(path, 0o700) == 0 && chmod(path, mode) == 0)
        if let owner { try #require(chown(path, owner, owner) == 0) }
        return path
    }

    private func problem(guarding path: String) -> FileError.Problem? {
        do throws(FileError) { try Folder.requireGuarded(path) } catch { return error.problem }
        return nil
    }

    private func problem(trusting path: String) -> FileError.Problem? {
        do throws(FileError) { try Folder.requireTrusted(path) } catch { return error.problem }
        return nil
    }

    @Test("a folder that others or a group may write to is not guarded; one that everyone may write to is not trusted")
    func modes() throws {
        for (mode, isGuarded, isTrusted) in [
            (0o700, true, true), (0o755, true, true), (0o770, false, true), (0o777, false, false),
            (0o1777, false, false),
        ] as [(mode_t, Bool, Bool)] {
            let path = try make(String(mode, radix: 8), mode: mode)
            #expect(problem(guarding: path) == (isGuarded ? nil : .openFolder(path)))
            #expect(problem(trusting: path) == (isTrusted ? nil : .openFolder(path)))
        }
    }

    @Test("a folder in one that everyone may rename things in is not guarded, except where only the owner may")
    func above() throws {
        let open = try make("open", mode: 0o777)
        let shared = try make("shared", mode: 0o1777)
        _ = try make("open/inner", mode: 0o700)
        _ = try make("shared/inner", mode: 0o700)
        #expect(problem(guarding: open + "/inner") == .openFolder(open))
        #expect(problem(guarding: shared + "/inner") == nil)
    }

    @Test("another user's folder is neither guarded nor trusted, nor is what is in it", .enabled(if: geteuid() == 0))
    func owners() throws {
        let foreign = try make("foreign", mode: 0o755, owner: Self.stranger)
        let inner = try make("foreign/inner", mode: 0o700)
        #expect(problem(guarding: foreign) == .foreignFolder(foreign))
        #expect(problem(guarding: inner) == .foreignFolder(foreign))
        #expect(problem(trusting: foreign) == .foreignFolder(foreign))
        let own = try make("own", mode: 0o700)
        try #require(symlink(own, folder.file("link")) == 0 && lchown(folder.file("link"), Self.stranger, 0) == 0)
        #expect(problem(guarding: folder.file("link")) == .foreignLink(folder.file("link")))
    }

    @Test("a folder that is not there is said not to be")
    func missing() { #expect(problem(guarding: folder.file("none")) == .system(ENOENT)) }

    @Test("a path leads to a place though its end is not there, unless a link on the way leads nowhere")
    func places() throws {
        let root = try #require(FileSystem.realPath(folder.path))
        let inner = try make("inner", mode: 0o700)
        try #require(symlink("inner", folder.file("link")) == 0 && symlink("none", folder.file("dangling")) == 0)
        #expect(FileSystem.place(of: folder.file("link")) == root + "/inner")
        #expect(FileSystem.place(of: folder.file("link/a/b")) == root + "/inner/a/b")
        #expect(FileSystem.place(of: inner + "/../inner/") == root + "/inner")
        #expect(FileSystem.place(of: folder.file("dangling")) == nil)
        #expect(FileSystem.place(of: folder.file("dangling/a")) == nil)
        #expect(FileSystem.place(of: folder.file("none/../inner")) == nil)
        #expect(FileSystem.place(of: "/none") == "/none")
    }
}
