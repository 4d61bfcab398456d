import MAECompute

extension ModelProduct {
    /// GFLOP/s on a device, which cannot tell when an operation ends: over runs that repeat the product for a quarter of a
    /// second, so that the copies and the submission in each hardly count.
    func rate(onDevice backend: some ComputeBackend, repeats: Int, limit: Double) throws -> Double {
        let once = try shortestTime(of: program(repeats: 1), on: backend, repeats: 1, limit: limit)
        let whole = program(repeats: min(max(Int(0.25 / once), 1), 256))
        let time = try shortestTime(of: whole, on: backend, repeats: repeats, limit: limit)
        return whole.operations / time / 1e9
    }

    private func shortestTime(
        of whole: ProductProgram, on backend: some ComputeBackend, repeats: Int, limit: Double
    ) throws -> Double {
        let executable = try backend.load(whole.parameters).compile(whole.program(withOutput: false))
        return try Timing.spread(repeats: repeats, limit: limit) {
            _ = try executable.run(inputs: whole.inputs, indexTables: [], control: RunControl())
        }.min
    }
}
