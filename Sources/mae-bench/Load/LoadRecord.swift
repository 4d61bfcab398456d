/// What one process measured while it loaded a checkpoint and computed one batch; times in seconds.
struct LoadRecord: Codable {
    /// Opening the backend and asking it the known questions.
    let backend: Double
    /// Reading headers, object graphs and the configuration, and finding each parameter.
    let open: Double
    /// Naming the weights to the backend, and verifying what holds none.
    let bind: Double
    /// Reading every weight once: its checksum, its digest, and the backend's own form of it.
    let pack: Double
    /// Drawing pixels and noise.
    let input: Double
    /// The first forward pass of the encoder, planning it included.
    let first_pass: Double
    /// From the start of the process to the end of the first pass.
    let start_to_first_result: Double
    /// The digest of the whole model from those of its weights.
    let digest: Double
    /// The most memory the process held, in MiB.
    let peak_memory_mib: Double
    let method: String
    let mask_ratio: Double
    let isa: String
    let threads: Int
    let device: String
    let weights_sha256: String
    let layernorm_sha256: String

    /// The stages in the order in which they come.
    static let stages: [(name: String, seconds: @Sendable (LoadRecord) -> Double)] = [
        ("backend", { $0.backend }), ("open", { $0.open }), ("bind", { $0.bind }), ("pack", { $0.pack }),
        ("input", { $0.input }), ("first_pass", { $0.first_pass }),
        ("start_to_first_result", { $0.start_to_first_result }), ("digest", { $0.digest }),
    ]
}
