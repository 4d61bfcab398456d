extension Target {
    /// The encoder of base, batch 8, without a mask.
    static let encoder = share("encoder", "encoder of base, batch 8, mask_ratio 0", 0.88, "model")
    /// The same of 50 tokens an image.
    static let maskedEncoder = share("encoder-masked", "encoder of base, batch 8, mask_ratio 0.75", 0.85, "model")
    /// The same of one image: small shapes.
    static let smallEncoder = share("encoder-small", "encoder of base, batch 1, mask_ratio 0.75", 0.75, "model")
    /// Matrix products of base.
    static let product = share("product", "products at base's shapes, batch 8, 2 threads", 0.90, "kernels")
    /// The products that apply GELU to what they give.
    static let productWithGELU = share(
        "product-gelu", "products at base's shapes with their GELU, batch 8, 2 threads", 0.86, "kernels")
    /// Attention of the encoder's heads.
    static let attention64 = share(
        "attention-64", "attention, width 64, with its softmax, counting its products only", 0.78, "kernels")
    /// Attention of the decoder's heads.
    static let attention32 = share(
        "attention-32", "attention, width 32, with its softmax, counting its products only", 0.78, "kernels")
    /// Other engines' time, in ours.
    static let ahead = Target(
        name: "ahead", what: "time of each other engine, in ours", bound: .above, limit: 1, unit: .times,
        program: "Tests/Reference/compare_peers.py")
    /// The start of a process to its first result.
    static let start = Target(
        name: "start", what: "start to first result, base, batch 1, each method, in the time of an earlier build",
        bound: .atMost, limit: 0.7, unit: .times, program: "mae-bench load --before PROGRAM")
    /// Loading a pickled checkpoint.
    static let pickled = Target(
        name: "pickled", what: "a pickled checkpoint of base, in the time of the hub form", bound: .atMost, limit: 1.1,
        unit: .times, program: "mae-bench load")
    /// Results that the coordinator takes in.
    static let scheduler = Target(
        name: "scheduler", what: "coordinator: results a second, in Dask's tasks a second", bound: .atLeast, limit: 50,
        unit: .times, program: "Tests/Reference/compare_dask.py")
    /// Memory of the coordinator that grows with workers.
    static let worker = Target(
        name: "worker", what: "coordinator: memory a worker, apart from what shards take", bound: .atMost,
        limit: 45_000, unit: .bytes, program: "mae-bench cluster --workers 1000")
    /// Memory of the coordinator that grows with shards.
    static let shard = Target(
        name: "shard", what: "coordinator: memory a shard, of a million", bound: .atMost, limit: 400, unit: .bytes,
        program: "mae-bench cluster --shards 1000000")
    /// A checkpoint on its way to caches of several machines.
    static let fetch = Target(
        name: "fetch", what: "a checkpoint to four caches: bytes a second in all", bound: .atLeast, limit: 0.6,
        unit: .shareOfCopy, program: "mae-bench fetch --workers 4")

    /// All targets, in the order of the table.
    static let all = [
        encoder, attention64, attention32, product, productWithGELU, ahead, maskedEncoder, smallEncoder, start, pickled,
        scheduler, worker, shard, fetch,
    ]

    private static func share(_ name: String, _ what: String, _ limit: Double, _ command: String) -> Target {
        Target(
            name: name, what: what, bound: .atLeast, limit: limit, unit: .shareOfPeak, program: "mae-bench \(command)")
    }
}
