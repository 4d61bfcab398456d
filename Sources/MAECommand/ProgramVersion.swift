import MAECompute
import MAEEngine
import MAEText

/// What `--version` prints: the release, and every number by which two programs can fail to understand each other.
public struct ProgramVersion {
    /// One line for the program, then one for each contract.
    public let text: String

    /// The version of a program.
    ///
    /// - Parameters:
    ///   - program: its name, such as `mae-coord`.
    ///   - wireProtocol: the version of the messages between coordinator and workers.
    ///   - storeSchema: the version of the database; nil for a program that opens none.
    ///   - libzmq: the release of the library that is loaded.
    public init(of program: String, wireProtocol: Int, storeSchema: Int?, libzmq: String) {
        var table = TextTable()
        table.add("engine digest", Engine.digest)
        table.add("wire protocol", "\(wireProtocol)")
        if let storeSchema { table.add("store schema", "\(storeSchema)") }
        table.add("numeric class", NumericClass.canonical)
        table.add("libzmq", libzmq)
        text = "\(program) \(Engine.release)\n" + table.text(indentation: 2)
    }
}
