import MAEContent
import MAEStore

/// Where the digests of files that runs of a store have read are remembered.
enum DigestMemoryFile {
    static func memory(of store: Store) -> DigestMemory { DigestMemory(path: store.directory + "/digests.json") }
}
