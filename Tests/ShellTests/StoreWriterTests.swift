import Foundation
import MAEStore
import Testing

@testable import MAECoordinator

@Suite("The thread that writes the store")
struct StoreWriterTests {
    let store: Store
    private let site: Site

    init() throws {
        site = try Site()
        store = try site.store()
    }

    private var change: Changes {
        var changes = Changes()
        changes.alive = Date(timeIntervalSince1970: 7)
        return changes
    }

    @Test("what was posted is in the store when it has stopped")
    func stops() throws {
        try store.begin(Site.plan(), shards: [], at: Date())
        let writer = try StoreWriter(store, run: "night")
        writer.post(change, acknowledging: [])
        try writer.stop()
        #expect(try store.run("night").alive == Date(timeIntervalSince1970: 7))
    }

    @Test("what the store throws at the end reaches the one that stops the writer")
    func fails() throws {
        let writer = try StoreWriter(store, run: "no such run")
        writer.post(change, acknowledging: [])
        #expect(throws: StoreError.self) { try writer.stop() }
    }
}
