import Foundation
import MAEDomain
import MAEKeys
import TestSupport
import Testing
import ZeroMQ

@Suite("The folder of keys")
struct KeyFolderTests {
    let temporary: TemporaryDirectory
    let folder: KeyFolder
    let date = Date(timeIntervalSince1970: 1_800_000_000)

    init() throws {
        temporary = try TemporaryDirectory()
        folder = KeyFolder(path: temporary.file("keys"))
        _ = try folder.create()
    }

    private func node(_ name: String) throws -> NodeID { try #require(NodeID(name)) }

    private func code(_ body: () throws -> Void) -> KeyError.Code? {
        #expect(throws: KeyError.self, performing: body)?.code
    }

    private func mode(_ path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test("what is created is found again, and closed to others whatever the umask says")
    func created() throws {
        let other = KeyFolder(path: temporary.file("deep/er/keys"))
        let old = umask(0)
        defer { umask(old) }
        #expect(!other.exists)
        let key = try other.create()
        #expect(other.exists)
        #expect(try other.coordinatorKeys().publicKey == key)
        #expect(try mode(other.path) == 0o700)
        for folder in ["nodes", "revoked"] { #expect(try mode(other.path + "/" + folder) == 0o700) }
        #expect(try mode(other.path + "/coordinator.key") == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: other.path).count == 3)
    }

    @Test("keys that are there are never overwritten")
    func createdTwice() throws {
        let key = try folder.coordinatorKeys().publicKey
        #expect(code { _ = try folder.create() } == .exists)
        #expect(try folder.coordinatorKeys().publicKey == key)
    }

    @Test("a node is added, revoked, and added again under another key; the revoked key is kept with its date")
    func addAndRevoke() throws {
        let (first, second) = (try CurveKeyPair().publicKey, try CurveKeyPair().publicKey)
        try folder.add(node("left"), first, at: date)
        #expect(try folder.list().nodes.map(\.key) == [first])
        #expect(try folder.list().nodes.map(\.date) == [date])
        #expect(try folder.revoke(node("left"), at: date + 60) == first)
        #expect(try folder.list().nodes.isEmpty)
        try folder.add(node("left"), second, at: date + 120)
        let list = try folder.list()
        #expect(list.nodes.map(\.key) == [second])
        #expect(list.revoked.map(\.key) == [first])
        #expect(list.revoked.map(\.date) == [date + 60])
        #expect(list.faults.isEmpty)
        for file in ["nodes", "revoked"] {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder.path + "/" + file) {
                #expect(try mode(folder.path + "/" + file + "/" + name) == 0o600)
            }
        }
    }

    @Test("a revoked key is not added again, under whatever name, and its revocation stays on record")
    func revokedForGood() throws {
        let key = try CurveKeyPair().publicKey
        try folder.add(node("left"), key, at: date)
        _ = try folder.revoke(node("left"), at: date)
        for name in ["left", "right"] {
            #expect(code { try folder.add(node(name), key, at: date) } == .revoked)
        }
        #expect(try folder.list().nodes.isEmpty)
        #expect(try folder.list().revoked.map(\.key) == [key])
    }

    @Test("a name with a key, a key with a name, and the coordinator's own key are refused")
    func conflicts() throws {
        let key = try CurveKeyPair().publicKey
        try folder.add(node("left"), key, at: date)
        #expect(code { try folder.add(node("left"), CurveKeyPair().publicKey, at: date) } == .exists)
        #expect(code { try folder.add(node("right"), key, at: date) } == .exists)
        #expect(code { try folder.add(node("right"), folder.coordinatorKeys().publicKey, at: date) } == .exists)
        #expect(code { _ = try folder.revoke(node("right"), at: date) } == .unknownNode)
        #expect(try folder.list().nodes.count == 1)
    }

    @Test(
        "any name of a node is the name of a file in the folder",
        arguments: ["../out", ".", "..", "a/b", "ü %2f", ".x"])
    func names(name: String) throws {
        try folder.add(node(name), CurveKeyPair().publicKey, at: date)
        #expect(try folder.list().nodes.map(\.node.name) == [name])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/nodes").count == 1)
        _ = try folder.revoke(node(name), at: date)
        #expect(try folder.list().revoked.map(\.node.name) == [name])
    }

    @Test("a revocation that was cut short revokes, and does not keep the node from a new key")
    func cutShort() throws {
        let key = try CurveKeyPair().publicKey
        try folder.add(node("left"), key, at: date)
        let file = folder.path + "/nodes/left.key"
        let authorized = try Data(contentsOf: URL(fileURLWithPath: file))
        _ = try folder.revoke(node("left"), at: date)
        #expect(
            FileManager.default.createFile(atPath: file, contents: authorized, attributes: [.posixPermissions: 0o600]))
        #expect(try folder.list().nodes.isEmpty)
        let second = try CurveKeyPair().publicKey
        try folder.add(node("left"), second, at: date)
        #expect(try folder.list().nodes.map(\.key) == [second])
    }

    @Test(
        "what others may read is refused, with the remedy", arguments: ["", "/nodes", "/revoked", "/coordinator.key"])
    func openToOthers(part: String) throws {
        let path = folder.path + part
        #expect(chmod(path, part.hasSuffix(".key") ? 0o640 : 0o750) == 0)
        let error = #expect(throws: KeyError.self) { _ = try folder.coordinatorKeys() }
        #expect(error?.code == .insecure)
        #expect(error?.path == path)
        #expect(error?.message.contains("chmod") == true)
    }

    @Test("what belongs to somebody else is refused", .enabled(if: geteuid() == 0, "only root gives files away"))
    func otherOwner() throws {
        #expect(chown(folder.path + "/coordinator.key", 1, 1) == 0)
        let error = #expect(throws: KeyError.self) { _ = try folder.coordinatorKeys() }
        #expect(error?.code == .insecure)
        #expect(error?.message.contains("user 1") == true)
    }

    @Test("one bad file keeps its own node out, and no other")
    func oneBadFile() throws {
        for name in ["a", "b", "c", "d"] { try folder.add(node(name), CurveKeyPair().publicKey, at: date) }
        let nodes = folder.path + "/nodes/"
        #expect(chmod(nodes + "a.key", 0o604) == 0)
        try "mae-key 1 authorised-node\nname: b\n".write(toFile: nodes + "b.key", atomically: false, encoding: .utf8)
        #expect(rename(nodes + "c.key", nodes + "other.key") == 0)
        let list = try folder.list()
        #expect(list.nodes.map(\.node.name) == ["d"])
        #expect(Set(list.faults.map(\.code)) == [.insecure, .malformed])
        #expect(list.faults.count == 3)
    }

    @Test("two nodes with one key: the second is left out")
    func sharedKey() throws {
        try folder.add(node("a"), CurveKeyPair().publicKey, at: date)
        let nodes = folder.path + "/nodes/"
        let text = try String(contentsOfFile: nodes + "a.key", encoding: .utf8)
        let copy = text.replacingOccurrences(of: "name: a\n", with: "name: b\n")
        #expect(
            FileManager.default.createFile(
                atPath: nodes + "b.key", contents: Data(copy.utf8), attributes: [.posixPermissions: 0o600]))
        let list = try folder.list()
        #expect(list.nodes.map(\.node.name) == ["a"])
        #expect(list.faults.map(\.code) == [.malformed])
    }

    @Test("a folder that is not there is missing, with the command that makes it")
    func missing() throws {
        let error = #expect(throws: KeyError.self) {
            _ = try KeyFolder(path: temporary.file("nowhere")).coordinatorKeys()
        }
        #expect(error?.code == .missing)
        #expect(error?.message.contains("mae-coord keys init") == true)
    }

    @Test("the stamp changes with each addition, revocation, and change of a file's mode, and with nothing else")
    func stamps() throws {
        var seen = [folder.stamp()]
        #expect(folder.stamp() == seen[0])
        func expectChange() {
            let stamp = folder.stamp()
            #expect(!seen.contains(stamp))
            seen.append(stamp)
        }
        try folder.add(node("left"), CurveKeyPair().publicKey, at: date)
        expectChange()
        #expect(chmod(folder.path + "/nodes/left.key", 0o644) == 0)
        expectChange()
        #expect(chmod(folder.path + "/nodes/left.key", 0o600) == 0)
        _ = try folder.revoke(node("left"), at: date)
        expectChange()
        _ = try folder.list()
        #expect(folder.stamp() == seen.last)
    }
}
