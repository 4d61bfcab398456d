import Foundation
import MAEDomain
import MAEKeys
import TestSupport
import Testing
import ZeroMQ

@Suite("Key files")
struct KeyFileTests {
    let folder: TemporaryDirectory
    let file: String
    let keys: NodeKeys

    init() throws {
        folder = try TemporaryDirectory()
        file = folder.file("left.key")
        keys = NodeKeys(
            node: try #require(NodeID("left")), pair: try CurveKeyPair(), coordinatorKey: try CurveKeyPair().publicKey)
        try keys.write(to: file)
    }

    @Test("what is written is read, and is its owner's alone")
    func roundTrip() throws {
        let read = try NodeKeys(file: file)
        #expect(read.node == keys.node)
        #expect(read.pair.publicKey == keys.pair.publicKey)
        #expect(read.pair.secretKey.z85 == keys.pair.secretKey.z85)
        #expect(read.coordinatorKey == keys.coordinatorKey)
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["left.key"])
    }

    @Test("an existing file is not overwritten")
    func notOverwritten() throws {
        let error = #expect(throws: KeyError.self) { try keys.write(to: file) }
        #expect(error?.code == .exists)
        #expect(try NodeKeys(file: file).pair.publicKey == keys.pair.publicKey)
    }

    @Test("a folder, a pipe, links without an end and a file that is not there are refused without waiting")
    func notFiles() throws {
        let (link, pipe) = (folder.file("link"), folder.file("pipe"))
        #expect(symlink(link, link) == 0 && mkfifo(pipe, 0o600) == 0)
        for (path, code) in [
            (link, KeyError.Code.insecure), (pipe, .malformed), (folder.path, .malformed),
            (folder.file("none"), .missing),
        ] {
            let error = #expect(throws: KeyError.self) { _ = try NodeKeys(file: path) }
            #expect(error?.code == code, "\(path)")
        }
    }

    @Test("a file that others may read is refused", arguments: [0o644, 0o660, 0o601, 0o620])
    func openToOthers(mode: mode_t) throws {
        #expect(chmod(file, mode) == 0)
        #expect(#expect(throws: KeyError.self) { _ = try NodeKeys(file: file) }?.code == .insecure)
    }

    @Test("links are followed as Kubernetes hands out secrets, where only this user and root decide where they lead")
    func links() throws {
        let (secrets, version) = (folder.file("secrets"), folder.file("secrets/..2026_01_31"))
        for path in [secrets, version] { try #require(mkdir(path, 0o700) == 0) }
        try #require(rename(file, version + "/node.key") == 0)
        try #require(symlink("..2026_01_31", secrets + "/..data") == 0)
        try #require(symlink("..data/node.key", secrets + "/node.key") == 0)
        // Kubernetes makes the folder of a secret such that everyone may add to it, and removes only their own.
        for mode in [0o755, 0o1777] as [mode_t] {
            try #require(chmod(secrets, mode) == 0)
            #expect(try NodeKeys(file: secrets + "/node.key").node == keys.node, "\(String(mode, radix: 8))")
        }
        for mode in [0o775, 0o777] as [mode_t] {
            try #require(chmod(secrets, mode) == 0)
            let error = #expect(throws: KeyError.self) { _ = try NodeKeys(file: secrets + "/node.key") }
            #expect(
                error?.code == .insecure && error?.message.contains("others may write") == true,
                "\(error?.message ?? "")")
        }
        try #require(chmod(secrets, 0o755) == 0 && chmod(version + "/node.key", 0o640) == 0)
        #expect(#expect(throws: KeyError.self) { _ = try NodeKeys(file: secrets + "/node.key") }?.code == .insecure)
    }

    @Test("a link of another user is not followed", .enabled(if: geteuid() == 0))
    func foreignLink() throws {
        let link = folder.file("link")
        try #require(symlink(file, link) == 0 && lchown(link, 12345, 12345) == 0)
        let error = #expect(throws: KeyError.self) { _ = try NodeKeys(file: link) }
        #expect(error?.code == .insecure && error?.message.contains("another user") == true)
    }

    @Test("a file that was changed anywhere is refused or still holds keys, and never ends the program")
    func mutations() throws {
        let good = try Data(contentsOf: URL(fileURLWithPath: file))
        var variants = (0..<good.count).map { good.prefix($0) }
        for index in good.indices {
            for byte in [0, 10, 32, 255] as [UInt8] {
                var bad = good
                bad[index] = byte
                variants.append(bad)
            }
        }
        variants += [good + good, good + [65], good + "more: 1\n".utf8, Data(repeating: 65, count: 5000), Data([10])]
        var refused = 0
        for variant in variants {
            try variant.write(to: URL(fileURLWithPath: file))
            #expect(chmod(file, 0o600) == 0)
            do {
                _ = try NodeKeys(file: file)
            } catch let error as KeyError {
                #expect(error.code == .malformed)
                refused += 1
            }
        }
        // A changed name or coordinator's key may be another one; nothing else may be.
        #expect(refused >= variants.count - 4 * (4 + 40 + 8))
        for variant in variants.prefix(good.count) where !variant.isEmpty { #expect(variant != good) }
    }

    @Test("halves of different pairs, a field twice and a file of another kind are named")
    func contradictions() throws {
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let other = String(decoding: try CurveKeyPair().secretKey.z85, as: UTF8.self)
        let secret = String(decoding: keys.pair.secretKey.z85, as: UTF8.self)
        for (variant, words) in [
            (text.replacingOccurrences(of: secret, with: other), "do not belong together"),
            (text.replacingOccurrences(of: "name: left\n", with: "name: left\nname: left\n"), "again"),
            (text.replacingOccurrences(of: "1 node", with: "1 coordinator"), "must begin"),
            (text.replacingOccurrences(of: secret, with: "x"), "secret-key is no key"),
            (text.replacingOccurrences(of: "name: left\n", with: ""), "must have the fields"),
        ] {
            try variant.write(toFile: file, atomically: false, encoding: .utf8)
            let error = #expect(throws: KeyError.self) { _ = try NodeKeys(file: file) }
            #expect(error?.message.contains(words) == true, "\(words)")
            // The secret must not get into a log.
            #expect(error?.description.contains(secret) == false)
        }
    }
}
